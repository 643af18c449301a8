"""Which shifts are new: how sources' sides turn on propositions now, and how they turned then.

A correction, a withdrawal, a merge or another date of publication can make a shift or undo one, as
a new claim can; so both are read and set against one another, on the propositions touched alone.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.model import SIDE_OF, WITHDRAWN, Side
from ledger.neighbours import batches
from ledger.reports.recorded import Change, stance_told
from ledger.versions import Row, Version

#: How many pairs, or documents, are asked for at once.
_BATCH = 500

#: Whose stance on what: proposition and source, by number.
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Touched:
    """What was recorded since entry `start` that shifts may turn on.

    `pairs`: by pair, the newest entry that touched it. `born`: by claim, the entry that recorded it
    first, if that is later than `start`. `then`: the older versions of claims that stood at
    `start`, by number. `published`: by document that has another day of publication now, the one
    that stood then; `redated`: the entry that changed it.
    """

    start: int
    pairs: dict[Pair, int] = field(default_factory=dict)
    born: dict[int, int] = field(default_factory=dict)
    then: dict[int, Row] = field(default_factory=dict)
    published: dict[int, date | None] = field(default_factory=dict)
    redated: dict[int, int] = field(default_factory=dict)

    def note(self, version: Version) -> None:
        """Take in a version that an entry after `start` wrote; of one row the older ones first."""
        row, before = version.row, version.before
        if version.table == "document" and before is not None:
            if row["published_on"] != before["published_on"]:
                self.published.setdefault(version.id, before["published_on"])
                self.redated[version.id] = version.entry
        elif version.table == "claim" and _may_turn(version):
            for each in filter(None, (row, before)):
                self.pairs[each["proposition_id"], each["source_id"]] = version.entry
            if before is None:
                self.born[version.id] = version.entry
            elif version.id not in self.born:
                self.then.setdefault(version.id, dict(before))


@dataclass(frozen=True, slots=True)
class Turn:
    """Two claims of one source on one proposition, one after the other, of two sides."""

    before: Row
    after: Row

    @property
    def pair(self) -> Pair:
        """Who turned, on what."""
        return _pair(self.after)

    @property
    def way(self) -> tuple[Pair, Side, Side]:
        """Who turned on what, from which side to which."""
        return self.pair, _side(self.before), _side(self.after)

    def entry(self, touched: Touched) -> int:
        """The entry that made it: that of the newer of its claims, else the newest on the pair."""
        born = [touched.born.get(row["id"], 0) for row in (self.before, self.after)]
        return max(born) or touched.pairs[self.pair]


def turned(connection: sa.Connection, touched: Touched) -> Iterator[Change]:
    """The shifts that are new since `touched.start`, and those that are gone."""
    for document, entry in touched.redated.items():
        for pair in _resting_on(connection, document):
            touched.pairs[pair] = max(entry, touched.pairs.get(pair, 0))
    changed = touched.born.keys() | touched.then.keys()
    for some in batches(sorted(touched.pairs), _BATCH):
        asked = set(some)
        rows = [row for row in _claims(connection, some) if _pair(row) in asked]
        then = [row for row in rows if row["id"] not in changed]
        then += [row for row in touched.then.values() if _pair(row) in asked]
        days = _published(connection, {row["document_id"] for row in (*rows, *then)} - {None})
        now, before = _turns(rows, days), _turns(then, days | touched.published)
        for turn in _beyond(now, before, touched):
            yield _told(turn, "shift", turn.entry(touched))
        for turn in _beyond(before, now, touched):
            yield _told(turn, "shift-gone", touched.pairs[turn.pair])


def _turns(rows: Iterable[Row], published: Mapping[int, date | None]) -> list[Turn]:
    """Where sides turn: claims in the order of the view `positions`, withdrawn ones left out."""

    def order(row: Row) -> tuple[Any, ...]:
        day = row["stated_on"] or published.get(row["document_id"])
        return (*_pair(row), day is not None, day or date.min, row["id"])

    standing = sorted((row for row in rows if row["status"] != WITHDRAWN), key=order)
    return [
        Turn(before, after)
        for before, after in pairwise(standing)
        if _pair(before) == _pair(after) and _side(before) is not _side(after)
    ]


def _beyond(more: list[Turn], fewer: list[Turn], touched: Touched) -> Iterator[Turn]:
    """The turns of `more` that `fewer` has not: of several the same way, the newest recorded."""
    left = Counter(turn.way for turn in more) - Counter(turn.way for turn in fewer)
    for turn in sorted(more, key=lambda turn: turn.entry(touched), reverse=True):
        if left[turn.way] > 0:
            left[turn.way] -= 1
            yield turn


def _told(turn: Turn, change: str, entry: int) -> Change:
    proposition, source = turn.pair
    return Change(
        entry,
        change,
        f"claim {turn.after['id']}",
        claim=turn.after["id"],
        proposition=proposition,
        source=source,
        before=stance_told(turn.before),
        after=stance_told(turn.after),
        quote=turn.after["quote"],
    )


#: What of a claim a shift can turn on; also whether it is withdrawn.
_TURNING = ("proposition_id", "source_id", "stance", "stated_on", "document_id")


def _may_turn(version: Version) -> bool:
    """Whether a version of a claim says anything else of what shifts turn on."""
    row, before = version.row, version.before
    if before is None:
        return True
    withdrawn = (row["status"] == WITHDRAWN) != (before["status"] == WITHDRAWN)
    return withdrawn or any(row[name] != before[name] for name in _TURNING)


def _pair(row: Row) -> Pair:
    return row["proposition_id"], row["source_id"]


def _side(row: Row) -> Side:
    return SIDE_OF[row["stance"]]


_COLUMNS = (
    "id", "proposition_id", "source_id", "stance", "low", "high", "wording", "quote",
    "document_id", "stated_on", "status",
)  # fmt: skip


def _claims(connection: sa.Connection, pairs: Sequence[Pair]) -> Iterator[Row]:
    """The claims by these sources on these propositions, and not only pair by pair."""
    claim = schema.claim
    propositions, sources = ({pair[side] for pair in pairs} for side in (0, 1))
    question = (
        sa.select(*(claim.c[name] for name in _COLUMNS))
        .where(claim.c.proposition_id.in_(propositions), claim.c.source_id.in_(sources))
        .order_by(claim.c.id)
    )
    yield from (dict(row) for row in connection.execute(question).mappings())


def _published(connection: sa.Connection, documents: Iterable[int]) -> dict[int, date | None]:
    """The day each of these documents was published, by its number."""
    table, found = schema.document, dict[int, date | None]()
    for some in batches(sorted(documents), _BATCH):
        question = sa.select(table.c.id, table.c.published_on).where(table.c.id.in_(some))
        found |= {row.id: row.published_on for row in connection.execute(question.order_by("id"))}
    return found


def _resting_on(connection: sa.Connection, document: int) -> Iterator[Pair]:
    """Who says what there on a day that only the document tells."""
    claim = schema.claim
    question = (
        sa.select(claim.c.proposition_id, claim.c.source_id)
        .where(claim.c.document_id == document, claim.c.stated_on.is_(None))
        .order_by(claim.c.id)
    )
    for row in connection.execute(question):
        yield row.proposition_id, row.source_id
