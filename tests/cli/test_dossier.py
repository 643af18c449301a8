"""`ledger dossier`: a file by its ending, Markdown on a screen, on one thing or the other."""

import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("clash")


def test_the_ending_says_the_format_and_what_was_written_is_told(run: Run) -> None:
    told = run("dossier", "clash", "-o", "clash.html").stderr
    page = Path("clash.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert f"wrote clash.html: 3 propositions, 2 claims, {len(page.encode()):,} bytes" in told
    run("dossier", "killed", "-o", "killed.md")
    assert Path("killed.md").read_text("utf-8").startswith("# How many: killed\n")
    assert "no format here goes by .pdf" in run("dossier", "killed", "-o", "x.pdf", ok=1).stderr


def test_a_screen_gets_markdown(run: Run) -> None:
    assert run("dossier", "clash").stdout.startswith("# The event clash\n")
    assert run("dossier", "clash", "-f", "html").stdout.startswith("<!doctype html>")


def test_what_both_are_called_is_told_apart_by_an_option(run: Run) -> None:
    run("proposition", "add", "There was a clash.", "--slug", "clash", "--kind", "fact")
    refused = run("dossier", "clash", ok=1).stderr
    assert "“clash” fits the event “clash” and the proposition “clash”" in refused
    assert "say which: --event or --proposition" in refused
    assert run("dossier", "clash", "--event").stdout.startswith("# The event clash\n")
    found = run("dossier", "clash", "--proposition").stdout
    assert found.startswith("# There was a clash.\n")
    assert "ledger dossier --proposition clash --as-of 2" in found


def test_a_part_of_a_name_will_do_and_a_wrong_one_is_told(run: Run) -> None:
    assert run("dossier", "kill").stdout.startswith("# How many: killed\n")
    assert "no event and no proposition “nowhere”" in run("dossier", "nowhere", ok=1).stderr
    assert "did you mean “killed”" in run("dossier", "killde", ok=1).stderr
    assert "they-came" in run("dossier", "they", ok=1).stderr


def test_as_of_tells_the_ledger_as_it_stood(run: Run) -> None:
    run("add", "killed", "Ministry", "denies")
    then, now = run("dossier", "killed", "--as-of", "1").stdout, run("dossier", "killed").stdout
    assert "Nobody denies it" in then
    assert "as of entry 1, recorded 2026-03-01T12:00:00Z (asked for as of 1)" in then
    assert "Denied by Ministry: that there was even one" in now
    head = run("head").stdout.split()[-2]
    assert f"ledger verify --head {head}" in now
    assert head not in then
    run("verify", "--head", head)


def test_the_command_at_its_foot_makes_the_same_again(run: Run) -> None:
    def body(text: str) -> list[str]:
        told = ("made", "asked for", "as of", "as of 1", "the ledger as of")
        return [line for line in text.splitlines() if not any(w in line.lower() for w in told)]

    first = run("dossier", "killed").stdout
    run("add", "killed", "Ministry", "denies")
    (command,) = [line for line in first.splitlines() if "The same again" in line]
    again = run(*command.split("`")[1].split()[1:-2]).stdout
    assert body(again) == body(first)


@pytest.mark.parametrize("library", ["altair", "vl_convert"])
def test_without_charts_it_says_so_and_is_whole(
    run: Run, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    told = run("dossier", "clash", "-o", "clash.html").stderr
    assert "The charts are left out: charts need the" in told
    page = Path("clash.html").read_text("utf-8")
    assert "pip install &#34;claim-ledger[charts]&#34;" in page
    assert "<svg" not in page
    assert "How to check this" in page
