"""How long a page may ask the database: who asks for much is told so, and others are answered."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from time import monotonic

import sqlalchemy as sa

from ledger.confining import underway
from ledger.errors import StoreError

#: SQLite's own steps between two looks at the clock: well under a millisecond.
_STEPS = 5_000


class LateError(StoreError):
    """A page would take longer to read than it may."""


@contextmanager
def limited(connection: sa.Connection, seconds: float) -> Iterator[None]:
    """Stop what a reader on a file asks in this context once `seconds` are over: LateError.

    So is it when all is ended that is under way.

    A server keeps such a limit itself, by the role's `statement_timeout`.
    """
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        yield
        return
    end, over = monotonic() + seconds, Event()
    driver.set_progress_handler(lambda: over.is_set() or monotonic() > end, _STEPS)
    try:
        with underway(over.set):
            yield
    except sa.exc.DBAPIError as error:
        if getattr(error.orig, "sqlite_errorname", "") != "SQLITE_INTERRUPT":
            raise
        raise LateError(
            f"this page takes longer than {seconds:g} seconds to read",
            "ask for less, such as a narrower search; `ledger` on the command line has the time",
        ) from None
    finally:
        driver.set_progress_handler(None, 0)
