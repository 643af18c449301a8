"""A copy of the ledger for the worst day, and the way back from it.

Neither ever leaves half a file behind: the copy is made under another name in the same folder,
opened, verified from the first row to the head, and put in its place when it is whole.
"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from itertools import count
from pathlib import Path

from ledger import history, migrate, placing, schema, sqlite, verification
from ledger.errors import BusyError, SchemaError, StoreError
from ledger.history import Head
from ledger.revision import check_revision, revision
from ledger.store import SQLiteStore, Store

#: What SQLite keeps beside a file; taken for another file's, they would ruin it.
_BESIDE = ("-journal", "-wal", "-shm")

#: How many faults are counted before the copy is given up.
_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A copy that was verified: where it is, its size in bytes, its head, its schema revision.

    `aside` is where the file that stood there before is now, if there was one and it was kept.
    """

    path: Path
    size: int
    head: Head
    revision: str
    aside: Path | None = None


def backup(store: Store, target: Path, *, force: bool = False) -> Kept:
    """Copy the ledger to the file `target`, verified; what stands there is replaced by `force`.

    Whoever wants to write waits while the pages are copied, but not while the copy is verified.
    Raises StoreError where the file cannot be written or is the ledger itself, where the copy does
    not verify, for then the ledger does not, and where the ledger is on a server.
    """
    with _copied(in_a_file(store), target) as (copy, found, head):
        if not force:
            _must_be_free(target)
        _remove_beside(target)
        _put(copy, target, force=force)
    return Kept(target, target.stat().st_size, head, found)


def in_a_file(store: Store) -> SQLiteStore:
    """The store, where it is a file: StoreError where it is a database on a server."""
    if isinstance(store, SQLiteStore):
        return store
    raise StoreError(
        f"{store.name} is on a server, and is kept safe there",
        "back it up and restore it with the server's own tools (docs/team.md); `ledger copy` "
        "makes a file of it",
    )


def restore(source: Path, target: Path, *, force: bool = False, now: datetime) -> Kept:
    """Make the backup `source` the ledger `target`; one that is there is kept aside if `force`.

    `now` is a moment with a time zone, for the name of the one kept aside. Raises SchemaError where
    the backup is no ledger or of a newer program, StoreError where it does not verify, where a
    ledger is there and not `force`, or where the file cannot be written, and BusyError where
    another program is writing to it.
    """
    if not source.exists():
        raise StoreError(f"there is no backup at {source}", _near(source))
    with _copied(SQLiteStore(source), target) as (copy, found, head):
        if not target.exists():
            _must_be_free(target)
            _put(copy, target, force=False)
            return Kept(target, target.stat().st_size, head, found)
        if not force:
            _must_be_free(target)
        with _held(target):
            aside = _kept_aside(target, now)
            _put(copy, target, force=True)
    return Kept(target, target.stat().st_size, head, found, aside)


def _near(source: Path) -> str:
    """What a mistyped name of a backup most likely meant."""
    names = [path.name for path in source.parent.glob("*") if path.is_file()]
    for name in get_close_matches(source.name, names, n=1, cutoff=0.75):
        return f"did you mean {source.with_name(name)}?"
    return "name the file that `ledger backup FILE` wrote"


@contextmanager
def _copied(store: SQLiteStore, target: Path) -> Iterator[tuple[Path, str, Head]]:
    """A verified copy beside `target`, its revision and its head; gone afterwards if not used."""
    if target.exists() and store.path.exists() and target.samefile(store.path):
        raise StoreError(f"{target} is the ledger itself", "name another file")
    if target.is_dir():
        raise StoreError(f"{target} is a folder", "name a file in it")
    with store.look() as connection:
        found = _known(revision(connection, store.name), store.path)
        copy = _new_beside(target)
        try:
            sqlite.copy(connection, copy)
        except BaseException:
            _remove(copy)
            raise
    try:
        shutil.copymode(store.path, copy)
        copy.chmod(copy.stat().st_mode | 0o600)
        yield copy, found, _verified(copy, found, store.path)
    finally:
        _remove(copy)


def _new_beside(target: Path) -> Path:
    try:
        return placing.new_beside(target)
    except OSError as error:
        raise StoreError(
            f"cannot write to {target.parent}: {error.strerror}",
            "name a folder that exists and may be written to",
        ) from None


def _known(found: str | None, path: Path) -> str:
    if found is None:
        raise SchemaError(f"{path} is a database, but not a ledger", "name another file")
    if found not in schema.REVISIONS:
        check_revision(found, str(path))
    return found


def _verified(copy: Path, found: str, origin: Path) -> Head:
    """The head of a copy that holds; StoreError where anything in it does not."""
    if found == schema.REVISION:
        return _checked(SQLiteStore(copy), origin)
    # An older ledger is verified as this program would read it, and kept as it is.
    upgraded = _new_beside(copy)
    try:
        with SQLiteStore(copy).look() as connection:
            sqlite.copy(connection, upgraded)
        migrate.upgrade(SQLiteStore(upgraded))
        return _checked(SQLiteStore(upgraded), origin)
    finally:
        _remove(upgraded)


def _checked(store: SQLiteStore, origin: Path) -> Head:
    with store.look() as connection:
        if faults := verification.wrong(connection, _COUNTED):
            raise StoreError(
                verification.refusal(origin, faults),
                f"nothing was written; `ledger --db {origin} verify` tells more",
            )
        return history.head(connection)


def _must_be_free(target: Path) -> None:
    if target.exists():
        raise StoreError(f"{target} exists already", "name another file, or add --force")
    for beside in _beside(target):
        raise StoreError(
            f"{beside} is left over from another database", "see what it belongs to; move it away"
        )


def _beside(path: Path) -> list[Path]:
    names = [path.with_name(f"{path.name}{ending}") for ending in _BESIDE]
    return [name for name in names if name.exists()]


def _put(copy: Path, target: Path, *, force: bool) -> None:
    """Give the copy its name, at once or not at all."""
    try:
        placing.put(copy, target, replace=force)
    except FileExistsError:
        raise StoreError(f"{target} exists already", "name another file, or add --force") from None
    except OSError as error:
        raise StoreError(f"cannot write {target}: {error.strerror}", "name another file") from None


@contextmanager
def _held(target: Path) -> Iterator[None]:
    """Let nobody write to the old ledger while it goes; what was interrupted in it is rolled back.

    One that is too damaged to open is not held.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(SQLiteStore(target).migration())
        except BusyError:
            raise
        except StoreError:
            pass
        yield


def _kept_aside(target: Path, now: datetime) -> Path:
    """Give the old ledger a dated name, and what SQLite keeps beside it too."""
    real = target.resolve()
    dated = f"{real.name}.{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    aside = real.with_name(dated)
    for number in count(2):
        if not aside.exists():
            break
        aside = real.with_name(f"{dated}.{number}")
    try:
        # A second name, so that at no moment there is no ledger where one is looked for.
        aside.hardlink_to(real)
    except OSError:  # a file system without links
        real.rename(aside)
    for beside in _beside(real):
        beside.rename(aside.with_name(f"{aside.name}{beside.name.removeprefix(real.name)}"))
    return aside


def _remove_beside(target: Path) -> None:
    for beside in _beside(target):
        beside.unlink()


def _remove(copy: Path) -> None:
    """Take away what is left of a copy; where the disk does not let it go, it is no harm."""
    with suppress(OSError):
        _remove_beside(copy)
        copy.unlink(missing_ok=True)
