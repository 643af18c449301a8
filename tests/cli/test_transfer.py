"""Claims out and in on the command line: files, packages, and what is said of them."""

import json
import sys
import threading
from pathlib import Path

import pytest

from ledger.cli.transfer import _progress
from tests.cli.conftest import Run


def test_a_package_goes_out_and_comes_back(run: Run, clash: str) -> None:
    out = run("export", "out", "--name", "Clash", "--license", "MIT", "--created", "2026-03-01")
    assert out.stderr == (
        "wrote 5 sources, 1 event, 1 document, 3 propositions, 2 claims, 0 assessments, 1 entry, "
        "12 versions to out\n"
    )
    assert json.loads(Path("out/datapackage.json").read_text())["created"] == "2026-03-01T00:00:00Z"
    head = json.loads(run("head", "--format", "json").stdout)[0]["hash"]
    run("--db", "copy.db", "init")
    done = run("--db", "copy.db", "import", "out")
    assert head in done.stderr
    assert done.stdout == (
        "added 1 event, 5 sources, 1 document, 3 propositions, 2 claims; entry 1\n"
    )
    assert json.loads(run("--db", "copy.db", "head", "--format", "json").stdout)[0]["hash"] == head
    again = run("--db", "copy.db", "import", "out")
    assert again.stdout.endswith("nothing to add\n")


def test_a_package_says_what_is_not_known_of_it(run: Run, clash: str) -> None:
    assert "says no licence: --license" in run("export", "out").stderr


def test_a_package_without_history_names_no_analyst(run: Run, clash: str) -> None:
    run("export", "out", "--no-history")
    assert not any(
        b"maria" in file.read_bytes() for file in Path("out").rglob("*") if file.is_file()
    )


def test_several_entries_are_told_as_a_run(run: Run, clash: str) -> None:
    run("assess", "1", "unverified", "--because", "one origin")
    run("export", "out")
    run("--db", "copy.db", "init")
    assert "entry 1–2" in run("--db", "copy.db", "import", "out").stdout


def test_a_bar_on_a_terminal_leaves_room_for_a_second_process(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A process of several threads is not copied, and so would read a large file alone."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    before = threading.active_count()
    with _progress() as told:
        told("read", 1, 2)
        assert threading.active_count() == before
    assert "read" in capsys.readouterr().err
