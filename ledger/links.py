"""Whether every row names rows that are there, told at a glance: one pass over a table.

Looking up each would be one for every column of every row. What is found so is certain; where it
cannot be told at a glance, SQLite's own check says which rows are at fault.
"""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.store import reading_errors

_Links = list[tuple[sa.Column[Any], sa.Column[Any]]]

#: Tables with what their columns name: by number, and by a vocabulary's word.
_TABLES: dict[str, tuple[sa.Table, _Links, _Links]] = {
    table.name: (
        table,
        [(c, key.column) for c in table.c for key in c.foreign_keys if key.column.name == "id"],
        [(c, key.column) for c in table.c for key in c.foreign_keys if key.column.name == "code"],
    )
    for table in schema.metadata.sorted_tables
}


def all_there(connection: sa.Connection, tables: Iterable[str] = _TABLES, since: int = 0) -> bool:
    """Whether it can be told at a glance that no row names one that is not there.

    `tables` are the names of those that are looked at (default: all), `since` the number of their
    first row to look at.
    """
    last: dict[sa.Column[Any], int] = {}
    try:
        return all(_names_what_is_there(connection, *_TABLES[name], since, last) for name in tables)
    except reading_errors():  # a damaged file
        return False


def _names_what_is_there(
    connection: sa.Connection,
    table: sa.Table,
    numbered: _Links,
    coded: _Links,
    since: int,
    last: dict[sa.Column[Any], int],
) -> bool:
    """Rows are numbered from 1 without gaps: so a whole number up to the last is there.

    Which that is goes into `last`: many columns name the same rows.
    """
    strays: list[sa.ColumnElement[bool]] = [
        column.not_in(sa.select(code)) for column, code in coded
    ]
    for column, parent in numbered:
        if parent not in last:
            first, newest, rows = connection.execute(
                sa.select(sa.func.min(parent), sa.func.max(parent), sa.func.count())
            ).one()
            if rows and (first != 1 or newest != rows):
                return False
            last[parent] = rows
        strays.append(sa.not_(column.between(1, last[parent])))
        strays.append(column.bitwise_and(-1) != column)  # it is no whole number
    if not strays:
        return True
    looked_at = table.c.id >= since if since else sa.true()
    found = sa.select(table.c.id).where(looked_at, sa.or_(*strays))
    return connection.execute(found.limit(1)).first() is None
