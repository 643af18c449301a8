"""Makes a ledger's schema and upgrades it; the one module that imports Alembic."""

from collections.abc import Callable
from importlib.resources import as_file, files

import sqlalchemy as sa

from ledger import fulltext, schema
from ledger.errors import SchemaError
from ledger.revision import IMPRINTS, check_imprint, check_revision, is_empty, revision
from ledger.store import Store


def create(
    store: Store, *, to: str = "head", fill: Callable[[Store], object] = lambda _: None
) -> None:
    """Make a new ledger, its schema, and what `fill` writes into it: all of it or nothing.

    StoreError if something that is not empty has its name.
    """
    with store.made() as made:
        _run(made, to)
        fill(made)


def current(store: Store) -> str | None:
    """The schema revision of the file, or None for an empty database.

    Raises SchemaError if it is no ledger, ForgedError if it is none of what it says.
    """
    with store.migration() as connection:
        found = revision(connection, store.name)
        if found is None and not is_empty(connection):
            raise SchemaError(
                f"{store.name} is a database, but not a ledger", "name another file with --db"
            )
        return found


def upgrade(store: Store) -> None:
    """Bring an older ledger, or an empty database, to this program's schema, in one transaction.

    Raises SchemaError for a newer one, ForgedError as `current` does.
    """
    found = current(store)
    if found is not None and found not in schema.REVISIONS:
        check_revision(found, store.name)
    if found is None:
        store.mark()
    _run(store, "head")


def run(connection: sa.Connection, *, to: str = "head") -> None:
    """Run the migrations up to revision `to` on a connection that is in a transaction.

    On SQLite and PostgreSQL alike the caller's commit keeps all of it, and a rollback leaves the
    schema as it was.
    """
    from alembic import command
    from alembic.config import Config

    with as_file(files("ledger.migrations")) as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def _run(store: Store, to: str) -> None:
    with store.migration() as connection:
        before = revision(connection, store.name)
        if before in IMPRINTS:  # a trigger of another hand's would run with what is written
            check_imprint(connection, store.name, before)
        run(connection, to=to)
        if before is not None and to == "head" and not fulltext.was_there(connection, before):
            fulltext.rebuild(connection)
