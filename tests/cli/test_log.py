"""`log` and `undo` as they are typed."""

import json

import pytest

from ledger.store import Store
from tests.cli.conftest import Run
from tests.places import contents

pytestmark = pytest.mark.usefixtures("clash")


def test_log_tells_entries_and_what_each_wrote(run: Run) -> None:
    run("assess", "1", "unverified", "--because", "one origin", "-m", "first look")
    shown = run("log").stdout
    assert "claim 1 assessed: unreviewed → unverified" in shown
    assert "first look" in shown
    assert shown.index("first look") < shown.index("claim 1 added: Gazette asserts killed")
    assert "and 9 more: 2 claims added, 3 propositions added" in shown


def test_every_format_carries_the_same(run: Run) -> None:
    (logged,) = json.loads(run("log", "-f", "json").stdout)
    assert logged["entry"] == 1
    assert logged["recorded_by"] == "maria"
    assert logged["recorded_at"] == "2026-03-01T12:00:00Z"
    assert logged["rows"] == 12
    assert logged["counted"].startswith("2 claims added, 3 propositions added")
    assert json.loads(run("log", "-f", "jsonl").stdout) == logged
    assert run("log", "-f", "csv").stdout.startswith("entry,recorded_at,recorded_by,message")
    assert run("log", "-f", "md").stdout.startswith("| entry |")


def test_what_is_cut_is_said(run: Run) -> None:
    for number in range(12):
        run("assess", "1", "unverified", "--because", f"reason {number}")
    short = run("log", "-f", "csv")
    assert len(short.stdout.splitlines()) == 11
    assert "3 older entries are not shown; --all" in short.stderr
    assert len(run("log", "-f", "csv", "--all").stdout.splitlines()) == 14
    one = run("log", "-f", "csv", "-n", "12")
    assert "1 older entry is not shown" in one.stderr


def test_filters_narrow_the_log(run: Run) -> None:
    run("assess", "1", "unverified", "--because", "one origin")
    run("--as", "ben", "source", "edit", "Jim Mattis", "--side", "US")

    assert run("log", "--by", "ben", "-f", "csv").stdout.count("\n") == 2
    assert "Jim Mattis edited: side – → US" in run("log", "--source", "mattis").stdout
    assert "claim 2" not in run("log", "--claim", "1").stdout
    assert "no entry fits" in run("log", "--to", "2020-01-01").stderr
    assert "assessed" not in run("log", "--as-of", "1").stdout
    assert "Jim Mattis" in run("log", "--source", "Jim Matis", ok=1).stderr


def test_what_the_log_does_not_know_is_told_with_what_it_does(run: Run) -> None:
    run("--as", "Jan", "assess", "1", "unverified", "-b", "not found")
    for words, told in {
        ("--by", "mara"): "there is no analyst “mara”\n  did you mean “maria”?",
        ("--by", "nobody"): "there is no analyst “nobody”\n  recorded so far by “Jan”, “maria”",
        ("--entry", "9"): "there is no entry 9\n  the newest is 2; `ledger log` shows them",
        ("9",): "there is no claim 9\n  the newest is 2; `ledger list` shows them",
        ("TAS",): "“TAS” is no claim\n  name it by its number; `ledger list` shows them",
        ("--by", "Jan", "--as-of", "1"): "there is no analyst “Jan”",
    }.items():
        assert told in run("log", *words, ok=1).stderr
    assert json.loads(run("log", "--by", "jan", "-f", "json").stdout)[0]["entry"] == 2


def test_log_of_a_claim_tells_its_versions_field_by_field(run: Run) -> None:
    run("correct", "1", "--source", "Ministry", "-m", "misread")
    shown = run("log", "1").stdout
    assert "claim 1      Gazette asserts killed" in shown
    assert "version 2    entry 2" in shown
    assert "maria: misread" in shown
    assert "source: Gazette → Ministry" in shown
    rows = json.loads(run("log", "1", "-f", "json").stdout)
    assert rows[-1] == {
        "version": 2,
        "entry": 2,
        "recorded_at": rows[-1]["recorded_at"],
        "recorded_by": "maria",
        "message": "misread",
        "field": "source",
        "before": "Gazette",
        "after": "Ministry",
    }
    assert "source: Gazette → Ministry" not in run("log", "1", "--as-of", "1").stdout


def test_log_takes_a_claim_or_filters(run: Run) -> None:
    assert "--claim N filters" in run("log", "1", "--by", "maria", ok=2).stderr
    assert "not both" in run("log", "-n", "1", "--all", ok=2).stderr
    assert "there is no claim 99" in run("log", "99", ok=1).stderr


def test_undo_posts_the_reverse(run: Run) -> None:
    run("assess", "1", "unverified", "--because", "one origin")
    shown = run("undo", "2", "--because", "wrong claim")
    assert "undid entry 2 (entry 3): 1 claim changed" in shown.stdout
    assert "claim 1 assessed: unverified → unreviewed" in shown.stdout
    assert "undo of entry 2: wrong claim" in run("log", "-n", "1").stdout
    run("verify")


def test_undo_tells_what_stays(run: Run) -> None:
    shown = run("undo", "1")
    assert "claim 1 withdrawn: “undo of entry 1”" in shown.stdout
    assert "nothing recorded is deleted, so these stay: document article" in shown.stderr
    assert "no claim fits" in run("list").stderr


def test_a_dry_run_changes_nothing(run: Run, store: Store) -> None:
    run("assess", "1", "unverified", "--because", "one origin")
    before = contents(store)
    shown = run("undo", "2", "--dry-run")
    assert "claim 1 assessed: unverified → unreviewed" in shown.stdout
    assert "nothing was undone" in shown.stderr
    assert contents(store) == before


def test_undo_names_what_stands_in_the_way(run: Run) -> None:
    run("assess", "1", "unverified", "--because", "one origin")
    run("assess", "1", "confirmed", "--because", "two origins", "-m", "second look")
    refused = run("undo", "2", ok=1)
    assert "entry 3 (“second look”) has changed claim 1 since" in refused.stderr
    assert "`ledger undo 3` first" in refused.stderr
    assert "there is no entry 9" in run("undo", "9", ok=1).stderr
