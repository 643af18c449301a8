"""Reading the chain: the head, the entry that a date means, and whether all of it still holds.

Only reads. What an entry's hash covers is told in docs/hash.md.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from heapq import merge
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.canonical import NO_PREVIOUS, Tree, entry_hash, leaf
from ledger.errors import NotFoundError
from ledger.model import STANCES, STATUSES
from ledger.rules import shown
from ledger.store import take_any_text


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry: its number, its hash, and when it was recorded; 0 in an empty ledger."""

    entry: int
    hash: str
    recorded_at: datetime | None


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not hold: in which entry, on which row, and what."""

    entry: int | None
    table: str | None
    row: int | None
    what: str


def head(connection: sa.Connection) -> Head:
    """The newest entry of the ledger (or of the ledger as it stood, on a narrowed reader)."""
    newest = connection.execute(
        sa.select(schema.entry.c.id, schema.entry.c.hash, schema.entry.c.recorded_at)
        .order_by(schema.entry.c.id.desc())
        .limit(1)
    ).one_or_none()
    return Head(*newest) if newest else Head(0, NO_PREVIOUS, None)


def entry_as_of(connection: sa.Connection, moment: int | date | datetime) -> int:
    """The number of the newest entry at `moment`; 0 where none was recorded by then.

    `moment` is an entry's number, a day (to its end, UTC), or a moment with a time zone. Raises
    NotFoundError for a number past the newest entry.
    """
    newest = head(connection).entry
    if isinstance(moment, int):
        if not 0 <= moment <= newest:
            raise NotFoundError(
                f"there is no entry {moment}", f"the newest entry is {newest}; name it or a date"
            )
        return moment
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            raise ValueError("a moment without a time zone is no moment")
        end = moment.astimezone(UTC)
    else:
        end = datetime(moment.year, moment.month, moment.day, 23, 59, 59, tzinfo=UTC)
    found = connection.execute(
        sa.select(sa.func.max(schema.entry.c.id)).where(schema.entry.c.recorded_at <= end)
    ).scalar()
    return found or 0


def verify(connection: sa.Connection) -> Iterator[Fault]:
    """Recompute every leaf, root and link; yield what does not hold.

    First the reference tables, then entry by entry, then the joints of the history: a version ends
    where the next one begins. Values are hashed as the database holds them, so that a date spelt
    in another way is found too. What was cut off at the end is not found: only a head that
    somebody kept can tell. Streams: one cursor a table, each in the order in which the entries
    wrote, so memory does not grow with the ledger.
    """
    yield from _vocabulary_faults(connection)
    streams = [_Stream(connection, name) for name in schema.VERSIONED]
    entries = _rows(connection, _all_of(schema.entry, "id"))
    previous, expected = NO_PREVIOUS, 1
    before: Any = None
    for row in entries:
        entry = dict(zip(_ENTRY, row, strict=True))
        number, moment = entry["id"], entry["recorded_at"]
        if number > expected:
            missing = f"{expected}" + (f" to {number - 1}" if number - 1 > expected else "")
            yield Fault(expected, None, None, f"the entry is missing: {missing}")
        tree = Tree()
        for stream in streams:
            yield from stream.until(number, tree)
        if tree.root().hex() != entry["root"]:
            yield Fault(number, None, None, "its rows are not the ones it was closed over")
        if entry["previous"] != previous:
            yield Fault(number, None, None, "it does not follow the entry before it")
        if _rehashed(entry) != entry["hash"]:
            yield Fault(number, None, None, "it was altered: its hash does not fit what it says")
        if isinstance(moment, type(before)) and moment < before:
            yield Fault(number, None, None, "it says it was recorded before the entry before it")
        previous, before, expected = entry["hash"], moment, number + 1
    for stream in streams:
        yield from stream.until(None, Tree())
    for name in schema.VERSIONED:
        yield from _joint_faults(connection, name)


_ENTRY = [column.name for column in schema.entry.c]


def _rehashed(entry: dict[str, Any]) -> str | None:
    try:
        return entry_hash(**{name: value for name, value in entry.items() if name != "hash"})
    except (TypeError, ValueError):  # a value that no ledger writes
        return None


def _vocabulary_faults(connection: sa.Connection) -> Iterator[Fault]:
    """Reference rows that are not the program's: no hash covers them, yet reports turn on them."""
    for table, words in ((schema.stance, STANCES), (schema.status, STATUSES)):
        found = {row[0]: row for row in _rows(connection, _all_of(table, "code"))}
        for word in words:
            known = tuple(getattr(word, column.name) for column in table.c)
            if found.pop(word.code, None) != known:
                yield Fault(None, table.name, None, f"{word.code} is not what the program says")
        for code in found:
            yield Fault(None, table.name, None, f"{shown(code)} is no word of the program")


