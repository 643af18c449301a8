"""`ledger check` as it is typed."""

import csv
import io
import json
from pathlib import Path

import pytest

from ledger import journal
from ledger.checks import CHECKS
from ledger.store import open_store
from ledger.visible import visible
from tests.build import NOON, a_claim, a_document, a_fact, a_source, an_event
from tests.cli.conftest import Run

REASON = "the footage shows it"


@pytest.fixture
def confirmed(clash: str, run: Run) -> str:
    """The clash, its figure confirmed on one origin."""
    run("assess", "1", "confirmed", "--because", "the morgue counted them")
    return clash


def checks(run: Run, *words: str, ok: int = 3) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(run("check", *words, "-f", "csv", ok=ok).stdout)))


def test_findings_are_rows_and_exit_status_3(confirmed: Path, run: Run) -> None:
    (row,) = checks(run, "--only", "confirmed-with-one-origin")
    assert row == {
        "check": "confirmed-with-one-origin",
        "severity": "fault",
        "subject": "claim 1",
        "about": "Gazette asserts killed 101+, confirmed",
        "what": "one origin supports it, and nobody concedes it",
        "to_do": TO_DO,
        "state": "open",
        "because": "",
        "accepted_by": "",
        "accepted_at": "",
    }


TO_DO = (
    "find a second origin, record what it rests on (`ledger assess --rests-on`), or assess it as "
    "unverified"
)


def test_nothing_found_is_said_and_exits_0(confirmed: Path, run: Run) -> None:
    done = run("check", "--only", "circular-reporting")
    assert (done.stdout, done.stderr) == ("", "nothing found\n")


def test_a_table_says_what_is_found_and_what_to_do(confirmed: Path, run: Run) -> None:
    done = run("check", "--only", "confirmed-with-one-origin", ok=3)
    assert "confirmed-with-one-origin (fault)" in done.stdout
    assert "Gazette asserts killed 101+, confirmed: one origin" in " ".join(done.stdout.split())
    assert done.stderr == "1 fault\n"


@pytest.mark.parametrize("form", ["json", "jsonl", "md"])
def test_other_formats(confirmed: Path, run: Run, form: str) -> None:
    out = run("check", "--only", "confirmed-with-one-origin", "-f", form, ok=3).stdout
    if form == "json":
        assert [each["subject"] for each in json.loads(out)] == ["claim 1"]
    assert "claim 1" in out


def test_only_except_and_at_least_choose_the_checks(confirmed: Path, run: Run) -> None:
    every = {row["check"] for row in checks(run)}
    assert every == {"confirmed-with-one-origin", "event-unplaced", "orphan", "document-unpinned"}
    assert {row["check"] for row in checks(run, "--except", "orphan")} == every - {"orphan"}
    assert {row["check"] for row in checks(run, "--at-least", "fault")} == {
        "confirmed-with-one-origin"
    }
    two = checks(run, "--only", "orphan", "--only", "event-unplaced")
    assert {row["check"] for row in two} == {"orphan", "event-unplaced"}


def test_a_mistyped_check_is_told_what_was_meant(confirmed: Path, run: Run) -> None:
    assert "Did you mean 'orphan'?" in run("check", "--only", "orphans", ok=2).stderr


def test_filters_keep_what_the_claims_that_fit_name(confirmed: Path, run: Run) -> None:
    def subjects(*words: str) -> set[str]:
        return {row["subject"] for row in checks(run, *words)}

    assert subjects("--event", "clash") == {
        "claim 1", "event clash", "document article", "proposition they-came"
    }  # fmt: skip
    assert subjects("--proposition", "they-were-sent") == {"event clash"}
    assert subjects("--source", "Jim Mattis") == {"source Jim Mattis"}
    assert subjects("--side", "denies") == {"event clash"}


def test_every_check_is_listed_with_its_reason(run: Run) -> None:
    listed = json.loads(run("check", "--list", "-f", "json").stdout)
    assert [each["check"] for each in listed] == list(CHECKS)
    assert all(each["why"] for each in listed)


