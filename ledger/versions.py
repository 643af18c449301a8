"""Versions of rows: what an entry wrote, what stood there before, and what stands there now.

Every question goes by the indexes on entry numbers and costs what it answers, however many rows
the ledger or the entry has. Only reads.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.neighbours import batches

Row = Mapping[str, Any]

#: Conditions on a table or its history twin.
Where = Callable[[sa.Table], Sequence[sa.ColumnElement[bool]]]

#: How many rows are read, and asked for by number, at once.
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a row: its `table` and `id`, the `entry` that wrote it, and its columns.

    `before` is the version that it replaced, or None where it was a new row. Neither `row` nor
    `before` says its entry or its leaf.
    """

    table: str
    id: int
    entry: int
    row: Row
    before: Row | None


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows an entry added to one table, and how many of it it changed."""

    added: int
    changed: int


def counts(connection: sa.Connection, entries: Sequence[int]) -> dict[int, dict[str, Written]]:
    """How much each of `entries` wrote, by table; a table it did not write to is left out."""
    found: dict[int, dict[str, Written]] = {entry: {} for entry in entries}
    for name, (now, then) in schema.VERSIONED.items():
        wrote: dict[int, int] = {}
        for column in (now.c.entry_id, then.c.entry_id):
            for entry, rows in _grouped(connection, column, entries):
                wrote[entry] = wrote.get(entry, 0) + rows
        # A version that ended with an entry was replaced by it: so many rows were no new ones.
        changed = dict(_grouped(connection, then.c.until_entry_id, entries))
        for entry, rows in wrote.items():
            replaced = changed.get(entry, 0)
            found[entry][name] = Written(rows - replaced, replaced)
    return found


def _grouped(
    connection: sa.Connection, column: sa.ColumnElement[int], entries: Sequence[int]
) -> Iterator[tuple[int, int]]:
    for some in batches(entries, _BATCH):
        query = sa.select(column, sa.func.count()).where(column.in_(some)).group_by(column)
        for row in connection.execute(query.order_by(column)):
            yield row[0], row[1]


def _all_of(_: sa.Table) -> Sequence[sa.ColumnElement[bool]]:
    return ()


def written(
    connection: sa.Connection,
    entry: int,
    table: str,
    *,
    where: Where = _all_of,
    after: int = 0,
    limit: int,
) -> list[Version]:
    """The first `limit` versions that `entry` wrote of `table`, by number, from past `after` on."""
    found: list[tuple[int, Row]] = []
    for each in schema.VERSIONED[table]:
        query = (
            sa.select(*_columns(each))
            .where(each.c.entry_id == entry, each.c.id > after, *where(each))
            .order_by(each.c.id)
            .limit(limit)
        )
        found += [(row["id"], dict(row)) for row in connection.execute(query).mappings()]
    found.sort(key=lambda pair: pair[0])
    del found[limit:]
    before = _replaced_by(connection, entry, table, [number for number, _ in found])
    return [Version(table, number, entry, row, before.get(number)) for number, row in found]


def all_written(connection: sa.Connection, entry: int, table: str) -> Iterator[Version]:
    """Every version that `entry` wrote of `table`, by number, read in batches.

    Rows may be given new versions while this runs.
    """
    last = 0
    while some := written(connection, entry, table, after=last, limit=_BATCH):
        yield from some
        last = some[-1].id


def written_since(connection: sa.Connection, entry: int, table: str) -> Iterator[Version]:
    """Every version of `table` that entries after number `entry` wrote, by entry and number.

    Streams: rows are not to be written meanwhile.
    """
    now, then = schema.VERSIONED[table]
    said, before = _columns(now), then.alias("before")
    streams = [
        sa.select(
            each.c.entry_id,
            *(each.c[column.name] for column in said),
            before.c.entry_id.label("replaced"),
            *(before.c[column.name].label(f"before_{column.name}") for column in said),
        )
        .outerjoin_from(
            each,
            before,
            sa.and_(before.c.id == each.c.id, before.c.until_entry_id == each.c.entry_id),
        )
        .where(each.c.entry_id > entry)
        .order_by(each.c.entry_id, each.c.id)
        .execution_options(yield_per=_BATCH)
        for each in (now, then)
    ]
    names = [column.name for column in said]
    for found in merge(*(connection.execute(each) for each in streams), key=lambda row: row[:2]):
        row = dict(zip(names, found[1 : len(names) + 1], strict=True))
        old = dict(zip(names, found[len(names) + 2 :], strict=True))
        replaced = found[len(names) + 1] is not None
        yield Version(table, row["id"], found[0], row, old if replaced else None)


def _replaced_by(
    connection: sa.Connection, entry: int, table: str, numbers: Sequence[int]
) -> dict[int, Row]:
    """The versions of these rows that ended with `entry`."""
    then = schema.VERSIONED[table][1]
    found: dict[int, Row] = {}
    for some in batches(numbers, _BATCH):
        query = (
            sa.select(*_columns(then))
            .where(then.c.id.in_(some), then.c.until_entry_id == entry)
            .order_by(then.c.id)
        )
        found |= {row["id"]: dict(row) for row in connection.execute(query).mappings()}
    return found


@dataclass(frozen=True, slots=True)
class Superseded:
    """A row that no longer is what an entry left: its newest version, and which entry wrote it."""

    table: str
    id: int
    by: int


def superseded(connection: sa.Connection, entry: int, table: str) -> Iterator[Superseded]:
    """Rows that `entry` wrote and that now say something else, by number.

    A row that was changed and changed back says the same.
    """
    now, then = schema.VERSIONED[table]
    same = [
        now.c[column.name].is_not_distinct_from(then.c[column.name]) for column in _columns(then)
    ]
    query = (
        sa.select(now.c.id, now.c.entry_id)
        .join_from(then, now, now.c.id == then.c.id)
        .where(then.c.entry_id == entry, ~sa.and_(*same))
        .order_by(now.c.id)
    )
    for number, by in connection.execute(query):
        yield Superseded(table, number, by)


def of_row(connection: sa.Connection, table: str, number: int) -> list[Version]:
    """Every version of one row, the oldest first; none where there is no such row."""
    return of_rows(connection, table, [number]).get(number, [])


def of_rows(
    connection: sa.Connection, table: str, numbers: Collection[int]
) -> dict[int, list[Version]]:
    """Every version of each of these rows, a few hundred at most, by number; the oldest first."""
    found: dict[int, list[tuple[int, Row]]] = {}
    for each in schema.VERSIONED[table]:
        query = (
            sa.select(*_columns(each), each.c.entry_id)
            .where(each.c.id.in_(numbers))
            .order_by(each.c.id, each.c.entry_id)
        )
        for row in connection.execute(query).mappings():
            said = dict(row)
            found.setdefault(row["id"], []).append((said.pop("entry_id"), said))
    written: dict[int, list[Version]] = {}
    for number, rows in found.items():
        rows.sort(key=lambda pair: pair[0])
        before: list[Row | None] = [None, *(row for _, row in rows)]
        written[number] = [
            Version(table, number, entry, row, previous)
            for (entry, row), previous in zip(rows, before, strict=False)
        ]
    return written


def _columns(table: sa.Table) -> list[sa.Column[Any]]:
    """What a version says: its columns, but for those of the journal."""
    journal = schema.NOT_HASHED | {"entry_id"}
    return [column for column in table.c if column.name not in journal]
