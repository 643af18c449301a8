"""Stops a statement on a PostgreSQL server in time, and tells what became of it.

The server has its own limit of time. Beyond that it is told to stop, as another client tells it;
and where it does not hear, as in the midst of one long step, it is not waited for any longer: its
connection is cut, which ends it as soon as it looks.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from threading import Event, Thread
from typing import Any

import psycopg

from ledger.confining import FailedError, underway
from ledger.errors import QueryError
from ledger.pgsaid import mistake
from ledger.statement import Statement, typographic

#: Seconds that the server has to stop by itself, and then to hear that it should.
_GRACE, _HEARING = 0.25, 2.0


class Stop:
    """Stops what a connection does when its time is over; `fired` says that it did."""

    def __init__(self, connection: "psycopg.Connection[Any]", seconds: float | None) -> None:
        self.fired = False
        self._connection = connection
        self._seconds = seconds
        self._done = Event()
        self._watch: Thread | None = None

    def begin(self) -> None:
        """The time begins."""
        if self._seconds is not None:
            self._watch = Thread(target=self._end_after, args=(self._seconds + _GRACE,))
            self._watch.start()

    def end(self) -> None:
        """The time is over, and nothing was stopped if it was not yet."""
        self._done.set()
        if self._watch is not None:
            self._watch.join()

    def _end_after(self, seconds: float) -> None:
        if self._done.wait(seconds):
            return
        self.fired = True
        with suppress(psycopg.Error, OSError):
            self._connection.cancel_safe(timeout=_HEARING)
        if not self._done.wait(_HEARING):
            with suppress(psycopg.Error, OSError):
                cut(self._connection)


def cut(connection: "psycopg.Connection[Any]") -> None:
    """End a connection under the hands of whoever waits for it."""
    with socket.socket(fileno=os.dup(connection.pgconn.socket)) as line:
        line.shutdown(socket.SHUT_RDWR)


@contextmanager
def stopped_after(connection: "psycopg.Connection[Any]", seconds: float | None) -> Iterator[Stop]:
    """Stop what runs on a connection so many seconds after `begin`; None for never."""
    stop = Stop(connection, seconds)
    try:
        with underway(partial(cut, connection)):
            yield stop
    finally:
        stop.end()


@contextmanager
def in_words(stop: Stop, statement: Statement) -> Iterator[None]:
    """Turn what the server says of a statement into words; leave what is of the connection."""
    try:
        yield
    except psycopg.Error as error:
        code, diagnosis = error.sqlstate or "", error.diag
        if stop.fired or code == "57014":
            raise FailedError("late") from None
        if code == "53200":
            raise FailedError("memory") from None
        if not code or code.startswith(_OF_THE_SERVER):
            raise
        said, hint = diagnosis.message_primary or str(error), diagnosis.message_hint or ""
        raise mistake(code, said, typographic(statement.text, server=True), hint) from None
    except UnicodeDecodeError:
        raise QueryError("a text in the answer is not UTF-8", "") from None


#: Classes of errors that are not the statement's: connections, resources, operators, the system.
_OF_THE_SERVER = ("08", "28", "3D", "531", "533", "55P", "57", "58", "F0", "XX001", "XX002")
