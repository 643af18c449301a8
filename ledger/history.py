"""Reading the chain: the head, the entry that a date means, and whether all of it still holds.

Only reads. What an entry's hash covers is told in docs/hash.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.canonical import NO_PREVIOUS, Tree, entry_hash, leaf
from ledger.errors import NotFoundError


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
        end = moment.astimezone(UTC)
    else:
        end = datetime(moment.year, moment.month, moment.day, 23, 59, 59, tzinfo=UTC)
    found = connection.execute(
        sa.select(sa.func.max(schema.entry.c.id)).where(schema.entry.c.recorded_at <= end)
    ).scalar()
    return found or 0


def verify(connection: sa.Connection) -> Iterator[Fault]:
    """Recompute every leaf, root and link; yield what does not hold, in the order of entries.

    Streams: one cursor a table, each in the order in which the entries wrote, so memory does not
    grow with the ledger.
    """
    streams = {name: _Stream(connection, name) for name in schema.VERSIONED}
    previous, expected, before = NO_PREVIOUS, 1, None
    for row in connection.execute(sa.select(schema.entry).order_by(schema.entry.c.id)):
        for number in range(expected, row.id):
            yield Fault(number, None, None, "the entry is missing")
        expected = row.id + 1
        tree = Tree()
        for stream in streams.values():
            yield from stream.until(row.id, tree)
        if tree.root().hex() != row.root:
            yield Fault(row.id, None, None, "its rows are not the ones it was closed over")
        if row.previous != previous:
            yield Fault(row.id, None, None, "it does not follow the entry before it")
        if _rehashed(row) != row.hash:
            yield Fault(row.id, None, None, "it was altered: its hash does not fit what it says")
        if before is not None and row.recorded_at < before - timedelta(seconds=0):
            yield Fault(row.id, None, None, "it says it was recorded before the entry before it")
        previous, before = row.hash, row.recorded_at
    for stream in streams.values():
        yield from stream.until(None, Tree())


def _rehashed(row: Any) -> str:
    return entry_hash(
        id=row.id,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        message=row.message,
        root=row.root,
        previous=row.previous,
    )


class _Stream:
    """The versions of one table, current and past, in the order of entry and number."""

    def __init__(self, connection: sa.Connection, name: str) -> None:
        table, twin = schema.VERSIONED[name]
        self._name = name
        self._hashed = [column.name for column in table.c if column.name not in schema.NOT_HASHED]
        columns = [*self._hashed, "leaf"]
        current = sa.select(*(table.c[column] for column in columns))
        past = sa.select(*(twin.c[column] for column in columns))
        versions = sa.union_all(current, past).subquery()
        self._rows = iter(
            connection.execute(
                sa.select(versions).order_by(versions.c.entry_id, versions.c.id)
            ).mappings()
        )
        self._ahead: Any = next(self._rows, None)

    def until(self, entry: int | None, tree: Tree) -> Iterator[Fault]:
        """Grow `tree` by the versions that `entry` wrote; fault those of no entry before it."""
        while self._ahead is not None and (entry is None or self._ahead["entry_id"] <= entry):
            row = self._ahead
            self._ahead = next(self._rows, None)
            if row["entry_id"] != entry:
                yield Fault(row["entry_id"], self._name, row["id"], "it belongs to no entry")
                continue
            digest = leaf(self._name, {column: row[column] for column in self._hashed})
            if digest != row["leaf"]:
                yield Fault(entry, self._name, row["id"], "it was altered after it was recorded")
            tree.append(digest)
