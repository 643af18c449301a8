"""The indexes of a server's table, laid aside while very many rows come in.

An index that is kept up row by row costs four times what it costs to make it of all rows at once.
But only who owns a table may drop its indexes, and until the transaction ends nobody else can read
it: so that is done to a table that is empty, and only if nobody has it open.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

#: What an index is made in, in KiB, where a server is not set to more.
_MEMORY = 256 * 1024

#: What a server says where somebody has the table: its SQLSTATE.
_LOCKED = "55P03"


def of(connection: sa.Connection, tables: Iterable[str]) -> list[tuple[str, str]]:
    """The indexes of tables that no constraint needs: names to drop them by, and what makes them
    again just as they were; in the order in which they were made.
    """
    query = sa.text(
        "SELECT i.oid::regclass::text, pg_get_indexdef(i.oid) FROM pg_index x"
        " JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY (:tables)"
        # What a definition does not tell of stays as it is.
        " AND x.indisvalid AND NOT x.indisclustered AND NOT x.indisreplident"
        " AND i.reltablespace = 0 AND obj_description(i.oid, 'pg_class') IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.oid)"
        " ORDER BY i.oid"
    )
    found = connection.execute(query, {"tables": [*tables]})
    return [(name, definition) for name, definition in found]


def can_be_laid_aside(connection: sa.Connection, table: str) -> bool:
    """Whether a table is empty, and who asks owns it; it may be open somewhere still.

    An index cannot be made of rows whose links are looked at by foreign keys and not yet so.
    """
    query = sa.text(
        "SELECT pg_has_role(relowner, 'USAGE')"  # noqa: S608
        " AND has_schema_privilege(relnamespace, 'CREATE')"  # which an index asks for as well
        " FROM pg_class WHERE oid = CAST(:name AS regclass)"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conrelid = pg_class.oid"
        " AND k.contype = 'f')"
        f" AND NOT EXISTS (SELECT 1 FROM public.{table})"
    )
    return bool(connection.execute(query, {"name": f"public.{table}"}).scalar())


@contextmanager
def laid_aside(connection: sa.Connection, table: str) -> Iterator[None]:
    """Without a table's indexes in the block, if that can be had; made anew when it ends.

    What raises in the block must end the transaction, which has them again.
    """
    found: list[tuple[str, str]] = []
    if can_be_laid_aside(connection, table) and _is_nobodys(connection, table):
        found = of(connection, [table])
    for name, _ in found:
        connection.exec_driver_sql(f"DROP INDEX {name}")
    yield
    if found:
        connection.exec_driver_sql(
            f"SELECT set_config('maintenance_work_mem', '{_MEMORY}kB', true) FROM pg_settings"  # noqa: S608
            f" WHERE name = 'maintenance_work_mem' AND setting::bigint < {_MEMORY}"
        )
    for _, definition in found:
        connection.exec_driver_sql(definition)


def _is_nobodys(connection: sa.Connection, table: str) -> bool:
    """Have the table to oneself until the transaction ends, if nobody has it open now."""
    within = connection.begin_nested()
    try:
        connection.exec_driver_sql(f"LOCK TABLE public.{table} IN ACCESS EXCLUSIVE MODE NOWAIT")
    except sa.exc.OperationalError as error:
        within.rollback()
        if getattr(error.orig, "sqlstate", None) != _LOCKED:
            raise
        return False
    within.commit()
    return True
