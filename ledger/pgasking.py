"""Asks one statement of a PostgreSQL server: as a role that only reads, and stops it in time.

A connection of its own, one transaction that is rolled back. The statement becomes the body of a
temporary view, which `ledger.pgguard` looks at before anything of it is run; then the transaction
is made READ ONLY and the view is read through a cursor. Every value is measured by the server
before it is sent, so that the memory here has a bound, and rows are put aside as they come.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from tempfile import SpooledTemporaryFile
from typing import IO, Any, NamedTuple

import psycopg
from psycopg import pq, sql

from ledger.confined import BATCH_BYTES, BATCH_ROWS, ROWS, message
from ledger.confining import KEPT, LONGEST_VALUE, Answer, FailedError, Limits
from ledger.errors import QueryError
from ledger.pgguard import must_only_read
from ledger.pgstopping import Stop, in_words, stopped_after
from ledger.pgvalues import measure, read_plainly
from ledger.pgwords import READABLE, UNVERSIONED
from ledger.roles import readers
from ledger.statement import NO_WRITING, RECORD, Statement
from ledger.store import Store
from ledger.store.narrowing import HOMES, narrowing
from ledger.store.postgresql import PostgreSQLStore

#: Bytes that sorting may put on the server's disk, where the role may say so.
_ON_DISK = 4 << 30

#: A statement may sort and hash in several places at once, each with this part of its memory.
_SORTS = 8

#: Rows that are fetched first; then as many as make a batch.
_FIRST = 8

_HOME = HOMES["postgresql"]
_VIEW = "asked"
_EXPLAIN = re.compile(r"EXPLAIN(?:\s+QUERY\s+PLAN)?\s+", re.IGNORECASE)

#: What holds for the transaction alone. One process works on it, and no more.
_SETTINGS = {
    "max_parallel_workers_per_gather": "0",
    "hash_mem_multiplier": "1",
    "jit": "off",
    "cursor_tuple_fraction": "1",
    "standard_conforming_strings": "on",
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "client_min_messages": "error",
}


@contextmanager
def ask(
    store: Store,
    statement: Statement,
    values: Mapping[str, Any],
    *,
    as_of: int | None,
    limits: Limits,
) -> Iterator[Answer]:
    """A statement's whole answer, as of now or of an entry.

    Raises QueryError for what the server refuses, FailedError for a limit, StoreError as
    `store.reader` does.
    """
    if not isinstance(store, PostgreSQLStore):
        raise TypeError(f"{store.name} is on no server")
    with SpooledTemporaryFile(max_size=KEPT) as kept:
        with store.scratch() as opened:
            connection: Any = opened.connection.driver_connection
            with stopped_after(connection, limits.seconds) as stop, in_words(stop, statement):
                session = _Session(connection, limits)
                session.settle(store.busy_seconds)
                session.step_down(readers(connection.info.dbname))
                if as_of is not None:
                    session.narrow(as_of)
                stop.begin()
                understood = session.understand(statement, values)
                truncated = session.put_aside(understood, kept, stop)
        kept.seek(0)
        yield Answer(understood.names, kept, truncated)


class _Understood(NamedTuple):
    """What the server has understood: the answer's names, and its types by their numbers.

    `explained` is the statement whose plan is asked for, if it is that.
    """

    names: list[str]
    kinds: list[int]
    explained: str | None


class _Session:
    """One transaction in which one statement is asked."""

    def __init__(self, connection: "psycopg.Connection[Any]", limits: Limits) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self._limits = limits
        self._schemas = {_HOME: READABLE}

    def settle(self, patience: float) -> None:
        """Set the limits and what else the answer hangs on, for this transaction."""
        settings = {
            **_SETTINGS,
            "search_path": f"pg_catalog, {_HOME}",
            "lock_timeout": _milliseconds(patience),
            "statement_timeout": _milliseconds(self._limits.seconds),
        }
        if self._limits.memory is not None:
            settings["work_mem"] = f"{max(64, self._limits.memory // 1024 // _SORTS)}kB"
        each = ", ".join(["pg_catalog.set_config(%s, %s, true)"] * len(settings))
        self._cursor.execute(f"SELECT {each}".encode(), [*chain.from_iterable(settings.items())])
        # Not every system has the first, nor may every role set the second.
        self._try("client_connection_check_interval", "0", "1s")
        self._try("temp_file_limit", "-1", f"{_ON_DISK >> 10}kB")

    def _try(self, name: str, unset: str, value: str) -> None:
        """Set what the server's administrator has not, if that may be."""
        self._cursor.execute("SAVEPOINT tried")
        try:
            self._cursor.execute(
                "SELECT pg_catalog.set_config(%s, %s, true)"
                " WHERE pg_catalog.current_setting(%s) = %s",
                (name, value, name, unset),
            )
        except psycopg.DatabaseError:
            self._cursor.execute("ROLLBACK TO tried")

    def step_down(self, readers: Sequence[str]) -> None:
        """Take the first of these roles that there is and that may be taken."""
        may = "SET" if self._connection.info.server_version >= 160_000 else "MEMBER"
        found = self._cursor.execute(
            "SELECT rolname FROM pg_catalog.pg_roles"
            " WHERE rolname = ANY (%s) AND pg_catalog.pg_has_role(oid, %s)",
            (list(readers), may),
        ).fetchall()
        for reader in readers:
            if (reader,) in found:
                self._cursor.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(reader)))
                return

    def narrow(self, as_of: int) -> None:
        """Lay the views of an entry over the tables; no table of now may be named then."""
        for statement in narrowing(as_of, "postgresql"):
            self._cursor.execute(statement.encode())
        found = self._cursor.execute(
            "SELECT nspname FROM pg_catalog.pg_namespace WHERE oid = pg_catalog.pg_my_temp_schema()"
        ).fetchone()
        own = found[0] if found else ""
        self._schemas = {own: READABLE - UNVERSIONED, _HOME: UNVERSIONED}

    def understand(self, statement: Statement, values: Mapping[str, Any]) -> _Understood:
        """Have the server read the statement, and refuse what would do more than read.

        From then on the transaction only reads.
        """
        text = statement.filled({name: self._literal(value) for name, value in values.items()})
        explained = _EXPLAIN.match(text)
        if explained:
            text = text[explained.end() :]
        names = self._names(text)
        columns = ", ".join(_column(at) for at in range(len(names)))
        # The extended protocol, which takes one statement and no more, is what `binary` asks for.
        made = f"CREATE TEMPORARY VIEW {_VIEW} ({columns}) AS {text}"
        self._cursor.execute(made.encode(), binary=True)
        attributes = self._cursor.execute(
            "SELECT attrelid, atttypid FROM pg_catalog.pg_attribute"
            " WHERE attrelid = %s::pg_catalog.regclass AND attnum > 0 ORDER BY attnum",
            (f"pg_temp.{_VIEW}",),
        ).fetchall()
        must_only_read(self._cursor, attributes[0][0], self._schemas)
        self._cursor.execute("SET TRANSACTION READ ONLY")
        return _Understood(names, [kind for _, kind in attributes], text if explained else None)

    def _literal(self, value: object) -> str:
        # With a space around it: nothing that stands beside it becomes part of it.
        return f" {sql.Literal(value).as_string(self._connection)} "

    def _names(self, text: str) -> list[str]:
        """The names of the answer's columns, from the server, which only parses for that."""
        wire = self._connection.pgconn
        for result in (wire.prepare(b"", text.encode()), wire.describe_prepared(b"")):
            if result.status != pq.ExecStatus.COMMAND_OK:
                raise psycopg.errors.error_from_result(result)
        if not result.nfields and text.upper().startswith("SELECT"):
            raise QueryError("the statement gives no columns", "name one, or *, after SELECT")
        if not result.nfields:
            raise QueryError(f"this statement would do more than read: {NO_WRITING}", RECORD)
        return [(result.fname(at) or b"").decode() for at in range(result.nfields)]

    def put_aside(self, understood: _Understood, kept: IO[bytes], stop: Stop) -> bool:
        """Run it and put its rows aside; whether there are more than were asked for."""
        if understood.explained is not None:
            self._cursor.execute(f"EXPLAIN {understood.explained}".encode(), binary=True)
            understood.names[:] = ["plan"]
            kept.write(message(ROWS, self._cursor.fetchall()))
            return False
        read_plainly(self._cursor)
        self._cursor.execute(f"DECLARE answer NO SCROLL CURSOR FOR {_measured(understood.kinds)}")
        left, size, total = self._limits.rows, _FIRST, 0
        while True:
            if stop.fired:
                raise FailedError("late")
            wanted = size if left is None else min(size, left + 1)
            rows = self._cursor.execute(f"FETCH {wanted} FROM answer").fetchall()
            if any(row[-1] > LONGEST_VALUE for row in rows):
                raise FailedError("value")
            more = left is not None and len(rows) > left
            sent = message(ROWS, [row[:-1] for row in (rows[:left] if more else rows)])
            total += len(sent)
            if self._limits.size is not None and total > self._limits.size:
                raise FailedError("size")
            if rows:
                _write(kept, sent)
            if more or len(rows) < wanted:
                return more
            if left is not None:
                left -= len(rows)
            size = min(max(1, size * BATCH_BYTES // len(sent)), 2 * size, BATCH_ROWS)


def _write(kept: IO[bytes], data: bytes) -> None:
    try:
        kept.write(data)
    except OSError as error:
        raise FailedError("disk", message=str(error.strerror)) from None


def _measured(kinds: Sequence[int]) -> str:
    """SQL that reads the view, and beside each row how many bytes of text it has.

    A row with more than may be sent comes without its values.
    """
    sizes = [each for at, kind in enumerate(kinds) if (each := measure(_column(at), kind))]
    columns = ", ".join(
        f"CASE WHEN size <= {LONGEST_VALUE} THEN {_column(at)} END AS {_column(at)}"
        if measure(_column(at), kind)
        else _column(at)
        for at, kind in enumerate(kinds)
    )
    size = " + ".join(["0::bigint", *sizes])
    # OFFSET 0 keeps the server from working out a value twice, to measure it and to send it.
    asked = f"SELECT * FROM pg_temp.{_VIEW} OFFSET 0"  # noqa: S608
    measured = f"SELECT *, {size} AS size FROM ({asked}) AS asked OFFSET 0"  # noqa: S608
    return f"SELECT {columns}, size FROM ({measured}) AS measured"  # noqa: S608


def _column(at: int) -> str:
    return f"c{at}"


def _milliseconds(seconds: float | None) -> str:
    """A time as PostgreSQL has it, where 0 is none at all."""
    return "0" if seconds is None else str(max(1, round(seconds * 1000)))
