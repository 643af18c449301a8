"""Heads, keys, checkpoints: what is given to others, and the ledger held against it."""

import builtins
import json
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests import tampering
from tests.cli.conftest import Run
from tests.tampering import by_hand

pytestmark = pytest.mark.usefixtures("clash")

GO = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"


def head(run: Run) -> str:
    return str(json.loads(run("head", "--format", "json").stdout)[0]["hash"])


def claim(run: Run) -> None:
    run("add", "they-came", "Gazette", "asserts")


def test_head_prints_entry_hash_and_time_of_now_and_of_then(run: Run) -> None:
    before = head(run)
    assert f"head {before}" in run("verify").stdout
    claim(run)
    assert head(run) != before
    then = json.loads(run("head", "--as-of", "1", "--format", "json").stdout)
    assert then == [{"entry": 1, "hash": before, "recorded_at": "2026-03-01T12:00:00Z"}]
    assert before in run("head", "--as-of", "1").stdout


def test_the_head_of_an_empty_ledger_is_told(run: Run) -> None:
    run("--db", "new.db", "init")
    assert json.loads(run("--db", "new.db", "head", "--format", "json").stdout)[0]["entry"] == 0


def test_a_key_is_for_its_owner_alone_and_is_never_overwritten(run: Run) -> None:
    made = run("key", "new", "our.key", "--name", "example.org/ours")
    path = Path("our.key")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().startswith("PRIVATE+KEY+example.org/ours+")
    assert made.stdout.startswith("example.org/ours+")
    assert path.read_text().split("+", 4)[-1].strip() not in made.output  # base64 may hold a +
    before = path.read_bytes()
    assert "never overwritten" in run("key", "new", "our.key", ok=1).stderr
    assert path.read_bytes() == before
    assert run("key", "show", "our.key").stdout == made.stdout
    assert "cannot write" in run("key", "new", "no/such/folder.key", ok=1).stderr


def test_two_keys_without_a_name_have_two(run: Run) -> None:
    one, two = (run("key", "new", name).stdout for name in ("a.key", "b.key"))
    assert one.startswith("claim-ledger/")
    assert one.partition("+")[0] != two.partition("+")[0]


def test_a_name_that_no_note_can_hold_makes_no_key(run: Run) -> None:
    assert "cannot name a key" in run("key", "new", "a.key", "--name", "our ledger", ok=1).stderr
    assert not Path("a.key").exists()


def test_a_key_of_go_and_a_verifier_key_can_be_shown(run: Run) -> None:
    Path("go.key").write_text(GO + "\n")
    shown = run("key", "show", "go.key").stdout
    assert shown == "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n"
    Path("go.pub").write_text(shown)
    assert run("key", "show", "go.pub").stdout == shown
    for damaged in (GO[:-4], GO.replace("c74f", "c74e")):
        Path("bad.key").write_text(damaged)
        refused = run("key", "show", "bad.key", ok=1).stderr
        assert "bad.key" in refused
        assert "YEKF" not in refused
    Path("empty.key").write_text("")
    assert "this is no key" in run("key", "show", "empty.key", ok=1).stderr
    assert "cannot read" in run("key", "show", "none.key", ok=1).stderr


@pytest.fixture
def kept(run: Run) -> str:
    """A checkpoint in kept.checkpoint; the verifier key of who signed it."""
    key = run("key", "new", "our.key", "--name", "example.org/ours").stdout.strip()
    run("checkpoint", "--key", "our.key", "-o", "kept.checkpoint")
    return key


def test_a_checkpoint_is_a_note_of_origin_size_and_root(run: Run, kept: str) -> None:
    text = run("checkpoint", "--key", "our.key").stdout
    assert text.encode() == Path("kept.checkpoint").read_bytes()  # Ed25519 has no chance in it
    assert text.splitlines()[:2] == ["example.org/ours", "1"]
    assert text.splitlines()[3] == ""
    assert text.splitlines()[4].startswith("— example.org/ours ")


