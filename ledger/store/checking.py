"""Whether a database is a ledger of this program's schema, on either database; only reads."""

from typing import Literal

import sqlalchemy as sa

from ledger.errors import SchemaError, StoreError
from ledger.revision import check_imprint, check_revision, is_empty, revision

#: Seconds a writer waits for another writer before it gives up.
BUSY_SECONDS = 30.0

#: What stands where a ledger is to be: nothing, something empty, or more than that.
Standing = Literal["absent", "blank", "there"]


def check(connection: sa.Connection, name: str) -> None:
    """Refuse the database `name` where it is no ledger that this program made: SchemaError."""
    found = revision(connection, name)
    if found is None and is_empty(connection):
        raise SchemaError(f"{name} is empty", f"`ledger --db {name} init` makes a ledger of it")
    if found is None:
        raise SchemaError(
            f"{name} is a database, but not a ledger",
            "name another with --db; `ledger init` makes a new ledger",
        )
    check_revision(found, name)
    check_imprint(connection, name)


def unseen_row(name: str) -> StoreError:
    """That a view of the ledger `name` does not show a row that is there."""
    return StoreError(f"a row of {name} is not in its view", foreign_views(name))


def foreign_views(name: str) -> str:
    """What to do where the ledger `name` does not answer as its views do."""
    return (
        f"the ledger's views are not the program's: `ledger --db {name} verify` says which were "
        "altered"
    )