def test_a_finding_is_accepted_shown_marked_and_opened_again(confirmed: Path, run: Run) -> None:
    only = ("--only", "confirmed-with-one-origin")
    done = run("check", "accept", "confirmed-with-one-origin", "claim", "1", "-b", REASON)
    assert done.stdout == (
        "claim 1: Gazette asserts killed 101+, confirmed: one origin supports it, and nobody "
        "concedes it\naccepted\n"
    )
    done = run("check", *only)
    assert (done.stdout, done.stderr) == ("", "1 accepted\n")
    (row,) = checks(run, *only, "--all", ok=0)
    assert (row["state"], row["because"], row["accepted_by"]) == ("accepted", REASON, "maria")
    assert f"accepted: {REASON} (maria, " in " ".join(run("check", *only, "--all").stdout.split())
    run("correct", "1", "--low", "102")
    (row,) = checks(run, *only)
    assert (row["state"], row["because"]) == ("changed", REASON)
    assert run("check", *only, ok=3).stderr == "1 fault, 1 changed since accepted\n"
    run("check", "accept", "confirmed-with-one-origin", "1", "-b", "still")
    run("check", *only)
    run("check", "reopen", "confirmed-with-one-origin", "1", "-b", "another year")
    (row,) = checks(run, *only)
    assert row["state"] == "open"
    out = run("sql", "-f", "csv", "SELECT check_name, claim, taken_back FROM acceptances").stdout
    assert out.splitlines()[1] == "confirmed-with-one-origin,1,another year"


def test_the_state_before_is_as_of(confirmed: Path, run: Run) -> None:
    run("check", "accept", "confirmed-with-one-origin", "1", "-b", REASON)
    assert run("check", "--only", "confirmed-with-one-origin").stderr == "1 accepted\n"
    run("check", "--only", "confirmed-with-one-origin", "--as-of", "2", ok=3)
    run("check", "--only", "confirmed-with-one-origin", "--as-of", "1")


def test_a_name_of_several_words_needs_no_quotes(confirmed: Path, run: Run) -> None:
    done = run("check", "accept", "orphan", "source", "Jim", "Mattis", "-b", "to be recorded")
    assert done.stdout.startswith("source Jim Mattis: ")


NAMES = (
    "source",
    "source of the leak",
    "claim 7",
    "A  name of two spaces",
    "“The” o'Neil; $(true)",
    "-b",
)


@pytest.mark.parametrize("split", [False, True])
def test_every_subject_is_accepted_as_it_is_printed(confirmed: Path, run: Run, split: bool) -> None:
    with journal.entry(open_store(confirmed), recorded_by="maria", recorded_at=NOON) as draft:
        for name in NAMES:
            a_source(draft, name)
        an_event(draft, "event"), a_document(draft, "claim-1"), a_fact(draft, "source")
    found = checks(run, "--at-least", "hint")
    assert {row["subject"].partition(" ")[0] for row in found} > {"source", "event", "claim"}
    for row in found:
        subject = visible(row["subject"])
        pasted = subject.split() if split else [subject]
        done = run("check", "accept", "-b", REASON, "--", row["check"], *pasted)
        assert done.stdout.startswith(f"{subject}: ")
    assert checks(run, ok=0) == []


def test_a_name_that_begins_with_its_kind_is_understood_alone(confirmed: Path, run: Run) -> None:
    with journal.entry(open_store(confirmed), recorded_by="maria", recorded_at=NOON) as draft:
        for _ in range(10):
            a_claim(draft, source="source of the leak")
    for typed in ("source of the leak", "source source of the leak"):
        done = run("check", "accept", "never-graded", typed, "-b", f"one voice: {typed}")
        assert done.stdout.startswith("source source of the leak: ")
    done = run("check", "accept", "never-graded", "source of nothing", "-b", REASON, ok=1)
    assert "there is no source “of nothing”" in done.stderr


def test_what_is_not_found_cannot_be_accepted_nor_opened(confirmed: Path, run: Run) -> None:
    done = run("check", "accept", "interested-support", "1", "-b", REASON, ok=1)
    assert "interested-support finds nothing on claim 1" in done.stderr
    done = run("check", "reopen", "interested-support", "1", "-b", REASON, ok=1)
    assert "nothing that interested-support finds on claim 1 is accepted" in done.stderr
    done = run("check", "accept", "orphan", "proposition", "unknown", "-b", REASON, ok=1)
    assert "there is no proposition “unknown”" in done.stderr


def test_of_several_kinds_the_kind_must_be_said(confirmed: Path, run: Run) -> None:
    done = run("check", "accept", "orphan", "Jim Mattis", "-b", REASON, ok=2)
    assert "say what Jim Mattis is: proposition or source or event or document" in done.stderr


def test_options_before_the_subcommand_are_not_lost_silently(confirmed: Path, run: Run) -> None:
    done = run("check", "--db", "other.db", "accept", "orphan", "source", "TASS", "-b", "x", ok=2)
    assert "--db belongs after accept, or before check" in done.stderr
    run("--db", str(confirmed), "check", "accept", "orphan", "source", "Jim Mattis", "-b", "later")


def test_a_reason_is_needed(confirmed: Path, run: Run) -> None:
    assert "--because" in run("check", "accept", "orphan", "source", "TASS", ok=2).stderr
    done = run("check", "accept", "orphan", "source", "Jim Mattis", "-b", " ", ok=1)
    assert "because: is missing" in done.stderr
