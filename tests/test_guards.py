"""The database itself refuses to rewrite what was recorded, whoever asks and however they ask.

The statements here are what an honest hand could type into the sqlite3 shell, which knows nothing
of the program and turns `recursive_triggers` and `foreign_keys` off.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger import chain, journal, migrate, schema
from ledger.store import Store, open_store
from tests.build import (
    NOON,
    SPARE,
    a_claim,
    a_count,
    a_document,
    a_receipt,
    a_source,
    an_acceptance,
    an_event,
)

pytestmark = pytest.mark.sqlite("SQLite has guards of its own; of a server see tests/postgresql")

NAMES = sorted(schema.VERSIONED)
TWINS = [f"{name}_history" for name in NAMES]
RECORDED = [*NAMES, *TWINS, "entry"]
VOCABULARIES = ["stance", "status"]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with two rows and one old version in every table, in three entries."""
    path = tmp_path_factory.mktemp("guards") / "ledger.db"
    store = open_store(path)
    migrate.create(store)
    for number in (1, 2):
        with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
            source = a_source(draft, f"Source {number}")
            event = an_event(draft, f"event-{number}")
            document = a_document(draft, f"document-{number}", publisher_id=source)
            count = a_count(draft, f"count-{number}", event_id=event)
            claim = a_claim(draft, source=source, on=count, low=number, document_id=document)
            draft.insert("source_alias", {"source_id": source, "name": f"Alias {number}"})
            draft.insert("evidence", {"claim_id": claim, "on_document_id": document})
            an_acceptance(draft, claim_id=claim)
            a_receipt(draft)
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        for name in NAMES:
            draft.update(name, 1, {SPARE.get(name, "note"): "a second version"})
    return path


@pytest.fixture(params=["off", "on"])
def shell(request: pytest.FixtureRequest, written: Path) -> Iterator[sqlite3.Connection]:
    """A connection as the sqlite3 shell has one, on a copy in memory."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        with closing(sqlite3.connect(written)) as source:
            source.backup(connection)
        connection.execute(f"PRAGMA recursive_triggers = {request.param}")
        connection.execute("PRAGMA foreign_keys = OFF")
        yield connection


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def content(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, and the schema."""
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    names = ["sqlite_schema", *(name for (name,) in tables)]
    return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in names}


def refused(connection: sqlite3.Connection, statement: str) -> str:
    before = content(connection)
    with pytest.raises(sqlite3.IntegrityError) as caught:
        connection.execute(statement)
    assert content(connection) == before
    return str(caught.value)


def again(connection: sqlite3.Connection, table: str, **changes: str) -> str:
    """VALUES of the table's first row but for what `changes` says, as a SELECT."""
    picked = ", ".join(changes.get(name, name) for name in columns(connection, table))
    return f"SELECT {picked} FROM {table} LIMIT 1"


@pytest.mark.parametrize("table", [*RECORDED, *VOCABULARIES])
def test_nothing_is_deleted(shell: sqlite3.Connection, table: str) -> None:
    assert shell.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    told = refused(shell, f"DELETE FROM {table}")
    assert "deleted" in told or "vocabularies" in told


@pytest.mark.parametrize("table", [*RECORDED, *VOCABULARIES])
@pytest.mark.parametrize("way", ["UPDATE", "UPDATE OR REPLACE", "UPDATE OR IGNORE"])
def test_no_column_of_a_recorded_version_is_rewritten(
    shell: sqlite3.Connection, table: str, way: str
) -> None:
    for column in columns(shell, table):
        refused(shell, f"{way} {table} SET {column} = {column}")


@pytest.mark.parametrize("table", RECORDED)
@pytest.mark.parametrize("way", ["INSERT", "INSERT OR REPLACE", "REPLACE", "INSERT OR ABORT"])
def test_no_row_takes_the_place_of_one_that_is_there(
    shell: sqlite3.Connection, table: str, way: str
) -> None:
    refused(shell, f"{way} INTO {table} {again(shell, table)}")


@pytest.mark.parametrize("table", NAMES)
def test_no_row_takes_the_place_of_one_under_the_entry_that_is_being_written(
    shell: sqlite3.Connection, table: str
) -> None:
    refused(shell, f"INSERT OR REPLACE INTO {table} {again(shell, table, entry_id='4')}")
    upsert = f"INSERT INTO {table} {again(shell, table, entry_id='4')}"
    refused(shell, f"{upsert.replace(' LIMIT 1', ' WHERE true LIMIT 1')}"
                   " ON CONFLICT DO UPDATE SET leaf = x'00'")  # fmt: skip


