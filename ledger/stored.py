"""Rows as they are stored: streamed, and nothing made of values that another hand may have put.

For whoever checks what is recorded; all else reads through `schema`'s types or the public views.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.store import reading_errors, take_any_value


def raw(columns: Iterable[sa.ColumnElement[Any]]) -> list[sa.ColumnElement[Any]]:
    """The columns as the driver gives them: no reading of dates that may be none."""
    return [sa.type_coerce(column, sa.types.NullType()).label(column.key) for column in columns]


@cache
def all_of(table: sa.Table, *order: str) -> sa.Select[Any]:
    """Every row of a table as it is stored: the columns that a hash covers, then the leaf."""
    hashed = [column for column in table.c if column.name not in schema.NOT_HASHED]
    leaves = [table.c.leaf] if "leaf" in table.c else []
    return sa.select(*raw([*hashed, *leaves])).order_by(*(table.c[name] for name in order))


def rows_of(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[tuple[Any, ...]]:
    """The rows of an ordered query, streamed; a value that is none does not stop it."""
    return chain.from_iterable(lists_of(connection, query))


def lists_of(
    connection: sa.Connection, query: sa.Select[Any]
) -> Iterator[Sequence[tuple[Any, ...]]]:
    """As `rows_of`, some rows at a time."""
    given = 0
    try:
        for rows in _chunks(connection, query):
            yield rows
            given += len(rows)
    except reading_errors() as error:
        if not take_any_value(connection, error):
            raise
        yield from _chunks(connection, query.offset(given))


#: How many rows are read at once; a power of two makes full subtrees of them.
_AT_A_TIME = 2_048


def _chunks(
    connection: sa.Connection, query: sa.Select[Any]
) -> Iterator[Sequence[tuple[Any, ...]]]:
    """The rows as the driver gives them, some at a time: nothing is made of a row meanwhile."""
    if connection.dialect.name != "sqlite":  # only so does a server not send them all at once
        streamed = connection.execute(query, execution_options={"yield_per": _AT_A_TIME})
        for rows in streamed.partitions():
            yield [tuple(row) for row in rows]
        return
    cursor = connection.execute(query).cursor
    while cursor is not None and (chunk := cursor.fetchmany(_AT_A_TIME)):
        yield chunk


def whole(value: object) -> int | None:
    return value if isinstance(value, int) else None
