"""Where the ledgers of tests are: files copied from a template, or databases of a test server.

The same tests run on both. A database that a test has used is emptied for the next one, behind
the guards, which takes a tenth of the time that another copy does.
"""

import os
import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import psycopg
import sqlalchemy as sa

from ledger import migrate
from ledger.store import SQLiteStore, Store, open_store
from ledger.store.postgresql import PostgreSQLStore

#: What stays when a ledger is emptied.
_FIXED = {"stance", "status", "alembic_version"}

#: After so many rows were taken away a table is swept, or reading it gets slow.
_MANY = 2_000


class Places(Protocol):
    """Makes ledgers that are at the newest revision."""

    def empty(self, folder: Path | None = None) -> Store:
        """One more empty ledger; a file is `ledger.db` in the folder."""

    def clear(self, store: Store) -> None:
        """Take everything out that was recorded in a ledger, as if it had never been."""

    def fill(self, store: Store, source: Store) -> None:
        """Have an empty ledger hold what is recorded in another."""

    def done(self, store: Store) -> None:
        """Nobody will ask for this ledger any more."""

    def spoilt(self, store: Store) -> None:
        """This ledger's schema was altered: it is no use for another test."""


class Files:
    """Ledgers in files, each a copy of `template`; `make_folder` makes one by a name."""

    def __init__(self, template: Path, make_folder: Callable[[str], Path]) -> None:
        self._template = template
        self._make_folder = make_folder

    def empty(self, folder: Path | None = None) -> Store:
        path = (folder or self._make_folder("l")) / "ledger.db"
        return SQLiteStore(Path(shutil.copy(self._template, path)))

    def clear(self, store: Store) -> None:
        shutil.copy(self._template, _path(store))

    def fill(self, store: Store, source: Store) -> None:
        shutil.copy(_path(source), _path(store))

    def done(self, store: Store) -> None:
        pass

    def spoilt(self, store: Store) -> None:
        pass


def _path(store: Store) -> Path:
    assert store.path is not None
    return store.path


class Databases:
    """Ledgers in databases of a server, named for this process; `server` is an administrator's."""

    def __init__(self, server: sa.URL) -> None:
        self._server = server
        self._numbers = count(1)
        self._free: list[str] = []
        self._all: list[str] = []
        self._behind: dict[str, psycopg.Connection[Any]] = {}
        self._admin = psycopg.connect(_dsn(server), autocommit=True)
        # Alembic's own table is not the schema's to name, and words are kept in tables beside.
        self._template = self._named(0)
        template = PostgreSQLStore(server.set(database=self._template))
        migrate.create(template)
        template.close()
        self._tables = self._recorded_in()

    def empty(self, folder: Path | None = None) -> Store:
        if self._free:
            return self._store(self._free.pop())
        name = self._named(next(self._numbers))
        self._admin.execute(
            f'CREATE DATABASE "{name}" TEMPLATE "{self._template}" STRATEGY file_copy'
        )
        return self._store(name)

    def _named(self, number: int) -> str:
        self._all.append(f"ledger_test_{os.getpid()}_{number}")
        return self._all[-1]

    def _store(self, name: str) -> Store:
        return PostgreSQLStore(self._server.set(database=name))

    def _recorded_in(self) -> list[str]:
        query = (
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = %s::regnamespace"
        )
        with psycopg.connect(_dsn(self._server.set(database=self._template))) as connection:
            found = {name for (name,) in connection.execute(query, ("public",))}
        return sorted(found - _FIXED)

    def behind(self, store: Store) -> psycopg.Connection[Any]:
        """A connection that no guard and no foreign key holds up, each statement by itself."""
        name = _database(store)
        if name not in self._behind or self._behind[name].closed:
            self._behind[name] = psycopg.connect(
                _dsn(self._server.set(database=name)),
                autocommit=True,
                options="-c session_replication_role=replica -c search_path=public",
            )
        return self._behind[name]

    def clear(self, store: Store) -> None:
        behind = self.behind(store)
        cursor = behind.execute("; ".join(f"DELETE FROM {table}" for table in self._tables))
        many = []
        for table in self._tables:
            if cursor.rowcount > _MANY:
                many.append(table)
            cursor.nextset()
        if many:
            behind.execute(f"VACUUM {', '.join(many)}")

    def fill(self, store: Store, source: Store) -> None:
        there = self.behind(store)
        for table in self._tables:
            with self.behind(source).cursor().copy(f"COPY {table} TO STDOUT") as rows:
                data = b"".join(bytes(row) for row in rows)
            if data:
                with there.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                    copy.write(data)

    def done(self, store: Store) -> None:
        name = _database(store)
        if name in self._all and name not in self._free:
            self.clear(store)
            self._free.append(name)

    def spoilt(self, store: Store) -> None:
        name = _database(store)
        if behind := self._behind.pop(name, None):
            behind.close()
        self._all.remove(name)
        self._drop(name)

    def _drop(self, name: str) -> None:
        self._admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def close(self) -> None:
        """Leave nothing on the server."""
        for behind in self._behind.values():
            behind.close()
        for name in self._all:
            self._drop(name)
        self._admin.close()


def _dsn(url: sa.URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _database(store: Store) -> str:
    assert isinstance(store, PostgreSQLStore)
    return str(store.url.database)


def address(store: Store) -> str:
    """What to write after --db, with a test server's password if it has one."""
    if isinstance(store, PostgreSQLStore):
        return store.url.render_as_string(hide_password=False)
    return store.name


def contents(store: Store) -> bytes:
    """All that is recorded, to see whether anything of it changed: a file to the last byte."""
    if not isinstance(store, PostgreSQLStore):
        return _path(store).read_bytes()
    with psycopg.connect(_dsn(store.url)) as connection:
        query = (
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = %s::regnamespace"
        )
        tables = sorted(name for (name,) in connection.execute(query, ("public",)))
        rows = []
        for table in tables:
            found = connection.execute(f"SELECT {table}::text FROM {table} ORDER BY 1")
            rows += [table, *(row for (row,) in found)]
    return "\n".join(rows).encode()


def reopened(store: Store, *, busy_seconds: float) -> Store:
    """The same ledger, by somebody who waits no longer than this for another."""
    if isinstance(store, PostgreSQLStore):
        return PostgreSQLStore(store.url, busy_seconds=busy_seconds)
    return SQLiteStore(_path(store), busy_seconds=busy_seconds)


def again(store: Store) -> Store:
    """The same ledger, by somebody who has not opened it yet."""
    return open_store(address(store))