@pytest.mark.parametrize("table", sorted(schema.NATURAL_KEYS))
def test_no_row_takes_the_name_of_another(shell: sqlite3.Connection, table: str) -> None:
    key = schema.NATURAL_KEYS[table]
    row = again(shell, table, id="99", entry_id="4")
    assert "never rewritten" in refused(shell, f"INSERT OR REPLACE INTO {table} {row}")
    told = refused(
        shell,
        f"UPDATE OR REPLACE {table} SET entry_id = 4,"
        f" {key} = (SELECT {key} FROM {table} WHERE id = 1) WHERE id = 2",
    )
    assert "never rewritten" in told


@pytest.mark.parametrize("table", NAMES)
def test_a_row_keeps_its_number(shell: sqlite3.Connection, table: str) -> None:
    for number in ("id", "rowid"):
        for to in (2, 99):
            for way in ("UPDATE", "UPDATE OR REPLACE"):
                refused(shell, f"{way} {table} SET {number} = {to}, entry_id = 4 WHERE id = 1")


@pytest.mark.parametrize("table", NAMES)
@pytest.mark.parametrize("entry", [-1, 0, 1, 3, 5, 99])
def test_a_row_belongs_to_the_entry_that_is_being_written(
    shell: sqlite3.Connection, table: str, entry: int
) -> None:
    new = {"id": "99", "entry_id": str(entry)}
    if key := schema.NATURAL_KEYS.get(table):
        new[key] = "'another'"
    assert "being written" in refused(shell, f"INSERT INTO {table} {again(shell, table, **new)}")
    refused(shell, f"UPDATE {table} SET entry_id = {entry}")
    # The same under the next number is what the journal does.
    shell.execute(f"INSERT INTO {table} {again(shell, table, **{**new, 'entry_id': '4'})}")


@pytest.mark.parametrize("twin", TWINS)
def test_history_is_written_by_updates_alone(shell: sqlite3.Connection, twin: str) -> None:
    for entry in (0, 1, 2, 3, 4):
        for until in (1, 2, 3, 4, 5):
            row = again(shell, twin, entry_id=str(entry), until_entry_id=str(until))
            refused(shell, f"INSERT OR REPLACE INTO {twin} {row}")
    with pytest.raises(sqlite3.OperationalError, match="no such column"):
        shell.execute(f"SELECT rowid FROM {twin}")


@pytest.mark.parametrize("table", NAMES)
def test_an_update_under_the_next_entry_moves_the_old_version(
    shell: sqlite3.Connection, table: str
) -> None:
    old = shell.execute(f"SELECT * FROM {table} WHERE id = 2").fetchone()
    shell.execute(f"UPDATE {table} SET entry_id = 4, leaf = x'00' WHERE id = 2")
    moved = shell.execute(f"SELECT * FROM {table}_history WHERE id = 2").fetchall()
    assert moved == [(*old, 4)]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"id": "3"}, "it is there"),
        ({"id": "5"}, "it leaves a gap"),
        ({"id": "4", "previous": "hash", "hash": "lower(hex(randomblob(32)))"}, "not the newest"),
        (
            {"id": "4", "previous": "(SELECT hash FROM entry WHERE id = 3)"},
            "it takes the hash of an entry that is there",
        ),
    ],
)
@pytest.mark.parametrize("way", ["INSERT", "INSERT OR REPLACE"])
def test_an_entry_follows_the_newest_one(
    shell: sqlite3.Connection, changes: dict[str, str], why: str, way: str
) -> None:
    assert refused(shell, f"{way} INTO entry {again(shell, 'entry', **changes)}"), why


@pytest.mark.parametrize("table", VOCABULARIES)
def test_the_vocabularies_are_the_programs(shell: sqlite3.Connection, table: str) -> None:
    code = "'nonsense'"
    refused(shell, f"INSERT INTO {table} {again(shell, table, code=code)}")
    refused(shell, f"INSERT OR REPLACE INTO {table} {again(shell, table)}")


def test_a_row_without_its_entry_is_not_kept_by_the_program(store: Store) -> None:
    with pytest.raises(Exception, match="FOREIGN KEY"), store.writer() as connection:
        connection.exec_driver_sql(
            "INSERT INTO source (id, name, entry_id, leaf) VALUES (1, 'TASS', 1, x'00')"
        )


def test_what_was_honestly_written_stands(written: Path) -> None:
    with open_store(written).reader() as connection:
        assert not list(chain.verify(connection))
