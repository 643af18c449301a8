"""Whether the chain holds: every leaf, root, link and joint recomputed.

Only reads, and streams. What an entry's hash covers is told in docs/hash.md.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.canonical import NO_PREVIOUS, Tree, entry_hash, json_leaves, stored_leaf
from ledger.history import Fault
from ledger.leaves import LeafStream, Recomputed
from ledger.model import STANCES, STATUSES
from ledger.rules import shown
from ledger.sqlite import canonical_rows, fillings, writes_json
from ledger.store import reading_errors
from ledger.stored import all_of, raw, rows_of, whole


def verify(
    connection: sa.Connection,
    *,
    since: int = 0,
    told: Callable[[int], None] = lambda _: None,
) -> Iterator[Fault]:
    """Recompute every leaf, root and link; yield what does not hold.

    First the reference tables, then each row version against its leaf, then entry by entry the
    leaves against its root, then the joints of the history: a version ends where the next one
    begins. Values are hashed as the table itself holds them, not as an index repeats them, so that
    a date spelt in another way is found too. What was cut off at the end is not found: only a head
    that somebody kept can tell. Streams, so memory does not grow with the ledger.

    Only entries after number `since` are recomputed, and the link to it; `told` is called now and
    then with the number of row versions read since the last call.
    """
    yield from _vocabulary_faults(connection)
    streams = []
    for name, tables in schema.VERSIONED.items():
        recomputed: Recomputed = {}
        for table in tables:
            yield from _row_faults(connection, name, table, since, recomputed, told)
        streams.append(LeafStream(connection, name, since, recomputed))
    entries = rows_of(connection, all_of(schema.entry, "id").where(schema.entry.c.id >= since))
    previous, expected = NO_PREVIOUS, max(since, 1)
    before: Any = None
    unfit: list[_Unfit] = []
    for row in entries:
        entry = dict(zip(_ENTRY, row, strict=True))
        number, moment = entry["id"], entry["recorded_at"]
        if number > expected:
            missing = f"{expected}" + (f" to {number - 1}" if number - 1 > expected else "")
            yield Fault(expected, None, None, f"the entry is missing: {missing}")
        if number > since:
            yield from _entry_faults(entry, streams, unfit)
            if entry["previous"] != previous:
                yield Fault(number, None, None, "it does not follow the entry before it")
        if _rehashed(entry) != entry["hash"]:
            yield Fault(number, None, None, "it was altered: its hash does not fit what it says")
        if moment is not None and isinstance(moment, type(before)) and moment < before:
            yield Fault(number, None, None, "it says it was recorded before the entry before it")
        previous, before, expected = entry["hash"], moment, number + 1
    for stream in streams:
        yield from stream.until(None, Tree())
        yield from stream.gaps()
    broken = False
    for name in schema.VERSIONED:
        for fault in _joint_faults(connection, name):
            broken = True
            yield fault
    if not broken:
        yield from _cut_off(unfit, streams)


@dataclass(frozen=True, slots=True)
class _Unfit:
    """An entry that was closed over other rows: how many it has, and each table's last row then."""

    entry: int
    rows: int
    newest: tuple[int, ...]


def _cut_off(unfit: list[_Unfit], streams: list["LeafStream"]) -> Iterator[Fault]:
    """Where rows may be missing that leave no gap: those with the last numbers of a table.

    Only of entries of which no row shows why they do not fit.
    """
    for each in unfit:
        ends = list(zip(streams, each.newest, strict=True))
        if any(stream.explains(each.entry, newest) for stream, newest in ends):
            continue
        if not each.rows:
            yield Fault(each.entry, None, None, "all its rows are missing: no entry has none")
            continue
        after = [
            f"after {stream.name} {newest}" if newest else f"as the first {stream.name}"
            for stream, newest in ends
            if newest == stream.newest
        ]
        if after:
            what = f"a row may be missing {' or '.join(after)}"
            other = "or one of its rows was altered together with its leaf"
            yield Fault(each.entry, None, None, f"{what}; {other}")


def _entry_faults(
    entry: dict[str, Any], streams: list["LeafStream"], unfit: list[_Unfit]
) -> Iterator[Fault]:
    """Whether the leaves of one entry are those that it was closed over; if not, also `unfit`."""
    number, tree = entry["id"], Tree()
    for stream in streams:
        yield from stream.until(number, tree)
    if tree.root().hex() != entry["root"]:
        yield Fault(number, None, None, "its rows are not the ones it was closed over")
        unfit.append(_Unfit(number, tree.size, tuple(stream.newest for stream in streams)))


_ENTRY = [column.name for column in schema.entry.c]


