"""Copies a whole ledger from one database to another: every version ever recorded, to one head.

Rows go over as they are stored, their leaf hashes with them, in one transaction at either end. The
guards and indexes of the new ledger are laid aside meanwhile and put back word by word; then all of
it is recomputed there, as it was where it came from, before anybody finds it under its name.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from ledger import fulltext, history, migrate, pgindexes, schema, verification
from ledger.canonical import timestamp
from ledger.errors import StoreError
from ledger.history import Head
from ledger.sqlite import dropping
from ledger.store import Store
from ledger.stored import raw

#: What is told of the work: what was done with how many more rows, and of how many in all.
Told = Callable[[str, int, int], None]

#: How many rows are read at a time; of documents, whose texts may be long, so many.
_AT_A_TIME, _OF_DOCUMENTS = 2_000, 20

#: How many faults are counted before a ledger is given up.
_COUNTED = 100

#: What the migrations write themselves.
_MADE = frozenset({schema.stance.name, schema.status.name})

Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy holds: its newest entry, and how many versions of rows."""

    head: Head
    versions: int


def copy(source: Store, target: Store, *, told: Told = lambda *_: None) -> Copied:
    """Copy the ledger at `source` to `target`, which must be empty or not be there yet.

    Both ends are verified whole; where either does not hold, or anything fails, nothing is left at
    `target`. Raises StoreError then, and SchemaError where `source` is no ledger of this schema.
    """
    if target.standing() == "there":
        raise StoreError(
            f"{target.name} is not empty", "name a ledger that is not there yet, or an empty one"
        )
    with source.reader() as connection:
        done = Copied(history.head(connection), history.versions(connection))

        def verified(rows: int) -> None:
            told("verified", rows, 2 * done.versions)

        def fill(made: Store) -> None:
            with made.writer(unlinked=True) as into:
                _copy_rows(connection, into, lambda rows: told("copied", rows, done.versions))
                fulltext.rebuild(into)
            with made.reader() as copied:
                _must_hold(copied, target.name, verified)
                if (head := history.head(copied)) != done.head:
                    raise StoreError(
                        f"the copy came to the head {head.hash}, and not {done.head.hash}; nothing "
                        "was kept of it",
                        f"`ledger --db {source.name} verify` looks over what was copied",
                    )

        _must_hold(connection, source.name, verified)
        migrate.create(target, fill=fill)
    return done


def _must_hold(connection: sa.Connection, name: str, told: Callable[[int], None]) -> None:
    """Refuse a ledger in which anything does not hold: StoreError."""
    if faults := verification.wrong(connection, _COUNTED, told=told):
        raise StoreError(
            verification.refusal(name, faults), f"`ledger --db {name} verify` tells more"
        )


def _copy_rows(origin: sa.Connection, into: sa.Connection, told: Callable[[int], None]) -> None:
    with _laid_aside(into):
        for table in schema.metadata.sorted_tables:
            if table.name in _MADE:
                continue
            versions = "entry_id" in table.c
            for rows in _put(into, table, _read(origin, table, into.dialect.name)):
                told(rows if versions else 0)


def _read(origin: sa.Connection, table: sa.Table, dialect: str) -> Iterator[Rows]:
    """All rows of a table as they are stored, by their numbers, some at a time.

    The values are as the database of that dialect takes them.
    """
    at_a_time = _OF_DOCUMENTS if table.name.startswith("document") else _AT_A_TIME
    query = sa.select(*raw(table.c)).order_by(*table.primary_key.columns)
    streamed = origin.execute(query, execution_options={"yield_per": at_a_time})
    as_text = dialect == "sqlite" and origin.dialect.name != "sqlite"
    for rows in streamed.partitions():
        yield [tuple(map(_as_text, row)) for row in rows] if as_text else [*map(tuple, rows)]


def _as_text(value: Any) -> Any:
    """A value as SQLite has it: days and moments are text."""
    if isinstance(value, datetime):
        return timestamp(value)
    return value.isoformat() if isinstance(value, date) else value


def _put(into: sa.Connection, table: sa.Table, batches: Iterator[Rows]) -> Iterator[int]:
    """Write rows, batch by batch; how many each time."""
    names = ", ".join(column.name for column in table.c)
    driver: Any = into.connection.driver_connection
    if into.dialect.name == "sqlite":
        marks = ", ".join("?" * len(table.c))
        statement = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608
        for rows in batches:
            driver.executemany(statement, rows)
            yield len(rows)
        return
    statement = f"COPY public.{table.name} ({names}) FROM STDIN"
    with driver.cursor() as cursor, cursor.copy(statement) as copying:
        for rows in batches:
            for row in rows:
                copying.write_row(row)
            yield len(rows)


@contextmanager
def _laid_aside(connection: sa.Connection) -> Iterator[None]:
    """Without guards and indexes in the block: what they see to is seen to when all is there."""
    lay_aside = _lay_aside if connection.dialect.name == "sqlite" else _lay_aside_on_server
    drop, put_back = lay_aside(connection)
    for statement in drop:
        connection.exec_driver_sql(statement)
    yield
    for statement in put_back:
        connection.exec_driver_sql(statement)


Statements = tuple[list[str], list[str]]


def _lay_aside(connection: sa.Connection) -> Statements:
    """What drops a file's triggers and indexes, and what makes them again, as they were made."""
    found = connection.exec_driver_sql(
        "SELECT type, name, sql FROM main.sqlite_master"
        " WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY rowid"
    ).all()
    return dropping(found), [sql for *_, sql in found]


def _lay_aside_on_server(connection: sa.Connection) -> Statements:
    """What does without a server's guards, indexes and links, and what has them again."""
    tables = [table.name for table in schema.metadata.sorted_tables]
    guards = [f"ALTER TABLE public.{name} {{}} TRIGGER USER" for name in tables]
    links = connection.execute(
        sa.text(
            "SELECT c.relname, k.conname, pg_get_constraintdef(k.oid)"
            " FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
            " WHERE k.contype = 'f' AND c.relnamespace = 'public'::regnamespace"
            " AND c.relname = ANY (:tables) ORDER BY k.oid"
        ),
        {"tables": tables},
    ).all()
    indexes = pgindexes.of(connection, tables)
    return (
        [
            *(guard.format("DISABLE") for guard in guards),
            *(f"ALTER TABLE public.{table} DROP CONSTRAINT {name}" for table, name, _ in links),
            *(f"DROP INDEX {name}" for name, _ in indexes),
        ],
        [
            *(definition for _, definition in indexes),
            *(f"ALTER TABLE public.{t} ADD CONSTRAINT {name} {made}" for t, name, made in links),
            *(guard.format("ENABLE") for guard in guards),
        ],
    )
