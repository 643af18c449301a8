"""What another hand may have put into a server's tables: told and read all the same.

A superuser can lay guards and foreign keys aside, and a date there may be none that Python has.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.types.datetime import DateLoader, TimestamptzLoader

from ledger import schema

#: Where a guard notes, once for all of an entry's claims, that they wait for it.
_AWAITED = sa.table("awaited_entry", sa.column("entry_id", sa.BigInteger))


def unlinked_rows(connection: sa.Connection) -> Iterator[tuple[str, int | None, str]]:
    """Rows that name a row that is not there: the table, the row's number, and what it names."""
    for table in schema.metadata.sorted_tables:
        number = table.c.id if "id" in table.c else sa.null()
        for column in table.c:
            for key in column.foreign_keys:
                named: sa.Table = key.column.table
                other = named.alias()
                there = sa.exists().where(other.c[key.column.name] == column)
                query = sa.select(number).where(column.is_not(None), ~there).order_by(number)
                for (row,) in connection.execute(query):
                    yield table.name, row, named.name


def awaited_in_vain(connection: sa.Connection) -> Iterator[int]:
    """Entries that claims are said to wait for, and that are not there."""
    asked = sa.select(sa.func.to_regclass(f"public.{_AWAITED.name}"))
    if connection.execute(asked).scalar() is None:  # the catalogue's faults say so
        return
    number = _AWAITED.c.entry_id
    there = sa.exists().where(schema.entry.c.id == number)
    yield from connection.execute(sa.select(number).where(~there).order_by(number)).scalars()


def read_any_date(connection: sa.Connection, error: Exception) -> bool:
    """Whether `error` came of a date that is none, which will from now on be read as text."""
    raw = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    if not isinstance(raw, psycopg.DataError) or raw.sqlstate:
        return False
    driver: Any = connection.connection.driver_connection
    driver.adapters.register_loader("date", _AnyDate)
    driver.adapters.register_loader("timestamptz", _AnyMoment)
    return True


class _AnyDate(DateLoader):
    def load(self, data: Any) -> date:
        """A day, or the text of what is none: `infinity`, or a year past all that Python counts."""
        try:
            return super().load(data)
        except psycopg.DataError:
            return bytes(data).decode()  # type: ignore[return-value]  # it is no day


class _AnyMoment(TimestamptzLoader):
    def load(self, data: Any) -> datetime:
        """A moment, or the text of what is none."""
        try:
            return super().load(data)
        except psycopg.DataError:
            return bytes(data).decode()  # type: ignore[return-value]  # it is no moment
