"""Proofs of single claims, as a stranger has them: a file, and something held from before."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("clash")


@pytest.fixture
def kept(run: Run) -> str:
    """A proof and a checkpoint that were handed out, and the verifier key; then more recorded."""
    key = run("key", "new", "our.key", "--name", "example.org/ours").stdout.strip()
    run("add", "they-came", "Gazette", "asserts")
    run("checkpoint", "--key", "our.key", "-o", "kept.checkpoint")
    run("prove", "2", "-o", "proof.json")
    run("assess", "2", "unverified", "--because", "no second origin")
    return key


def head(run: Run, *words: str) -> str:
    return str(json.loads(run("head", *words, "--format", "json").stdout)[0]["hash"])


def test_a_proof_is_checked_where_there_is_no_ledger(run: Run, kept: str) -> None:
    then = head(run, "--as-of", "2")
    Path("ledger.db").unlink(missing_ok=True)
    for held in (
        ("--head", then),
        ("--checkpoint", "kept.checkpoint"),
        ("--checkpoint", "kept.checkpoint", "--verifier-key", kept),
    ):
        told = run("verify-proof", "proof.json", *held).stdout
        assert "stance: denies" in told
        assert "name: Ministry" in told
        assert "proves       claim 2" in told
        assert "not          that it is true" in told


def test_alone_it_proves_nothing_and_says_so(run: Run, kept: str) -> None:
    told = run("verify-proof", "proof.json").stdout
    assert "proves       nothing yet" in told
    assert head(run, "--as-of", "2") in told


def test_an_altered_proof_does_not_hold(run: Run, kept: str) -> None:
    text = Path("proof.json").read_text()
    Path("proof.json").write_text(text.replace('"denies"', '"asserts"'))
    result = run("verify-proof", "proof.json", "--checkpoint", "kept.checkpoint", ok=3)
    assert "claim 2: its columns do not make its leaf" in result.stdout
    assert "proves nothing" in result.stderr
    Path("proof.json").write_text(text[:-9])
    assert "proof.json: this is no proof" in run("verify-proof", "proof.json", ok=1).stderr


def test_a_proof_of_another_ledger_does_not_hold(run: Run, kept: str) -> None:
    assert "no entry" in run("verify-proof", "proof.json", "--head", "0" * 64, ok=3).stdout
    run("key", "new", "other.key", "--name", "example.org/ours")
    other = ("--checkpoint", "kept.checkpoint", "--verifier-key", "other.key")
    assert "not signed by" in run("verify-proof", "proof.json", *other, ok=3).stdout


def test_a_newer_proof_is_made_for_an_older_checkpoint(run: Run, kept: str) -> None:
    run("prove", "2", "-o", "newer.json")
    held = ("--checkpoint", "kept.checkpoint")
    assert "ledger prove --checkpoint" in run("verify-proof", "newer.json", *held, ok=3).stdout
    assert "unverified" in run("verify-proof", "newer.json", "--head", head(run)).stdout
    assert run("prove", "2", *held).stdout == Path("proof.json").read_text()
    assert run("prove", "2", "--as-of", "2").stdout == Path("proof.json").read_text()
    assert "leave out --as-of" in run("prove", "2", *held, "--as-of", "2", ok=2).stderr


def test_a_claim_of_later_is_in_no_older_checkpoint(run: Run, kept: str) -> None:
    run("add", "they-came", "Ministry", "denies")
    held = ("--checkpoint", "kept.checkpoint")
    assert "there is no claim 4" in run("prove", "4", *held, ok=1).stderr


def test_a_checkpoint_of_another_ledger_proves_nothing(run: Run, kept: str) -> None:
    run("--db", "new.db", "init")
    run("--db", "new.db", "checkpoint", "--key", "our.key", "-o", "new.checkpoint")
    for db in ("new.db", "ledger.db"):
        other = "kept.checkpoint" if db == "new.db" else "new.checkpoint"
        refused = run("--db", db, "prove", "1", "--checkpoint", other, ok=1).stderr
        assert "ledger" in refused


def test_how_much_a_proof_tells_is_chosen(run: Run, kept: str) -> None:
    def rows(*words: str) -> list[str]:
        return [each["table"] for each in json.loads(run("prove", "1", *words).stdout)["rows"]]

    assert rows() == ["claim", "proposition", "source"]
    assert rows("--alone") == ["claim"]
    assert rows("--document") == ["claim", "document", "proposition", "source"]
    assert len(json.loads(run("prove", "1", "--no-links").stdout)["entries"]) == 1


def test_a_pipe_will_do(run: Run, kept: str) -> None:
    text = run("prove", "1").stdout
    assert "more than 100 died" in run("verify-proof", "-", typed=text).stdout


def test_no_text_steers_the_terminal_or_passes_for_a_column(run: Run) -> None:
    hostile = "x\nstance: denies \x1b[2J\u202e " + "filling " * 40 + "status: confirmed " * 40
    run("add", "they-came", "Gazette", "asserts", "--quote", hostile)
    told = run("verify-proof", "-", typed=run("prove", "3").stdout).stdout
    assert "\x1b" not in told
    assert "\u202e" not in told
    columns = [line[13:] for line in told.splitlines() if line.startswith(" " * 13)]
    assert "stance: asserts" in columns
    assert "status: unreviewed" in columns
    assert not any(line.startswith(("stance: denies", "status: confirmed")) for line in columns)


def test_what_cannot_be_proved_is_told(run: Run) -> None:
    assert "there is no claim 9" in run("prove", "9", ok=1).stderr
    assert "cannot write" in run("prove", "1", "-o", "no/such/folder.json", ok=1).stderr
    assert "cannot read" in run("verify-proof", "none.json", ok=1).stderr
