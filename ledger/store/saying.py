"""What a PostgreSQL server says, or does not say, put into words that tell what to do next.

Its own words may be in any language, so it is understood by its codes
(https://www.postgresql.org/docs/current/errcodes-appendix.html), and by libpq's words only where
there is no code: where no connection came about. No password is ever said.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto

import psycopg
import sqlalchemy as sa

from ledger.errors import BusyError, LedgerError, StoreError
from ledger.store.checking import foreign_views, unseen_row


class When(Enum):
    """What was under way: until a commit was asked for, nothing of a transaction is kept."""

    CONNECTING = auto()
    WORKING = auto()
    COMMITTING = auto()


_CLOSED = "nothing was recorded; when the server answers again, do it again"
_MAYBE = "the server had been asked to keep it: `ledger log` says whether it did"
#: Of an error of this severity the server does not go on to say what became of a transaction.
_FATAL = ("FATAL", "PANIC")
_ASK = "ask whoever owns the ledger: `ledger grant` gives the right to read or to record"
_ROOM = "nothing was recorded; the server's administrator has to free some space"

#: By the beginning of a code: what is said, and what to do; {name}, {user}, {said}, {seconds}.
_CODES: dict[str, tuple[str, str]] = {
    "3D000": ("there is no database {database} on the server of {name}", "{make}"),
    "28": ("the server of {name} does not let {user} in", "{enter}"),
    "42501": ("{user} may not do that in {name}: {said}", _ASK),
    "25006": (
        "{name} cannot be written to: the server is a copy that is only read, or is set so",
        "name the server that is written to",
    ),
    "53100": ("the disk of the server of {name} is full", _ROOM),
    "53300": ("the server of {name} has no connection left", "try again when others are done"),
    "53": ("the server of {name} lacks what it takes: {said}", _ROOM),
    "57P03": ("the server of {name} is starting or stopping", "try again in a moment"),
    "57014": ("the server of {name} was told to stop that", "nothing was recorded; try again"),
    "25P03": ("the server of {name} closed a connection that it waited for", _CLOSED),
    "40": ("{name} was busy: {said}", "nothing was recorded; try again"),
    "58": ("the server of {name} cannot read or write its files: {said}", "look after its disk"),
    "XX001": ("{name} is damaged: {said}", "restore a backup; `ledger verify` says what it can"),
    "XX002": ("an index of {name} is damaged: {said}", "its owner can make it anew: REINDEX"),
    "54": (
        "that is more than PostgreSQL can hold: {said}",
        "nothing was recorded; make it smaller",
    ),
}

#: By libpq's own words, where no connection came about.
_CALLS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("password authentication failed", "no password supplied", "no pg_hba.conf entry"),
        *_CODES["28"],
    ),
    (('role "', "permission denied"), *_CODES["28"]),
    (('database "',), *_CODES["3D000"]),
    (
        ("could not translate host name", "failed to resolve host", "Name or service not known"),
        "there is no host of the name in {name}",
        "check the address",
    ),
    (("too many", "remaining connection slots"), *_CODES["53300"]),
    (("starting up", "shutting down", "recovery"), *_CODES["57P03"]),
    (
        ("SSL", "certificate"),
        "no safe connection to the server of {name} came about: {said}",
        "see sslmode and sslrootcert in PostgreSQL's manual; they stand in the address",
    ),
)

_ENTER = (
    "check the name and the password: in ~/.pgpass, PGPASSWORD or the address; "
    "or the server does not take them from here"
)
_REACH = "check the address, and that the server runs and takes connections from here"


class Server:
    """What is said of one server by who calls it by `url`; `busy_seconds` is how long one waits."""

    def __init__(self, url: sa.URL, busy_seconds: float) -> None:
        self._url = url
        self._busy_seconds = busy_seconds
        shown = {key: value for key, value in url.query.items() if "pass" not in key.lower()}
        hidden = [value for key, value in url.query.items() if key not in shown]
        self._secrets = [str(secret) for secret in (url.password, *hidden) if secret]
        #: The address without a password.
        self.name = sa.URL.create(
            url.drivername, url.username, None, url.host, url.port, url.database, shown
        ).render_as_string()

    @contextmanager
    def in_words(self, when: When) -> Iterator[None]:
        """Turn what the server says into words; leave what is wrong with a statement alone."""
        try:
            yield
        except sa.exc.NoResultFound as error:
            raise unseen_row(self.name) from error
        except (sa.exc.DBAPIError, psycopg.Error) as error:
            raw = error.orig if isinstance(error, sa.exc.DBAPIError) else error
            if isinstance(raw, psycopg.Error) and (told := self.told(raw, when)):
                raise told from error
            raise

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """Let go of what is broken already, whatever it says to that."""
        with suppress(sa.exc.DBAPIError, psycopg.Error, LedgerError):
            yield

    def told(self, error: psycopg.Error, when: When) -> StoreError | None:
        """The error in words; None if it is of a statement, and not of the database."""
        code = error.sqlstate or ""
        if code == "55P03":
            return BusyError(
                f"{self.name} is busy: another program has held it for {self._busy_seconds:g} "
                "seconds",
                "nothing was recorded; try again when it is done",
            )
        if code in ("42P01", "42703"):
            return StoreError(f"{self.name}: {_first(error)}", foreign_views(self.name))
        if when is When.CONNECTING and not code:
            return self._uncalled(error)
        if isinstance(error, psycopg.OperationalError) and (not code or code[:3] in ("57P", "080")):
            if code == "57P03":
                return self._made(*_CODES[code], error)
            kept = _MAYBE if when is When.COMMITTING else _CLOSED
            return self._made("the connection to the server of {name} broke off", kept, error)
        if isinstance(error, psycopg.DataError) and not code:
            return self._made(
                "a date in {name} is none that there is: another hand wrote it",
                "`ledger --db {name} verify` says which",
                error,
            )
        for start, (what, hint) in _CODES.items():
            if code.startswith(start):
                if when is When.COMMITTING and error.diag.severity_nonlocalized in _FATAL:
                    hint = _MAYBE
                return self._made(what, hint, error)
        return None

    def _uncalled(self, error: psycopg.Error) -> StoreError:
        said = str(error)
        for marks, what, hint in _CALLS:
            if any(mark in said for mark in marks):
                return self._made(what, hint, error)
        return self._made("the server of {name} cannot be reached: {said}", _REACH, error)

    def _made(self, what: str, hint: str, error: psycopg.Error) -> StoreError:
        known = {
            "name": self.name,
            "database": self._url.database or "",
            "user": self._url.username or "this role",
            "said": self._without_password(_first(error)),
            "make": f"`ledger --db {self.name} init` makes it",
            "enter": _ENTER,
        }
        return StoreError(what.format(**known), hint.format(**known))

    def _without_password(self, said: str) -> str:
        for secret in self._secrets:
            said = said.replace(secret, "***")
        return said


def _first(error: psycopg.Error) -> str:
    """What it says in a line: its message without where in the statement, or a call's first."""
    if error.diag.message_primary:
        return error.diag.message_primary
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].removeprefix("connection failed: ") if lines else type(error).__name__
