"""Opening a ledger: what is refused and in which words, who may write, and as-of."""

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from ledger import journal, migrate, schema
from ledger.errors import LedgerError, SchemaError, StoreError
from ledger.store import APPLICATION_ID, SQLiteStore, Store, open_store
from ledger.views import VIEWS
from tests.build import NOON, a_claim, a_count, a_document, a_source, an_event
from tests.places import contents, reopened

#: What it is about is a file.
FILES = pytest.mark.sqlite("how a file is opened; of a server see tests/postgresql")

NOBODY = 65534


def refused(target: str | Path) -> StoreError:
    with pytest.raises(StoreError) as caught, open_store(target).reader():
        pass
    with pytest.raises(StoreError) as again, open_store(target).writer():
        pass
    assert str(again.value) == str(caught.value)
    return caught.value


@FILES
def test_a_mistyped_path_creates_nothing_and_is_told_what_it_may_mean(store: SQLiteStore) -> None:
    error = refused(store.path.with_name("leger.db"))
    assert str(error).startswith("there is no ledger at ")
    assert error.hint == f"did you mean {store.path}?"
    assert [file.name for file in store.path.parent.iterdir()] == ["ledger.db"]


def test_where_nothing_is_near_the_hint_says_how_to_make_one(tmp_path: Path) -> None:
    assert "ledger init" in refused(tmp_path / "no" / "such" / "ledger.db").hint
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000, "~nobody-of-that-name/ledger.db", ""])
def test_a_path_that_cannot_be_is_refused_in_words(name: str) -> None:
    assert refused(name)


