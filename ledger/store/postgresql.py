"""A ledger in a database of its own on a PostgreSQL server: settings, transactions, the one lock.

Everything that is set is set for one transaction, so that a pooler between may hand a connection
on after each. What the server says is put into words by `ledger.store.saying`.
"""

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import Any, Literal

import psycopg
import sqlalchemy as sa

from ledger.errors import StoreError
from ledger.store.checking import BUSY_SECONDS, Standing, check
from ledger.store.narrowing import narrowing
from ledger.store.saying import Server, When

#: Seconds to wait for a server that does not answer; `connect_timeout` in an address says other.
_CONNECTING = 10

#: Where databases are made from when the one that is meant is not there yet.
_MAINTENANCE = ("postgres", "template1")

#: A row that is always there, that nobody changes, and that only who may record may lock: whose
#: role may UPDATE some column of `stance`, which the guards refuse to everybody.
_LOCK = "SELECT code FROM public.stance WHERE code = 'asserts' FOR NO KEY UPDATE"

#: What is made belongs to whom the rest belongs to: `ledger grant` gives a ledger to a role.
_AS_OWNER = (
    "SELECT set_config('role', pg_get_userbyid(relowner), true) FROM pg_class"
    " WHERE oid = 'public.stance'::regclass"
)

#: The oldest server that has all that a ledger needs.
OLDEST = 15


