"""The process in which one ad-hoc statement runs: a script that `ledger.confining` starts.

It lets go of what it will not need (memory, files, processes), opens the ledger to read, puts a
guard before SQLite, runs the statement and sends its rows. It knows no ledger: what may be named
and used comes with the statement. It imports next to nothing, so that it starts in milliseconds:
`typing` and `contextlib` would double them.
"""

from __future__ import annotations

import marshal
import os
import sqlite3
import sys
from time import monotonic

MYPY = False  # True to mypy alone
if MYPY:
    from typing import Any

#: A message begins with a byte that says what it is, and so many that say how long the rest is.
BEGUN, COLUMNS, ROWS, DONE, FAILED = b"bcrdf"
HEAD = 9

#: SQLite's own steps between two looks at the clock: well under a millisecond.
_STEPS = 5_000

#: A batch of rows is of about this many bytes, and of so many rows at most.
BATCH_BYTES, BATCH_ROWS = 256 * 1024, 256

#: Rows that are searched by FTS5 are read from what it keeps beside its table, under these names.
#: https://www.sqlite.org/fts5.html#fts5_data_structures
KEPT_BESIDE = ("data", "idx", "content", "docsize", "config")


class Guard:
    """What SQLite asks before it prepares any part of a statement: yes to reading, else no.

    `denied` is the first thing that was refused: the action and its two arguments. What FTS5 keeps
    beside a table that may be searched is read by FTS5 alone, which asks here too, and only while a
    statement runs: once the statement is known to name none of it, `run` says yes to that as well.
    """

    def __init__(
        self, connection: sqlite3.Connection, readable: set[str], functions: set[str]
    ) -> None:
        self.denied: tuple[int, str | None, str | None] | None = None
        self._readable = readable
        self._functions = functions
        self._beside: set[str] = set()
        # A table of which no column is read is asked about by name alone, and so is the name of a
        # WITH: only a name that is really somebody else's table can be refused there.
        self._foreign = {
            name.lower()
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_schema UNION SELECT name FROM pragma_module_list"
            )
        } - readable

    def __call__(
        self, action: int, one: str | None, two: str | None, _database: str | None, _in: str | None
    ) -> int:
        """SQLite's question; https://www.sqlite.org/c3ref/set_authorizer.html."""
        if self._allows(action, (one or "").lower(), (two or "").lower()):
            return sqlite3.SQLITE_OK
        self.denied = self.denied or (action, one, two)
        return sqlite3.SQLITE_DENY

    def run(self, searched: list[str]) -> None:
        """From now on FTS5 may read what it keeps beside these tables."""
        self._beside = {f"{table}_{what}" for table in searched for what in KEPT_BESIDE}

    def _allows(self, action: int, one: str, two: str) -> bool:
        if action == sqlite3.SQLITE_READ:
            known = one in self._readable or one in self._beside
            return known or (two == "" and not self._is_foreign(one))
        if action == sqlite3.SQLITE_FUNCTION:
            return two in self._functions
        if action == sqlite3.SQLITE_PRAGMA:
            return bool(self._beside) and (one, two) == ("data_version", "")
        return action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE)

    def _is_foreign(self, table: str) -> bool:
        return table in self._foreign or table.startswith(("pragma_", "sqlite_"))


class _Clock:
    """Stops SQLite when its time is over, or when whoever asked is gone."""

    def __init__(self, seconds: float | None, asker: int) -> None:
        self.late = False
        self._end = None if seconds is None else monotonic() + seconds
        # As he tells it: he may have gone before this process could look who he is.
        self._asker = asker

    def tick(self) -> bool:
        self.late = self._end is not None and monotonic() > self._end
        return self.late or os.getppid() != self._asker


def _let_go(limits: dict[str, int]) -> None:
    """Give up resources for good, where this system keeps such limits."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for name, most in limits.items():
        try:
            kind = getattr(resource, name)
            _, hard = resource.getrlimit(kind)
            allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (allowed, allowed))
        except (AttributeError, ValueError, OSError):  # not every system has, or sets, each
            continue


def _opened(job: dict[str, Any]) -> sqlite3.Connection:
    """The ledger, to read one snapshot of it."""
    connection = sqlite3.connect(
        job["uri"], uri=True, isolation_level=None, timeout=job["patience"], cached_statements=0
    )
    for setting in job["settings"]:
        connection.execute(setting)
    connection.execute("BEGIN")
    for prepared in job["prepared"]:
        connection.execute(prepared)
    for table in job["searched"]:  # FTS5 declares its table when it is first named
        connection.execute(f"SELECT 1 FROM {table} LIMIT 0")  # noqa: S608
    connection.execute("PRAGMA query_only = ON")
    for limit, most in job["limits"].items():
        connection.setlimit(limit, most)
    return connection


def _run(connection: sqlite3.Connection, guard: Guard, clock: _Clock, job: dict[str, Any]) -> bool:
    """Run the statement and send its rows; whether there were more than were asked for."""
    connection.set_progress_handler(clock.tick, _STEPS)
    connection.set_authorizer(guard)
    text, values = job["text"], job["values"]
    if job["searched"] and not text.lstrip().upper().startswith("EXPLAIN"):
        connection.execute("EXPLAIN " + text, values).close()  # prepared, and not run
        guard.run(job["searched"])
    cursor = connection.execute(text, values)
    _send(COLUMNS, [column[0] for column in cursor.description or ()])
    left: int | None = job["rows"]
    size = 16
    while rows := cursor.fetchmany(size if left is None else min(size, left + 1)):
        more = left is not None and len(rows) > left
        if more:
            rows.pop()
        sent = _send(ROWS, [_plain(row) for row in rows])
        if more:
            return True
        if left is not None:
            left -= len(rows)
        size = min(max(1, size * BATCH_BYTES // sent), 2 * size, BATCH_ROWS)
    return False


def _plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    if bytes in map(type, row):
        return tuple(value.hex() if type(value) is bytes else value for value in row)
    return row


def message(kind: int, content: Any) -> bytes:
    """A message: its kind, how long it is, and what it says."""
    data = marshal.dumps(content)
    return bytes([kind]) + len(data).to_bytes(HEAD - 1, "big") + data


def _send(kind: int, content: Any) -> int:
    sent = message(kind, content)
    _write(sent)
    return len(sent)


def _write(data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(1, left) :]


#: Made while there is memory to make it.
_NO_MEMORY = message(FAILED, {"name": "SQLITE_NOMEM", "message": "out of memory"})


def _failed(error: Exception, **told: Any) -> None:
    name = getattr(error, "sqlite_errorname", "")
    if isinstance(error, OverflowError):
        name = "OVERFLOW"
    _send(FAILED, {"name": name, "message": str(error), **told})


def main() -> None:
    """Read one statement from standard input, run it, and write what comes of it."""
    job = marshal.loads(sys.stdin.buffer.read())  # noqa: S302 - from the process that started us
    try:
        _let_go(job["resources"])
        try:
            connection = _opened(job)
        except sqlite3.Error as error:
            _failed(error, opening=True)
            return
        guard = Guard(connection, set(job["readable"]), set(job["functions"]))
        clock = _Clock(job["seconds"], job["asker"])
        _send(BEGUN, None)
        try:
            _send(DONE, _run(connection, guard, clock, job))
        except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError) as error:
            _failed(error, late=clock.late, denied=guard.denied)
    except MemoryError:
        _write(_NO_MEMORY)


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:  # nobody wants it any more
        os._exit(1)
    os._exit(0)  # what is held is let go with the process
