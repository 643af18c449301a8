"""The connections by which Datasette reads: what it may do on them, and of which file they are.

Datasette asks in SQL of its own making. It gets connections that read and do nothing else, kept by
the same guard as ad-hoc SQL, and new ones once another file has taken the ledger's place.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, TypeVar

from datasette.database import Database

from ledger.confined import Guard
from ledger.errors import StoreError
from ledger.sqlwords import FUNCTIONS, READABLE
from ledger.store import SQLiteStore
from ledger.web.book import Book

T = TypeVar("T")

#: What Datasette asks of a table beside its rows: its columns, and which of them name others.
_PRAGMAS = frozenset({"table_info", "table_xinfo", "foreign_key_list"})

_SETTINGS = (
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA temp_store = MEMORY",  # what is sorted makes no file
    "PRAGMA query_only = ON",
)

#: What SQLite itself refuses to go beyond; https://www.sqlite.org/limits.html. It looks at the
#: clock between its steps, and comparing a text with a pattern is one: a short pattern is quick.
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 16 * 1024 * 1024,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 200_000,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 200,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}


class _TableGuard(Guard):
    """The guard of ad-hoc SQL, which also lets the columns of a table be told."""

    def __call__(
        self, action: int, one: str | None, two: str | None, _database: str | None, _in: str | None
    ) -> int:
        """SQLite's question; https://www.sqlite.org/c3ref/set_authorizer.html."""
        if action == sqlite3.SQLITE_PRAGMA and (one or "").lower() in _PRAGMAS:
            return sqlite3.SQLITE_OK
        return super().__call__(action, one, two, _database, _in)


def guard(connection: sqlite3.Connection) -> None:
    """Let a connection read the ledger, and do nothing else, from now on."""
    for setting in _SETTINGS:
        connection.execute(setting)
    for limit, most in _LIMITS.items():
        connection.setlimit(limit, most)
    connection.set_authorizer(_TableGuard(connection, set(READABLE), set(FUNCTIONS)))


class LedgerDatabase(Database):  # type: ignore[misc]  # Datasette tells no types
    """The ledger of a Book as Datasette's database: read, and never written.

    Each of Datasette's threads keeps a connection, as long as the file is the same one.
    """

    def __init__(self, datasette: Any, book: Book, executor: Executor) -> None:
        super().__init__(datasette, path=str(book.path), is_mutable=True)
        self._book = book
        self._executor = executor
        self._kept = threading.local()

    def connect(self, write: bool = False) -> sqlite3.Connection:
        """A connection that reads; guarded before anything is asked by it."""
        if write:
            raise StoreError("the ledger is only read here", "`ledger` on the command line records")
        store = self._book.store()
        if not isinstance(store, SQLiteStore):
            raise TypeError("Datasette reads files alone")
        with store.reader():  # what is no ledger, or was left by a crash
            pass
        connection = sqlite3.connect(
            store.address("ro"), uri=True, check_same_thread=False, timeout=store.busy_seconds
        )
        self._all_file_connections.append(connection)
        return connection

    async def execute_fn(self, fn: Callable[[sqlite3.Connection], T]) -> T:
        """What `fn` finds by a connection to the ledger as it is now, in a thread."""
        return await asyncio.get_running_loop().run_in_executor(
            self._executor, self._by_connection, fn
        )

    def _by_connection(self, fn: Callable[[sqlite3.Connection], T]) -> T:
        now = self._book.store()
        store, connection = getattr(self._kept, "pair", (None, None))
        if connection is None or store is not now:
            if connection is not None:
                self._all_file_connections.remove(connection)
                connection.close()
            connection = self.connect()
            self.ds._prepare_connection(connection, self.name)
            self._kept.pair = (now, connection)
        return fn(connection)