class PostgreSQLStore:
    """A ledger on a server.

    `url` is its address, with libpq's parameters; `busy_seconds` is how long a writer waits for
    another. Raises StoreError as `ledger.store.Store` tells. The ledger is the schema `public` of
    its database.
    """

    dialect: Literal["postgresql"] = "postgresql"
    path = None

    def __init__(self, url: sa.URL, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.url = url.set(drivername="postgresql+psycopg")
        self.busy_seconds = busy_seconds
        self._server = Server(self.url, busy_seconds)
        self.name = self._server.name
        self._checked = False

    @contextmanager
    def reader(self, *, as_of: int | None = None) -> Iterator[sa.Connection]:
        """A connection that reads one snapshot: of now, or as of entry number `as_of`."""
        with self._transaction(reads=as_of is None, snapshot=True) as connection:
            self._check(connection)
            if as_of is not None:
                _narrow(connection, as_of)
            yield connection

    @contextmanager
    def writer(self, *, unlinked: bool = False) -> Iterator[sa.Connection]:
        """A connection in a transaction that holds the write lock; committed if nothing raises."""
        with self._transaction() as connection:
            self._check(connection)
            connection.exec_driver_sql(_LOCK)
            yield connection

    @contextmanager
    def migration(self) -> Iterator[sa.Connection]:
        """As `writer`, for whatever revision it has: for `ledger.migrate` alone."""
        with self._transaction() as connection:
            if connection.exec_driver_sql("SELECT to_regclass('public.stance')").scalar():
                connection.exec_driver_sql(_AS_OWNER)
                connection.exec_driver_sql(_LOCK)
            yield connection
        self._checked = False

    @contextmanager
    def look(self) -> Iterator[sa.Connection]:
        """As `reader`, for a database of whatever revision: for what examines or copies it."""
        with self._transaction(reads=True, snapshot=True) as connection:
            yield connection

    @contextmanager
    def scratch(self) -> Iterator[sa.Connection]:
        """As `reader` of now, but temporary things may be made in it, and are gone when it ends."""
        with self._transaction(snapshot=True) as connection:
            self._check(connection)
            yield connection

    @contextmanager
    def made(self) -> Iterator["PostgreSQLStore"]:
        """A store to fill, of which the server keeps all or nothing; its database is made if need.

        Raises StoreError where something is in it, or where its text is not ordered by code points.
        """
        new = self._make_database()
        try:
            with self._transaction() as connection:
                if not _is_blank(connection):
                    raise StoreError(f"{self.name} is not empty", "name another database with --db")
                _must_fit(connection, self.name)
                yield _Filling(self, connection)
        except BaseException:
            if new:
                self._drop_database()
            raise

    def standing(self) -> Standing:
        """Whether the database is there, and a table in it."""
        if not self._is_there():
            return "absent"
        with self.look() as connection:
            return "blank" if _is_blank(connection) else "there"

    def mark(self) -> None:
        """Nothing: a server has nowhere to say what a database is for."""

    def close(self) -> None:
        """Let go of the connections that are kept for the next question."""
        _engine(self.url).dispose()

    @contextmanager
    def _transaction(
        self, *, reads: bool = False, snapshot: bool = False
    ) -> Iterator[sa.Connection]:
        """One connection and one transaction, committed if nothing raises.

        A writer sees what was committed before each statement of its own, so that what it reads
        once it holds the lock is the newest there is. With `snapshot` all is as the first saw it.
        """
        level = "REPEATABLE READ" if snapshot else "READ COMMITTED"
        with self._server.in_words(When.CONNECTING):
            opened = _engine(self.url).connect()
        with opened:
            connection = opened.execution_options(isolation_level=level, postgresql_readonly=reads)
            transaction = connection.begin()
            try:
                with self._server.in_words(When.WORKING):
                    if not _shares_claims(connection, self.busy_seconds):
                        transaction.rollback()
                        transaction = connection.begin()
                    connection.execute(_settings(connection, self.busy_seconds))
                    yield connection
            except BaseException:
                with self._server.unheard():
                    if transaction.is_active:
                        transaction.rollback()
                raise
            if snapshot:  # it has written nothing but what is temporary
                with self._server.unheard():
                    if transaction.is_active:
                        transaction.rollback()
                return
            with self._server.in_words(When.COMMITTING):
                if transaction.is_active:
                    transaction.commit()

    def _check(self, connection: sa.Connection) -> None:
        if not self._checked:
            check(connection, self.name)
            self._checked = True

    def _is_there(self) -> bool:
        try:
            with self._transaction(reads=True):
                return True
        except StoreError:
            # The server's words may be in any language: it is asked which databases it has.
            there = self._listed()
            if there is None or there:
                raise
            return False

    def _listed(self) -> bool | None:
        """Whether the server lists the database; None where it cannot be asked."""
        query = sa.text("SELECT 1 FROM pg_database WHERE datname = :name")
        with self._maintaining() as connection:
            if connection is None:
                return None
            return connection.execute(query, {"name": self._database}).scalar() is not None

    @property
    def _database(self) -> str | None:
        return self.url.database

    @contextmanager
    def _maintaining(self) -> Iterator[sa.Connection | None]:
        """A connection on which databases may be made and dropped; None if none can be had."""
        for database in _MAINTENANCE:
            engine = _engine(self.url.set(database=database))
            try:
                opened = engine.connect()
            except sa.exc.OperationalError:
                continue
            try:
                with opened:
                    yield opened.execution_options(isolation_level="AUTOCOMMIT")
            finally:
                engine.dispose()
            return
        yield None

    def _make_database(self) -> bool:
        """Make the database where there is none, its text ordered by code points; if it did."""
        if self._is_there():
            return False
        with self._maintaining() as connection, self._server.in_words(When.WORKING):
            if connection is not None:
                connection.exec_driver_sql(
                    f"CREATE DATABASE {_quoted(connection, self._database)} TEMPLATE template0"
                    " ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C'"
                )
        return True

    def _drop_database(self) -> None:
        self.close()
        with self._server.unheard(), self._maintaining() as connection:
            if connection is not None:
                name = _quoted(connection, self._database)
                connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")


class _Filling(PostgreSQLStore):
    """A store whose every context is the one transaction in which a ledger is made."""

    def __init__(self, store: PostgreSQLStore, connection: sa.Connection) -> None:
        super().__init__(store.url, busy_seconds=store.busy_seconds)
        self._connection = connection

    @contextmanager
    def _transaction(
        self, *, reads: bool = False, snapshot: bool = False
    ) -> Iterator[sa.Connection]:
        within = self._connection.begin_nested()
        try:
            yield self._connection
        except BaseException:
            within.rollback()
            raise
        if snapshot:  # what a reader is set to ends with it
            within.rollback()
        else:
            within.commit()


def _quoted(connection: sa.Connection, name: str | None) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name or "")


@cache
def _engine(url: sa.URL) -> sa.Engine:
    given = {"connect_timeout": _CONNECTING, "application_name": "claim-ledger"}
    engine = sa.create_engine(
        url,
        # A command asks several times, and a new connection costs more than most questions. One
        # that a restart of the server has broken meanwhile is found out and made anew.
        pool_size=2,
        max_overflow=-1,
        pool_pre_ping=True,
        pool_use_lifo=True,
        hide_parameters=True,
        use_native_hstore=False,
        connect_args={
            **{name: value for name, value in given.items() if name not in url.query},
            "client_encoding": "utf8",
        },
    )
    atexit.register(engine.dispose)
    if hasattr(os, "register_at_fork"):
        # A process that is split off shares what is kept open, and would speak in between.
        os.register_at_fork(after_in_child=partial(engine.dispose, close=False))

    @sa.event.listens_for(engine, "connect")
    def _let_streams_go(connection: Any, _: object) -> None:
        connection.server_cursor_factory = _Stream

    return engine