def _rehashed(entry: dict[str, Any]) -> str | None:
    try:
        return entry_hash(**{name: value for name, value in entry.items() if name != "hash"})
    except (TypeError, ValueError):  # a value that no ledger writes
        return None


def _vocabulary_faults(connection: sa.Connection) -> Iterator[Fault]:
    """Reference rows that are not the program's: no hash covers them, yet reports turn on them."""
    for table, words in ((schema.stance, STANCES), (schema.status, STATUSES)):
        unindexed = sa.select(*raw(table.c)).order_by(table.c.code + "")
        found = {row[0]: row for row in rows_of(connection, unindexed)}
        for word in words:
            known = tuple(getattr(word, column.name) for column in table.c)
            if found.pop(word.code, None) != known:
                yield Fault(None, table.name, None, f"{word.code} is not what the program says")
        for code in found:
            yield Fault(None, table.name, None, f"{shown(code)} is no word of the program")


def _joint_faults(connection: sa.Connection, name: str) -> Iterator[Fault]:
    """Old versions that do not end where the next version of their row begins."""
    for entry, row in rows_of(connection, _broken_joints(name)):
        yield Fault(whole(entry), name, whole(row), "it does not end where the next one begins")


@cache
def _broken_joints(name: str) -> sa.Select[Any]:
    now, then = schema.VERSIONED[name]
    next_one, between = then.alias(), then.alias()
    ends_then = sa.exists().where(
        next_one.c.id == then.c.id, next_one.c.entry_id == then.c.until_entry_id
    )
    ends_now = sa.exists().where(now.c.id == then.c.id, now.c.entry_id == then.c.until_entry_id)
    skips = sa.exists().where(
        between.c.id == then.c.id,
        between.c.entry_id > then.c.entry_id,
        between.c.entry_id < then.c.until_entry_id,
    )
    newer = sa.exists().where(now.c.id == then.c.id, now.c.entry_id <= then.c.entry_id)
    broken = sa.or_(~sa.or_(ends_then, ends_now), skips, newer)
    found = sa.select(*raw((then.c.entry_id, then.c.id))).where(broken)
    return found.order_by(then.c.entry_id, then.c.id)


def _row_faults(
    connection: sa.Connection,
    name: str,
    table: sa.Table,
    since: int,
    recomputed: Recomputed,
    told: Callable[[int], None],
) -> Iterator[Fault]:
    """Row versions that are not what their leaf was made of, in the order of the table itself.

    What their leaf would be goes into `recomputed`: an entry's root is over what its rows say.
    """
    # In the order of their names, as canonical JSON has them: so nothing is sorted per row.
    columns = sorted({"table", *(str(column.name) for column in table.c)} - schema.NOT_HASHED)
    entry, number = columns.index("entry_id"), columns.index("id")
    agreed = 0
    for rows in _agreeing(connection, name, table, since):
        if rows is None:
            return
        agreed += rows
        told(rows)
    read = 0
    for row in rows_of(connection, _versions_of(table, name, *columns, since=since).offset(agreed)):
        digest = stored_leaf(columns, row)
        if digest != row[-1]:
            recomputed[row[entry], row[number]] = digest
            what = "it was altered after it was recorded"
            yield Fault(whole(row[entry]), name, whole(row[number]), what)
        read += 1
        if read == _TOLD:
            told(read)
            read = 0
    told(read)


def _agreeing(
    connection: sa.Connection, name: str, table: sa.Table, since: int
) -> Iterator[int | None]:
    """How many rows hold, some thousand at a time, up to the first that does not; None: all do.

    The quick way, by the JSON that the database itself writes; what it cannot tell, down to which
    row it is, is left to be read value by value.
    """
    if not writes_json(connection):
        return
    try:
        sorts = fillings(connection, table)
        for hashed, leaves in canonical_rows(connection, table, name, sorts, since=since):
            if json_leaves(hashed) != [*leaves]:
                return
            yield len(leaves)
        yield None
    except reading_errors():  # a value that JSON cannot hold
        return


#: How many row versions are read between two words on progress.
_TOLD = 5_000


@cache
def _versions_of(table: sa.Table, name: str, *columns: str, since: int) -> sa.Select[Any]:
    """The versions that entries after `since` wrote: `columns`, then the leaf, by primary key.

    The order and the sum keep the database at the table itself: what an index repeats of a row
    is not what is to be checked.
    """
    label: sa.ColumnElement[Any] = sa.literal_column(f"'{name}'").label("table")
    chosen = [label if each == "table" else raw([table.c[each]])[0] for each in columns]
    chosen += raw([table.c.leaf])
    versions = sa.select(*chosen).order_by(*table.primary_key)
    return versions.where(table.c.entry_id + 0 > since) if since else versions
