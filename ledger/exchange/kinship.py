"""Which rows of another ledger are which of ours, by where they were first recorded.

Two ledgers may begin with the same entries, one being a copy of the other that went its own way; or
one may have taken rows from the other before, or both from a third. Then a row is known whatever
its name and words have become since, and what of it is new can be told from what was seen already.
"""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa

from ledger import history, schema
from ledger.neighbours import batches

_ASKED_AT_ONCE = 500


class Run(NamedTuple):
    """A receipt: rows of one entry of another ledger, numbered from `their_first` on in it."""

    entry: int
    hash: str
    at: Any
    by: str
    kind: str | None
    how: str | None
    first: int
    their_first: int
    many: int


@dataclass(frozen=True, slots=True)
class Kin:
    """What two ledgers have to do with one another.

    `shared` is how many entries both begin with; `seen` the number of the newest entry there that
    was taken in here, `told` of the newest entry here that was taken in there. `ids` has the number
    here of each row there that is known by where it comes from (else 0), by table; `came` tells of
    each whether it came there from here; `runs` are their own receipts, by table, in the order of
    their numbers.
    """

    shared: int
    seen: int
    told: int
    ids: dict[str, "array[int]"]
    came: dict[str, bytearray]
    runs: dict[str, list[Run]]


def kin(ours: sa.Connection, theirs: sa.Connection) -> Kin:
    """What our ledger and theirs have to do with one another."""
    shared = _shared(ours, theirs)
    last = {table: newest(ours, table) for table in schema.VERSIONED}
    ids = {table: array("q", bytes(8 * (newest(theirs, table) + 1))) for table in schema.VERSIONED}
    for table, numbers in ids.items():
        begun = min(_newest_by(ours, table, shared), len(numbers) - 1) if shared else 0
        numbers[1 : begun + 1] = array("q", range(1, begun + 1))
    received, receiving = [*_runs(ours)], [*_runs(theirs)]
    theirs_here = _known(theirs, received)
    ours_there = _known(ours, receiving)
    for run in received:
        if run.hash in theirs_here:
            _note(ids, run.kind, run.their_first, run.first, run.many, last)
    came = {table: bytearray(len(numbers)) for table, numbers in ids.items()}
    for run in receiving:
        if run.hash in ours_there:
            _note(ids, run.kind, run.first, run.their_first, run.many, last)
        if run.hash in ours_there and run.kind in came and run.how == "new":
            end = min(run.first + run.many, len(came[run.kind]))
            came[run.kind][run.first : end] = b"\1" * max(end - run.first, 0)
    _note_third(ids, received, receiving, last)
    seen = max([shared, *(run.entry for run in received if run.hash in theirs_here)])
    told = max([shared, *(run.entry for run in receiving if run.hash in ours_there)])
    runs: dict[str, list[Run]] = {}
    for run in sorted((run for run in receiving if run.kind), key=lambda run: run.first):
        runs.setdefault(str(run.kind), []).append(run)
    return Kin(shared, seen, told, ids, came, runs)


def newest(connection: sa.Connection, table: str) -> int:
    """The number of the newest row of a table; 0 where there is none."""
    number = schema.VERSIONED[table][0].c.id
    return connection.execute(sa.select(sa.func.max(number))).scalar() or 0


def as_of(connection: sa.Connection, table: str, number: int, entry: int) -> dict[str, Any] | None:
    """A row as it was when `entry` was the newest, a document's text left out; None: not there."""
    now, then = schema.VERSIONED[table]
    for each, more in ((now, ()), (then, (then.c.until_entry_id > entry,))):
        columns = [each.c[name] for name in told_columns(table)]
        query = sa.select(*columns).where(each.c.id == number, each.c.entry_id <= entry, *more)
        row = connection.execute(query.order_by(each.c.entry_id)).mappings().first()
        if row is not None:
            return dict(row)
    return None


def told_columns(table: str) -> list[str]:
    """The columns of a table that say something, its number and entry too, without long texts."""
    left_out = ("leaf", "text") if table == "document" else ("leaf",)
    return [column.name for column in schema.VERSIONED[table][0].c if column.name not in left_out]


def _shared(ours: sa.Connection, theirs: sa.Connection) -> int:
    """How many entries both begin with; a hash is over all before it, so halving finds it."""
    low, high = 0, min(history.head(each).entry for each in (ours, theirs))
    while low < high:
        middle = (low + high + 1) // 2
        if _hashes(ours, [middle]) == _hashes(theirs, [middle]):
            low = middle
        else:
            high = middle - 1
    return low


def _hashes(connection: sa.Connection, entries: Iterable[int]) -> dict[int, str]:
    table = schema.entry
    found: dict[int, str] = {}
    for some in batches(sorted(set(entries)), _ASKED_AT_ONCE):
        query = sa.select(table.c.id, table.c.hash).where(table.c.id.in_(some))
        found.update((row.id, row.hash) for row in connection.execute(query.order_by(table.c.id)))
    return found


def _newest_by(connection: sa.Connection, table: str, entry: int) -> int:
    """The number of the newest row of a table when `entry` was the newest entry."""
    return max(
        connection.execute(sa.select(sa.func.max(each.c.id)).where(each.c.entry_id <= entry))
        .scalar() or 0
        for each in schema.VERSIONED[table]
    )  # fmt: skip


def _runs(connection: sa.Connection) -> Iterator[Run]:
    c = schema.receipt.c
    columns = (
        c.their_entry, c.their_hash, c.their_recorded_at, c.their_recorded_by, c.kind, c.how,
        sa.func.coalesce(c.first, 0), sa.func.coalesce(c.their_first, 0), c.many,
    )  # fmt: skip
    for row in connection.execute(sa.select(*columns).order_by(c.id)):
        yield Run(*row)


def _known(connection: sa.Connection, runs: Iterable[Run]) -> set[str]:
    """The hashes of those entries of the ledger that runs name."""
    named = {(run.entry, run.hash) for run in runs}
    own = _hashes(connection, (entry for entry, _ in named))
    return {digest for entry, digest in named if own.get(entry) == digest}


def _note(
    ids: dict[str, "array[int]"],
    kind: str | None,
    theirs: int,
    ours: int,
    many: int,
    last: dict[str, int],
) -> None:
    """Note which rows are which, where nothing is known yet; what names no row says nothing."""
    if kind not in ids:
        return
    numbers = ids[kind]
    many = min(many, len(numbers) - theirs, last[kind] + 1 - ours)
    for step in range(many):
        if not numbers[theirs + step]:
            numbers[theirs + step] = ours + step


def _note_third(
    ids: dict[str, "array[int]"],
    received: list[Run],
    receiving: list[Run],
    last: dict[str, int],
) -> None:
    """Rows that both ledgers have from the same entry of a third."""
    here: dict[tuple[str, str | None], list[Run]] = {}
    for run in received:
        here.setdefault((run.hash, run.kind), []).append(run)
    for run in receiving:
        for other in here.get((run.hash, run.kind), ()) if run.kind else ():
            first = max(run.their_first, other.their_first)
            end = min(run.their_first + run.many, other.their_first + other.many)
            at = run.first + first - run.their_first
            _note(ids, run.kind, at, other.first + first - other.their_first, end - first, last)
