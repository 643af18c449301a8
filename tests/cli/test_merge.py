"""`ledger import other.db` as it is typed."""

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.sqlite("another analyst brings a file")


@pytest.fixture
def tom(clash: str) -> str:
    """Tom's copy."""
    return str(shutil.copy(clash, Path(clash).with_name("tom.db")))


def test_what_a_colleague_did_comes_in(run: Run, tom: str) -> None:
    run("--db", tom, "--as", "tom", "assess", "1", "doubtful", "--because", "no witness")
    run("--db", tom, "--as", "tom", "add", "they-came", "Gazette", "asserts")
    dry = run("import", tom, "--dry-run")
    assert dry.stdout.startswith("would add 1 claim\nwould change 1 claim\n  claim 1 (Gazette on")
    done = run("import", tom)
    assert done.stdout == (
        "added 1 claim; entry 2\nchanged 1 claim; entry 2\n"
        "already there: 1 event, 5 sources, 1 document, 3 propositions, 2 claims\n"
    )
    assert "the view receipts names the entries" in done.stderr
    assert run("import", tom).stdout.endswith("nothing to add\n")
    story = run("show", "3").stdout
    assert "came from" in story
    assert "another ledger's entry 3" in story
    assert "by tom, as claim 3" in story
    assert run("verify").stdout.startswith("verified 2 entries")


def test_conflicts_are_told_and_decided(run: Run, tom: str) -> None:
    run("assess", "1", "confirmed", "--because", "video")
    run("--db", tom, "--as", "tom", "assess", "1", "refuted", "--because", "older\x1b[31m")
    refused = run("import", tom, "--conflicts", "c.csv", ok=1)
    assert refused.stdout == (
        "claim 1 (Gazette on killed): status\n"
        "  ours    confirmed: video (entry 2 by maria)\n"
        "  theirs  refuted: older␛[31m (entry 2 by tom)\n"
    )
    assert "1 conflict; nothing was imported" in refused.stderr
    assert "--decisions c.csv" in refused.stderr
    dry = run("import", tom, "--dry-run", ok=1)
    assert "already there" in dry.stdout
    assert "claim 1 (Gazette on killed): status" in dry.stdout
    file = Path("c.csv")
    header, row = file.read_text().split("\n", 1)
    file.write_text(f"{header}\ntheirs{row}")
    assert "changed 1 claim" in run("import", tom, "--decisions", "c.csv").stdout


def test_ours_is_kept_and_that_is_remembered(run: Run, tom: str) -> None:
    run("assess", "1", "confirmed", "--because", "video")
    run("--db", tom, "--as", "tom", "assess", "1", "refuted", "--because", "older")
    kept = run("import", tom, "--keep", "ours")
    assert kept.stdout.endswith("nothing to add\n")
    assert "entry 3 keeps that it was decided so" in kept.stderr
    assert "entry" not in run("import", tom).stderr


def test_what_is_for_tables_is_not_for_ledgers(run: Run, tom: str) -> None:
    run("import", tom, "--rejects", "bad.csv", ok=2)
    run("import", tom, "--raw", ok=2)
    Path("claims.csv").write_text("proposition,source,stance\n")
    run("import", "claims.csv", "--keep", "ours", ok=2)
    Path("c.csv").write_text("")
    run("import", tom, "--conflicts", tom, ok=2)
    assert "itself" in run("import", str(Path(tom).with_name("ledger.db")), ok=1).stderr


def test_a_ledger_that_goes_on_from_ours_can_take_its_place(run: Run, tom: str) -> None:
    run("--db", tom, "--as", "tom", "add", "they-came", "Gazette", "asserts")
    assert f"ledger restore {tom} --force" in run("import", tom).stderr
