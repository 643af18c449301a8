"""Runs an ad-hoc statement in a process of its own, and stops that in time.

The process (`ledger.confined`) may use so much time and memory and no more; its rows are put aside
as they come, so that it has let go of the ledger before anybody looks at them. What it is asked,
and what is to be said where it fails, is `ledger.query`'s.
"""

import marshal
import math
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile
from threading import Timer
from typing import IO, Any

from ledger.confined import BEGUN, COLUMNS, FAILED, HEAD, ROWS

_MIB = 1024 * 1024

#: The longest text or blob that a statement may make or read, in bytes.
LONGEST_VALUE = 16 * _MIB

#: What SQLite itself refuses to go beyond; https://www.sqlite.org/limits.html.
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: LONGEST_VALUE,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 1_000_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 1_000,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 1_000,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 200,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 1_000_000,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 1_000,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1_000,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}

_SETTINGS = (
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA temp_store = MEMORY",  # what is sorted counts as memory, and makes no file
    "PRAGMA mmap_size = 0",
)

#: What the process may hold besides SQLite's own memory: Python, and its copies of a batch.
_BESIDE = 256 * _MIB

#: Seconds that SQLite has to stop by itself before the process is ended: one of its steps may be
#: long, and it looks at the clock between steps alone.
_GRACE = 0.25

#: Seconds that a process may take to start, on however busy a machine.
_STARTING = 60.0

#: Bytes of an answer that are kept in memory; the rest goes to a file without a name.
KEPT = 4 * _MIB


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a statement may use; None is no limit.

    `seconds` that SQLite may work; `rows` to give of those there are; `size` of the whole answer
    and `memory` for SQLite's work on it, in bytes.
    """

    seconds: float | None = 25.0  # a writer waits longer than that for who reads
    rows: int | None = None
    size: int | None = 512 * _MIB
    memory: int | None = 512 * _MIB


@dataclass(frozen=True, slots=True)
class Question:
    """A statement's text and values, and where it is put.

    `uri` is the file, to be opened within `patience` seconds; `prepared` are statements that are
    carried out before, without a guard; then it may name what is `readable` and call `functions`
    (in small letters), and FTS5 tables that are `searched` may be matched.
    """

    text: str
    values: Mapping[str, Any]
    uri: str
    patience: float
    prepared: Sequence[str]
    readable: frozenset[str]
    functions: frozenset[str]
    searched: frozenset[str] = frozenset()


class FailedError(Exception):
    """A statement came to nothing. `why` is one of:

    "said": SQLite refused, by `name`, `message` and what it was `denied` (action, two arguments);
    "opening": the file could not be read, by `name` and `message`;
    "late", "memory", "size": it went beyond that limit; "value": one value, or on a server one row,
    is too large; "died": the process ended, by `message`; "disk": its answer could not be put
    aside.
    """

    def __init__(
        self,
        why: str,
        name: str = "",
        message: str = "",
        denied: tuple[int, str | None, str | None] | None = None,
    ) -> None:
        super().__init__(why, name, message)
        self.why, self.name, self.message, self.denied = why, name, message, denied


class Answer:
    """A whole answer: `columns`, whether it was `truncated`, and its rows, iterated over once.

    Column names are SQLite's, so that two may be the same. Values are text, whole numbers, floats
    or None; a blob is its bytes in hexadecimal, in small letters.
    """

    def __init__(self, columns: list[str], kept: IO[bytes], truncated: bool) -> None:
        self.columns = columns
        self.truncated = truncated
        self._kept = kept

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Each row."""
        while head := self._kept.read(HEAD):
            # Written by `ledger.confined` and in nobody else's reach.
            yield from marshal.loads(self._kept.read(_length(head)))  # noqa: S302


#: How whatever runs for this process just now is ended.
_ENDS: set[Callable[[], object]] = set()


@contextmanager
def underway(end: Callable[[], object]) -> Iterator[None]:
    """While this context is open something runs that `end` ends, from any thread."""
    _ENDS.add(end)
    try:
        yield
    finally:
        _ENDS.discard(end)


def end_all() -> None:
    """End all that is under way: for a process that is to stop, and whose threads wait for it."""
    for end in list(_ENDS):
        with suppress(OSError):
            end()


