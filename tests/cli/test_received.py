"""A ledger file from a stranger: refused before anything in it runs, and it is said why."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from ledger import journal, migrate, revision, schema
from ledger.errors import StoreError
from ledger.store import SQLiteStore
from tests.build import NOON, a_claim, a_source
from tests.cli.conftest import Run

pytestmark = pytest.mark.sqlite("what a file from a stranger may hold")

#: What a stranger puts in, by what it is. Those that a connection of ours would run leave a trace:
#: a claim gone, a row in `mine`.
HOSTILE = {
    "a view that calls a function": "DROP VIEW claims; CREATE VIEW claims AS"
    " SELECT load_extension('/tmp/evil.so') AS claim",
    "a view that reads others": "DROP VIEW sources; CREATE VIEW sources AS SELECT * FROM entry",
    "a view that never ends": "DROP VIEW events; CREATE VIEW events AS WITH RECURSIVE"
    " n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) AS event FROM n",
    "a trigger that deletes": "CREATE TRIGGER late AFTER INSERT ON entry BEGIN"
    " DELETE FROM claim_history; END",
    "a trigger in the place of a guard": "DROP TRIGGER claim_keep; CREATE TRIGGER claim_keep"
    " BEFORE DELETE ON claim BEGIN SELECT 1; END",
    "a guard that is gone": "DROP TRIGGER claim_keep",
    "a generated column": "ALTER TABLE claim ADD COLUMN more TEXT AS (hex(zeroblob(100000000)))",
    "a column with a default": "ALTER TABLE source ADD COLUMN more TEXT DEFAULT 'x'",
    "a table with a CHECK": "CREATE TABLE mine (x CHECK (length(zeroblob(x)) > 0))",
    "a virtual table": "CREATE VIRTUAL TABLE mine USING fts5(x)",
    "a virtual table that reads ours": "CREATE VIRTUAL TABLE mine USING fts5(x, content='claim')",
    "an index on an expression": "CREATE INDEX mine ON claim (upper(quote))",
    "a table in the place of a view": "DROP VIEW claims; CREATE TABLE claims (claim)",
    "a view in the place of a table": "DROP TABLE receipt; CREATE VIEW receipt AS SELECT 1 AS id",
    "a table of its own": "CREATE TABLE mine (x)",
}  # fmt: skip


def altered(store: SQLiteStore, script: str) -> None:
    with closing(sqlite3.connect(store.path)) as raw:
        raw.executescript("PRAGMA foreign_keys = OFF;" + script)


@pytest.fixture
def told(store: SQLiteStore) -> SQLiteStore:
    with journal.entry(store, recorded_by="tom", recorded_at=NOON) as draft:
        a_claim(draft, quote="said")
    return SQLiteStore(store.path)


@pytest.mark.parametrize("script", HOSTILE.values(), ids=HOSTILE)
def test_what_is_not_the_programs_is_refused_before_anything_runs(
    told: SQLiteStore, script: str
) -> None:
    altered(told, script)
    before = told.path.read_bytes()
    with pytest.raises(StoreError, match="altered by another hand"), told.reader():
        pass
    with (
        pytest.raises(StoreError, match="altered by another hand"),
        journal.entry(told, recorded_by="maria", recorded_at=NOON) as draft,
    ):
        a_source(draft)
    assert told.path.read_bytes() == before


def test_every_command_that_opens_a_ledger_refuses_it(run: Run, store: SQLiteStore) -> None:
    with journal.entry(store, recorded_by="tom", recorded_at=NOON) as draft:
        a_claim(draft, quote="said")
    altered(store, HOSTILE["a view that never ends"])
    before = store.path.read_bytes()
    for words in (
        ["list"], ["show", "1"], ["add", "they-came", "Ministry", "denies"], ["search", "said"],
        ["assess", "1", "refuted", "--because", "x"], ["correct", "1", "--note", "x"],
        ["withdraw", "1", "--because", "x"], ["settle", "they-came", "mixed", "--because", "x"],
        ["source", "list"], ["event", "list"], ["proposition", "list"], ["document", "list"],
        ["report", "versus"], ["chart", "positions"], ["dossier", "they-came"], ["export"],
        ["sql", "SELECT * FROM events"], ["log"], ["undo", "1"], ["head"], ["prove", "1"],
        ["check"],
    ):  # fmt: skip
        assert "altered by another hand" in run(*words, ok=1).stderr, words
    assert "view events was altered" in run("verify", ok=3).output.replace("  ", " ") or (
        "altered" in run("verify", ok=3).output
    )
    assert store.path.read_bytes() == before


def test_a_hostile_ledger_of_an_older_schema_is_not_upgraded(tmp_path: Path) -> None:
    old = SQLiteStore(tmp_path / "old.db")
    migrate.create(old, to="0004")
    altered(old, HOSTILE["a trigger that deletes"])
    before = old.path.read_bytes()
    with pytest.raises(StoreError, match="altered by another hand"):
        migrate.upgrade(old)
    assert old.path.read_bytes() == before


def test_a_damaged_page_is_told_and_not_followed(told: SQLiteStore) -> None:
    data = bytearray(told.path.read_bytes())
    data[8192:12288] = b"\x0d" + bytes(range(256)) * 15 + bytes(255)
    told.path.write_bytes(data)

    def ask() -> None:
        with told.reader() as connection:
            for table in schema.metadata.sorted_tables:
                connection.execute(sa.select(table)).all()

    with pytest.raises(StoreError, match=r"damaged|altered"):
        ask()


#: The newest revision that brought anything to files.
_LAST_ON_FILES = max(revision.BROUGHT)


@pytest.mark.parametrize("until", schema.REVISIONS)
def test_the_imprints_are_those_of_the_migrations(until: str) -> None:
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        migrate.run(connection, to=until)
        assert revision.imprint(connection) == revision.IMPRINTS[until]
        assert revision.is_written_as_made(connection) == (until >= _LAST_ON_FILES)
    engine.dispose()


@pytest.mark.parametrize(
    "change",
    [
        lambda sql: sql.replace(" ", "  "),
        lambda sql: sql.replace("CREATE VIEW events", 'CREATE VIEW "events"'),
    ],
)
def test_how_a_release_of_sqlite_spaces_and_quotes_makes_no_difference(
    told: SQLiteStore, change: Callable[[str], str]
) -> None:
    with closing(sqlite3.connect(told.path)) as raw:
        (sql,) = raw.execute("SELECT sql FROM sqlite_master WHERE name = 'events'").fetchone()
        raw.executescript(f"DROP VIEW events; {change(sql)}; ANALYZE")
    with told.reader() as connection:
        connection.exec_driver_sql("SELECT * FROM events").all()
