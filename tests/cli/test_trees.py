"""The report `origins` on a screen, and as rows."""

import json

import pytest

from ledger.store import Store
from tests.cli.conftest import Run
from tests.tampering import by_hand

pytestmark = pytest.mark.usefixtures("clash")


def test_a_tree_shows_what_repeats_what_and_how_many_origins_that_is(run: Run) -> None:
    run("add", "killed", "Wire", "asserts", "--new", "--low", "101", "--repeats", "1")
    run("add", "killed", "An official", "asserts", "--low", "5", "--high", "5")
    lines = run("report", "origins", "--proposition", "killed").stdout.splitlines()
    assert lines == [
        "killed: 3 claims; affirms: 3 sources, 2 origins",
        "How many: killed",
        "├── origin 1: 1 Gazette asserts 101+; 2018-02-08",
        "│   └── 3 Wire asserts 101+; repeats 1",
        "└── origin 2: 4 An official asserts 5",
    ]


def test_trees_of_two_propositions_are_set_apart(run: Run) -> None:
    lines = run("report", "origins").stdout.splitlines()
    assert lines.count("") == 1
    assert lines[lines.index("") + 1].startswith("they-were-sent: 1 claim;")


def test_a_long_name_wraps_within_its_branch(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "Ministry of Defence of the Federal Republic of Somewhere Rather Far Away"
    run("add", "killed", name, "asserts", "--new", "--low", "101", "--repeats", "1")
    monkeypatch.setenv("COLUMNS", "40")
    lines = run("report", "origins", "--proposition", "killed").stdout.splitlines()
    assert max(map(len, lines)) <= 40
    assert name.split() == [
        word for line in lines for word in line.strip("│└─ ").split() if word in name.split()
    ]


def test_hostile_names_are_made_visible(run: Run, store: Store) -> None:
    run("add", "killed", "Wire two", "asserts", "--new", "--low", "5")
    with by_hand(store) as raw:
        raw.execute("UPDATE source SET name = ? WHERE name = 'Wire two'", ("Wire\x1b[31m",))
    shown = run("report", "origins", "--proposition", "killed").stdout
    assert "Wire␛[31m" in shown
    assert "\x1b" not in shown


def test_other_formats_have_a_claim_a_row(run: Run) -> None:
    rows = json.loads(run("report", "origins", "--format", "json").stdout)
    assert [(row["claim"], row["depth"], row["origin"]) for row in rows] == [(1, 0, 1), (2, 0, 1)]


def test_nothing_to_draw_is_said(run: Run) -> None:
    result = run("report", "origins", "--proposition", "they-came")
    assert (result.stdout, result.stderr) == ("", "nothing fits --proposition\n")