def _joint_faults(connection: sa.Connection, name: str) -> Iterator[Fault]:
    """Old versions that do not end where the next version of their row begins."""
    for entry, row in _rows(connection, _broken_joints(name)):
        yield Fault(_whole(entry), name, _whole(row), "it does not end where the next one begins")


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
    found = sa.select(*_raw((then.c.entry_id, then.c.id))).where(broken)
    return found.order_by(then.c.entry_id, then.c.id)


def _raw(columns: Iterable[sa.ColumnElement[Any]]) -> list[sa.ColumnElement[Any]]:
    """The columns as the driver gives them: no reading of dates that may be none."""
    return [sa.type_coerce(column, sa.types.NullType()).label(column.key) for column in columns]


@cache
def _all_of(table: sa.Table, *order: str) -> sa.Select[Any]:
    """Every row of a table as it is stored: the columns that a hash covers, then the leaf."""
    hashed = [column for column in table.c if column.name not in schema.NOT_HASHED]
    leaves = [table.c.leaf] if "leaf" in table.c else []
    return sa.select(*_raw([*hashed, *leaves])).order_by(*(table.c[name] for name in order))


def _rows(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[tuple[Any, ...]]:
    """The rows of an ordered query, streamed; text that is no UTF-8 does not stop it."""
    given, options = 0, {"yield_per": 1_000}
    try:
        for row in connection.execute(query, execution_options=options):
            given += 1
            yield tuple(row)
    except sa.exc.DBAPIError as error:
        if not take_any_text(connection, error):
            raise
        for row in connection.execute(query.offset(given), execution_options=options):
            yield tuple(row)


#: Past every number that a database holds.
_LAST = 2**63


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


class _Stream:
    """The versions of one table, current and past, in the order of entry and number."""

    def __init__(self, connection: sa.Connection, name: str) -> None:
        table, twin = schema.VERSIONED[name]
        self._name = name
        self._columns = [c.name for c in table.c if c.name not in schema.NOT_HASHED] + ["leaf"]
        entry, number = self._columns.index("entry_id"), self._columns.index("id")

        def place(row: tuple[Any, ...]) -> tuple[int, int]:
            # As the database sorts: what is no number, and no ledger writes, after all numbers.
            written_in, own = _whole(row[entry]), _whole(row[number])
            return (_LAST if written_in is None else written_in, _LAST if own is None else own)

        # Two streams that each come in the order of an index, so that nothing is sorted.
        both = (_rows(connection, _all_of(each, "entry_id", "id")) for each in (table, twin))
        self._rows = merge(*both, key=place)
        self._ahead = self._next()

    def _next(self) -> dict[str, Any] | None:
        row = next(self._rows, None)
        return None if row is None else dict(zip(self._columns, row, strict=True))

    def until(self, entry: int | None, tree: Tree) -> Iterator[Fault]:
        """Grow `tree` by the versions that `entry` wrote; fault those of no entry before it."""
        while (row := self._ahead) is not None:
            written_in = _whole(row["entry_id"])
            if entry is not None and (written_in is None or written_in > entry):
                break
            self._ahead = self._next()
            number, stored = _whole(row["id"]), row.pop("leaf")
            if written_in is None or written_in != entry:
                yield Fault(written_in, self._name, number, "it belongs to no entry")
                continue
            digest = self._leaf(row)
            if digest != stored:
                yield Fault(entry, self._name, number, "it was altered after it was recorded")
            tree.append(digest)

    def _leaf(self, row: dict[str, Any]) -> bytes:
        try:
            return leaf(self._name, row)
        except (TypeError, ValueError):  # a value that no ledger writes, so no leaf of its own
            return b""
