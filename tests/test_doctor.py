"""The doctor sees what is wrong with file, folder, SQLite, guards and clock."""

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ledger import journal, migrate, schema, sqlite
from ledger.doctor import Check, State, examine
from ledger.errors import SchemaError, StoreError
from ledger.store import SQLiteStore
from tests.build import NOON, a_source

pytestmark = pytest.mark.sqlite("what is wrong with a file; of a server see tests/postgresql")


def examined(store: SQLiteStore, now: datetime = NOON) -> dict[str, Check]:
    return {check.check: check for check in examine(store, now=now)}


def test_a_fresh_ledger_has_no_fault(store: SQLiteStore) -> None:
    found = examined(store)
    assert not [check for check in found.values() if check.state is State.FAULT]
    assert {"software", "SQLite", "file", "disk", "schema", "guards", "clock"} <= set(found)
    assert all(check.advice for check in found.values() if check.state is not State.OK)


def test_every_connection_is_set_as_the_doctor_expects(store: SQLiteStore) -> None:
    found = examined(store)
    for name in sqlite.SETTINGS:
        assert found[name].state is State.OK


def test_a_guard_that_is_gone_is_a_fault(store: SQLiteStore) -> None:
    with sqlite3.connect(store.path) as connection:
        connection.execute("DROP TRIGGER claim_keep")
        connection.execute("CREATE TABLE mine (x)")
    connection.close()
    found = examined(store)
    assert found["guards"].state is State.FAULT
    assert found["guards"].what == "trigger claim_keep is missing"
    assert found["tables"].what == "table mine is none of the program's"
    assert found["public views"].state is State.OK


def test_an_older_ledger_is_looked_at_and_told_to_be_upgraded(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "old.db")
    migrate.create(store, to="0001")
    found = examined(store)
    assert found["schema"].state is State.FAULT
    assert found["schema"].what == f"0001; this program needs {schema.REVISION}"
    assert "init --upgrade" in found["schema"].advice
    assert "guards" not in found


def test_damage_is_told(store: SQLiteStore) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        draft.insert_all("source", ({"name": f"Source {n}" * 40} for n in range(500)))
    content = bytearray(store.path.read_bytes())
    content[-200_000:-100_000] = bytes(100_000)
    store.path.write_bytes(content)
    found = examined(store)
    assert found["file"].state is State.FAULT
    assert "restore" in found["file"].advice


def test_a_clock_behind_the_newest_entry_is_told(store: SQLiteStore) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        a_source(draft)
    assert examined(store, NOON)["clock"].state is State.OK
    assert examined(store, NOON + timedelta(days=9))["clock"].state is State.OK
    behind = examined(store, NOON - timedelta(hours=1))["clock"]
    assert behind.state is State.WARN
    assert "lies ahead" in behind.what


def test_what_is_no_ledger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    with pytest.raises(SchemaError, match="not a ledger"):
        examined(SQLiteStore(tmp_path / "empty.db"))
    (tmp_path / "notes.txt").write_text("notes" * 1_000)
    with pytest.raises(StoreError, match="is no SQLite database"):
        examined(SQLiteStore(tmp_path / "notes.txt"))


@pytest.mark.parametrize(
    ("release", "faults"),
    [
        ((3, 31, 0), {"WAL reset", "CVE-2025-6965"}),
        ((3, 38, 4), {"WAL reset", "Bloom filters", "NOT NULL reduction", "CVE-2025-6965"}),
        ((3, 40, 1), {"WAL reset", "NOT NULL reduction", "CVE-2025-6965", "CVE-2025-7458"}),
        ((3, 49, 0), {"WAL reset", "CVE-2025-6965", "CVE-2025-29087"}),
        ((3, 51, 1), {"WAL reset", "EXISTS as a join"}),
        ((3, 51, 3), set()),
    ],
)
def test_each_release_has_its_known_faults(release: tuple[int, int, int], faults: set[str]) -> None:
    assert {known.name for known in sqlite.KNOWN_FAULTS if known.touches(release)} == faults


def test_every_known_fault_says_where_it_is_told() -> None:
    for known in sqlite.KNOWN_FAULTS:
        assert known.source.startswith("https://")
        assert known.since < known.fixed
