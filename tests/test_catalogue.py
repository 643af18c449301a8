"""Whoever touches the guards, the views or the tables is found out by the migrations."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ledger import migrate, schema
from ledger.catalogue import CatalogueFault, catalogue_faults, made
from ledger.errors import StoreError
from ledger.store import SQLiteStore
from ledger.views import SQLITE_VIEWS

pytestmark = pytest.mark.sqlite("catalogues of files; of a server see tests/postgresql")


@contextmanager
def by_hand(store: SQLiteStore) -> Iterator[sqlite3.Connection]:
    """A connection as the sqlite3 shell has one."""
    connection = sqlite3.connect(store.path)
    with connection:
        yield connection
    connection.close()


def faults(store: SQLiteStore) -> list[CatalogueFault]:
    with store.look() as connection:
        return list(catalogue_faults(connection))


def test_a_fresh_ledger_is_as_the_migrations_make_it(store: SQLiteStore) -> None:
    assert faults(store) == []
    # Eight guards a versioned table or more, three an entry, three a vocabulary.
    with store.look() as connection:
        assert made("trigger", connection) >= 8 * len(schema.VERSIONED) + 3 + 2 * 3
        assert made("view", connection) == len(SQLITE_VIEWS)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("DROP TRIGGER claim_keep", ("trigger", "claim_keep", "is missing")),
        ("DROP VIEW claims", ("view", "claims", "is missing")),
        ("DROP INDEX ix_claim_entry_id", ("index", "ix_claim_entry_id", "is missing")),
        ("CREATE TABLE mine (x)", ("table", "mine", "is none of the program's")),
        ("CREATE VIEW mine AS SELECT 1", ("view", "mine", "is none of the program's")),
        (
            "CREATE TRIGGER late AFTER INSERT ON entry BEGIN SELECT 1; END",
            ("trigger", "late", "is none of the program's"),
        ),
        ("ALTER TABLE claim ADD COLUMN mine TEXT", ("table", "claim", "was altered")),
    ],
)
def test_what_is_missing_added_or_altered_is_named(
    store: SQLiteStore, statement: str, fault: tuple[str, str, str]
) -> None:
    with by_hand(store) as connection:
        connection.execute(statement)
    assert CatalogueFault(*fault) in faults(store)


def test_a_guard_that_looks_like_ours_and_does_nothing_is_found(store: SQLiteStore) -> None:
    with by_hand(store) as connection:
        connection.execute("DROP TRIGGER claim_keep")
        connection.execute("CREATE TRIGGER claim_keep BEFORE DELETE ON claim BEGIN SELECT 1; END")
    assert faults(store) == [CatalogueFault("trigger", "claim_keep", "was altered")]


def test_a_view_that_leaves_rows_out_is_found(store: SQLiteStore) -> None:
    with by_hand(store) as connection:
        (sql,) = connection.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'events'"
        ).fetchone()
        connection.execute("DROP VIEW events")
        connection.execute(f"{sql} WHERE e.id <> 1")
    assert faults(store) == [CatalogueFault("view", "events", "was altered")]


def test_what_was_written_into_the_catalogue_itself_is_found(store: SQLiteStore) -> None:
    with by_hand(store) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'is ever deleted', 'is ever dleted')"
            " WHERE name = 'entry_keep'"
        )
    assert faults(store) == [CatalogueFault("trigger", "entry_keep", "was altered")]


def test_a_catalogue_that_is_no_text_is_damage(store: SQLiteStore) -> None:
    with by_hand(store) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET name = CAST(x'ff' AS TEXT) WHERE name = 'events'"
        )
    with pytest.raises(StoreError, match="is damaged"):
        faults(store)


def test_what_analyze_leaves_behind_is_no_fault(store: SQLiteStore) -> None:
    with by_hand(store) as connection:
        connection.execute("ANALYZE")
    assert faults(store) == []


def test_a_ledger_that_was_upgraded_is_as_one_made_today(store: SQLiteStore) -> None:
    store.path.unlink()
    migrate.create(store, to=schema.REVISIONS[0])
    migrate.upgrade(store)
    assert faults(store) == []
