"""SQLite itself: which version runs here, what is known to be wrong with it, how to copy a file.

Facts about the library and about one open file; nothing here knows what a claim is.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.errors import StoreError
from ledger.placing import settle

Release = tuple[int, int, int]

#: What a connection of `ledger.store` is set to, as the pragmas answer.
SETTINGS: dict[str, object] = {
    "journal_mode": "delete",
    "synchronous": 3,
    "foreign_keys": 1,
    "recursive_triggers": 1,
    "trusted_schema": 0,
}

#: The oldest release that has all that a ledger needs: `trusted_schema`; NULLS LAST in a view.
OLDEST: Release = (3, 31, 0)

#: Compile-time options without which a ledger is not safe, and what is wrong with each.
#: https://www.sqlite.org/compile.html
UNFIT: dict[str, str] = {
    "OMIT_TRIGGER": "there are no guards",
    "OMIT_FOREIGN_KEY": "a row may name another that is not there",
    "OMIT_AUTHORIZATION": "`ledger sql` could write",
    "OMIT_VIEW": "there are no public views",
    "OMIT_WINDOWFUNC": "the public views cannot be read",
    "OMIT_INTEGRITY_CHECK": "damage is not found",
    "NO_SYNC": "a power cut can damage the file",
    "DISABLE_DIRSYNC": "a power cut can lose what was acknowledged last",
}


@dataclass(frozen=True, slots=True)
class KnownFault:
    """A fault of SQLite that can touch a ledger: from release `since` until it was `fixed`.

    `wrong` is what goes wrong, in journal mode wal alone if `wal_only`; `source` is where it is
    told. A `grave` one makes answers or files wrong; the others take a rare or hostile statement.
    """

    name: str
    since: Release
    fixed: Release
    wrong: str
    source: str
    grave: bool
    wal_only: bool = False

    def touches(self, release: Release) -> bool:
        """Whether SQLite of this release has the fault; distributors may have mended it."""
        return self.since <= release < self.fixed


KNOWN_FAULTS: tuple[KnownFault, ...] = (
    KnownFault(
        "WAL reset",
        (3, 7, 0),
        (3, 51, 3),
        "two writers at once can damage a file in journal mode wal",
        "https://www.sqlite.org/wal.html#walresetbug",
        grave=True,
        wal_only=True,
    ),
    KnownFault(
        "EXISTS as a join",
        (3, 51, 0),
        (3, 51, 2),
        "EXISTS over a union can give wrong answers, such as those as of an earlier entry",
        "https://www.sqlite.org/releaselog/3_51_2.html",
        grave=True,
    ),
    KnownFault(
        "Bloom filters",
        (3, 38, 0),
        (3, 38, 5),
        "a join can leave rows out",
        "https://www.sqlite.org/releaselog/3_38_5.html",
        grave=True,
    ),
    KnownFault(
        "NOT NULL reduction",
        (3, 35, 0),
        (3, 45, 3),
        "a rare statement that asks for IS NULL can be answered wrongly",
        "https://www.sqlite.org/releaselog/3_45_3.html",
        grave=False,
    ),
    KnownFault(
        "CVE-2025-6965",
        (3, 0, 0),
        (3, 50, 2),
        "a hostile statement with very many aggregates can write past its memory",
        "https://nvd.nist.gov/vuln/detail/CVE-2025-6965",
        grave=False,
    ),
    KnownFault(
        "CVE-2025-29087",
        (3, 44, 0),
        (3, 49, 1),
        "a hostile statement with concat_ws() can write past its memory",
        "https://nvd.nist.gov/vuln/detail/CVE-2025-29087",
        grave=False,
    ),
    KnownFault(
        "CVE-2025-7458",
        (3, 39, 2),
        (3, 41, 2),
        "a hostile statement with a very long ORDER BY can read past its memory",
        "https://nvd.nist.gov/vuln/detail/CVE-2025-7458",
        grave=False,
    ),
)


def release() -> Release:
    """The release of SQLite that runs here."""
    major, minor, patch = sqlite3.sqlite_version_info[:3]
    return major, minor, patch


def compile_options(connection: sa.Connection) -> list[str]:
    """How SQLite was built: names, with =value where they have one."""
    return list(connection.exec_driver_sql("PRAGMA compile_options").scalars())


def setting(connection: sa.Connection, name: str) -> object:
    """What a pragma answers."""
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def damage(connection: sa.Connection, *, most: int = 20, indexes: bool = False) -> Iterator[str]:
    """What SQLite's quick check finds wrong with the file; `most` lines of it.

    With `indexes` it is the whole integrity check, which also holds every index against its table:
    reports read indexes, and no hash covers those.
    """
    check = "integrity_check" if indexes else "quick_check"
    try:
        if indexes:
            # Each row is looked up in each index: pages are met again and again, in no order. The
            # quick check goes through each tree from end to end, and would fill the room in vain.
            connection.exec_driver_sql(f"PRAGMA cache_size = {_MANY_PAGES}")
        # That a row obeys its CHECKs was seen when it was written; its hash tells it is the same.
        connection.exec_driver_sql("PRAGMA ignore_check_constraints = 1")
        for line in connection.exec_driver_sql(f"PRAGMA {check}({most:d})").scalars():
            if line != "ok":
                yield str(line)
    except sa.exc.DBAPIError as error:
        yield str(error.orig)
    except UnicodeDecodeError:  # it quotes what it found, which may be no text
        yield "the file is damaged"
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = {_FEW_PAGES}")


#: Page caches, in KiB (a negative number says so): while indexes are checked, and SQLite's own.
_MANY_PAGES, _FEW_PAGES = -128_000, -2_000


def dropping(things: Iterable[Sequence[str]]) -> list[str]:
    """What drops indexes and triggers, of each its kind and name as the catalogue has them."""
    return [f'DROP {kind} "{name.replace(chr(34), chr(34) * 2)}"' for kind, name, *_ in things]


def writes_json(connection: sa.Connection) -> bool:
    """Whether `canonical_rows` can be asked: of SQLite, which writes JSON as RFC 8785 has it."""
    return connection.dialect.name == "sqlite"


#: Of how many rows of a table it is learnt which columns they fill, and how many such sorts count.
_LEARNT, _SORTS = 6_000, 16
#: A prime past the numbers of rows, near 2**32 by the golden ratio: its multiples fall everywhere.
_SCATTER = 2_654_435_761


def fillings(connection: sa.Connection, table: sa.Table) -> list[frozenset[str]]:
    """Which columns the rows of a table fill: the commonest sorts, of rows from all over it."""
    newest = connection.exec_driver_sql(f"SELECT max(id) FROM main.{table.name}").scalar()  # noqa: S608
    if type(newest) is not int or newest < 1:
        return []
    # Scattered: what was done to every tenth row is not to be met in all of them, or in none.
    some = sorted({1 + part * _SCATTER % newest for part in range(_LEARNT)})
    filled = ", ".join(f"{column.name} IS NOT NULL" for column in table.c)
    found = connection.exec_driver_sql(
        f"SELECT {filled}, count(*) FROM main.{table.name}"  # noqa: S608
        f" WHERE id IN ({', '.join(map(str, some))}) GROUP BY {filled}"
        f" ORDER BY count(*) DESC, {filled} LIMIT {_SORTS:d}"
    )
    names = [column.name for column in table.c]
    return [frozenset(compress(names, row)) for row in found]


def canonical_rows(
    connection: sa.Connection,
    table: sa.Table,
    label: str,
    sorts: Sequence[frozenset[str]],
    *,
    since: int,
) -> Iterator[tuple[Sequence[bytes], Sequence[bytes]]]:
    """Of the rows that entries after `since` wrote, by primary key: what is hashed, and the leaves.

    What is hashed is the byte 0x00 and the canonical JSON of the row, of `table` under its `label`,
    NULLs left out; some thousand rows at a time. SQLite writes it from the row as it is stored, in
    half the time that Python takes to be given each value, and sooner of rows that fill what one of
    the `sorts` says. Where a value is none that a ledger writes, the bytes are not the row's or
    there is an error, and `ledger.canonical.stored_leaf` is to be asked.
    """
    columns = [column for column in table.c if column.name not in schema.NOT_HASHED]
    question = f"SELECT {_json(label, columns, sorts)}, leaf {_in_order(table, since)}"
    cursor = connection.exec_driver_sql(question).cursor
    while cursor is not None and (rows := cursor.fetchmany(_AT_A_TIME)):
        written, leaves = zip(*rows, strict=True)
        try:
            yield [b"\0" + row for row in written], leaves
        except TypeError:  # some rows are of no sort
            yield [b"\0" + row if type(row) is bytes else _hashed(row) for row in written], leaves


#: What is NULL in a row's JSON. Within a text a quote is escaped, so that none of it stands in one.
_NULLS = re.compile(r',"[a-z0-9_]+":null|(?<=\{)(?:"[a-z0-9_]+":null,)+')


def _hashed(row: str) -> bytes:
    """What is hashed of a row whose JSON has NULLs in it."""
    return b"\0" + _NULLS.sub("", row).encode()


def _json(label: str, columns: Sequence[sa.Column[Any]], sorts: Sequence[frozenset[str]]) -> str:
    """SQL for a row's JSON, its keys in order: bytes, without NULLs, if it is of one of the sorts.

    Text, with NULLs, where it is of none. Which it is is told by what some sorts fill and others do
    not, a bit for each column; what all fill counts where the column may be empty at all.
    """

    def of(filled: Iterable[str]) -> str:
        values = {"table": f"'{label}'"} | {name: name for name in filled}
        pairs = ", ".join(f"'{name}', {values[name]}" for name in sorted(values))
        return f"json_object({pairs})"

    names = [column.name for column in columns]
    sure = frozenset(column.name for column in columns if not column.nullable)
    kinds = list(dict.fromkeys(sure | sort.intersection(names) for sort in sorts))
    if not kinds:
        return of(names)
    ever = frozenset().union(*kinds)
    never = [name for name in names if name not in ever]
    asked = [name for name in names if name in ever and name not in sure]
    bits = " | ".join([f"(({name} IS NOT NULL) << {at})" for at, name in enumerate(asked)] or ["0"])
    cases = " ".join(
        f"WHEN {sum(1 << at for at, name in enumerate(asked) if name in kind)} "
        f"THEN CAST({of(kind)} AS BLOB)"
        for kind in kinds
    )
    told = f"CASE {bits} {cases} ELSE {of(names)} END"
    if not never:
        return told
    return f"CASE WHEN coalesce({', '.join(never)}, NULL) IS NULL THEN {told} ELSE {of(names)} END"


#: How many rows are read at once.
_AT_A_TIME = 2_000


def _in_order(table: sa.Table, since: int) -> str:
    """From which rows, in which order: as the table itself has them, and not an index."""
    after = f"WHERE entry_id > {since:d} " if since else ""
    key = ", ".join(column.name for column in table.primary_key)
    return f"FROM {table.name} NOT INDEXED {after}ORDER BY {key}"


def copy(connection: sa.Connection, target: Path) -> None:
    """Copy the database that `connection` reads to the file `target`, as that snapshot is.

    Through SQLite's online backup; https://www.sqlite.org/backup.html. The connection is in a
    transaction, so whoever wants to write waits until this returns; the copy is on the disk then.
    Raises StoreError where it cannot be written.
    """
    driver: Any = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        raise TypeError("only SQLite files are copied so")

    # A transaction holds its snapshot from its first reading on; without one, a backup that is
    # overtaken by a writer begins again.
    connection.exec_driver_sql("SELECT count(*) FROM main.sqlite_master").scalar()
    try:
        with closing(sqlite3.connect(target, isolation_level=None)) as destination:
            driver.backup(destination)
        settle(target)
    except (sqlite3.Error, OSError) as error:
        what = getattr(error, "sqlite_errorname", "SQLITE_IOERR_WRITE")
        if what.startswith(_NOT_WRITTEN):
            raise StoreError(
                f"no copy can be written to {target.absolute().parent}: that disk is full or fails",
                "free some space there, or name a file on another disk",
            ) from error
        raise


#: What SQLite says where a file cannot be written, and not where the other cannot be read.
_NOT_WRITTEN = (
    "SQLITE_FULL",
    "SQLITE_IOERR_WRITE",
    "SQLITE_IOERR_FSYNC",
    "SQLITE_IOERR_DIR_FSYNC",
    "SQLITE_IOERR_TRUNCATE",
    "SQLITE_IOERR_DELETE",
)
