"""`backup`, `restore` and `doctor` as they are typed."""

import json
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("clash")


@pytest.mark.sqlite("files are copied, and damaged")
def test_a_backup_tells_size_entries_and_head(run: Run) -> None:
    told = run("backup", "copy.db").stdout
    assert told.startswith("backed up to copy.db: ")
    assert f"{Path('copy.db').stat().st_size:,} bytes, 1 entry; head " in told
    head = told.split("head ")[1].split()[0]
    assert head in run("--db", "copy.db", "verify").stdout
    assert "exists already" in run("backup", "copy.db", ok=1).stderr
    run("backup", "copy.db", "--force")


@pytest.mark.sqlite("files are copied, and damaged")
def test_restore_brings_back_what_was_lost(run: Run) -> None:
    run("backup", "copy.db")
    run("withdraw", "1", "--because", "by mistake")
    assert "exists already" in run("restore", "copy.db", ok=1).stderr
    told = run("restore", "copy.db", "--force")
    assert "restored" in told.stdout
    assert "the ledger that was there is now" in told.stderr
    assert "Gazette" in run("list").stdout
    run("restore", "copy.db", "--to", "elsewhere.db")
    run("--db", "elsewhere.db", "verify")


@pytest.mark.sqlite("files are copied, and damaged")
def test_doctor_finds_a_missing_guard_and_exits_3(run: Run) -> None:
    healthy = run("doctor")
    assert "guards" in healthy.stdout
    assert "fault" not in healthy.stderr
    with sqlite3.connect("ledger.db") as connection:
        connection.execute("DROP TRIGGER claim_keep")
    connection.close()
    rows = json.loads(run("doctor", "-f", "json", ok=3).stdout)
    assert [row["what"] for row in rows if row["state"] == "fault"] == [
        "trigger claim_keep is missing"
    ]
    assert "1 fault" in run("doctor", ok=3).stderr


def test_doctor_is_of_now(run: Run) -> None:
    assert "leave --as-of out" in run("doctor", "--as-of", "1", ok=2).stderr
