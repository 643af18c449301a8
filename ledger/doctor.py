"""Is this ledger in good health? The file and SQLite, or the server; the guards, the clock.

Looks, changes nothing, and says what to do. What was recorded is `chain.verify`'s to check.
"""

import os
import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from importlib import metadata
from pathlib import Path

import sqlalchemy as sa

from ledger import __version__, catalogue, fulltext, history, schema, server, sqlite
from ledger.canonical import timestamp
from ledger.catalogue import revision_fault
from ledger.cataloguing import KINDS
from ledger.errors import BusyError, SchemaError, StoreError
from ledger.revision import revision
from ledger.store import SQLiteStore, Store

#: What this program is built on; a library that is not installed is not told.
_LIBRARIES = (
    "sqlalchemy",
    "psycopg",
    "alembic",
    "click",
    "orjson",
    "pandas",
    "rich",
    "cryptography",
)

#: So much that a transaction of an ordinary day needs.
_LEAST_FREE = 16 * 1024 * 1024

#: How far a clock may be off.
_DRIFT = timedelta(minutes=5)

_ALTERED = "`ledger verify`, then `ledger restore` a backup from before"
_UPGRADE = "install a newer SQLite, or a Python that brings one"


class State(StrEnum):
    """How a check came out: `fault` needs mending, `warn` needs knowing."""

    OK = "ok"
    WARN = "warn"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: what it is called, how it is, what was seen, and what to do."""

    check: str
    state: State
    what: str
    advice: str = ""


def examine(store: Store, *, now: datetime) -> Iterator[Check]:
    """Look the ledger over; `now` is this machine's clock, with a time zone.

    Raises StoreError where the file cannot be opened at all, SchemaError where it is no ledger.
    """
    with store.look() as connection:
        forged = revision_fault(connection, store.name)
        found = forged.there if forged else revision(connection, store.name)
        if found is None:
            raise SchemaError(f"{store.name} is a database, but not a ledger", "name another file")
        yield _software()
        if isinstance(store, SQLiteStore):
            yield from _sqlite(connection)
            yield from _settings(connection)
            yield _file(connection)
            yield from _room(store.path)
        else:
            yield from _server(connection)
        yield Check("schema", State.FAULT, forged.message, _ALTERED) if forged else _schema(found)
        if found == schema.REVISION:
            yield from _catalogue(connection)
            yield _index(store, connection)
            yield _clock(connection, now)


def _software() -> Check:
    versions = [f"claim-ledger {__version__}", f"Python {platform.python_version()}"]
    for library in _LIBRARIES:
        try:
            versions.append(f"{library} {metadata.version(library)}")
        except metadata.PackageNotFoundError:
            continue
    return Check("software", State.OK, ", ".join(versions))


def _sqlite(connection: sa.Connection) -> Iterator[Check]:
    release = sqlite.release()
    named = ".".join(map(str, release))
    if release < sqlite.OLDEST:
        oldest = ".".join(map(str, sqlite.OLDEST))
        yield Check("SQLite", State.FAULT, f"{named}; a ledger needs {oldest}", _UPGRADE)
    else:
        yield Check("SQLite", State.OK, named)
    wal = sqlite.setting(connection, "journal_mode") == "wal"
    for known in sqlite.KNOWN_FAULTS:
        if known.touches(release):
            yield _known(known, wal)
    options = sqlite.compile_options(connection)
    unfit = [f"{name}: {why}" for name, why in sqlite.UNFIT.items() if name in options]
    yield Check(
        "SQLite build",
        State.FAULT if unfit else State.OK,
        "; ".join(unfit) or "has all that a ledger needs",
        _UPGRADE if unfit else "",
    )


def _known(known: sqlite.KnownFault, wal: bool) -> Check:
    fixed = ".".join(map(str, known.fixed))
    told = f"{known.wrong}; fixed in {fixed}: {known.source}"
    if known.wal_only and not wal:
        return Check(f"SQLite, {known.name}", State.OK, f"does not touch this ledger: {told}")
    state = State.FAULT if known.grave else State.WARN
    return Check(f"SQLite, {known.name}", state, told, f"{_UPGRADE}, unless yours is mended")


def _settings(connection: sa.Connection) -> Iterator[Check]:
    for name, wanted in sqlite.SETTINGS.items():
        found = sqlite.setting(connection, name)
        if found == wanted:
            yield Check(name, State.OK, str(found))
        else:
            yield Check(
                name,
                State.FAULT,
                f"{found}; a ledger needs {wanted}",
                "close other programs that have the file open, then look again",
            )


def _file(connection: sa.Connection) -> Check:
    found = list(sqlite.damage(connection, indexes=True))
    if not found:
        return Check("file", State.OK, "SQLite's quick check finds no damage")
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return Check("file", State.FAULT, f"{found[0]}{more}", "`ledger restore` a backup")


def _server(connection: sa.Connection) -> Iterator[Check]:
    yield Check("PostgreSQL", State.OK, server.release(connection))
    for each in server.settings(connection):
        if each.right:
            yield Check(each.name, State.OK, each.found)
        else:
            state = State.FAULT if each.grave else State.WARN
            yield Check(each.name, state, f"{each.found}: {each.harm}", _SET)
    name, records, owns = server.role(connection)
    may = "may read, and record" if records else "may read"
    if owns:
        # Guards hold everybody but who may take them away.
        told = f"{name} {may}, and could alter what is recorded: guards do not hold an owner"
        yield Check("role", State.WARN, told, "`ledger grant` makes roles to work as")
    else:
        yield Check("role", State.OK, f"{name} {may}")
    if server.checks_indexes(connection):
        damaged = [*server.damage(connection)]
        state = State.FAULT if damaged else State.OK
        told = "; ".join(damaged) or "PostgreSQL finds each right"
        yield Check("indexes on disk", state, told, "REINDEX by the owner" if damaged else "")
    else:
        told = "not held against their tables: the extension amcheck is not there for this role"
        yield Check("indexes on disk", State.OK, told)
    room = "what is free there is the server's administrator's to know"
    yield Check("disk", State.OK, f"the database has {_megabytes(server.size(connection))}; {room}")


_SET = "ask the server's administrator to set it on"


def _room(path: Path) -> Iterator[Check]:
    folder, size = path.absolute().parent, path.stat().st_size
    free = shutil.disk_usage(folder).free
    told = f"{_megabytes(free)} free; the file has {_megabytes(size)}"
    if free < _LEAST_FREE:
        yield Check("disk", State.FAULT, told, f"free some space at {folder}")
    elif free < 2 * size:
        yield Check("disk", State.WARN, told, "a backup here, or a large import, may not fit")
    else:
        yield Check("disk", State.OK, told)
    if _writable(path):
        yield Check("writable", State.OK, "the file and its folder")
    else:
        yield Check(
            "writable",
            State.WARN,
            "the file or its folder may not be written to",
            "reading works; to record, ask for permission on both",
        )


def _writable(path: Path) -> bool:
    folder = path.absolute().parent
    return os.access(path, os.W_OK) and os.access(folder, os.W_OK | os.X_OK)


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"


def _schema(found: str) -> Check:
    if found == schema.REVISION:
        return Check("schema", State.OK, found)
    if found in schema.REVISIONS:
        told = f"{found}; this program needs {schema.REVISION}"
        return Check("schema", State.FAULT, told, "`ledger backup`, then `ledger init --upgrade`")
    told = f"{found}, of a newer program; this one knows up to {schema.REVISION}"
    return Check("schema", State.FAULT, told, "install the newest claim-ledger")


_CALLED = {
    "table": "tables",
    "index": "indexes",
    "trigger": "guards",
    "function": "functions of the guards",
    "view": "public views",
}


def _catalogue(connection: sa.Connection) -> Iterator[Check]:
    """A row for each kind of thing, and where one is not as it was made, a row for each fault."""
    faults = list(catalogue.catalogue_faults(connection))
    for kind in KINDS[connection.dialect.name]:
        mine = [fault for fault in faults if fault.kind == kind]
        for fault in mine:
            yield Check(
                _CALLED[kind],
                State.FAULT,
                str(fault),
                _ALTERED,
            )
        if not mine:
            told = f"{catalogue.made(kind, connection)}, as the migrations make them, and no other"
            yield Check(_CALLED[kind], State.OK, told)


def reindex(store: Store) -> None:
    """Make the index of words anew, from every version there is; StoreError as `store.writer`."""
    with store.writer() as connection:
        fulltext.rebuild(connection)


def _index(store: Store, connection: sa.Connection) -> Check:
    """Whether the index of words has each version, and on SQLite what FTS5 says of it."""
    name, advice = "index of words", "`ledger doctor --reindex` makes it anew"
    try:
        lacking = [f"{table}: {number:,}" for table, number in fulltext.missing(connection)]
        if lacking:
            told = f"it lacks versions ({', '.join(lacking)}), which `search` does not find"
            return Check(name, State.FAULT, told, advice)
        if surplus := fulltext.surplus(connection):
            return Check(name, State.FAULT, f"it has {surplus:,} versions too many", advice)
        if store.path is None:
            return Check(name, State.OK, "has every version")
        if _writable(store.path):
            # FTS5 looks its tables over on a connection that may write; nothing of it is kept.
            with SQLiteStore(store.path, busy_seconds=1).writer() as writing:
                fulltext.check(writing)
                writing.rollback()
            return Check(name, State.OK, "has every version, and FTS5 finds it sound")
    except (BusyError, SchemaError):
        # Who holds the file reads the index too, and would meet what is wrong with it; what was
        # altered is told elsewhere.
        pass
    except (StoreError, sa.exc.DBAPIError) as error:
        told = error.message if isinstance(error, StoreError) else str(error.orig)
        return Check(name, State.FAULT, told, advice)
    return Check(name, State.OK, "has every version; FTS5, which wants to write, was not asked")


def _clock(connection: sa.Connection, now: datetime) -> Check:
    try:
        newest = history.head(connection)
    except StoreError as error:
        return Check("clock", State.FAULT, error.message, error.hint)
    if newest.recorded_at is None:
        return Check("clock", State.OK, f"{timestamp(now)}; nothing is recorded yet")
    told = f"{timestamp(now)}; the newest entry, {newest.entry}, {timestamp(newest.recorded_at)}"
    if newest.recorded_at - now > _DRIFT:
        return Check(
            "clock",
            State.WARN,
            f"{told}, lies ahead",
            "set the clock that is wrong; until then entries take the later time",
        )
    return Check("clock", State.OK, told)