class _Stream(psycopg.ServerCursor[Any]):
    """What streams rows: whoever stops reading amid them leaves it to end with its transaction."""

    def __del__(self, *_: Any) -> None:
        """Nothing is left open: the server has closed it, or does when the transaction ends."""


def _narrow(connection: sa.Connection, as_of: int) -> None:
    """Lay temporary views over the tables, of which nothing is left when the transaction ends."""
    statements = (
        # Before the views are made: what they name is looked for then.
        "SET LOCAL search_path = pg_temp, public",
        *narrowing(as_of, "postgresql"),
        "SET TRANSACTION READ ONLY",
    )
    # All at once: asking the server thirty times takes longer than what it does.
    connection.connection.cursor().execute("; ".join(statements))


def _shares_claims(connection: sa.Connection, busy_seconds: float) -> bool:
    """Have the claims to oneself and others, once nobody has them alone; whether that can be had.

    Whoever fills them makes their indexes anew. A snapshot from before would be of a catalogue that
    is no more when it is read, and neither statement here takes one. A transaction for which there
    are no claims is broken; why, is for what asks next to say.
    """
    driver: Any = connection.connection.driver_connection
    try:
        driver.execute(
            f"SET LOCAL lock_timeout = '{_milliseconds(busy_seconds)}ms';"
            "LOCK TABLE public.claim IN ACCESS SHARE MODE"
        )
    except psycopg.errors.ProgrammingError:
        return False
    return True


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def _settings(connection: sa.Connection, busy_seconds: float) -> sa.Select[Any]:
    """What a transaction is set to, whatever the server, the database and the role are set to."""
    driver: Any = connection.connection.driver_connection
    settings = {
        # The ledger's own names; what somebody made temporary does not stand before them.
        "search_path": "public, pg_temp",
        "lock_timeout": f"{_milliseconds(busy_seconds)}ms",
        "statement_timeout": "0",
        "idle_in_transaction_session_timeout": "0",
        "DateStyle": "ISO, YMD",
        "TimeZone": "UTC",
        "standard_conforming_strings": "on",
        "client_min_messages": "warning",
    }
    if driver.info.server_version >= _WITH_TRANSACTION_TIMEOUT:
        settings["transaction_timeout"] = "0"
    return sa.select(*(sa.func.set_config(name, value, True) for name, value in settings.items()))


#: The first release that can end a transaction for the time it takes.
_WITH_TRANSACTION_TIMEOUT = 170000


def _is_blank(connection: sa.Connection) -> bool:
    """Whether the database holds no table, view or function of anybody's yet."""
    query = """
        SELECT NOT EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace)
           AND NOT EXISTS (SELECT 1 FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
                              AND NOT EXISTS (SELECT 1 FROM pg_depend d
                                               WHERE d.objid = p.oid AND d.deptype = 'e'))
    """
    return bool(connection.exec_driver_sql(query).scalar())


#: Words that are ordered otherwise by every rule that is not the order of their code points.
_UNEVEN = (
    "Zeta",
    "a-b",
    "ab",
    "b",
    "_",
    "É",
    "é",
    "z",
    "Я",
    "中",
    "\U0001d11e",
    "\ufb01",
    "10",
    "9",
)


def _must_fit(connection: sa.Connection, name: str) -> None:
    """Refuse a server or a database in which a ledger would not be what it is elsewhere."""
    driver: Any = connection.connection.driver_connection
    if driver.info.server_version < OLDEST * 10_000:
        found = connection.exec_driver_sql("SHOW server_version").scalar()
        raise StoreError(
            f"{name} is on PostgreSQL {found}; a ledger needs {OLDEST} or later",
            "upgrade the server",
        )
    encoding = driver.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise StoreError(f"{name} has the encoding {encoding}; a ledger needs UTF8", _MAKE)
    words = sa.func.unnest(sa.cast(list(_UNEVEN), sa.ARRAY(sa.Text))).column_valued("word")
    found = connection.execute(sa.select(words).order_by(words)).scalars().all()
    if list(found) != sorted(_UNEVEN):
        raise StoreError(
            f"{name} orders text by the rules of a language: lists would be in another order there",
            _MAKE,
        )


_MAKE = (
    "name a database that is not there: init makes it as it must be; or CREATE DATABASE … "
    "TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
)
