"""Another's ledger is believed only when the whole of it holds, and is never written to."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ledger import history, journal, migrate, schema
from ledger.errors import LedgerError, SchemaError
from ledger.exchange.visiting import is_database, visited
from ledger.store import SQLiteStore
from tests.build import NOON, a_claim
from tests.exchange.test_merging import counts, merge
from tests.tampering import by_hand

pytestmark = pytest.mark.sqlite("another analyst brings a file")


def alter(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        for statement in statements:
            raw.execute(statement)


@pytest.fixture
def other(template: Path, tmp_path: Path) -> SQLiteStore:
    """Tom's ledger of one claim."""
    store = SQLiteStore(Path(shutil.copy(template, tmp_path / "tom.db")))
    with journal.entry(store, recorded_by="tom", recorded_at=NOON) as draft:
        a_claim(draft)
    return store


def refused(store: SQLiteStore, path: Path) -> LedgerError:
    before = path.read_bytes()
    with pytest.raises(LedgerError) as caught:
        merge(store, SQLiteStore(path))
    assert path.read_bytes() == before
    assert not any(counts(store).values())
    return caught.value


def test_a_ledger_is_known_by_how_it_begins(other: SQLiteStore, tmp_path: Path) -> None:
    named = other.path.rename(tmp_path / "claims.csv")
    assert is_database(named)
    other.path.write_text("proposition,source,stance\n")
    assert not is_database(other.path)
    assert not is_database(tmp_path)


def test_this_ledger_itself_is_refused(store: SQLiteStore, tmp_path: Path) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(store.path)
    assert "is this ledger itself" in refused(store, link).message


def test_another_database_is_no_ledger(store: SQLiteStore, tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    alter(path, "CREATE TABLE t (x)")
    assert "is a database, but not a ledger" in refused(store, path).message


def test_a_newer_ledger_is_refused(store: SQLiteStore, other: SQLiteStore) -> None:
    alter(other.path, "UPDATE alembic_version SET version_num = '0099'", "CREATE TABLE more (x)")
    error = refused(store, other.path)
    assert isinstance(error, SchemaError)
    assert "newer program" in error.message


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE claim SET stance = 'denies'",
        "UPDATE entry SET recorded_by = 'maria'",
        "DELETE FROM source",
        "INSERT INTO source_alias SELECT 1, 1, 'another', 1, x'' FROM entry",
    ],
)
def test_a_ledger_that_was_tampered_with_is_refused(
    store: SQLiteStore, other: SQLiteStore, statement: str
) -> None:
    with by_hand(other.path) as raw:
        raw.execute(statement)
    error = refused(store, other.path)
    assert "does not verify" in error.message
    assert "nothing was imported" in error.hint


def test_a_trigger_slipped_in_is_found(store: SQLiteStore, other: SQLiteStore) -> None:
    alter(other.path, "CREATE TRIGGER evil AFTER INSERT ON claim BEGIN SELECT 1; END")
    assert "trigger evil is none of the program's" in refused(store, other.path).message


def test_a_damaged_ledger_is_refused(store: SQLiteStore, other: SQLiteStore) -> None:
    data = bytearray(other.path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 4096] = b"\xa5" * 4096
    other.path.write_bytes(data)
    refused(store, other.path)


def test_an_older_ledger_is_read_through_an_upgraded_copy(
    store: SQLiteStore, tmp_path: Path
) -> None:
    older = SQLiteStore(tmp_path / "older.db")
    migrate.create(older, to="0004")
    before = older.path.read_bytes()
    with visited(older.path, store, lambda *_: None) as connection:
        assert history.head(connection).entry == 0
    assert older.path.read_bytes() == before
    assert migrate.current(older) == "0004" != schema.REVISION


def test_a_ledger_that_may_not_be_written_to_can_be_read(
    store: SQLiteStore, other: SQLiteStore
) -> None:
    other.path.chmod(0o444)
    assert merge(store, other).added["claim"] == 1
