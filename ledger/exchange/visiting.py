"""Opens another analyst's ledger to be read: verified first, and never written to.

It came from somebody else, so nothing in it is believed before the whole of it holds: the file, the
catalogue, every row, every entry. One of an older schema is read through a copy that is upgraded.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from ledger import history, migrate, schema, sqlite, verification
from ledger.catalogue import revision_fault
from ledger.errors import LedgerError, SchemaError
from ledger.exchange.kinds import DATABASE
from ledger.revision import check_revision, revision
from ledger.soundness import findings
from ledger.store import SQLiteStore, Store

#: So many faults are counted before a ledger is given up.
_COUNTED = 1_000

#: Told what was done: a word for it, how much, and of how much.
Progress = Callable[[str, int, int], None]


def is_database(path: Path) -> bool:
    """Whether a path is a SQLite file, by how it begins and not by its name."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(DATABASE)) == DATABASE
    except OSError:
        return False


@contextmanager
def visited(path: Path, home: Store, progress: Progress) -> Iterator[sa.Connection]:
    """A reader on the ledger at `path`, which is whole and is not `home`.

    Raises LedgerError where it is this very ledger or does not verify, SchemaError where it is no
    ledger, or one of a newer program.
    """
    if home.path and home.path.exists() and path.samefile(home.path):
        raise LedgerError(f"{path} is this ledger itself", "name another analyst's")
    guest = SQLiteStore(path, read_only=True)
    with guest.look() as connection:
        if fault := revision_fault(connection, str(path)):
            raise SchemaError(fault.message, _refused(path))
        found = revision(connection, str(path))
        if found is None:
            raise SchemaError(
                f"{path} is a database, but not a ledger",
                "export its tables as CSV, and import those",
            )
        if found not in schema.REVISIONS:
            check_revision(found, str(path))
    if found == schema.REVISION:
        with _verified(guest, path, progress) as connection:
            yield connection
        return
    with TemporaryDirectory(prefix="ledger-") as folder:
        copy = Path(folder) / "upgraded.db"
        with guest.look() as connection:
            sqlite.copy(connection, copy)
        migrate.upgrade(SQLiteStore(copy))
        with _verified(SQLiteStore(copy, read_only=True), path, progress) as connection:
            yield connection


@contextmanager
def _verified(guest: Store, path: Path, progress: Progress) -> Iterator[sa.Connection]:
    """A reader whose whole snapshot was found to hold."""
    with guest.look() as connection:
        of, done = history.versions(connection), 0

        def told(more: int) -> None:
            nonlocal done
            done += more
            progress("verified", done, of)

        damage, found = findings(guest, connection, indexes=True, told=told, most=_COUNTED)
        if faults := [*damage, *map(str, found)]:
            raise LedgerError(verification.refusal(path, faults), _refused(path))
        yield connection


def _refused(path: Path) -> str:
    return f"nothing was imported; `ledger --db {path} verify` tells more; ask for a sound copy"
