"""The ad-hoc door: one SQL statement that reads, on a connection of its own, and stops in time.

Three things each keep a statement from writing: `query_only`, which `store.reader` sets; the guard
here, which SQLite asks before it prepares anything and which denies what it does not know; and a
fresh connection, so that nothing outlives the statement. `ledger.statement` only adds the words.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any

from ledger.errors import QueryError
from ledger.sqlwords import FUNCTIONS, READABLE
from ledger.statement import (
    NO_WRITING,
    RECORD,
    SCHEMA,
    Statement,
    instead_of,
    mistake,
    read,
    short,
)
from ledger.store import Store, guarded

#: Seconds that SQLite may work on one statement, unless told otherwise.
SECONDS = 60.0

#: The longest text or blob that a statement may make or read, in bytes.
LONGEST_VALUE = 64 * 1024 * 1024

#: SQLite's own steps between two looks at the clock: well under a millisecond.
_STEPS = 5_000

_BATCH = 256

#: A value for a parameter.
Value = str | int | float | bytes | None


@dataclass(frozen=True, slots=True)
class Result:
    """All rows of an answer; `truncated` where there were more than `max_rows`.

    Column names are SQLite's, so that two may be the same. Values are text, whole numbers, floats
    or None; a blob is its bytes in hexadecimal, in small letters.
    """

    columns: list[str]
    rows: list[tuple[Any, ...]]
    truncated: bool


class Answer:
    """An answer being read: `columns` at once, then each row as it is iterated over, once.

    Values are as in Result. `truncated` is known when the last row has been read. Iterating raises
    QueryError where the statement fails on the way or runs out of time.
    """

    def __init__(self, cursor: sqlite3.Cursor, watch: "_Watch", max_rows: int | None) -> None:
        self.columns: list[str] = [column[0] for column in cursor.description or ()]
        self.truncated = False
        self._cursor = cursor
        self._watch = watch
        self._max_rows = max_rows

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Each row."""
        left = self._max_rows
        while rows := self._more():
            if left is not None:
                if len(rows) > left:
                    self.truncated = True
                    yield from map(_shown, rows[:left])
                    return
                left -= len(rows)
            yield from map(_shown, rows)

    def _more(self) -> list[tuple[Any, ...]]:
        with self._watch:
            return self._cursor.fetchmany(_BATCH)


def _shown(row: tuple[Any, ...]) -> tuple[Any, ...]:
    if bytes in map(type, row):
        return tuple(value.hex() if type(value) is bytes else value for value in row)
    return row


@contextmanager
def ask(
    store: Store,
    sql: str,
    *,
    as_of: int | None = None,
    parameters: Mapping[str, Value] | None = None,
    timeout: float | None = SECONDS,
    max_rows: int | None = None,
) -> Iterator[Answer]:
    """One statement's answer, to be read row by row while the context is open.

    `as_of` is an entry's number; `parameters` are the values of :name; `timeout` is the seconds
    that SQLite may work (the reader's own time between rows is not counted), None for no limit;
    `max_rows` is how many rows to read at most, None for all. Raises QueryError where the statement
    is wrong, wants to do more than read, or takes too long; StoreError as `store.reader`.
    """
    statement = read(sql, as_of=as_of)
    values = _values(statement, parameters or {})
    with carry_out(store, statement, values, as_of=as_of, timeout=timeout) as (cursor, watch):
        yield Answer(cursor, watch, max_rows)


@contextmanager
def carry_out(
    store: Store,
    statement: Statement,
    values: Mapping[str, Value],
    *,
    as_of: int | None = None,
    timeout: float | None = SECONDS,
) -> Iterator[tuple[sqlite3.Cursor, "_Watch"]]:
    """A statement begun under the guard and the watch, whatever it says.

    This is the barrier by itself: it holds for text that `ledger.statement` never saw, too.
    """
    with store.reader(as_of=as_of) as connection:
        driver = guarded(connection, None)
        guard = _Guard(driver)
        watch = _Watch(statement, guard, timeout)
        cursor = driver.cursor()
        try:
            _limit(driver)
            driver.set_progress_handler(watch.tick, _STEPS)
            driver.set_authorizer(guard)
            with watch:
                cursor.execute(statement.text, dict(values))
            yield cursor, watch
        finally:
            cursor.close()
            driver.set_progress_handler(None, 0)
            driver.set_authorizer(None)  # else the connection could not even be rolled back


def run(
    store: Store,
    sql: str,
    *,
    as_of: int | None = None,
    parameters: Mapping[str, Value] | None = None,
    timeout: float | None = SECONDS,
    max_rows: int | None = None,
) -> Result:
    """One statement's whole answer; arguments and errors as for `ask`."""
    with ask(
        store, sql, as_of=as_of, parameters=parameters, timeout=timeout, max_rows=max_rows
    ) as answer:
        rows = list(answer)
        return Result(answer.columns, rows, answer.truncated)


