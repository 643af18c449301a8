"""The whole story of claims: what each says, answers and repeats, how it was judged, every version.

Told of many at once by a few questions for all of them. Only reads; what it makes of a source's
record is `ledger.reports.record`'s to say.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ledger import schema, versions, views
from ledger.changes import Difference, Names, differences
from ledger.model import UNREVIEWED, WITHDRAWN, Range
from ledger.neighbours import batches

Row = Mapping[str, Any]

#: How many rows are asked for by number at once.
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Mention:
    """A claim in a line: who takes which stance on what, with the count it gives."""

    claim: int
    source: str
    stance: str
    proposition: str
    count: str
    withdrawn: bool

    def __str__(self) -> str:
        """In words: `12: TASS denies killed (6+ “more than 5”) – withdrawn`."""
        count = f" ({self.count})" if self.count else ""
        gone = " – withdrawn" if self.withdrawn else ""
        return f"{self.claim}: {self.source} {self.stance} {self.proposition}{count}{gone}"


@dataclass(frozen=True, slots=True)
class Assessed:
    """A change of status, or of the reason for it: by which entry, when, by whom, from, to, why."""

    entry: int
    at: datetime
    by: str
    before: str
    after: str
    because: str | None


@dataclass(frozen=True, slots=True)
class Ground:
    """What a status rests on: a claim, or a document by its slug."""

    claim: Mention | None
    document: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a claim: the entry that wrote it, and what it says that none before it did."""

    place: int
    entry: int
    at: datetime
    by: str
    message: str | None
    differences: Sequence[Difference]


@dataclass(frozen=True, slots=True)
class Came:
    """That a claim was recorded in another ledger first: its entry, when, by whom, as which."""

    entry: int
    at: str
    by: str
    claim: int
    hash: str


@dataclass(frozen=True, slots=True)
class Story:
    """All there is to tell of a claim; `row` is that of the view `claims`."""

    row: Row
    answers: Mention | None
    repeats: Mention | None
    answered_by: Sequence[Mention]
    repeated_by: Sequence[Mention]
    assessed: Sequence[Assessed]
    grounds: Sequence[Ground]
    versions: Sequence[Version]
    came: Sequence[Came]

    @property
    def count(self) -> str:
        """The count that it gives, in words; nothing if it gives none."""
        return told(self.row)


def told(row: Row) -> str:
    """The count a claim gives, with the words it was given in: `101+ “more than 100”`."""
    if row["low"] is None and row["high"] is None:
        return f"“{row['wording']}”" if row["wording"] else ""
    range_ = str(Range(row["low"], row["high"]))
    same = row["wording"] is None or row["wording"] == range_
    return range_ if same else f"{range_} “{row['wording']}”"


def story(connection: sa.Connection, claim: int) -> Story:
    """The story of the claim of this number; sqlalchemy's NoResultFound where the view has none."""
    for found in stories(connection, [claim]):
        return found
    raise sa.exc.NoResultFound(f"the view claims has no claim {claim}")


def stories(
    connection: sa.Connection, claims: Collection[int], names: Names | None = None
) -> list[Story]:
    """The stories of the claims of these numbers, withdrawn ones too, by number.

    A number that no claim has is left out. `names`: those that were asked for before.
    """
    numbers = sorted(set(claims))
    rows = _rows(connection, numbers)
    pointing = {
        column: _pointing(connection, column, numbers) for column in ("answers_id", "repeats_id")
    }
    grounds = _grounds(connection, numbers)
    named = {row[name] for row in rows.values() for name in ("answers", "repeats")}
    named |= {each for found in pointing.values() for some in found.values() for each in some}
    named |= {each.on_claim for some in grounds.values() for each in some}
    mentions = _mentions(connection, rows, named - {None})
    written = _versions(connection, numbers, names or Names(connection))
    came = _came(connection, numbers)
    found = []
    for number, row in rows.items():
        answered_by, repeated_by = (pointing[name].get(number, ()) for name in pointing)
        found.append(
            Story(
                row=row,
                answers=mentions.get(row["answers"]),
                repeats=mentions.get(row["repeats"]),
                answered_by=[mentions[each] for each in answered_by],
                repeated_by=[mentions[each] for each in repeated_by],
                assessed=list(_assessed(written[number])),
                grounds=[
                    Ground(mentions.get(each.on_claim), each.on_document, each.note)
                    for each in grounds.get(number, ())
                ],
                versions=[version for version, _ in written[number]],
                came=came.get(number, ()),
            )
        )
    return found


