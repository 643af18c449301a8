"""Turns the rows that make claims into claims: checked, told from those that are there, numbered.

A claim that is there by content is left as it is. The files' own claim numbers end here: what they
point to is the number in the ledger, of a claim that is there or of one that will be.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from ledger import rules, schema
from ledger.errors import BadRow
from ledger.exchange.describing import Described, Fields
from ledger.exchange.drafting import LINKS, Drafting, difference_notes, vague_note
from ledger.exchange.gathering import Gathered, Remark
from ledger.exchange.identity import CONTENT, Links, identities
from ledger.exchange.known import chunks
from ledger.exchange.naming import Naming
from ledger.journal import Draft
from ledger.model import UNREVIEWED

#: Past so many propositions it is cheaper to read every claim than to ask for theirs.
_MANY = 5000


class Claims:
    """The claims of the files. `rows` are those to be written, `present` counts those that are
    there, `numbers` maps the files' numbers to the ledger's; `bad` and `notes` grow.
    """

    def __init__(
        self, gathered: Gathered, naming: Naming, described: Described, draft: Draft
    ) -> None:
        self.bad: list[BadRow] = []
        self.notes: list[str] = []
        self.rows: list[Fields] = []
        self.present = 0
        self.numbers: dict[int, int] = {}
        self._gathered = gathered
        self._naming = naming
        self._at = self._by_number()
        self._connection = draft.connection
        self._drafting = Drafting(naming, described, draft.recorded_at.date(), self._at, self.bad)
        self.drafts = [self._drafting.drafted(row) for row in gathered.claims]
        self._check_repeats()
        self._check_retractions()
        self.assessments = self._by_claim(gathered.assessments)
        self._take_statuses()
        self._first = draft.next_id("claim")

    def _by_number(self) -> dict[int, int]:
        """The place of each row that has a number of its own."""
        at: dict[int, int] = {}
        for place, row in enumerate(self._gathered.claims):
            number = row.values.get("id")
            if not isinstance(number, int):
                continue
            if number in at:
                first = self._gathered.claims[at[number]].line
                self.bad.append(
                    row.place("claim").bad(f"{number} is the number of line {first} too", "once")
                )
            at.setdefault(number, place)
        return at

    def _check_repeats(self) -> None:
        for row, fields in zip(self._gathered.claims, self.drafts, strict=True):
            number = fields.get("repeats_id")
            if number not in self._at:
                continue
            other = self.drafts[self._at[number]]
            named = -1 not in (fields.get("proposition_id"), other.get("proposition_id"))
            if named and (why := rules.no_repeat(fields, other)):
                what = f"the row repeats claim {number}, {why}"
                self.bad.append(row.place("repeats").bad(what, rules.REPEATABLE))

    def _check_retractions(self) -> None:
        """See that what is taken back was said: in the files, or else in the ledger."""
        rows = list(zip(self._gathered.claims, self.drafts, strict=True))
        waiting = [
            (row, fields)
            for row, fields in rows
            if fields.get("stance") in rules.WITHDRAWING and -1 not in _spoken(fields)
        ]
        if not waiting:
            return
        said: dict[tuple[Any, Any], list[date | None]] = defaultdict(list)
        for _, fields in rows:
            if fields.get("stance") in rules.SPEAKING:
                said[_spoken(fields)].append(fields.get("stated_on"))
        for on, source, day in said_in_ledger(
            self._connection, sorted({_spoken(fields)[0] for _, fields in waiting})
        ):
            said[on, source].append(day)
        for row, fields in waiting:
            days = said[_spoken(fields)]
            if not any(rules.comes_after(fields, day) for day in days):
                problem = rules.nothing_retracted("the row")
                self.bad.append(row.place("stance").bad(problem.what, problem.allowed))

    def _by_claim(self, remarks: list[Remark]) -> dict[int, list[Fields]]:
        """The assessments of each row, by its place, in their order."""
        found: dict[int, list[Fields]] = defaultdict(list)
        for remark in remarks:
            if (place := self.place_of(remark)) is None:
                continue
            step: Fields = {"status": UNREVIEWED, "because": None, **remark.values}
            for problem in (*rules.text_problems(step), *rules.status_problems(step)):
                self.bad.append(remark.place.bad(problem.what, problem.allowed, problem.column))
            found[place].append(step)
        return found

    def place_of(self, remark: Remark, number: int | None = None) -> int | None:
        """The place of the row that a remark is on (or names); a stray number is a bad row."""
        wanted, column = (remark.claim, "claim") if number is None else (number, "on_claim")
        place = self._at.get(wanted)
        if place is None:
            what = f"no claim of this folder has the number {wanted}"
            self.bad.append(remark.place.bad(what, "a claim's number in claims.csv", column))
        return place

    def _take_statuses(self) -> None:
        """Make a row's own status the first assessment, or see that it is the last of them."""
        for place, fields in enumerate(self.drafts):
            steps = self.assessments.get(place)
            status, because = fields.pop("status", None), fields.pop("because", None)
            row = self._gathered.claims[place]
            if status is None and because is None:
                continue
            own: Fields = {"status": status or UNREVIEWED, "because": because}
            if steps and steps[-1] != own:
                what = "is not what the last of its assessments says"
                self.bad.append(row.place("status").bad(what, "the same, or an empty cell"))
            elif not steps:
                self.assessments[place] = [own]

    def tell_apart(self) -> None:
        """Find which claims are there by content; number the others, and point all links home.

        Asks the ledger for the claims on the files' propositions and what those point to.
        """
        there = self._there()
        at = {row["id"]: place for place, row in enumerate(there)}
        contents = [tuple(row.get(field) for field in CONTENT) for row in (*there, *self.drafts)]
        links: list[Links] = [
            (at.get(row["answers_id"]), at.get(row["repeats_id"])) for row in there
        ]
        for fields in self.drafts:
            ends = [self._at.get(fields.get(field, -1)) for field in LINKS]
            answers, repeats = (None if end is None else end + len(there) for end in ends)
            links.append((answers, repeats))
        same = identities(contents, links)
        waiting: dict[int, deque[Fields]] = defaultdict(deque)
        for row, identity in zip(there, same, strict=False):
            waiting[identity].append(row)
        found = [
            waiting[identity].popleft() if waiting[identity] else None
            for identity in same[len(there) :]
        ]
        fresh = self._first
        ids: list[int] = []
        for match in found:
            ids.append(fresh if match is None else match["id"])
            fresh += match is None
        self.numbers = {number: ids[place] for number, place in self._at.items()}
        for place, match in enumerate(found):
            if match is None:
                self.rows.append(self._written(place))
            else:
                self.present += 1
                self._note_differences(place, match)
        self._ids = ids
        self._note_vague()

    def id_at(self, place: int) -> int:
        """The ledger's number of the claim of a row."""
        return self._ids[place]

    def is_new(self, place: int) -> bool:
        """Whether the claim of a row is yet to be written."""
        return self._ids[place] >= self._first

    def _written(self, place: int) -> Fields:
        row = {field: value for field, value in self.drafts[place].items() if field != "id"}
        for field in LINKS:
            if row.get(field) is not None:
                row[field] = self.numbers[row[field]]
        return row

    def _note_vague(self) -> None:
        """Say of each wording that no convention covers where it stands first, and how often."""
        lines: dict[str, list[int]] = defaultdict(list)
        for place, fields in enumerate(self.drafts):
            if self.is_new(place) and id(fields) in self._drafting.vague:
                lines[fields["wording"]].append(self._gathered.claims[place].line)
        for words, found in lines.items():
            self.notes.append(vague_note(words, found[0], len(found)))

    def _note_differences(self, place: int, there: Fields) -> None:
        said = {"note": self.drafts[place].get("note")}
        if steps := self.assessments.get(place):
            said |= steps[-1]
        self.notes += difference_notes(self._gathered.claims[place].line, said, there)

    def _there(self) -> list[Fields]:
        """The claims of the ledger that any of the files' may be, and all that they point to."""
        table = schema.claim
        columns = [c for c in table.c if c.name not in ("entry_id", "leaf")]
        wanted = {
            fields["proposition_id"]
            for fields in self.drafts
            if not self._naming.is_new("proposition", fields["proposition_id"])
        }
        if len(wanted) > _MANY:
            return _rows(self._connection, sa.select(*columns).order_by(table.c.id))
        found: dict[int, Fields] = {}

        def fetch(column: Any, numbers: list[int]) -> None:
            for some in chunks(numbers):
                query = sa.select(*columns).where(column.in_(some)).order_by(table.c.id)
                found.update((row["id"], row) for row in _rows(self._connection, query))

        fetch(table.c.proposition_id, sorted(wanted))
        while (
            missing := {
                row[field] for row in found.values() for field in LINKS if row[field] is not None
            }
            - found.keys()
        ):
            fetch(table.c.id, sorted(missing))
        return [found[number] for number in sorted(found)]


def _spoken(fields: Fields) -> tuple[Any, Any]:
    return fields.get("proposition_id", -1), fields.get("source_id", -1)


def _rows(connection: sa.Connection, query: Any) -> list[Fields]:
    return [dict(row) for row in connection.execute(query).mappings()]


def said_in_ledger(connection: sa.Connection, propositions: Sequence[int]) -> Iterator[Any]:
    """What the ledger's sources have said on propositions: number, source, day."""
    table = schema.claim
    for some in chunks(propositions):
        query = (
            sa.select(table.c.proposition_id, table.c.source_id, table.c.stated_on)
            .where(table.c.proposition_id.in_(some), table.c.stance.in_(rules.SPEAKING))
            .distinct()
            .order_by(table.c.proposition_id, table.c.source_id, table.c.stated_on)
        )
        yield from connection.execute(query)
