"""Whether every row names rows that are there, told at a glance: one pass over a table.

Looking up each would be one for every column of every row. What is found so is certain; where it
cannot be told at a glance, SQLite's own check says which rows are at fault.
"""

from collections.abc import Iterable
from decimal import Decimal
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
    try:
        return all(_names_what_is_there(connection, *_TABLES[name], since) for name in tables)
    except reading_errors():  # such as a sum past all whole numbers
        return False


def _names_what_is_there(
    connection: sa.Connection, table: sa.Table, numbered: _Links, coded: _Links, since: int
) -> bool:
    """Rows are numbered from 1 without gaps: so a whole number up to the last is there."""
    looked_at = table.c.id >= since if since else sa.true()
    for column, code in coded:
        unknown = sa.select(column).where(looked_at, column.not_in(sa.select(code)))
        if connection.execute(unknown.limit(1)).first():
            return False
    if not numbered:
        return True
    as_stored = sa.types.NullType()
    bounds = connection.execute(
        sa.select(
            *(
                bound(column, type_=as_stored)
                for column, _ in numbered
                for bound in (sa.func.min, sa.func.max, sa.func.sum)
            )
        )
        .select_from(table)
        .where(looked_at)
    ).one()
    there: dict[sa.Column[Any], Any] = {}
    for place, (_, parent) in enumerate(numbered):
        lowest, highest, total = bounds[3 * place : 3 * place + 3]
        if total is None:  # no row names any
            continue
        if parent not in there:  # two columns may name the same rows
            there[parent] = connection.execute(
                sa.select(sa.func.min(parent), sa.func.max(parent), sa.func.count())
            ).one()
        first, last, rows = there[parent]
        if last is None or first != 1 or rows != last:
            return False
        # A sum that is no whole number has a part that is none; a server's are whole by their type.
        whole = all(isinstance(number, int | Decimal) for number in (lowest, highest, total))
        if not (whole and lowest >= 1 and highest <= last):
            return False
    return True
