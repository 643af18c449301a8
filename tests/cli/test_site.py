"""`ledger site`: what it writes and what it says."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run

pytestmark = [
    pytest.mark.usefixtures("clash"),
    pytest.mark.sqlite("what is typed is the same on either database"),
]


def test_what_was_written_is_told_and_what_is_in_the_way_is_too(run: Run) -> None:
    told = run("site", "pages", "--title", "The clash", "--no-charts").stderr
    assert "wrote pages: " in told
    assert "The clash" in Path("pages/index.html").read_text("utf-8")
    assert "no site that ledger made" in run("site", ".", ok=1).stderr


def test_a_site_is_made_as_of_then(run: Run) -> None:
    run("add", "killed", "Ministry", "denies")
    run("site", "pages", "--as-of", "1", "--no-charts")
    assert "Nobody denies it." in Path("pages/proposition/killed.html").read_text("utf-8")
