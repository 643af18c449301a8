"""What an editor asks in the morning: shifts, changes since the last report, the timeline."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("clash")


def test_shifts_are_told_newest_first_with_what_was_said_before(run: Run) -> None:
    run("add", "they-were-sent", "Ministry", "cannot-rule-out", "--said-on", "2018-02-20")
    run("add", "they-were-sent", "Ministry", "concedes", "--said-on", "2018-03-14")
    shown = run("report", "positions", "--shifts").stdout
    assert shown.index("cannot-rule-out → concedes") < shown.index("denies → cannot-rule-out")
    assert "after 22 days" in shown
    assert "SHIFT: softened" in run("report", "positions").stdout


def test_where_nobody_shifted_it_says_so(run: Run) -> None:
    result = run("report", "positions", "--shifts")
    assert (result.stdout, result.stderr) == ("", "nobody has changed sides on anything\n")
    narrowed = run("report", "positions", "--shifts", "--source", "Gazette")
    assert narrowed.stderr == "nothing fits --source\n"


def test_a_source_and_proposition_are_named_once_for_all_its_steps(run: Run) -> None:
    run("add", "they-were-sent", "Ministry", "concedes", "--said-on", "2018-03-14")
    assert run("report", "positions", "--proposition", "they-were-sent").stdout.count("Minist") == 1


def test_changes_since_an_entry_a_date_and_a_head(run: Run) -> None:
    head = run("head").stdout.split()[-2]
    run("settle", "they-came", "supported", "--because", "seen")
    for since in ("1", "today", head, head[:10]):
        shown = run("report", "changes", "--since", since).stdout
        assert "open → supported" in shown
        assert "claim 1" not in shown
    assert "claim 1" in run("report", "changes", "--since", "2026-03-01").stdout


def test_nothing_new_is_said(run: Run) -> None:
    result = run("report", "changes", "--since", "1")
    assert (result.stdout, result.stderr) == ("", "nothing was recorded since then\n")


def test_changes_need_to_be_told_since_when(run: Run) -> None:
    assert "--since" in run("report", "changes", ok=2).stderr


def test_a_head_that_is_not_in_this_ledger_is_told_as_such(run: Run) -> None:
    told = run("report", "changes", "--since", "ab" * 32, ok=1).stderr
    assert f"no entry has the head {'ab' * 32}" in told
    assert f"`ledger verify --head {'ab' * 32}`" in told


@pytest.mark.parametrize("since", ["99", "next week", "2018-02-31"])
def test_what_is_no_date_entry_or_head_is_told_plainly(run: Run, since: str) -> None:
    assert run("report", "changes", "--since", since, ok=1).stderr.startswith("ledger: ")


def test_changes_between_an_entry_and_another(run: Run) -> None:
    for source in ("A", "B"):
        run("add", "they-came", source, "asserts", "--new")
    shown = run("report", "changes", "--since", "1", "--as-of", "2").stdout
    assert "A on they-came" in shown
    assert "B on they-came" not in shown


def test_changes_since_a_checkpoint_that_was_kept(run: Run) -> None:
    pytest.importorskip("cryptography")
    run("key", "new", "our.key")
    run("checkpoint", "--key", "our.key", "-o", "kept.txt")
    run("settle", "they-came", "supported", "--because", "seen")
    shown = run("report", "changes", "--since", "kept.txt").stdout
    assert "open → supported" in shown
    assert "claim 1" not in shown
    kept = Path("kept.txt")
    lines = kept.read_text().splitlines()
    lines[2] = "A" * 43 + "="
    kept.write_text("\n".join(lines) + "\n")
    told = run("report", "changes", "--since", "kept.txt", ok=1).stderr
    assert "are not those of the checkpoint" in told


def test_a_timeline_marks_months_and_what_is_undated(run: Run) -> None:
    run("add", "they-came", "Gazette", "asserts", "--said-on", "2018-02")
    run("add", "they-came", "Ministry", "denies")
    lines = run("report", "timeline").stdout.splitlines()
    dates = [line.split()[0] for line in lines if line[:1].strip() and line[0] in "2u"]
    assert dates == ["2018-02", "2018-02-08", "2018-02-10", "undated"]
    assert any(line.startswith("some day") for line in lines)


def test_the_queue_says_what_was_asked_when_nothing_waits_so_long(run: Run) -> None:
    assert run("report", "status", "--days", "99999").stderr == "nothing fits --days\n"
    told = run("report", "status", "--by", "jun", ok=1).stderr
    assert told.startswith("ledger: “jun” has recorded nothing here")
