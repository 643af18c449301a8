"""Making and upgrading a ledger: all of it or nothing, and never silently."""

import shutil
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from ledger import chain, journal, migrate, schema
from ledger.errors import SchemaError, StoreError
from ledger.store import SQLiteStore, open_store
from tests.build import NOON, a_claim

pytestmark = pytest.mark.sqlite("catalogues of files; of a server see tests/postgresql")


def catalogue(path: Path) -> list[tuple[str, ...]]:
    with sqlite3.connect(path) as raw:
        rows = raw.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2")
        found = rows.fetchall()
    raw.close()
    return found


def at(revision: str, path: Path) -> SQLiteStore:
    store = SQLiteStore(path)
    migrate.create(store, to=revision)
    return store


@pytest.mark.parametrize("revision", schema.REVISIONS[:-1])
def test_an_older_ledger_is_upgraded_to_what_a_new_one_is(
    tmp_path: Path, template: Path, revision: str
) -> None:
    store = at(revision, tmp_path / "ledger.db")
    assert migrate.current(store) == revision
    migrate.upgrade(store)
    assert migrate.current(store) == schema.REVISION
    assert catalogue(store.path) == catalogue(template)
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        a_claim(draft)
    with store.reader() as connection:
        assert not list(chain.verify(connection))


def test_upgrading_what_is_up_to_date_changes_nothing(store: SQLiteStore) -> None:
    before = store.path.read_bytes()
    migrate.upgrade(store)
    assert store.path.read_bytes() == before


def test_an_interrupted_upgrade_leaves_the_old_schema(tmp_path: Path) -> None:
    store = at("0002", tmp_path / "ledger.db")
    before = catalogue(store.path)

    def stumble(_: object, __: object, statement: str, *___: object) -> None:
        if statement.lstrip().startswith("CREATE VIEW positions"):  # half way through the third
            raise RuntimeError("that far")

    with pytest.raises(RuntimeError, match="that far"), store.migration() as connection:  # noqa: PT012
        sa.event.listen(connection, "before_cursor_execute", stumble)
        migrate.run(connection)
    assert catalogue(store.path) == before
    assert migrate.current(store) == "0002"


def test_an_upgrade_that_is_stopped_before_its_end_leaves_the_old_schema(tmp_path: Path) -> None:
    store = at("0001", tmp_path / "ledger.db")
    before = catalogue(store.path)
    with pytest.raises(KeyboardInterrupt), store.migration() as connection:  # noqa: PT012 - raised at the end
        migrate.run(connection)
        raise KeyboardInterrupt
    assert catalogue(store.path) == before


def test_a_ledger_that_cannot_be_made_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="9999"):
        migrate.create(open_store(tmp_path / "ledger.db"), to="9999")
    assert not list(tmp_path.iterdir())


def test_a_newer_ledger_is_not_touched(store: SQLiteStore) -> None:
    with sqlite3.connect(store.path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    before = store.path.read_bytes()
    with pytest.raises(SchemaError, match="newer program"):
        migrate.upgrade(store)
    assert store.path.read_bytes() == before


def test_an_empty_file_becomes_a_ledger_on_request(tmp_path: Path, template: Path) -> None:
    path = tmp_path / "ledger.db"
    path.touch()
    store = open_store(path)
    assert migrate.current(store) is None
    migrate.upgrade(store)
    assert catalogue(path) == catalogue(template)


def test_there_is_nothing_to_upgrade_where_there_is_no_ledger(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no ledger"):
        migrate.upgrade(open_store(tmp_path / "ledger.db"))
    assert not list(tmp_path.iterdir())


def test_a_folder_with_a_per_cent_sign_is_no_obstacle(tmp_path: Path, template: Path) -> None:
    folder = tmp_path / "100%s"
    folder.mkdir()
    store = at("0001", folder / "ledger.db")
    migrate.upgrade(store)
    assert catalogue(store.path) == catalogue(template)
    shutil.rmtree(folder)