def _rows(connection: sa.Connection, numbers: Sequence[int]) -> dict[int, Row]:
    claims = views.CLAIMS.table
    found: dict[int, Row] = {}
    for some in batches(numbers, _BATCH):
        question = sa.select(claims).where(claims.c.claim.in_(some)).order_by(claims.c.claim)
        rows = connection.execute(question).mappings()
        found |= {row["claim"]: dict(row) for row in rows}
    return found


def _mentions(
    connection: sa.Connection, known: Mapping[int, Row], numbers: Iterable[int]
) -> dict[int, Mention]:
    """The claims in lines; of those that are known already nothing is asked."""
    wanted = set(numbers)
    rows = {number: known[number] for number in wanted if number in known}
    claims = views.CLAIMS.table
    names = ("claim", "source", "stance", "proposition", "low", "high", "wording", "status")
    for some in batches(sorted(wanted - set(rows)), _BATCH):
        question = sa.select(*(claims.c[name] for name in names)).where(claims.c.claim.in_(some))
        for row in connection.execute(question.order_by(claims.c.claim)).mappings():
            rows[row["claim"]] = dict(row)
    return {
        number: Mention(
            number, row["source"], row["stance"], row["proposition"], told(row),
            row["status"] == WITHDRAWN,
        )
        for number, row in rows.items()
    }  # fmt: skip


def _pointing(
    connection: sa.Connection, column: str, numbers: Sequence[int]
) -> dict[int, list[int]]:
    """The claims that answer, or repeat, each of these."""
    claim, found = schema.claim, dict[int, list[int]]()
    for some in batches(numbers, _BATCH):
        question = sa.select(claim.c[column], claim.c.id).where(claim.c[column].in_(some))
        for at, number in connection.execute(question.order_by(claim.c.id)):
            found.setdefault(at, []).append(number)
    return found


def _grounds(connection: sa.Connection, numbers: Sequence[int]) -> dict[int, list[Any]]:
    grounds, found = views.GROUNDS.table, dict[int, list[Any]]()
    for some in batches(numbers, _BATCH):
        question = sa.select(grounds).where(grounds.c.claim.in_(some))
        order = (grounds.c.entry, grounds.c.on_claim.nulls_last(), grounds.c.on_document)
        for row in connection.execute(question.order_by(*order)):
            found.setdefault(row.claim, []).append(row)
    return found


def _versions(
    connection: sa.Connection, numbers: Sequence[int], names: Names
) -> dict[int, list[tuple[Version, Row]]]:
    """Every version of each claim, oldest first, and the row as it then was."""
    written = {
        number: found
        for some in batches(numbers, _BATCH)
        for number, found in versions.of_rows(connection, "claim", some).items()
    }
    entries = _entries(connection, {each.entry for some in written.values() for each in some})
    return {
        number: [
            (
                Version(
                    place,
                    each.entry,
                    entries[each.entry].recorded_at,
                    entries[each.entry].recorded_by,
                    entries[each.entry].message,
                    differences(names, each),
                ),
                each.row,
            )
            for place, each in enumerate(some, 1)
        ]
        for number, some in written.items()
    }


def _entries(connection: sa.Connection, numbers: Iterable[int]) -> dict[int, Any]:
    entry = schema.entry
    found: dict[int, Any] = {}
    columns = (entry.c.id, entry.c.recorded_at, entry.c.recorded_by, entry.c.message)
    for some in batches(sorted(numbers), _BATCH):
        question = sa.select(*columns).where(entry.c.id.in_(some)).order_by(entry.c.id)
        found |= {row.id: row for row in connection.execute(question)}
    return found


def _assessed(written: Iterable[tuple[Version, Row]]) -> Iterator[Assessed]:
    """The changes of status among a claim's versions, as the view `assessments` has them."""
    before: tuple[str, str | None] = (UNREVIEWED, None)
    for version, row in written:
        now = (row["status"], row["because"])
        if now != before:
            yield Assessed(version.entry, version.at, version.by, before[0], *now)
        before = now


def _came(connection: sa.Connection, numbers: Sequence[int]) -> dict[int, list[Came]]:
    """From which entries of other ledgers these claims came."""
    receipts = views.RECEIPTS.table
    question = sa.select(receipts).where(receipts.c.kind == "claim", receipts.c.how == "new")
    if numbers:
        question = question.where(receipts.c.first <= numbers[-1], receipts.c.last >= numbers[0])
    found: dict[int, list[Came]] = {}
    for row in connection.execute(question.order_by(receipts.c.id)):
        for number in numbers:
            if row.first <= number <= row.last:
                there = row.their_first + number - row.first
                came = Came(
                    row.their_entry, row.their_recorded_at, row.their_recorded_by, there,
                    row.their_hash,
                )  # fmt: skip
                found.setdefault(number, []).append(came)
    return found