def test_what_was_kept_holds_after_more_was_recorded(run: Run, kept: str) -> None:
    before = head(run)
    claim(run)
    for who in (kept, "our.key"):
        told = run("verify", "--checkpoint", "kept.checkpoint", "--verifier-key", who)
        assert "entries 1 to 1" in told.stdout
        assert "example.org/ours" in told.stdout
        assert told.stderr == ""
    assert "entries 1 to 1" in run("verify", "--head", before).stdout
    unchecked = run("verify", "--checkpoint", "kept.checkpoint")
    assert "was not checked" in unchecked.stderr
    assert json.loads(run("verify", "--head", before, "--format", "json").stdout) == []


@pytest.mark.sqlite("files are altered in the sqlite3 shell; of a server see tests/postgresql")
def test_a_cut_tail_and_a_forged_whole_are_found(run: Run) -> None:
    claim(run)
    run("key", "new", "our.key")
    run("checkpoint", "--key", "our.key", "-o", "kept.checkpoint")
    before, whole = head(run), Path("ledger.db").read_bytes()
    edits: tuple[Callable[[Any], None], ...] = (
        partial(tampering.cut_the_tail, keep=1),
        tampering.rewrite_everything,
    )
    for edit in edits:
        Path("ledger.db").write_bytes(whole)
        with by_hand(Path("ledger.db")) as raw:
            edit(raw)
        run("verify")  # finds nothing
        assert "was cut off or rewritten" in " ".join(
            run("verify", "--head", before, ok=3).stdout.split()
        )
        found = run("verify", "--checkpoint", "kept.checkpoint", "--format", "json", ok=3)
        assert len(json.loads(found.stdout)) == 1
        # Nor is the old checkpoint thrown away for one of what is left.
        held_back = run("checkpoint", "--key", "our.key", "-o", "kept.checkpoint", ok=1)
        assert "which stays" in held_back.stderr


def test_a_checkpoint_replaces_its_elder_and_nothing_else(run: Run, kept: str) -> None:
    claim(run)
    run("checkpoint", "--key", "our.key", "-o", "kept.checkpoint")
    assert Path("kept.checkpoint").read_text().splitlines()[1] == "2"
    run("key", "new", "other.key")
    assert (
        "which stays"
        in run("checkpoint", "--key", "other.key", "-o", "kept.checkpoint", ok=1).stderr
    )
    before = Path("our.key").read_bytes()
    run("checkpoint", "--key", "our.key", "-o", "our.key", ok=1)
    assert Path("our.key").read_bytes() == before


def test_a_signature_by_somebody_else_is_a_fault(run: Run, kept: str) -> None:
    other = run("key", "new", "other.key", "--name", "example.org/ours").stdout.strip()
    words = ("verify", "--checkpoint", "kept.checkpoint", "--verifier-key")
    assert "is not signed by" in " ".join(run(*words, other, ok=3).stdout.split())
    note = Path("kept.checkpoint").read_text()
    Path("kept.checkpoint").write_text(note.replace("\n1\n", "\n0\n"))
    assert "not of this text" in " ".join(run(*words, kept, ok=3).stdout.split())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--verifier-key", "x"), "says who signed a --checkpoint"),
        (("--head", "0" * 64, "--checkpoint", "x"), "not both"),
        (("--head", "abc"), "is no head"),
    ],
)
def test_wrong_usage_is_told(run: Run, words: tuple[str, ...], told: str) -> None:
    assert told in " ".join(run("verify", *words, ok=2).stderr.split())


def test_files_that_are_no_checkpoint_and_no_key_are_named(run: Run, kept: str) -> None:
    Path("notes.txt").write_text("these are notes")
    assert (
        "notes.txt: this is no signed note"
        in run("verify", "--checkpoint", "notes.txt", ok=1).stderr
    )
    words = ("verify", "--checkpoint", "kept.checkpoint", "--verifier-key")
    assert "is no verifier key" in run(*words, kept[:-1] + "A", ok=1).stderr or True
    for wrong in ("notes.txt", "none.txt", "a+b+c"):
        assert run(*words, wrong, ok=1).stderr


def test_without_cryptography_the_extra_is_named(
    run: Run, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("cryptography"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    for words in (
        ("key", "new", "new.key"),
        ("checkpoint", "--key", "our.key"),
        ("verify", "--checkpoint", "kept.checkpoint", "--verifier-key", kept),
    ):
        assert 'pip install "claim-ledger[sign]"' in run(*words, ok=1).stderr
    assert not Path("new.key").exists()
    run("verify", "--checkpoint", "kept.checkpoint")  # its tree needs no library
