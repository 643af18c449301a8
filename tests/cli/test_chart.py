"""`ledger chart`: three charts to a file or a pipe, and never to a screen."""

import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("clash")


def test_the_ending_says_the_format(run: Run) -> None:
    run("chart", "ranges", "killed", "-o", "killed.svg")
    run("chart", "positions", "--source", "Ministry", "-o", "positions.png")
    run("chart", "stances", "-o", "stances.html")
    assert "asserts 101 or more, open above" in Path("killed.svg").read_text("utf-8")
    assert Path("positions.png").read_bytes().startswith(b"\x89PNG")
    assert Path("stances.html").read_text("utf-8").startswith("<!doctype html>")
    assert "no format here goes by .pdf" in run("chart", "stances", "-o", "a.pdf", ok=1).stderr


def test_a_pipe_gets_svg_and_a_terminal_a_hint(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("chart", "stances").stdout.startswith("<svg")
    monkeypatch.setattr("ledger.cli.chart.on_terminal", lambda: True)
    assert "-o stances.svg, .png or .html" in run("chart", "stances", ok=2).stderr


def test_a_title_says_by_what_it_was_narrowed(run: Run) -> None:
    told = run("chart", "stances", "--side", "denies", "--as-of", "1").stdout
    assert "Who says what on what: side denies, as of 1" in told


def test_what_nothing_fits_is_not_drawn(run: Run) -> None:
    assert "nothing fits --stance" in run("chart", "stances", "-t", "concedes", ok=1).stderr
    assert "nothing fits --from" in run("chart", "positions", "--from", "2030", ok=1).stderr
    assert "is a fact" in run("chart", "ranges", "they-came", ok=1).stderr
    refused = run("chart", "ranges", "killed", "--side", "denies", ok=1).stderr
    assert "nothing that is said of “killed” fits" in refused


def test_a_library_that_is_missing_is_named_with_its_extra(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for library in ("altair", "vl_convert"):
        with monkeypatch.context() as patched:
            patched.setitem(sys.modules, library, None)
            told = run("chart", "stances", "-o", "stances.svg", ok=1).stderr
        assert 'pip install "claim-ledger[charts]"' in told
        assert not Path("stances.svg").exists()
