"""Which schema a database has: what it says of itself, and what its catalogue shows.

A ledger says in one row of `alembic_version` what schema it has. No hash covers that row, and
whoever alters it can make a sound ledger look like an older one: so it is held against what is
there. Only reads.
"""

from hashlib import sha256

import sqlalchemy as sa

from ledger import cataloguing, schema
from ledger.errors import ForgedError, SchemaError
from ledger.rules import shown

#: Something of the catalogue that each revision brought, by which a database that has it is known.
#: One that brought nothing to a SQLite file cannot be told there from the one before it.
BROUGHT = {
    "0001": "claim",
    "0002": "claim_keep",
    "0003": "claims",
    "0004": "acceptance",
    "0005": "receipt",
    "0006": "ix_claim_via_id",
}

#: What later revisions brought to PostgreSQL alone.
BROUGHT_TO_SERVERS = {"0007": "claim_text", "0008": "awaited_entry"}

#: The catalogue of a SQLite file that the migrations up to each revision make, as `imprint` has it;
#: a test holds it against them. For servers that is told in `ledger.cataloguing`.
IMPRINTS = {
    "0001": "47c91ba620862e5c20636a5abf24240762c2cd0abb76c9050001f572f878449a",
    "0002": "b64c9baba1ff3dd0c3cd3e568f127bc7f8f7a54f1558aec652ac9facc9ef5299",
    "0003": "711b80c931cffad14f470b4b5c3309faa0cd60ce6581c6b82fc90766c135dcef",
    "0004": "0b57684e0975ea2e01d2d8a91a6a450c6104a9fcd52288aa1fd295b3899aa404",
    "0005": "9956b6c216100f103733ce9da2a34500b8e9e4588539d469a654702c92f7f8a3",
    "0006": "1f9f19241ed7fc71ece90bbf0a39f6a977fa1f6a709a0c7a22beb99ca5af44ad",
    "0007": "1f9f19241ed7fc71ece90bbf0a39f6a977fa1f6a709a0c7a22beb99ca5af44ad",
    "0008": "1f9f19241ed7fc71ece90bbf0a39f6a977fa1f6a709a0c7a22beb99ca5af44ad",
}

#: The same of the newest revision, to the letter: a catalogue that has it needs no closer look.
WRITTEN = "81f78e259c2890ad15bc2225a68c8348f730452fa9687524ad077313f3c9a784"

#: Where a ledger says it.
TABLE = "alembic_version"


def revision(connection: sa.Connection, name: str) -> str | None:
    """The schema revision of the database `name`, or None where it is no ledger.

    It may be one of a newer program. Raises ForgedError where the database says that it has another
    schema than it shows.
    """
    names = cataloguing.names(connection)
    if not {"entry", "claim"} <= names:
        return None
    said = cataloguing.revision_said(connection, TABLE) if TABLE in names else []
    brought = _brought(connection)
    shown_as = max((each for each, mark in brought.items() if mark in names), default="")
    there = max(each for each in ("", *schema.REVISIONS) if _shows_as(each, brought) == shown_as)
    if not said and TABLE not in names and there == schema.REVISIONS[0]:
        return None  # another program's tables may be called so too
    if len(said) == 1 and (_shows_as(said[0], brought) == shown_as or _newer(said[0])):
        return said[0]
    if said == [schema.REVISION]:
        return schema.REVISION  # something of it is missing, and the catalogue's faults say what
    raise forged(name, said, there)


def forged(name: str, said: list[str], there: str) -> ForgedError:
    """That the database `name` says one thing of its schema, and shows that it is `there`."""
    told = "nothing" if not said else " and ".join(map(shown, said))
    says = f"says {told}, but the tables are those of schema {there}"
    return ForgedError(
        f"{name} was altered by another hand: its table {TABLE} {says}",
        f"`ledger --db {name} verify` tells more",
        there,
        f"it {says}",
    )


def imprint(connection: sa.Connection) -> str:
    """The SHA-256 of a SQLite file's catalogue: of every table, index, trigger and view as made.

    Spaces and the quote marks around names, which releases of SQLite may write otherwise, do not
    count.
    """
    return sha256(_written(connection).translate(None, delete=b' \t\n"')).hexdigest()


def is_written_as_made(connection: sa.Connection) -> bool:
    """Whether a SQLite file's catalogue is, to the letter, what this program's migrations make.

    Where it is not, a release of SQLite may only have written it otherwise.
    """
    return sha256(_written(connection)).hexdigest() == WRITTEN


def _written(connection: sa.Connection) -> bytes:
    """All of the catalogue in one; SQLite takes no statement that holds the bytes between."""
    lines = (row for row in cataloguing.as_written(connection) if row[1] not in _STATISTICS)
    return b"\1".join(b"\0".join(part or b"" for part in row) for row in lines)


_STATISTICS = {name.encode() for name in cataloguing.STATISTICS}


def check_imprint(connection: sa.Connection, name: str, found: str = schema.REVISION) -> None:
    """Refuse a ledger of schema `found` with a table, index, trigger or view that is not its own.

    Nothing of the file was run by then: a trigger runs with what is written, a view with what is
    read. SchemaError where anything was added, altered or taken away.
    """
    if connection.dialect.name == "postgresql":
        is_ours = cataloguing.is_as_made(connection, found)
    else:
        is_ours = imprint(connection) == IMPRINTS[found]
    if not is_ours:
        raise SchemaError(
            f"{name} was altered by another hand: not all of its tables, indexes, triggers and "
            "views are the program's; nothing of it was run",
            f"`ledger --db {name} verify` says which; `ledger restore` brings a backup back",
        )


def is_empty(connection: sa.Connection) -> bool:
    """Whether a database holds nothing at all yet."""
    return not sa.inspect(connection).get_table_names()


def check_revision(found: str, name: str) -> None:
    """Refuse a ledger whose schema is older or newer than this program's: SchemaError."""
    if found == schema.REVISION:
        return
    if found in schema.REVISIONS:
        raise SchemaError(
            f"{name} has schema {found}; this program needs {schema.REVISION}",
            f"`ledger --db {name} init --upgrade` upgrades it, after which older programs "
            "cannot read it: keep a copy",
        )
    raise SchemaError(
        f"{name} was made by a newer program: it has schema {found}, and this one knows up to "
        f"{schema.REVISION}",
        "install the newest claim-ledger (pip install --upgrade claim-ledger); "
        f"if there is none, `ledger --db {name} verify` tells more",
    )


def _brought(connection: sa.Connection) -> dict[str, str]:
    on_a_server = connection.dialect.name == "postgresql"
    return {**BROUGHT, **BROUGHT_TO_SERVERS} if on_a_server else BROUGHT


def _shows_as(said: str, brought: dict[str, str]) -> str:
    """The newest revision that brought something here of those up to the one that is said."""
    if said not in schema.REVISIONS:
        return said
    return max((each for each in brought if each <= said), default="")


def _newer(said: str) -> bool:
    """Whether a newer program may have said so: revisions are numbered."""
    return len(said) == len(schema.REVISION) and said.isdecimal() and said > schema.REVISION
