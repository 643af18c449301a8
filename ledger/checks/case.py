"""The case: the ledger's rows as the checks look at them, each table read once.

A table is read when the first check asks for it, so that one check alone costs what it needs.
Claims that were entered in error are in `claims`, since others may point to them, and left out of
`standing`.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ledger import schema
from ledger.checks.rows import Claim, Document, Event, Ground, Proposition, Source
from ledger.model import WITHDRAWN, Side
from ledger.rules import last_day, shown
from ledger.undo import TAKEN_BACK

if TYPE_CHECKING:
    from ledger.checks.support import Supports


class Case:
    """All that the checks see. `today` is the day after which a date lies in the future."""

    def __init__(self, connection: sa.Connection, today: date) -> None:
        self.connection = connection
        self.today = today
        self._sides: dict[int, str | None] = {}

    @cached_property
    def claims(self) -> dict[int, Claim]:
        """Every claim by number, withdrawn ones too."""
        return {claim.id: claim for claim in map(Claim._make, self._rows(schema.claim, Claim))}

    @cached_property
    def standing(self) -> list[Claim]:
        """The claims that are not withdrawn, by number."""
        return [claim for claim in self.claims.values() if claim.status != WITHDRAWN]

    @cached_property
    def on(self) -> dict[int, list[Claim]]:
        """The standing claims on each proposition that has any."""
        found: dict[int, list[Claim]] = defaultdict(list)
        for claim in self.standing:
            found[claim.proposition_id].append(claim)
        return found

    @cached_property
    def sources(self) -> dict[int, Source]:
        """Every source by number, merged ones too."""
        return {each.id: each for each in map(Source._make, self._rows(schema.source, Source))}

    @cached_property
    def propositions(self) -> dict[int, Proposition]:
        """Every proposition by number."""
        rows = self._rows(schema.proposition, Proposition)
        return {each.id: each for each in map(Proposition._make, rows)}

    @cached_property
    def events(self) -> dict[int, Event]:
        """Every event by number."""
        return {each.id: each for each in map(Event._make, self._rows(schema.event, Event))}

    @cached_property
    def documents(self) -> dict[int, Document]:
        """Every document by number."""
        table = schema.document
        columns = [table.c[name] for name in Document._fields[:-1]]
        attached = sa.case((table.c.text.is_(None), 0), else_=1)
        rows = self.connection.execute(sa.select(*columns, attached).order_by(table.c.id))
        return {each.id: each for each in map(Document._make, rows)}

    @cached_property
    def grounds(self) -> dict[int, list[Ground]]:
        """What each claim's status rests on; what was taken back is left out."""
        table = schema.evidence
        note = sa.func.coalesce(table.c.note, "")
        rows = self.connection.execute(
            sa.select(*(table.c[name] for name in Ground._fields))
            .where(~note.startswith(TAKEN_BACK, autoescape=True))
            .order_by(table.c.id)
        )
        found: dict[int, list[Ground]] = defaultdict(list)
        for ground in map(Ground._make, rows):
            found[ground.claim_id].append(ground)
        return found

    @cached_property
    def supports(self) -> "Supports":
        """What supports each claim."""
        from ledger.checks.support import Supports

        return Supports(self)

    @cached_property
    def retractions(self) -> dict[int, list[int]]:
        """Each retraction with the claims it takes back: its source's on the same, up to then."""
        speeches: dict[tuple[int, int], list[Claim]] = defaultdict(list)
        for claim in self.standing:
            speeches[claim.proposition_id, claim.source_id].append(claim)
        return {
            claim.id: taken_back
            for claim in self.standing
            if claim.side is Side.WITHDRAWS
            and (
                taken_back := [
                    other.id
                    for other in speeches[claim.proposition_id, claim.source_id]
                    if other.side is not Side.WITHDRAWS and self._by_then(other, claim)
                ]
            )
        }

    @cached_property
    def retracted(self) -> set[int]:
        """The claims that their sources have taken back."""
        return {number for taken_back in self.retractions.values() for number in taken_back}

    def _by_then(self, claim: Claim, other: Claim) -> bool:
        """Whether a claim was made by the time of another; as recorded, where no dates tell."""
        (first, _), (_, last) = self.said(claim), self.said(other)
        if first is not None and last is not None:
            return first <= last
        return claim.id < other.id

    @cached_property
    def recorded_at(self) -> dict[int, datetime]:
        """When each claim was first recorded."""
        entry, twin = schema.entry, schema.claim_history
        moments = sa.select(entry.c.id, entry.c.recorded_at).order_by(entry.c.id)
        first = (
            sa.select(twin.c.id, sa.func.min(twin.c.entry_id))
            .group_by(twin.c.id)
            .order_by(twin.c.id)
        )
        at = dict(self.connection.execute(moments).all())
        entries = dict(self.connection.execute(first).all())
        return {
            claim.id: at[entries.get(claim.id, claim.entry_id)] for claim in self.claims.values()
        }

    def said(self, claim: Claim) -> tuple[date | None, date | None]:
        """The first and last day on which a claim may have been said; None: not known.

        Whoever is quoted in a document had spoken by the day it was published.
        """
        if claim.stated_on is not None:
            return claim.stated_on, last_day(claim.stated_on, claim.stated_precision)
        if claim.document_id is None:
            return None, None
        return None, self.documents[claim.document_id].published_on

    def above(self, source: int) -> Iterator[int]:
        """What a source is a member of, and what that is a member of, to the top."""
        seen = {source}
        above = self.sources[source].member_of_id
        while above is not None and above not in seen:
            yield above
            seen.add(above)
            above = self.sources[above].member_of_id

    def side_of(self, source: int) -> str | None:
        """The side that a source stands on: its own, else that of what it belongs to."""
        if source not in self._sides:
            sides = (self.sources[each].side for each in (source, *self.above(source)))
            self._sides[source] = next((side for side in sides if side is not None), None)
        return self._sides[source]

    def subject(self, table: str, number: int) -> str:
        """What a person calls a row."""
        return f"{table} {self.name(table, number)}"

    def name(self, table: str, number: int) -> str:
        """What a row goes by: number, name or slug."""
        match table:
            case "claim":
                return str(number)
            case "source":
                return self.sources[number].name
            case "proposition":
                return self.propositions[number].slug
            case "event":
                return self.events[number].slug
            case _:
                return self.documents[number].slug

    def about(self, table: str, number: int) -> str:
        """What a row says as it stands; nothing of a source, event or document."""
        if table == "claim":
            claim = self.claims[number]
            source = self.sources[claim.source_id].name
            slug = self.propositions[claim.proposition_id].slug
            count = "" if claim.range is None else f" {claim.range}"
            return f"{source} {claim.stance} {slug}{count}, {claim.status}"
        if table == "proposition":
            proposition = self.propositions[number]
            found = "" if proposition.finding is None else f" {proposition.finding}"
            return f"{proposition.verdict}{found}"
        return ""

    def _rows(self, table: sa.Table, fields: Any) -> sa.Result[Any]:
        columns = [table.c[name] for name in fields._fields]
        return self.connection.execute(sa.select(*columns).order_by(table.c.id))


def listed(numbers: list[int], most: int = 4) -> str:
    """Claims' numbers in words: `claim 3`, `claims 3 and 7`, `claims 3, 7 and 5 more`."""
    if len(numbers) == 1:
        return f"claim {numbers[0]}"
    if len(numbers) > most:
        first, last = numbers[: most - 1], f"{len(numbers) - most + 1} more"
    else:
        first, last = numbers[:-1], str(numbers[-1])
    return f"claims {', '.join(map(str, first))} and {last}"


def quoted(text: object) -> str:
    """A name or wording, as a line may quote it."""
    return shown(text)
