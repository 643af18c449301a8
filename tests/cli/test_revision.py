"""What a ledger says of its schema is held against what it has: an older one is no forged one."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ledger import backup, migrate, schema
from ledger.catalogue import catalogue_faults, revision_fault
from ledger.doctor import State, examine
from ledger.errors import ForgedError, SchemaError
from ledger.revision import BROUGHT, BROUGHT_TO_SERVERS, TABLE
from ledger.store import SQLiteStore, open_store
from tests.build import NOON
from tests.cli.conftest import Run

pytestmark = pytest.mark.sqlite("catalogues of files; of a server see tests/postgresql")

#: What somebody does to the table that says which schema it is, and what is told of it then.
FORGED = {
    "an older one": (f"UPDATE {TABLE} SET version_num = '0003'", "“0003”"),
    "the oldest": (f"UPDATE {TABLE} SET version_num = '0001'", "“0001”"),
    "no number": (f"UPDATE {TABLE} SET version_num = 'a\x1b[31m'", "“a\\x1b[31m”"),
    "no text": (f"UPDATE {TABLE} SET version_num = x'ff00'", "“\\xff\\x00”"),
    "a longer number": (f"UPDATE {TABLE} SET version_num = '00004'", "“00004”"),
    "nothing": (f"DELETE FROM {TABLE}", "nothing"),
    "two": (f"INSERT INTO {TABLE} VALUES ('0003')", f"“0003” and “{schema.REVISION}”"),
    "no table": (f"DROP TABLE {TABLE}", "nothing"),
}
FORGERIES = pytest.mark.parametrize(("statement", "said"), FORGED.values(), ids=FORGED)
NEWER = f"UPDATE {TABLE} SET version_num = '0099'"


def alter(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        for statement in statements:
            raw.execute(statement)


def fault(store: SQLiteStore) -> ForgedError | None:
    with store.look() as connection:
        return revision_fault(connection, str(store.path))


def test_each_revision_is_known_by_something_that_it_brought(tmp_path: Path) -> None:
    assert sorted([*BROUGHT, *BROUGHT_TO_SERVERS]) == list(schema.REVISIONS)
    before = {""}
    for revision, mark in BROUGHT.items():
        path = tmp_path / f"{revision}.db"
        migrate.create(open_store(path), to=revision)
        with closing(sqlite3.connect(path)) as raw:
            names = {name for (name,) in raw.execute("SELECT name FROM sqlite_master")}
        assert mark in names - before
        before = names


@pytest.mark.parametrize("revision", schema.REVISIONS[:-1])
def test_a_ledger_that_is_an_older_one_is_told_as_older(
    run: Run,
    revision: str,
) -> None:
    migrate.create(open_store("old.db"), to=revision)
    assert fault(SQLiteStore(Path("old.db"))) is None
    for command in ("list", "verify"):
        told = run("--db", "old.db", command, ok=1).stderr
        assert f"has schema {revision}; this program needs {schema.REVISION}" in told
        assert "`ledger --db old.db init --upgrade`" in told
        assert "altered" not in told
    run("--db", "old.db", "init", "--upgrade")
    run("--db", "old.db", "verify")


@FORGERIES
def test_whatever_reads_or_writes_refuses_a_forged_schema(
    store: SQLiteStore, tmp_path: Path, statement: str, said: str
) -> None:
    alter(store.path, statement)
    with pytest.raises(ForgedError) as caught, open_store(store.path).reader():
        pass
    assert f"its table {TABLE} says {said}, but the tables are those" in caught.value.message
    assert caught.value.hint == f"`ledger --db {store.path} verify` tells more"
    for refuse in (migrate.current, migrate.upgrade):
        with pytest.raises(ForgedError):
            refuse(open_store(store.path))
    with pytest.raises(ForgedError):
        backup.backup(open_store(store.path), tmp_path / "copy.db")


@FORGERIES
def test_verify_and_doctor_tell_a_forged_schema(
    run: Run,
    store: SQLiteStore,
    statement: str,
    said: str,
) -> None:
    alter(store.path, statement)
    told = run("verify", ok=3)
    assert f"it says {said}, but the tables are those of schema {schema.REVISION}" in told.stdout
    doctor = {each.check: each for each in examine(store, now=NOON)}
    assert doctor["schema"].state is State.FAULT
    assert said in doctor["schema"].what
    assert "guards" in doctor  # the rest is looked at all the same
    run("doctor", ok=3)


def test_under_a_forged_schema_the_rest_is_verified(run: Run, store: SQLiteStore) -> None:
    alter(store.path, FORGED["an older one"][0], "DROP TRIGGER claim_keep")
    assert "trigger claim_keep is missing" in run("verify", ok=3).stdout


def test_a_number_between_what_is_said_and_what_is_newest_is_told_too(
    run: Run,
) -> None:
    migrate.create(open_store("old.db"), to="0003")
    alter(Path("old.db"), f"UPDATE {TABLE} SET version_num = '0001'")
    told = run("--db", "old.db", "verify", "--format", "csv", ok=3).stdout
    assert told.splitlines() == [
        "entry,table,row,what",
        f',{TABLE},,"it says “0001”, but the tables are those of schema 0003"',
    ]


def test_a_newer_number_is_believed_where_something_newer_is_there(
    run: Run,
    store: SQLiteStore,
) -> None:
    alter(store.path, NEWER, "CREATE TABLE ballot (id INTEGER)")
    assert fault(store) is None
    told = run("verify", ok=1).stderr
    assert "made by a newer program" in told
    assert "verify` tells more" in told


def test_a_newer_number_over_nothing_newer_is_forged(run: Run, store: SQLiteStore) -> None:
    alter(store.path, NEWER, "DROP TRIGGER claim_keep")  # to leave something out is not newer
    assert "it says “0099”" in run("verify", ok=3).stdout
    assert "`ledger --db" in run("list", ok=1).stderr


def test_tables_that_another_program_calls_so_are_no_ledger(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    alter(path, "CREATE TABLE entry (id INTEGER)", "CREATE TABLE claim (id INTEGER)")
    with pytest.raises(SchemaError, match="is a database, but not a ledger"):
        migrate.current(open_store(path))


def test_a_newest_ledger_that_lacks_something_is_no_older_one(store: SQLiteStore) -> None:
    alter(store.path, "DROP VIEW acceptances", "DROP TABLE acceptance")
    assert fault(store) is None
    with pytest.raises(SchemaError, match="altered by another hand"), store.reader():
        pass
    with store.look() as connection:
        assert "table acceptance is missing" in {str(each) for each in catalogue_faults(connection)}
