"""A ledger in one SQLite file: settings, transactions, and what SQLite says, put into words."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from stat import S_ISDIR
from typing import Literal

import sqlalchemy as sa

from ledger.errors import BusyError, StoreError
from ledger.placing import new_beside, permissions, put, settle
from ledger.store.checking import BUSY_SECONDS, Standing, check, foreign_views, unseen_row
from ledger.store.narrowing import narrowing

#: What SQLite's header says of the file: “CLDG”.
APPLICATION_ID = 0x434C4447

_SETTINGS: tuple[str, ...] = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA trusted_schema = OFF",
    # With journal_mode DELETE it loses nothing that was acknowledged, in a power cut either.
    "PRAGMA synchronous = EXTRA",
)


class SQLiteStore:
    """A ledger in one SQLite file.

    `path` is where it is; `busy_seconds` is how long to wait for another program's lock. Nothing
    is opened until `reader` or `writer` is entered; each is one connection and one transaction,
    and raises StoreError (SchemaError where the file is no ledger of this program's revision).
    With `read_only` nothing is ever written to the file, not even to mend what was interrupted.
    """

    dialect: Literal["sqlite"] = "sqlite"

    def __init__(
        self, path: Path, *, busy_seconds: float = BUSY_SECONDS, read_only: bool = False
    ) -> None:
        self.path = path
        self.busy_seconds = busy_seconds
        self._read_only = read_only
        # What it is called in words: one that is being made has another name until it is whole.
        self.name = str(path)
        self._checked = False

    def _opened(self, *begin: str) -> sa.Connection:
        """A connection of its own, whose transaction is begun by these statements."""
        opening = _OPENING.set(self)
        try:
            return _engine().connect().execution_options(**{_BEGIN: begin})
        finally:
            _OPENING.reset(opening)

    def address(self, mode: str) -> str:
        """The file as SQLite is to open it: `ro` to read, `rw` to read and write."""
        return f"{self.path.absolute().as_uri()}?mode={mode}"

    def _connect(self) -> sqlite3.Connection:
        # mode=rw, for a reader too: after a crash only a connection that may write can roll back.
        # It never creates a file.
        connection = sqlite3.connect(
            self.address("ro" if self._read_only else "rw"),
            uri=True,
            isolation_level=None,
            timeout=self.busy_seconds,
        )
        try:
            for setting in _SETTINGS:
                connection.execute(setting)
            # The journal mode is written into the file, so not into a file of somebody else's.
            application = connection.execute("PRAGMA application_id").fetchone()
            if application == (APPLICATION_ID,) and not self._read_only:
                connection.execute("PRAGMA journal_mode = DELETE")
        except UnicodeDecodeError as error:
            # SQLite quotes in its message what is wrong with the catalogue, and that is no text.
            connection.close()
            what, hint = _FAILURES["SQLITE_CORRUPT"]
            raise StoreError(what.format(path=self.path), hint) from error
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def reader(self, *, as_of: int | None = None) -> Iterator[sa.Connection]:
        """A connection that reads one snapshot: of now, or as of entry number `as_of`.

        As of an entry, the tables and public views answer as they did when that entry was the
        newest; their names are the same.
        """
        self._must_exist()
        with self._in_words(), self._opened("BEGIN") as connection:
            self._check(connection)
            if as_of is not None:
                for statement in narrowing(as_of):
                    connection.exec_driver_sql(statement)
            connection.exec_driver_sql("PRAGMA query_only = ON")
            yield connection

    @contextmanager
    def writer(self, *, unlinked: bool = False) -> Iterator[sa.Connection]:
        """A connection in a transaction that holds the write lock; committed if nothing raises.

        `unlinked` leaves it to the caller that rows name rows that are there: row by row that is
        a quarter of the cost of very many.
        """
        self._must_exist()
        # Whether foreign keys are checked is settled before a transaction begins.
        unchecked = ("PRAGMA foreign_keys = OFF",) if unlinked else ()
        begin = (*unchecked, "BEGIN IMMEDIATE")
        with self._in_words(), self._opened(*begin) as connection, connection.begin():
            self._check(connection)
            yield connection

    @contextmanager
    def migration(self) -> Iterator[sa.Connection]:
        """As `writer`, for whatever revision the file has: for `ledger.migrate` alone."""
        self._must_exist()
        begin = "BEGIN IMMEDIATE"
        with self._in_words(), self._opened(begin) as connection, connection.begin():
            yield connection
        self._checked = False

    @contextmanager
    def look(self) -> Iterator[sa.Connection]:
        """As `reader`, for a file of whatever revision: for what examines or copies it."""
        self._must_exist()
        with self._in_words(), self._opened("BEGIN") as connection:
            connection.exec_driver_sql("PRAGMA query_only = ON")
            yield connection

    @contextmanager
    def made(self) -> Iterator["SQLiteStore"]:
        """A store to fill, which is the ledger at this path when the block ends well.

        Until then it has another name in the same folder: nobody ever finds half a ledger.
        Raises StoreError if there is a file with a byte in it already, or no folder to write to.
        """
        found = self.standing()
        if found == "there":
            raise self._exists()
        try:
            part = new_beside(self.path)
            part.chmod(permissions(self.path))
        except OSError as error:
            raise StoreError(
                f"cannot create {self.path}: {error.strerror}",
                "name a folder that exists and may be written to",
            ) from None
        try:
            filled = SQLiteStore(part, busy_seconds=self.busy_seconds)
            filled.name = self.name
            filled.mark()
            yield filled
            settle(part)
            put(part, self.path, replace=found == "blank")
        except FileExistsError:
            raise self._exists() from None
        except OSError as error:
            raise StoreError(
                f"cannot create {self.path}: {error.strerror}", "name a folder on another disk"
            ) from None
        finally:
            for left in (part, part.with_name(f"{part.name}-journal")):
                with suppress(OSError):
                    left.unlink(missing_ok=True)

    def _exists(self) -> StoreError:
        return StoreError(f"{self.path} exists already", "name another file with --db")

    def standing(self) -> Standing:
        """Whether there is a file at the path, and a byte in it."""
        if not self.path.exists():
            return "absent"
        return "blank" if self.path.is_file() and not self.path.stat().st_size else "there"

    def mark(self) -> None:
        """Say in the file's header that it is a ledger."""
        with self._in_words():
            connection = self._connect()
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.close()

    def _must_exist(self) -> None:
        try:
            found = self.path.stat()
        except (FileNotFoundError, NotADirectoryError, ValueError):
            raise StoreError(f"there is no ledger at {self.path}", self._near()) from None
        except OSError as error:
            raise StoreError(
                f"{self.path} cannot be opened: {error.strerror}",
                "check the path, and the permissions of its folder",
            ) from None
        if S_ISDIR(found.st_mode):
            raise StoreError(f"{self.path} is a folder, not a ledger", "name the file in it")

    def _near(self) -> str:
        """What a mistyped path most likely meant."""
        folder = self.path.parent
        names = [path.name for path in folder.glob("*.db")]
        for name in get_close_matches(self.path.name, names, n=1):
            return f"did you mean {folder / name}?"
        return "`ledger init` makes one; --db PATH or LEDGER_DB names one elsewhere"

    def _check(self, connection: sa.Connection) -> None:
        if not self._checked:
            check(connection, self.name)
            self._checked = True

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """Turn what the driver says of the file into words; leave its other errors alone."""
        try:
            yield
        except sa.exc.NoResultFound as error:
            raise unseen_row(self.name) from error
        except (sa.exc.DBAPIError, sqlite3.Error) as error:
            raw = error.orig if isinstance(error, sa.exc.DBAPIError) else error
            if isinstance(raw, sqlite3.Error):
                name = getattr(raw, "sqlite_errorname", "")
                if told := self.told(name, str(raw)):
                    raise told from error
            raise

    def told(self, name: str, said: str) -> StoreError | None:
        """The error in words that SQLite gave by `name` and `said`; None if not of the file."""
        if name == "SQLITE_ERROR" and said.startswith(("no such table", "no such column")):
            return StoreError(f"{self.name}: {said}", foreign_views(self.name))
        if "decode to UTF-8" in said:
            return StoreError(
                f"a text in {self.name} is no UTF-8: another hand wrote it",
                f"`ledger --db {self.name} verify` says which",
            )
        known = {
            "path": self.name,
            "folder": Path(self.name).absolute().parent,
            "seconds": self.busy_seconds,
        }
        for start, (what, hint) in _FAILURES.items():
            if name.startswith(start):
                error = BusyError if start == "SQLITE_BUSY" else StoreError
                return error(what.format(**known), hint.format(**known))
        return None


_FAILURES = {
    "SQLITE_CORRUPT_VTAB": (
        "the index of words in {path} is damaged",
        "`ledger --db {path} doctor --reindex` makes it anew",
    ),
    "SQLITE_NOTADB": ("{path} is no SQLite database", "name the ledger with --db PATH"),
    "SQLITE_CORRUPT": ("{path} is damaged", "restore a backup; `ledger verify` says what it can"),
    "SQLITE_READONLY": (
        "{path} cannot be written to",
        "ask for write permission on the file and on its folder {folder}, or use a copy",
    ),
    "SQLITE_CANTOPEN": (
        "{path} cannot be opened, or its folder cannot be written to",
        "check the permissions of the file and of its folder {folder}",
    ),
    "SQLITE_PERM": ("{path} may not be opened", "ask its owner for permission"),
    "SQLITE_BUSY": (
        "{path} is busy: another program has held it for {seconds:g} seconds",
        "nothing was recorded; try again when it is done",
    ),
    "SQLITE_FULL": ("the disk is full; nothing was recorded", "free some space at {folder}"),
    "SQLITE_IOERR": (
        "{path} cannot be read or written: the disk fails, or files may not grow so large",
        "look after the disk at {folder}; `ledger log` tells what was recorded",
    ),
}


#: Which store a connection is opened for, and what the statements are called that begin with it.
_OPENING: ContextVar[SQLiteStore] = ContextVar("opening")
_BEGIN = "ledger_begin"


@cache
def _engine() -> sa.Engine:
    """One engine for every file: what was compiled once is not compiled for each of them again."""
    engine = sa.create_engine(
        "sqlite://",
        creator=lambda: _OPENING.get()._connect(),
        poolclass=sa.pool.NullPool,
        hide_parameters=True,
    )

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # Python's sqlite3 would begin when it sees fit; with isolation_level None it does not.
        for statement in connection.get_execution_options().get(_BEGIN, ()):
            connection.exec_driver_sql(statement)

    return engine
