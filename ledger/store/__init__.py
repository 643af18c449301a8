"""Opens a ledger's database: settings, transactions, and every difference between databases.

A reader sees one snapshot and can change nothing; a writer holds the one lock from its first
statement. Nothing here knows what a claim is. Creating and upgrading is `ledger.migrate`'s.
"""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any, Literal, Protocol

import sqlalchemy as sa

from ledger.errors import StoreError
from ledger.store.checking import BUSY_SECONDS, Standing
from ledger.store.narrowing import SEARCHED_VIEW, narrowing
from ledger.store.sqlite import APPLICATION_ID, SQLiteStore

__all__ = [
    "APPLICATION_ID",
    "BUSY_SECONDS",
    "SEARCHED_VIEW",
    "SQLiteStore",
    "Standing",
    "Store",
    "awaited_faults",
    "foreign_key_faults",
    "narrowing",
    "open_store",
    "reading_errors",
    "take_any_value",
]


class Store(Protocol):
    """A ledger in a database: a SQLite file, or one on a PostgreSQL server.

    Nothing is opened until a context is entered; each is one connection and one transaction, and
    raises StoreError (SchemaError where it is no ledger of this program's revision).
    """

    @property
    def name(self) -> str:
        """What it is called in words and after --db: its path, or its address, no password."""

    @property
    def path(self) -> Path | None:
        """The file that it is in; None where it is on a server."""

    @property
    def dialect(self) -> Literal["sqlite", "postgresql"]:
        """Which database it is in, as SQLAlchemy names it."""

    @property
    def busy_seconds(self) -> float:
        """How long to wait for another program's lock, before BusyError."""

    def reader(self, *, as_of: int | None = None) -> AbstractContextManager[sa.Connection]:
        """A connection that reads one snapshot: of now, or as of entry number `as_of`.

        As of an entry, the tables and public views answer as they did when that entry was the
        newest; their names are the same.
        """

    def writer(self, *, unlinked: bool = False) -> AbstractContextManager[sa.Connection]:
        """A connection in a transaction that holds the write lock; committed if nothing raises.

        `unlinked` leaves it to the caller that rows name rows that are there: row by row that is
        much of the cost of very many. A server still sees to it itself.
        """

    def migration(self) -> AbstractContextManager[sa.Connection]:
        """As `writer`, for whatever revision it has: for `ledger.migrate` alone."""

    def look(self) -> AbstractContextManager[sa.Connection]:
        """As `reader`, for whatever revision it has: for what examines or copies it."""

    def made(self) -> "AbstractContextManager[Store]":
        """A store to fill, which is the ledger of this name when the block ends well.

        Until then nobody finds anything of it. Raises StoreError where something is there already,
        or where it cannot be made.
        """

    def standing(self) -> Standing:
        """What is there: nothing (`absent`), something empty (`blank`), or more (`there`)."""

    def mark(self) -> None:
        """Say in the file's header that it is a ledger; a server has nowhere to."""


def open_store(target: str | Path, *, busy_seconds: float = BUSY_SECONDS) -> Store:
    """The store at a path, or at an address like `sqlite:///ledger.db`; opens nothing yet.

    `busy_seconds` is how long it waits for another program's lock.
    On a server: `postgresql+psycopg://user@host/database`, with libpq's parameters after a
    question mark (https://www.postgresql.org/docs/current/libpq-connect.html). Raises StoreError
    for an address of a database that is not supported, or where its driver is not installed.
    """
    text = str(target)
    if "://" not in text:
        try:
            return SQLiteStore(Path(text).expanduser(), busy_seconds=busy_seconds)
        except RuntimeError:  # ~somebody whose home is not known
            return SQLiteStore(Path(text), busy_seconds=busy_seconds)
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        raise StoreError("that is no database address", _ADDRESSES) from None
    if url.get_backend_name() in ("postgresql", "postgres"):
        return _on_a_server(url, busy_seconds)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise StoreError(f"{url.render_as_string()} is not supported", _ADDRESSES)
    return SQLiteStore(Path(url.database), busy_seconds=busy_seconds)


_ADDRESSES = "name a file, or postgresql+psycopg://user@host/database, with --db"


def _on_a_server(url: sa.URL, busy_seconds: float) -> Store:
    if url.drivername not in ("postgresql", "postgresql+psycopg", "postgres"):
        raise StoreError(
            f"{url.drivername} is not supported: PostgreSQL is spoken to through psycopg",
            "write postgresql+psycopg:// instead",
        )
    try:
        from ledger.store.postgresql import PostgreSQLStore
    except ImportError:
        raise StoreError(
            "a ledger on a PostgreSQL server needs psycopg, which is not installed",
            'pip install "claim-ledger[postgres]"',
        ) from None
    return PostgreSQLStore(url, busy_seconds=busy_seconds)


def foreign_key_faults(connection: sa.Connection) -> Iterator[tuple[str, int | None, str]]:
    """Rows that name a row that is not there: the table, the row's number, and what it names."""
    if connection.dialect.name == "postgresql":
        from ledger.store.altered import unlinked_rows

        faults = unlinked_rows(connection)
    else:
        found = connection.exec_driver_sql("PRAGMA foreign_key_check")
        faults = ((table, row, parent) for table, row, parent, _ in found)
    for table, row, parent in faults:
        yield table, row, f"it names a {parent} that is not there"


def awaited_faults(connection: sa.Connection) -> Iterator[tuple[str, int, str]]:
    """Entries that a server has down as written though they are not there, as `foreign_key_faults`.

    Claims of the next entry with that number could be kept there without it.
    """
    if connection.dialect.name == "postgresql":
        from ledger.store.altered import awaited_in_vain

        for entry in awaited_in_vain(connection):
            yield "awaited_entry", entry, "it names an entry that is not there"


def reading_errors() -> tuple[type[Exception], ...]:
    """What reading rows may raise: through SQLAlchemy, or from a driver's cursor itself."""
    # A driver that was not loaded has raised nothing.
    psycopg = sys.modules.get("psycopg")
    return (sa.exc.DBAPIError, sqlite3.Error, *((psycopg.Error,) if psycopg else ()))


def take_any_value(connection: sa.Connection, error: Exception) -> bool:
    """Whether `error` came of a value that is none, which will from now on be read all the same.

    In a file that is text that is no UTF-8: what is no text becomes lone surrogates, which no text
    of a ledger holds. On a server it is a date that is none, which becomes text.
    """
    if connection.dialect.name == "postgresql":
        from ledger.store.altered import read_any_date

        return read_any_date(connection, error)
    driver: Any = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection) or "decode" not in str(error):
        return False
    driver.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")
    return True
