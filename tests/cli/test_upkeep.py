"""Making, upgrading, verifying; and what a wrong path does."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from ledger import migrate, schema
from ledger.store import open_store
from tests.cli.conftest import Run


def test_init_makes_a_ledger_and_overwrites_nothing(run: Run, tmp_path: Path) -> None:
    assert "made" in run("--db", "new.db", "init").stdout
    before = Path("new.db").read_bytes()
    assert "nothing to do" in run("--db", "new.db", "init").stdout
    assert Path("new.db").read_bytes() == before
    assert "--seed fills new ledgers only" in run("--db", "new.db", "init", "--seed", ok=2).stderr


def test_an_empty_file_becomes_a_ledger(run: Run) -> None:
    for name, seed in (("a.db", ()), ("b.db", ("--seed",)), ("c.db", ("--upgrade",))):
        Path(name).touch()
        told = run("--db", name, "list", ok=1).stderr
        assert f"{name} is empty" in told
        assert f"`ledger --db {name} init` makes a ledger of it" in told
        assert f"made {name} of the empty file" in run("--db", name, "init", *seed).stdout
        run("--db", name, "verify")
    with sqlite3.connect("d.db") as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.execute("DROP TABLE t")
    connection.close()
    assert "made d.db of the empty database" in run("--db", "d.db", "init").stdout
    header = [Path(name).read_bytes()[68:72] for name in ("a.db", "b.db", "c.db", "d.db")]
    assert header == [b"CLDG"] * 4


@pytest.mark.sqlite("files are altered in the sqlite3 shell; of a server see tests/postgresql")
def test_a_mistyped_path_creates_nothing(run: Run, tmp_path: Path) -> None:
    for command in (["list"], ["report", "versus"], ["verify"], ["sql", "SELECT 1"],
                    ["add", "a", "b", "denies"], ["export"]):  # fmt: skip
        result = run("--db", "legder.db", *command, ok=1)
        assert "there is no ledger at legder.db" in result.stderr
        assert "did you mean ledger.db?" in result.stderr
    assert not Path("legder.db").exists()


def test_an_older_ledger_is_upgraded_on_request_only(run: Run, tmp_path: Path) -> None:
    migrate.create(open_store("old.db"), to="0001")
    refused = run("--db", "old.db", "list", ok=1)
    assert "has schema 0001" in refused.stderr
    assert "init --upgrade" in refused.stderr
    assert "--upgrade" in run("--db", "old.db", "init", ok=1).stderr
    assert "upgraded" in run("--db", "old.db", "init", "--upgrade").stdout
    run("--db", "old.db", "list")


def test_a_newer_ledger_is_refused(run: Run) -> None:
    run("--db", "new.db", "init")
    with sqlite3.connect("new.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    for command in ("list", "init"):
        assert "newer program" in run("--db", "new.db", command, ok=1).stderr


def test_a_file_that_is_no_database_is_named(run: Run) -> None:
    Path("notes.txt").write_text("these are notes, not a ledger" * 100)
    for command in ("list", "init", "verify"):
        assert "is no SQLite database" in run("--db", "notes.txt", command, ok=1).stderr


def test_a_foreign_database_is_named(run: Run) -> None:
    with sqlite3.connect("other.db") as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    for command in ("list", "init"):
        assert "is a database, but not a ledger" in run("--db", "other.db", command, ok=1).stderr


@pytest.mark.usefixtures("clash")
@pytest.mark.sqlite("files are altered in the sqlite3 shell; of a server see tests/postgresql")
def test_verify_finds_an_altered_row_and_exits_3(run: Run, tmp_path: Path) -> None:
    assert "verified 1 entry; head " in run("verify").stdout
    with sqlite3.connect("ledger.db") as connection:
        connection.execute("DROP TRIGGER claim_no_rewrite")
        connection.execute("DROP TRIGGER claim_version")
        connection.execute("UPDATE claim SET low = 1 WHERE id = 1")
    connection.close()
    result = run("verify", ok=3)
    assert "claim" in result.stdout
    assert "altered" in result.stdout
    assert "does not verify" in result.stderr


@pytest.mark.usefixtures("clash")
@pytest.mark.sqlite("files are altered in the sqlite3 shell; of a server see tests/postgresql")
def test_verify_finds_a_dropped_guard_an_altered_view_and_a_dangling_name(run: Run) -> None:
    with sqlite3.connect("ledger.db") as connection:
        connection.execute("DROP TRIGGER claim_keep")
        connection.execute("DROP VIEW claims")
        connection.execute("CREATE VIEW claims AS SELECT 1 AS claim")
        connection.execute("DROP TRIGGER document_keep")
        connection.execute("DELETE FROM document")
    connection.close()
    told = run("verify", ok=3).stdout
    assert "trigger claim_keep is missing" in told
    assert "view claims was altered" in told
    assert "it names a document that is not there" in told
    assert not Path("evening.db").exists()
    assert "does not verify" in run("backup", "evening.db", ok=1).stderr


def _without_index(raw: sqlite3.Connection, *statements: str) -> None:
    """Do to claims what their indexes are not told of."""
    raw.executescript("PRAGMA writable_schema = ON; PRAGMA foreign_keys = OFF")
    guards = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in guards:
        raw.execute(f"DROP TRIGGER {name}")
    kept = raw.execute(
        "SELECT * FROM sqlite_master WHERE type = 'index' AND tbl_name = 'claim'"
    ).fetchall()
    raw.execute("DELETE FROM sqlite_master WHERE type = 'index' AND tbl_name = 'claim'")
    raw.commit()
    raw.execute("PRAGMA writable_schema = RESET")
    for statement in statements:
        raw.execute(statement)
    raw.execute("PRAGMA writable_schema = ON")
    raw.executemany("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", kept)
    for _, made in guards:
        raw.execute(made)
    raw.commit()


@pytest.mark.usefixtures("clash")
@pytest.mark.sqlite("files are altered in the sqlite3 shell; of a server see tests/postgresql")
def test_verify_finds_a_row_that_its_index_does_not_know_and_an_index_that_lies(run: Run) -> None:
    columns = ", ".join("77" if c == "id" else c for c in schema.claim.c.keys())  # noqa: SIM118
    with closing(sqlite3.connect("ledger.db")) as raw:
        _without_index(raw, f"INSERT INTO claim SELECT {columns} FROM claim WHERE id = 1")
    told = run("verify", ok=3).stdout
    assert "missing from index ix_claim_entry_id" in told
    assert "claim" in run("backup", "evening.db", ok=1).stderr
    assert "altered" in run("prove", "77", ok=1).stderr


@pytest.mark.usefixtures("clash")
def test_what_is_held_is_held_against_all(run: Run) -> None:
    refused = run("verify", "--since", "1", "--head", "0" * 64, ok=2)
    assert "--since trusts what was before" in refused.stderr


@pytest.mark.usefixtures("clash")
def test_verify_since_checks_the_new_part(run: Run) -> None:
    run("assess", "1", "refuted", "-b", "x")
    assert "verified 1 entry after entry 1" in run("verify", "--since", "1").stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_for_both_names(run: Run, shell: str) -> None:
    script = run("completion", shell).stdout
    assert "ledger" in script
    assert "claim-ledger" in script or "claim_ledger" in script


@pytest.mark.usefixtures("clash")
@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("ledger add the", "they-came"),
        ("ledger add they-came Ga", "Gazette"),
        ("ledger add they-came Jim", "Jim\\ Mattis"),
        ("ledger add they-came Gazette cannot-r", "cannot-rule-out"),
        ("ledger assess 1 corr", "corroborated"),
        ("ledger list --event cl", "clash"),
        ("ledger show ", "2"),
        ("ledger report ver", "versus"),
        ("ledger settle killed sup", "supported"),
    ],
)
def test_bash_completes_names_and_words(run: Run, line: str, wanted: str) -> None:
    """The real shell, asked with the variables that it sets when Tab is pressed."""
    program = Path(sys.executable).parent
    words = line.split(" ")
    script = (
        f"{run('completion', 'bash').stdout}\n"
        f"COMP_WORDS=({' '.join(repr(word) for word in words)}); COMP_CWORD={len(words) - 1}; "
        '_ledger_completion ledger; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    ran = subprocess.run(
        ["bash", "--norc", "-c", script],
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": f"{program}:{os.environ['PATH']}"},
    )
    assert wanted in ran.stdout.splitlines(), ran.stdout + ran.stderr


def test_help_needs_no_ledger_and_ends_with_an_example(run: Run) -> None:
    assert "Example:" in run("--db", "nowhere.db", "--help").stdout
    for command in ("add", "list", "show", "search", "assess", "sql", "export", "init"):
        assert "Example:" in run("--db", "nowhere.db", command, "--help").stdout, command


def test_a_mistyped_command_is_told_what_it_is_close_to(run: Run) -> None:
    assert "Did you mean 'list'?" in run("lits", ok=2).stderr
    assert "'alias'" in run("source", "alais", ok=2).stderr


@pytest.mark.sqlite("files are altered in the sqlite3 shell; of a server see tests/postgresql")
def test_verify_lists_what_is_damaged_where_rows_cannot_be_read(run: Run) -> None:
    path = Path("ledger.db")
    with closing(sqlite3.connect(path)) as raw:
        (page,) = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'claim'").fetchone()
        (size,) = raw.execute("PRAGMA page_size").fetchone()
    broken = bytearray(path.read_bytes())
    broken[(page - 1) * size : (page - 1) * size + 64] = b"\xff" * 64
    path.write_bytes(broken)
    told = run("verify", ok=3)
    assert "malformed" in told.stdout
    assert "does not verify" in told.stderr


@pytest.mark.usefixtures("clash")
@pytest.mark.sqlite("files are altered in the sqlite3 shell; of a server see tests/postgresql")
def test_verify_holds_indexes_against_their_tables_unless_told_not_to(run: Run) -> None:
    run("add", "they-came", "Gazette", "asserts", "--new")
    forge_an_index(Path("ledger.db"))
    assert "ix_claim_source_id_status" in run("verify", ok=3).stdout
    run("verify", "--no-indexes")


def forge_an_index(path: Path) -> None:
    """Make an index of other values, and then say that it is the one that it was."""
    name = "ix_claim_source_id_status"
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("PRAGMA writable_schema = ON")
        (sql,) = raw.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
        forged = sql.replace("source_id, status)", "document_id, note)")
        assert forged != sql
        raw.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (forged, name))
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute(f"REINDEX {name}")
        raw.execute("PRAGMA writable_schema = ON")
        raw.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (sql, name))
