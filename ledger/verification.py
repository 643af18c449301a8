"""Whether a ledger holds: the one list of what `verify`, `backup` and `restore` ask of it.

What is recorded is `ledger.history`'s to recompute; the guards and views are `ledger.catalogue`'s.
"""

from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.catalogue import catalogue_faults
from ledger.chain import verify
from ledger.history import Fault
from ledger.store import READING_ERRORS, foreign_key_faults


def faults(
    connection: sa.Connection,
    *,
    since: int = 0,
    told: Callable[[int], None] = lambda _: None,
) -> Iterator[Fault]:
    """What does not hold: of the catalogue, of the foreign keys, then of what was recorded.

    `since` and `told` as in `chain.verify`. That the file itself is sound is asked of
    `ledger.sqlite.damage` before: a broken file may not be readable to the end.
    """
    for altered in catalogue_faults(connection):
        yield Fault(None, None, None, str(altered))
    if not _all_there(connection):
        for table, row, what in foreign_key_faults(connection):
            yield Fault(None, table, row, what)
    yield from verify(connection, since=since, told=told)


def _all_there(connection: sa.Connection) -> bool:
    """Whether it can be told at a glance that no row names one that is not there."""
    try:
        return all(_names_what_is_there(connection, table) for table in _TABLES)
    except READING_ERRORS:  # such as a sum past all whole numbers
        return False


#: Tables with what their columns name: by number, and by a vocabulary's word.
_TABLES = [
    (
        table,
        [(c, key.column) for c in table.c for key in c.foreign_keys if key.column.name == "id"],
        [(c, key.column) for c in table.c for key in c.foreign_keys if key.column.name == "code"],
    )
    for table in schema.metadata.sorted_tables
]


def _names_what_is_there(
    connection: sa.Connection,
    naming: tuple[sa.Table, list[tuple[sa.Column[Any], sa.Column[Any]]], list[tuple[Any, Any]]],
) -> bool:
    """Rows are numbered from 1 without gaps: so a whole number up to the last is there.

    One pass over a table, where looking up each would be one for every column of every row.
    """
    table, numbered, coded = naming
    for column, code in coded:
        unknown = sa.select(column).where(column.not_in(sa.select(code)))
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
        ).select_from(table)
    ).one()
    for place, (_, parent) in enumerate(numbered):
        lowest, highest, total = bounds[3 * place : 3 * place + 3]
        if total is None:  # no row names any
            continue
        first, last, rows = connection.execute(
            sa.select(sa.func.min(parent), sa.func.max(parent), sa.func.count())
        ).one()
        if last is None or first != 1 or rows != last:
            return False
        # A sum that is no whole number has a part that is none.
        whole = all(isinstance(number, int) for number in (lowest, highest, total))
        if not (whole and lowest >= 1 and highest <= last):
            return False
    return True