def _values(statement: Statement, given: Mapping[str, Value]) -> Mapping[str, Value]:
    """The values for a statement's parameters; QueryError where the two do not fit."""
    missing = [name for name in statement.parameters if name not in given]
    if missing:
        raise QueryError(
            f"the statement needs a value for :{', :'.join(map(short, missing))}",
            "give it with " + " ".join(f"-p {short(name)} VALUE" for name in missing[:5]),
        )
    unused = [name for name in given if name not in statement.parameters]
    if unused:
        names = [f":{name}" for name in statement.parameters]
        raise QueryError(
            f"the statement has no parameter :{short(unused[0])}",
            f"it has {', '.join(names)}" if names else "write :name where the value belongs",
        )
    for name, value in given.items():
        if isinstance(value, str) and not _is_utf8(value):
            raise QueryError(f"the value for :{short(name)} is not UTF-8", "give it as UTF-8")
    return given


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _limit(driver: sqlite3.Connection) -> None:
    for limit, most in (
        (sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE),
        (sqlite3.SQLITE_LIMIT_ATTACHED, 0),
        (sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1_000),
        (sqlite3.SQLITE_LIMIT_WORKER_THREADS, 0),
    ):
        driver.setlimit(limit, most)


class _Guard:
    """What SQLite asks before it prepares any part of a statement: yes to reading, else no.

    `denied` is the first thing that was refused: the action and its two arguments.
    """

    def __init__(self, driver: sqlite3.Connection) -> None:
        self.denied: tuple[int, str | None, str | None] | None = None
        # A table of which no column is read is asked about by name alone, and so is the name of a
        # WITH: only a name that is really somebody else's table can be refused there.
        self._foreign = {
            name.lower()
            for (name,) in driver.execute(
                "SELECT name FROM sqlite_schema UNION SELECT name FROM pragma_module_list"
            )
        } - READABLE

    def __call__(
        self, action: int, one: str | None, two: str | None, _database: str | None, _in: str | None
    ) -> int:
        if self._allows(action, one or "", two or ""):
            return sqlite3.SQLITE_OK
        self.denied = self.denied or (action, one, two)
        return sqlite3.SQLITE_DENY

    def _allows(self, action: int, one: str, two: str) -> bool:
        if action == sqlite3.SQLITE_READ:
            return one.lower() in READABLE or (two == "" and not self._is_foreign(one.lower()))
        if action == sqlite3.SQLITE_FUNCTION:
            return two.lower() in FUNCTIONS
        return action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE)

    def _is_foreign(self, table: str) -> bool:
        return table in self._foreign or table.startswith(("pragma_", "sqlite_"))

    def refusal(self) -> QueryError | None:
        """What was refused, in words."""
        if self.denied is None:
            return None
        action, one, two = self.denied
        if action == sqlite3.SQLITE_FUNCTION:
            return QueryError(
                f"the function {short(two or '')}() is not allowed here",
                instead_of(two or "") or "functions that only compute are",
            )
        if action == sqlite3.SQLITE_READ:
            return QueryError(f"{short(one or '')} is no table or view of the ledger", SCHEMA)
        if action == sqlite3.SQLITE_UPDATE and one == "sqlite_master":
            # SQLite declares a computed table by way of its catalogue.
            return QueryError(
                "only the ledger's own tables and views can be read here, and no computed ones "
                "(pragma_…, json_each, dbstat)",
                SCHEMA,
            )
        return QueryError(
            f"this statement would do more than read: {NO_WRITING}",
            RECORD,
        )


class _Watch:
    """Times SQLite while it works, stops it in time, and puts what it says into words.

    Entered around each call. Ctrl-C during a call ends it as KeyboardInterrupt.
    """

    def __init__(self, statement: Statement, guard: _Guard, timeout: float | None) -> None:
        self._statement = statement
        self._guard = guard
        self._timeout = timeout
        self._left = timeout
        self._since = 0.0
        self._late = False

    def tick(self) -> bool:
        """Whether to stop now; a KeyboardInterrupt here stops SQLite too."""
        self._late = self._left is not None and monotonic() - self._since > self._left
        return self._late

    def __enter__(self) -> None:
        self._since = monotonic()

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if self._left is not None:
            self._left -= monotonic() - self._since
        if isinstance(error, MemoryError):
            raise QueryError("the statement needs more memory than there is", "narrow it") from None
        if isinstance(error, OverflowError):
            raise QueryError("a value is too large for SQLite", "give it as text") from None
        if isinstance(error, sqlite3.Error | sqlite3.Warning) and (told := self._told(error)):
            raise told from None

    def _told(self, error: sqlite3.Error | sqlite3.Warning) -> BaseException | None:
        """What `error` means; None where it is about the file, which the store puts into words."""
        name = getattr(error, "sqlite_errorname", "SQLITE_ERROR")
        if self._late:
            return QueryError(
                f"the statement was stopped after {self._timeout:g} seconds",
                "narrow it with WHERE, or give it longer with --timeout SECONDS (0: no limit)",
            )
        if name == "SQLITE_INTERRUPT":
            return KeyboardInterrupt()
        if refused := self._guard.refusal():
            return refused
        if name == "SQLITE_TOOBIG":
            return QueryError(
                f"the statement makes or reads a text or blob of over {LONGEST_VALUE >> 20} MiB",
                "leave that column out, or take a part of it with substr()",
            )
        if name in ("SQLITE_ERROR", "SQLITE_MISMATCH", "SQLITE_RANGE", "SQLITE_AUTH"):
            return mistake(str(error), self._statement.text)
        return None
