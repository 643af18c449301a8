"""A person at a terminal: what is missing is asked for, and hostile text steers nothing."""

import os
import re
import sys
from pathlib import Path

import pexpect
import pytest

from ledger import journal
from ledger.store import Store
from tests.build import a_claim

PROGRAM = str(Path(sys.executable).parent / "ledger")
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|\x1b\][^\x07]*\x07")


def _type(*words: str, db: Path, program: str = PROGRAM) -> "pexpect.spawn[str]":
    environment = {
        **os.environ,
        "LEDGER_DB": str(db),
        "LEDGER_ANALYST": "maria",
        "TERM": "xterm",
        "PROMPT_TOOLKIT_NO_CPR": "1",
    }
    return pexpect.spawn(
        program,
        list(words),
        env=environment,
        encoding="utf-8",
        timeout=60,  # matters only where something is broken
        dimensions=(40, 100),
    )


def _ended(child: "pexpect.spawn[str]") -> str:
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0, child.before
    return ESCAPES.sub("", str(child.before))


def test_add_alone_asks_for_everything(clash: Path) -> None:
    child = _type("add", db=clash)
    for question, answer in (
        ("Proposition", "killed"),
        ("Source", "Gazette"),
        ("Stance", "asserts"),
        ("How many", "dozens"),
        ("Quote", ""),
        ("Document", "article"),
        ("Relayed by", ""),
        ("Answers claim", ""),
        ("Said on", "2018-02"),
    ):
        child.expect(question)
        child.send(answer + "\r")
    assert "claim 3: Gazette asserts killed (24–99, “dozens”)" in _ended(child)


def test_only_what_is_missing_is_asked_for(clash: Path) -> None:
    child = _type("add", "they-came", "Gazette", db=clash)
    child.expect("Stance")
    child.send("denys\r")
    child.expect("one of")
    child.send("denies\r")
    assert "claim 3: Gazette denies they-came" in _ended(child)


@pytest.mark.parametrize(("answer", "recorded"), [("y", "Gazette"), ("n", "The Gazette")])
def test_a_look_alike_is_asked_about(clash: Path, answer: str, recorded: str) -> None:
    child = _type("add", "they-came", "The Gazette", "denies", db=clash)
    child.expect("Do you mean “Gazette”")
    child.send(answer + "\r")
    if answer == "n":
        child.expect("as a new source")
        child.send("y\r")
        child.expect("What kind of source")
        child.send("outlet\r")
    assert f"claim 3: {recorded} denies they-came" in _ended(child)


def test_giving_up_records_nothing(clash: Path) -> None:
    child = _type("add", db=clash)
    child.expect("Proposition")
    child.sendcontrol("c")
    child.expect("Aborted")
    child.expect(pexpect.EOF)
    listed = _type("list", "-f", "csv", db=clash)
    assert _ended(listed).count("\n") == 3


def test_hostile_text_steers_no_terminal(store: Store) -> None:
    with journal.entry(store, recorded_by="ma\x1b[31mria") as draft:
        a_claim(
            draft,
            source="Min\x1b]0;owned\x07istry\u202e\u200b\x9b2J",
            quote="red \x1b[31m text\r\x08 and \u2066more\u2069",
        )
    commands = [["list"], ["show", "1"], ["source", "list"], ["source", "show", "1"],
                ["search", "red"], ["report", "versus"], ["report", "status"],
                ["list", "-f", "md"],
                ["sql", "SELECT source, quote FROM claims"]]  # fmt: skip
    # One process types them all: starting nine costs more than all the rest.
    said = "from ledger.cli import cli\n" + "".join(
        f"cli({words!r}, standalone_mode=False)\nprint('end of {number}')\n"
        for number, words in enumerate(commands)
    )
    text = _ended(_type("-c", said, db=store.path, program=sys.executable))
    assert text.count("end of ") == len(commands)
    for words, shown in zip(commands, re.split(r"end of \d", text), strict=False):
        raw = [c for c in shown if c not in "\r\n" and not c.isprintable()]
        assert not raw, (words, raw)
        assert "Min" in shown or "red" in shown, words
