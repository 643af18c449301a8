"""A person at a terminal: what is missing is asked for, and hostile text steers nothing."""

import os
import re
import sys
from pathlib import Path

import pexpect
import pytest

from ledger import journal
from ledger.store import Store
from tests.build import a_claim, a_count, a_document, an_event
from tests.places import address
from tests.tampering import by_hand

PROGRAM = str(Path(sys.executable).parent / "ledger")
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|\x1b\][^\x07]*\x07")


HOSTILE = (
    "red \x1b[31m \x1b]0;owned\x07 \u202e\u200b\x9b2J\x85\x7f \u2066more\u2069 \r\x08 </script>"
)


def _type(*words: str, db: str, program: str = PROGRAM) -> "pexpect.spawn[str]":
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


def test_add_alone_asks_for_everything(clash: str) -> None:
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


def test_only_what_is_missing_is_asked_for(clash: str) -> None:
    child = _type("add", "they-came", "Gazette", db=clash)
    child.expect("Stance")
    child.send("denys\r")
    child.expect("one of")
    child.send("denies\r")
    assert "claim 3: Gazette denies they-came" in _ended(child)


@pytest.mark.parametrize(("answer", "recorded"), [("y", "Gazette"), ("n", "The Gazette")])
def test_a_look_alike_is_asked_about(clash: str, answer: str, recorded: str) -> None:
    child = _type("add", "they-came", "The Gazette", "denies", db=clash)
    child.expect("Do you mean “Gazette”")
    child.send(answer + "\r")
    if answer == "n":
        child.expect("as a new source")
        child.send("y\r")
        child.expect("What kind of source")
        child.send("outlet\r")
    assert f"claim 3: {recorded} denies they-came" in _ended(child)


def test_giving_up_records_nothing(clash: str) -> None:
    child = _type("add", db=clash)
    child.expect("Proposition")
    child.sendcontrol("c")
    child.expect("Aborted")
    child.expect(pexpect.EOF)
    listed = _type("list", "-f", "csv", db=clash)
    assert _ended(listed).count("\n") == 3


def test_hostile_text_steers_no_terminal(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with journal.entry(store, recorded_by="ma\x1b[31mria", message=HOSTILE) as draft:
        event = an_event(draft, title=HOSTILE, place=HOSTILE)
        page = a_document(draft, title=HOSTILE)
        count = a_count(draft, event_id=event, text=HOSTILE, population=HOSTILE)
        a_claim(draft, on=count, low=5, wording=HOSTILE, quote=HOSTILE, note=HOSTILE,
                status="unverified", because=HOSTILE, document_id=page)  # fmt: skip
        a_claim(draft, on=count, stance="denies", source="Min", answers_id=1, note=HOSTILE)
    with by_hand(store) as hand:  # no name is recorded that holds such a thing
        hand.execute("UPDATE source SET name = 'Min' || ? WHERE name = 'Min'", (HOSTILE,))
    formats = ("table", "csv", "json", "jsonl", "md", "html")
    asked = (["list"], ["show", "1"], ["report", "versus"], ["sql", "SELECT * FROM claims"])
    commands = [
        *([*words, "-f", each] for words in asked for each in formats),
        ["source", "list"], ["source", "show", "1"], ["source", "show", "2"], ["event", "list"],
        ["event", "show", "clash"], ["document", "show", "article"], ["document", "list"],
        ["proposition", "show", "killed"], ["proposition", "list"], ["search", "red"],
        ["report", "status"], ["report", "counts"], ["report", "sources"], ["report", "origins"],
        ["report", "changes"], ["report", "positions"], ["report", "timeline"],
        ["log"], ["log", "1"], ["log", "--claim", "1"], ["check"], ["check", "-f", "csv"],
        ["dossier", "clash"], ["dossier", "clash", "-f", "html"], ["export"], ["export", "--raw"],
        ["prove", "1"], ["head"], ["doctor"], ["verify"], ["assess", "1", "nonsense"],
        ["list", "--source", "Mim"], ["show", HOSTILE], ["event", "show", HOSTILE],
        ["import", f"{HOSTILE}.csv"], ["import", "hostile.csv"], ["--db", HOSTILE, "list"],
    ]  # fmt: skip
    Path("hostile.csv").write_text(
        f"proposition,source,stance,quote,x{HOSTILE}\n{HOSTILE},{HOSTILE},{HOSTILE},a,b\n", "utf-8"
    )
    # One process types them all: starting nine costs more than all the rest.
    said = "from ledger.cli import cli\n" + "".join(
        f"try: cli({words!r})\nexcept SystemExit: pass\nprint('end of {number}')\n"
        for number, words in enumerate(commands)
    )
    text = _ended(_type("-c", said, db=address(store), program=sys.executable))
    assert text.count("end of ") == len(commands)
    for words, shown in zip(commands, re.split(r"end of \d", text), strict=False):
        raw = [c for c in shown if c not in "\r\n" and not c.isprintable()]
        assert not raw, (words, raw)
        assert shown.strip(), words