class Confined:
    """A process that waits for a statement. Entering starts it, leaving ends it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - every word of it is ours
            # Neither the environment nor what is installed has a say in it, and it starts sooner.
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("confined.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for this process, which then ends that one
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )

    def __enter__(self) -> "Confined":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()

    @contextmanager
    def ask(self, question: Question, limits: Limits) -> Iterator[Answer]:
        """The whole answer; the process has ended when it is given. Raises FailedError."""
        with underway(self._process.kill), SpooledTemporaryFile(max_size=KEPT) as kept:
            columns, truncated = self._put_aside(question, limits, kept)
            self.__exit__()
            kept.seek(0)
            yield Answer(columns, kept, truncated)

    def _put_aside(
        self, question: Question, limits: Limits, kept: IO[bytes]
    ) -> tuple[list[str], bool]:
        columns: list[str] = []
        size = 0
        with self._ended_after(_STARTING + question.patience) as stop:
            self._send(_job(question, limits))
            while True:
                head, data = self._message()
                if len(head) < HEAD or len(data) < _length(head):
                    raise FailedError("late") if stop.fired else self._death()
                if head[0] == ROWS:
                    size += len(data)
                    if limits.size is not None and size > limits.size:
                        raise FailedError("size")
                    try:
                        kept.write(head + data)
                    except OSError as error:
                        raise FailedError("disk", message=str(error.strerror)) from None
                    continue
                content = marshal.loads(data)  # noqa: S302 - as in Answer
                if head[0] == BEGUN:
                    stop.after(None if limits.seconds is None else limits.seconds + _GRACE)
                elif head[0] == COLUMNS:
                    columns = content
                elif head[0] == FAILED:
                    raise _failure(**content)
                else:
                    return columns, content

    def _send(self, job: bytes) -> None:
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):  # what became of it is asked when it does not answer
                self._process.stdin.write(job)
            with suppress(BrokenPipeError):
                self._process.stdin.close()

    def _message(self) -> tuple[bytes, bytes]:
        stream = self._process.stdout
        if stream is None:
            return b"", b""
        head = stream.read(HEAD)
        return head, stream.read(_length(head))

    def _death(self) -> FailedError:
        """What became of a process that said nothing more."""
        status = self._process.wait()
        if -status == getattr(signal, "SIGXCPU", None):
            return FailedError("late")
        return FailedError(
            "died", message=f"signal {-status}" if status < 0 else f"status {status}"
        )

    @contextmanager
    def _ended_after(self, seconds: float) -> Iterator["_Stop"]:
        stop = _Stop(self._process)
        stop.after(seconds)
        try:
            yield stop
        finally:
            stop.after(None)


def _length(head: bytes) -> int:
    return int.from_bytes(head[1:], "big")


class _Stop:
    """Ends a process when its time is over; `fired` says that it did."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.fired = False
        self._process = process
        self._timer: Timer | None = None

    def after(self, seconds: float | None) -> None:
        """Begin anew with so many seconds; None for never."""
        if self._timer:
            self._timer.cancel()
        self._timer = None if seconds is None else Timer(seconds, self._end)
        if self._timer:
            self._timer.daemon = True
            self._timer.start()

    def _end(self) -> None:
        self.fired = True
        self._process.kill()


def _failure(
    name: str,
    message: str,
    late: bool = False,
    opening: bool = False,
    denied: tuple[int, str | None, str | None] | None = None,
) -> FailedError:
    if late:
        return FailedError("late")
    if name == "SQLITE_NOMEM":
        return FailedError("memory")
    return FailedError("opening" if opening else "said", name, message, denied)


def _job(question: Question, limits: Limits) -> bytes:
    resources = {
        "RLIMIT_CORE": 0,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_NOFILE": 16,
        "RLIMIT_NPROC": 0,
    }
    settings = [*_SETTINGS]
    if limits.memory is not None:
        settings.append(f"PRAGMA hard_heap_limit = {limits.memory:d}")
        resources |= dict.fromkeys(("RLIMIT_AS", "RLIMIT_DATA"), limits.memory + _BESIDE)
    if limits.seconds is not None:
        # Only for where nobody is left to end it: whoever asked is stopped by the clock.
        resources["RLIMIT_CPU"] = math.ceil(limits.seconds + _GRACE) + 5
    return marshal.dumps(
        {
            "text": question.text,
            "values": dict(question.values),
            "uri": question.uri,
            "patience": question.patience,
            "settings": settings,
            "prepared": list(question.prepared),
            "readable": sorted(question.readable),
            "functions": sorted(question.functions),
            "searched": sorted(question.searched),
            "limits": _LIMITS,
            "resources": resources,
            "seconds": limits.seconds,
            "asker": os.getpid(),
            "rows": limits.rows,
        }
    )