def test_a_folder_is_no_ledger(tmp_path: Path) -> None:
    assert str(refused(tmp_path)) == f"{tmp_path} is a folder, not a ledger"


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("These are my notes on the article. " * 100)
    assert str(refused(path)) == f"{path} is no SQLite database"
    assert path.read_text().startswith("These are my notes")


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_a_foreign_database_is_refused_and_left_as_it_was(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "places.sqlite"
    foreign = sqlite3.connect(path)
    foreign.execute(f"PRAGMA journal_mode = {mode}")
    foreign.execute("CREATE TABLE entry (id INTEGER)")
    foreign.commit()
    foreign.close()
    before = path.read_bytes()
    assert str(refused(path)) == f"{path} is a database, but not a ledger"
    with pytest.raises(SchemaError, match="not a ledger"):
        migrate.upgrade(open_store(path))
    assert path.read_bytes() == before


def test_an_older_ledger_is_refused_and_told_how_to_upgrade(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    migrate.create(open_store(path), to="0002")
    error = refused(path)
    assert isinstance(error, SchemaError)
    assert "has schema 0002; this program needs 0008" in str(error)
    assert f"--db {path} init --upgrade" in error.hint


@FILES
def test_a_newer_ledger_is_refused_with_a_clear_word(store: SQLiteStore) -> None:
    with sqlite3.connect(store.path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    error = refused(store.path)
    assert isinstance(error, SchemaError)
    assert "was made by a newer program" in str(error)


@FILES
def test_a_damaged_ledger_is_told_from_one_that_is_none(store: SQLiteStore) -> None:
    data = bytearray(store.path.read_bytes())
    data[100:4096] = b"\xff" * 3996
    store.path.write_bytes(data)
    assert str(refused(store.path)) == f"{store.path} is damaged"


@pytest.mark.parametrize("address", ["sqlite://", "mysql://user:secret@host/db", "what://"])
def test_an_address_that_is_not_supported(address: str) -> None:
    with pytest.raises(StoreError) as caught:
        open_store(address)
    assert "secret" not in str(caught.value)


@FILES
def test_an_address_names_the_same_file_as_its_path(store: SQLiteStore) -> None:
    with open_store(f"sqlite:///{store.path}").reader() as connection:
        assert (
            connection.execute(sa.select(sa.func.count()).select_from(schema.claim)).scalar() == 0
        )


@FILES
@pytest.mark.parametrize("name", ["100% (new)?.db", "a#b.db", "Журнал é.db", "with space.db"])
def test_any_file_name_will_do(store: SQLiteStore, name: str) -> None:
    other = open_store(shutil.copy(store.path, store.path.with_name(name)))
    with other.writer():
        pass
    assert sorted(path.name for path in store.path.parent.iterdir()) == sorted(["ledger.db", name])


class TestPermissions:
    """As a user who may not: root may do anything, so these run in a process of nobody's."""

    @pytest.fixture
    def folder(self, template: Path) -> Iterator[Path]:
        # pytest's own folders are closed to others.
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            shutil.copy(template, folder / "ledger.db")
            (folder / "ledger.db").chmod(0o666)
            folder.chmod(0o777)
            yield folder
            folder.chmod(0o777)

    def say(self, path: Path, verb: str) -> str:
        """What the ledger at `path` says when an ordinary user does `verb` to it."""
        program = f"""if True:
            import os, pathlib, tempfile
            from ledger import journal, migrate
            from ledger.errors import StoreError
            from ledger.store import open_store

            def do(verb, path):
                store = open_store(path)
                if verb == "read":
                    with store.reader() as connection:
                        connection.exec_driver_sql("SELECT count(*) FROM claims").all()
                elif verb == "create":
                    migrate.create(store)
                else:
                    with journal.entry(store, recorded_by="nobody") as draft:
                        draft.insert("source", {{"name": "TASS"}})

            with tempfile.TemporaryDirectory() as scratch:  # loads what is loaded late
                for verb in ("create", "write", "read"):
                    do(verb, pathlib.Path(scratch, "ledger.db"))
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid({NOBODY})
                os.setuid({NOBODY})
            try:
                do({verb!r}, {str(path)!r})
                print("done")
            except StoreError as error:
                print(error, "|", error.hint)
            """
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=False
        )
        assert not done.returncode, done.stderr
        return done.stdout.strip()

    def test_an_ordinary_user_may_read_and_write_an_ordinary_file(self, folder: Path) -> None:
        assert self.say(folder / "ledger.db", "read") == "done"
        assert self.say(folder / "ledger.db", "write") == "done"
        assert self.say(folder / "new.db", "create") == "done"

    def test_a_read_only_file_can_be_read_and_says_why_it_is_not_written(
        self, folder: Path
    ) -> None:
        (folder / "ledger.db").chmod(0o444)
        assert self.say(folder / "ledger.db", "read") == "done"
        told = self.say(folder / "ledger.db", "write")
        assert told.startswith(
            f"{folder}/ledger.db cannot be written to | ask for write permission"
        )

    def test_a_read_only_folder_can_be_read_and_says_why_it_is_not_written(
        self, folder: Path
    ) -> None:
        folder.chmod(0o555)
        assert self.say(folder / "ledger.db", "read") == "done"
        told = self.say(folder / "ledger.db", "write")
        assert "cannot be written to" in told
        assert str(folder) in told.partition("|")[2]
        assert self.say(folder / "new.db", "create").startswith(f"cannot create {folder}/new.db")

    def test_a_file_that_may_not_be_read_says_so(self, folder: Path) -> None:
        (folder / "ledger.db").chmod(0o000)
        assert "cannot be opened" in self.say(folder / "ledger.db", "read")

    def test_a_folder_that_may_not_be_entered_says_so(self, folder: Path) -> None:
        folder.chmod(0o000)
        assert "cannot be opened: Permission denied" in self.say(folder / "ledger.db", "read")


def test_a_new_file_never_replaces_one_that_is_there(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_text("precious")
    with pytest.raises(StoreError, match="exists already"):
        migrate.create(open_store(path))
    assert path.read_text() == "precious"


@FILES
def test_the_settings_are_those_that_lose_nothing(store: SQLiteStore) -> None:
    with store.writer() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in (
                "application_id",
                "foreign_keys",
                "recursive_triggers",
                "trusted_schema",
                "journal_mode",
                "synchronous",
            )
        }
    assert found == {
        "application_id": APPLICATION_ID,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "trusted_schema": 0,
        "journal_mode": "delete",
        "synchronous": 3,
    }


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO stance VALUES ('a', 'b', 'c', 'd')",
        "CREATE TABLE other (id INTEGER)",
        "CREATE TEMP TABLE other (id INTEGER)",
        "DROP TABLE claim",
        "DELETE FROM claim",
    ],
)
def test_a_reader_cannot_write(store: Store, statement: str) -> None:
    before = contents(store)
    with pytest.raises(LedgerError), store.reader() as connection:
        connection.exec_driver_sql(statement)
    assert contents(store) == before


