"""The catalogue of a ledger: its tables, indexes, guards and views, against what migrations make.

A guard that was dropped, a view that was rewritten, a trigger slipped in beside ours: none of them
changes a row, so no hash tells. The migrations do: they are run in memory, and the two catalogues
compared word by word. Of a server's catalogue, what they make of it is kept (`ledger.cataloguing`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import sqlalchemy as sa

from ledger import cataloguing, migrate, schema
from ledger.cataloguing import Catalogue
from ledger.errors import ForgedError
from ledger.revision import forged, is_written_as_made, revision

_MISSING = "is missing"


@dataclass(frozen=True, slots=True)
class CatalogueFault:
    """One thing of the catalogue that is not as the migrations make it.

    `kind` is table, index, trigger, view or a server's function; `name` what it is called; `what`
    is wrong: it is missing, was altered, or is none of the program's.
    """

    kind: str
    name: str
    what: str

    def __str__(self) -> str:
        """In a line: `trigger claim_keep is missing`."""
        return f"{self.kind} {self.name} {self.what}"


def catalogue_faults(connection: sa.Connection) -> Iterator[CatalogueFault]:
    """What the database's catalogue says otherwise than the migrations; by kind, then name.

    `connection` reads a ledger of this program's revision.
    """
    if connection.dialect.name == "sqlite" and is_written_as_made(connection):
        return
    listed = cataloguing.listed(connection)
    found: Mapping[tuple[str, str], object] = listed
    if connection.dialect.name == "postgresql":
        found = cataloguing.digests(connection, listed)
    made = _made(connection)
    kinds = cataloguing.KINDS[connection.dialect.name]
    for kind, name in sorted({*found, *made}, key=lambda key: (_place(key[0], kinds), key)):
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


def made(kind: str, connection: sa.Connection) -> int:
    """How many of a kind the migrations make on the database that is read."""
    return sum(each == kind for each, _ in _made(connection))


def _place(kind: str, kinds: tuple[str, ...]) -> int:
    return kinds.index(kind) if kind in kinds else len(kinds)


def _made(connection: sa.Connection) -> Mapping[tuple[str, str], object]:
    if connection.dialect.name == "postgresql":
        return cataloguing.expected(connection, schema.REVISION)
    return _made_in_memory()


@cache
def _made_in_memory() -> Catalogue:
    engine = sa.create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            migrate.run(connection)
            return cataloguing.listed(connection)
    finally:
        engine.dispose()
