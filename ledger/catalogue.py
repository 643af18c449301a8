"""The catalogue of a ledger: its tables, indexes, guards and views, against what migrations make.

A guard that was dropped, a view that was rewritten, a trigger slipped in beside ours: none of them
changes a row, so no hash tells. The migrations do: they are run in memory, and the two catalogues
compared word by word.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import sqlalchemy as sa

from ledger import migrate, schema
from ledger.errors import ForgedError
from ledger.revision import STATISTICS, forged, revision

_MISSING = "is missing"

#: What kinds of things a catalogue lists, in the order of their faults.
KINDS = ("table", "index", "trigger", "view")


@dataclass(frozen=True, slots=True)
class CatalogueFault:
    """One thing of the catalogue that is not as the migrations make it.

    `kind` is table, index, trigger or view; `name` what it is called; `what` is wrong: it is
    missing, was altered, or is none of the program's.
    """

    kind: str
    name: str
    what: str

    def __str__(self) -> str:
        """In a line: `trigger claim_keep is missing`."""
        return f"{self.kind} {self.name} {self.what}"


def catalogue_faults(connection: sa.Connection) -> Iterator[CatalogueFault]:
    """What the file's catalogue says otherwise than the migrations; by kind, then name.

    `connection` reads a SQLite ledger of this program's revision.
    """
    found, made = _catalogue(connection), _made()
    for kind, name in sorted({*found, *made}, key=lambda key: (_place(key[0]), key[1])):
        if (kind, name) not in found:
            yield CatalogueFault(kind, name, _MISSING)
        elif (kind, name) not in made:
            yield CatalogueFault(kind, name, "is none of the program's")
        elif found[kind, name] != made[kind, name]:
            yield CatalogueFault(kind, name, "was altered")


def revision_fault(connection: sa.Connection, name: str) -> ForgedError | None:
    """What the database `name` says of its schema and what contradicts it, as an error, if it does.

    A number that only a newer program would write is believed where anything is there that this
    program's migrations do not make.
    """
    try:
        said = revision(connection, name)
    except ForgedError as error:
        return error
    if said is None or said in schema.REVISIONS:
        return None
    if any(fault.what != _MISSING for fault in catalogue_faults(connection)):
        return None
    return forged(name, [said], schema.REVISION)


def made(kind: str) -> int:
    """How many of a kind the migrations make."""
    return sum(each == kind for each, _ in _made())


def _place(kind: str) -> int:
    return KINDS.index(kind) if kind in KINDS else len(KINDS)


Catalogue = dict[tuple[str, str], tuple[str, str]]


def _catalogue(connection: sa.Connection) -> Catalogue:
    """By kind and name: the table it belongs to, and the statement that made it."""
    # As bytes: a name that another hand wrote need not be text.
    rows = connection.exec_driver_sql(
        "SELECT CAST(type AS BLOB), CAST(name AS BLOB), CAST(tbl_name AS BLOB), CAST(sql AS BLOB)"
        " FROM main.sqlite_master ORDER BY type, name"
    )
    texts = ([_text(value) for value in row] for row in rows)
    return {
        (kind, name): (table, sql)
        for kind, name, table, sql in texts
        if kind != "table" or name not in STATISTICS
    }


def _text(value: bytes | None) -> str:
    return "" if value is None else value.decode(errors="backslashreplace")


@cache
def _made() -> Catalogue:
    engine = sa.create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            migrate.run(connection)
            return _catalogue(connection)
    finally:
        engine.dispose()