@FILES
def test_a_reader_sees_one_snapshot(store: SQLiteStore) -> None:
    # In rollback mode a writer waits for readers before it commits, so this one gives up.
    count = sa.select(sa.func.count()).select_from(schema.source)
    patient = SQLiteStore(store.path, busy_seconds=0.1)
    with store.reader() as connection:
        assert connection.execute(count).scalar() == 0
        with (
            pytest.raises(StoreError, match="busy"),
            journal.entry(patient, recorded_by="maria", recorded_at=NOON) as draft,
        ):
            a_source(draft)
        assert connection.execute(count).scalar() == 0


def test_a_second_writer_waits_and_then_says_that_the_ledger_is_busy(store: Store) -> None:
    patient = reopened(store, busy_seconds=0.1)
    with store.writer():
        with pytest.raises(StoreError) as caught, patient.writer():
            pass
        assert str(caught.value) == (
            f"{store.name} is busy: another program has held it for 0.1 seconds"
        )
    with patient.writer():
        pass


def test_what_raises_in_a_writer_leaves_nothing(store: Store) -> None:
    before = contents(store)
    with pytest.raises(RuntimeError), store.writer() as connection:  # noqa: PT012 - raised at the end
        connection.exec_driver_sql("CREATE TABLE other (id INTEGER)")
        raise RuntimeError
    assert contents(store) == before


def test_as_of_an_entry_every_table_and_view_answers_as_it_did_then(store: Store) -> None:
    """Record, change, settle, merge; after each entry note all; then ask for each again."""

    def everything(as_of: int | None = None) -> dict[str, list[tuple[object, ...]]]:
        names = [*schema.metadata.tables, *(view.name for view in VIEWS)]
        with store.reader(as_of=as_of) as connection:
            return {
                name: sorted(
                    map(tuple, connection.exec_driver_sql(f"SELECT * FROM {name}")), key=repr
                )
                for name in names
            }

    def entry(days: int) -> AbstractContextManager[journal.Draft]:
        return journal.entry(store, recorded_by="maria", recorded_at=NOON + timedelta(days=days))

    seen = [everything()]
    with entry(0) as draft:
        event = an_event(draft)
        document = a_document(draft, publisher_id=a_source(draft, "CBS News"))
        count = a_count(draft, event_id=event)
        claim = a_claim(draft, on=count, low=101, source="Pentagon", document_id=document)
    seen.append(everything())
    with entry(1) as draft:
        answer = a_claim(draft, on=count, stance="denies", source="Kremlin", answers_id=claim)
        draft.insert("evidence", {"claim_id": answer, "on_claim_id": claim})
        draft.insert("source_alias", {"source_id": 1, "name": "CBS"})
    seen.append(everything())
    with entry(2) as draft:
        journal.assess(draft, claim, "confirmed", "conceded")
        journal.settle(draft, count, "supported", because="shown", low=101)
        draft.update("event", event, {"place": "Khasham"})
        draft.update("document", document, {"title": "Another title"})
    seen.append(everything())
    with entry(3) as draft:
        journal.merge_sources(draft, 3, 2)
    seen.append(everything())
    with entry(4) as draft:
        journal.withdraw(draft, answer, "entered in error")
    seen.append(everything())
    for number, then in enumerate(seen):
        assert everything(number) == then, number
    assert everything() == seen[-1]
