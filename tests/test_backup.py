"""A backup is whole, whoever writes meanwhile; a restore takes nothing that does not verify."""

import shutil
import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from ledger import backup, chain, history, journal, migrate, schema
from ledger.backup import Kept
from ledger.errors import BusyError, LedgerError, SchemaError, StoreError
from ledger.store import SQLiteStore, open_store
from tests.build import NOON, a_claim

pytestmark = pytest.mark.sqlite("files are copied")

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def record(store: SQLiteStore, entries: int = 1) -> None:
    for _ in range(entries):
        with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
            a_claim(draft)


def head(path: Path) -> history.Head:
    with open_store(path).reader() as connection:
        assert list(chain.verify(connection)) == []
        return history.head(connection)


def alter(path: Path) -> None:
    """Change a recorded number behind the ledger's back, as somebody would who knows SQLite."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("DROP TRIGGER claim_no_rewrite")
        connection.execute("DROP TRIGGER claim_version")
        connection.execute("UPDATE claim SET stance = 'denies' WHERE id = 1")
    connection.close()


def restore(source: Path, target: Path, *, force: bool = False) -> Kept:
    return backup.restore(source, target, force=force, now=NOW)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_backup_holds_what_the_ledger_holds(store: SQLiteStore, tmp_path: Path) -> None:
    record(store, 3)
    kept = backup.backup(store, tmp_path / "copy.db")
    assert kept.head == head(store.path) == head(tmp_path / "copy.db")
    assert kept.head.entry == 3
    assert kept.size == (tmp_path / "copy.db").stat().st_size
    assert names(tmp_path) == {"ledger.db", "copy.db"}


def test_a_backup_is_as_private_as_the_ledger(store: SQLiteStore, tmp_path: Path) -> None:
    store.path.chmod(0o640)
    kept = backup.backup(store, tmp_path / "copy.db")
    assert kept.path.stat().st_mode & 0o777 == 0o640


def test_a_file_that_is_there_is_replaced_by_force_alone(
    store: SQLiteStore, tmp_path: Path
) -> None:
    target = tmp_path / "copy.db"
    target.write_text("the only copy of my thesis")
    with pytest.raises(StoreError, match=r"copy.db exists already"):
        backup.backup(store, target)
    assert target.read_text() == "the only copy of my thesis"
    (tmp_path / "copy.db-journal").write_text("of another database")
    backup.backup(store, target, force=True)
    assert head(target).entry == 0
    assert names(tmp_path) == {"ledger.db", "copy.db"}


def test_the_ledger_is_no_backup_of_itself(store: SQLiteStore, tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(store.path)
    for target in (store.path, tmp_path / "link.db"):
        with pytest.raises(StoreError, match="is the ledger itself"):
            backup.backup(store, target, force=True)


def test_a_place_that_cannot_be_written_to_is_named(store: SQLiteStore, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot write to"):
        backup.backup(store, tmp_path / "nowhere" / "copy.db")
    with pytest.raises(StoreError, match="is a folder"):
        backup.backup(store, tmp_path)


def test_a_journal_of_another_database_is_not_taken_for_the_copys(
    store: SQLiteStore, tmp_path: Path
) -> None:
    (tmp_path / "copy.db-journal").write_bytes(b"of another database")
    with pytest.raises(StoreError, match=r"copy\.db-journal is left over"):
        backup.backup(store, tmp_path / "copy.db")


def test_a_ledger_that_does_not_verify_is_not_backed_up(store: SQLiteStore, tmp_path: Path) -> None:
    record(store)
    alter(store.path)
    with pytest.raises(StoreError, match="does not verify"):
        backup.backup(store, tmp_path / "copy.db")
    assert names(tmp_path) == {"ledger.db"}


def test_an_older_ledger_is_backed_up_as_it_is_before_it_is_upgraded(tmp_path: Path) -> None:
    old = open_store(tmp_path / "old.db")
    migrate.create(old, to=schema.REVISIONS[-2])
    kept = backup.backup(old, tmp_path / "copy.db")
    assert kept.revision == schema.REVISIONS[-2]
    assert migrate.current(open_store(tmp_path / "copy.db")) == schema.REVISIONS[-2]
    assert names(tmp_path) == {"old.db", "copy.db"}


def test_backups_taken_while_others_record_always_verify(
    store: SQLiteStore, tmp_path: Path
) -> None:
    record(store)
    done = threading.Event()
    failed: list[BaseException] = []

    def keep_recording() -> None:
        mine = SQLiteStore(store.path)
        while not done.is_set():
            try:
                record(mine)
            except LedgerError as error:
                failed.append(error)
                return

    writers = [threading.Thread(target=keep_recording) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        heads = [
            backup.backup(store, tmp_path / f"copy{number}.db").head.entry for number in range(6)
        ]
    finally:
        done.set()
        for writer in writers:
            writer.join()
    assert not failed
    assert heads == sorted(heads)
    for number, entry in enumerate(heads):
        assert head(tmp_path / f"copy{number}.db").entry == entry
    assert head(store.path).entry > heads[0]


def test_a_restored_ledger_is_the_backup_and_can_be_recorded_in(
    store: SQLiteStore, tmp_path: Path
) -> None:
    record(store, 2)
    kept = backup.backup(store, tmp_path / "copy.db")
    store.path.unlink()
    assert restore(tmp_path / "copy.db", store.path) == Kept(
        store.path, kept.size, kept.head, schema.REVISION
    )
    record(SQLiteStore(store.path))
    assert head(store.path).entry == 3
    assert head(tmp_path / "copy.db").entry == 2


def test_a_ledger_that_is_there_is_kept_aside_under_a_dated_name(
    store: SQLiteStore, tmp_path: Path
) -> None:
    record(store)
    backup.backup(store, tmp_path / "copy.db")
    record(store)
    with pytest.raises(StoreError, match=r"ledger.db exists already"):
        restore(tmp_path / "copy.db", store.path)
    assert head(store.path).entry == 2
    first = restore(tmp_path / "copy.db", store.path, force=True).aside
    second = restore(tmp_path / "copy.db", store.path, force=True).aside
    assert first == tmp_path / "ledger.db.20260302T093000Z"
    assert second == tmp_path / "ledger.db.20260302T093000Z.2"
    assert [head(path).entry for path in (store.path, first, second)] == [1, 2, 1]


def test_what_does_not_verify_is_not_restored(store: SQLiteStore, tmp_path: Path) -> None:
    record(store)
    shutil.copy(store.path, tmp_path / "bad.db")
    alter(tmp_path / "bad.db")
    record(store)
    with pytest.raises(StoreError, match=r"bad.db does not verify"):
        restore(tmp_path / "bad.db", store.path, force=True)
    assert head(store.path).entry == 2
    assert names(tmp_path) == {"ledger.db", "bad.db"}


def test_a_backup_without_its_guards_is_not_restored(store: SQLiteStore, tmp_path: Path) -> None:
    connection = sqlite3.connect(shutil.copy(store.path, tmp_path / "bad.db"))
    with connection:
        connection.execute("DROP TRIGGER entry_keep")
    connection.close()
    with pytest.raises(StoreError, match="trigger entry_keep is missing"):
        restore(tmp_path / "bad.db", tmp_path / "new.db")


def test_what_is_no_ledger_is_not_restored(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("these are notes, not a ledger" * 100)
    connection = sqlite3.connect(tmp_path / "other.db")
    with connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    with pytest.raises(StoreError, match="is no SQLite database"):
        restore(tmp_path / "notes.txt", tmp_path / "new.db")
    with pytest.raises(SchemaError, match="not a ledger"):
        restore(tmp_path / "other.db", tmp_path / "new.db")
    with pytest.raises(StoreError, match="there is no backup at") as caught:
        restore(tmp_path / "nothing.db", tmp_path / "new.db")
    assert caught.value.hint == "name the file that `ledger backup FILE` wrote"
    with pytest.raises(StoreError, match="there is no backup at") as caught:
        restore(tmp_path / "note.txt", tmp_path / "new.db")
    assert caught.value.hint == f"did you mean {tmp_path / 'notes.txt'}?"
    assert names(tmp_path) == {"notes.txt", "other.db"}


def test_a_backup_of_a_newer_program_is_not_restored(store: SQLiteStore, tmp_path: Path) -> None:
    connection = sqlite3.connect(store.path)
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(SchemaError, match="newer program"):
        restore(store.path, tmp_path / "new.db")


def test_a_damaged_ledger_gives_way_and_is_kept(store: SQLiteStore, tmp_path: Path) -> None:
    record(store)
    backup.backup(store, tmp_path / "copy.db")
    store.path.write_bytes(b"not a database any more" * 500)
    aside = restore(tmp_path / "copy.db", store.path, force=True).aside
    assert head(store.path).entry == 1
    assert aside is not None
    assert aside.read_bytes().startswith(b"not a database")


def test_what_lies_beside_a_damaged_ledger_is_not_taken_for_the_restored_ones(
    store: SQLiteStore, tmp_path: Path
) -> None:
    record(store)
    backup.backup(store, tmp_path / "copy.db")
    store.path.write_bytes(b"not a database any more" * 500)
    for ending in ("-journal", "-wal", "-shm"):
        (tmp_path / f"ledger.db{ending}").write_bytes(b"of the old one")
    restore(tmp_path / "copy.db", store.path, force=True)
    assert head(store.path).entry == 1
    assert not {"ledger.db-journal", "ledger.db-wal", "ledger.db-shm"} & names(tmp_path)


def test_what_an_interrupted_writer_left_is_rolled_back_in_the_old_ledger_only(
    store: SQLiteStore, tmp_path: Path
) -> None:
    record(store)
    backup.backup(store, tmp_path / "copy.db")
    record(store)
    crashed = tmp_path / "crashed.db"
    writer = sqlite3.connect(store.path, isolation_level=None)
    writer.execute("PRAGMA cache_size = 1")
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("CREATE TABLE half AS SELECT randomblob(400000) AS done")
    writer.execute("UPDATE alembic_version SET version_num = 'half'")
    for ending in ("", "-journal"):  # as a power cut would leave them
        shutil.copy(f"{store.path}{ending}", f"{crashed}{ending}")
    writer.rollback()
    writer.close()
    aside = restore(tmp_path / "copy.db", crashed, force=True).aside
    assert aside is not None
    assert (head(crashed).entry, head(aside).entry) == (1, 2)
    assert not Path(f"{crashed}-journal").exists()


def test_a_ledger_that_somebody_is_recording_in_is_not_replaced(
    store: SQLiteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(store)
    backup.backup(store, tmp_path / "copy.db")
    monkeypatch.setattr(
        "ledger.backup.SQLiteStore", lambda path: SQLiteStore(path, busy_seconds=0.1)
    )
    with open_store(store.path).writer() as connection:
        connection.execute(sa.text("SELECT 1"))
        with pytest.raises(BusyError):
            restore(tmp_path / "copy.db", store.path, force=True)
    assert names(tmp_path) == {"ledger.db", "copy.db"}
    assert head(store.path).entry == 1
