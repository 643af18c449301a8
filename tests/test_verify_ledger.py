"""docs/verify_ledger.py, the second implementation, against the first: they agree, and find.

It shares no line with the program; a test holds it to the standard library and to 150 lines.
"""

import ast
import runpy
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import chain, history, journal, notes, pins, schema
from ledger.notes import Checkpoint, SignerKey
from ledger.store import open_store
from tests import tampering
from tests.build import NOON, a_claim, a_source
from tests.conftest import COSTLY
from tests.tampering import by_hand

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "docs" / "verify_ledger.py"
SECOND = runpy.run_path(str(SCRIPT))

Named = set[tuple[object, object, object]]


def first(path: Path) -> Named:
    """Which row of which entry the program names."""
    with open_store(path).reader() as connection:
        return {(fault.entry, fault.table, fault.row) for fault in chain.verify(connection)}


def second(path: Path) -> Named:
    """Which the script names."""
    with closing(sqlite3.connect(path)) as raw:
        raw.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        return {fault[:3] for fault in SECOND["faults"](raw, [])}


def test_it_is_short_and_needs_the_standard_library_alone() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    imported: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            imported |= {name.name for name in node.names}
        if isinstance(node, ast.ImportFrom):
            imported.add(str(node.module))
    assert imported <= sys.stdlib_module_names


def test_both_find_the_shipped_ledger_sound() -> None:
    assert first(ROOT / "ledger.db") == second(ROOT / "ledger.db") == set()


#: Any text but what no ledger takes, and what tells two encoders apart.
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
STEPS = st.lists(
    st.lists(
        st.tuples(st.sampled_from(["claim", "source", "note"]), TEXTS), min_size=1, max_size=4
    ),
    min_size=1,
    max_size=4,
)


def write(path: Path, entries: list[list[tuple[str, str]]]) -> None:
    """A ledger of these entries; each step adds a claim or a source, or changes a claim's note."""
    store = open_store(path)
    for days, steps in enumerate(entries):
        with journal.entry(
            store,
            recorded_by=f"maria {steps[0][1]}",
            recorded_at=NOON + timedelta(days=days),
            message=steps[0][1] or None,
        ) as draft:
            changed = draft.next_id("claim") == 1  # there is none yet
            for place, (what, text) in enumerate(steps):
                if what == "claim":
                    a_claim(draft, note=text, low=None)
                elif what == "source":
                    a_source(draft, f"Source {days} {place}", note=text)
                elif not changed:
                    changed = draft.update("claim", 1, {"note": f"{days} {text}"})


@COSTLY
@given(STEPS, st.data())
def test_both_agree_on_any_ledger_and_name_the_leaf_that_was_changed_in_one_bit(
    template: Path, entries: list[list[tuple[str, str]]], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(shutil.copy(template, Path(folder, "ledger.db")))
        write(path, entries)
        assert first(path) == second(path) == set()
        with by_hand(path) as raw:
            versions = [
                (side, name, *row)
                for name in schema.VERSIONED
                for side in (name, f"{name}_history")
                for row in raw.execute(f"SELECT id, entry_id, leaf FROM {side} ORDER BY 1, 2")
            ]
            if not versions:
                return
            side, name, number, entry, leaf = data.draw(st.sampled_from(versions))
            bit = data.draw(st.integers(0, 255))
            flipped = bytearray(leaf)
            flipped[bit // 8] ^= 1 << bit % 8
            raw.execute(
                f"UPDATE {side} SET leaf = ? WHERE id = ? AND entry_id = ?",
                (bytes(flipped), number, entry),
            )
        assert first(path) == second(path) == {(entry, name, number)}


@pytest.fixture(scope="module")
def written(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = Path(shutil.copy(template, tmp_path_factory.mktemp("small") / "ledger.db"))
    write(
        path, [[("claim", "a"), ("claim", "b"), ("claim", "c")], [("note", "d")], [("claim", "e")]]
    )
    return path


@pytest.fixture
def small(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(written, tmp_path / "ledger.db"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE claim SET note = 'B' WHERE id = 2",
        "UPDATE claim SET note = x'62' WHERE id = 2",
        "UPDATE claim SET note = CAST(x'ff00fe' AS TEXT) WHERE id = 2",
        "UPDATE claim SET low = 1.5 WHERE id = 2",
        "UPDATE claim SET entry_id = 'two' WHERE id = 2",
        "UPDATE claim SET entry_id = 3 WHERE id = 2",
        "UPDATE claim SET entry_id = 99 WHERE id = 2",
        "UPDATE claim_history SET note = 'other'",
        "UPDATE claim_history SET until_entry_id = 3",
        "DELETE FROM claim WHERE id = 1",
        "DELETE FROM entry WHERE id = 2",
        "UPDATE entry SET hash = 'x' WHERE id = 2",
        "UPDATE entry SET recorded_by = CAST(x'ff' AS TEXT) WHERE id = 2",
        "UPDATE entry SET root = 12 WHERE id = 2",
        "UPDATE entry SET message = 'other' WHERE id = 3",
    ],
)
def test_both_find_an_edit_by_hand_and_name_one_row_at_least_alike(
    small: Path, statement: str
) -> None:
    with by_hand(small) as raw:
        assert raw.execute(statement).rowcount > 0
    found = first(small)
    assert found
    assert found & second(small)


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """The script as a stranger runs it: no packages, no environment, nothing of ours."""
    return subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), *map(str, words)], capture_output=True, text=True
    )


KEY = SignerKey("example.org/test", bytes(range(32)))


def signed(path: Path, key: SignerKey = KEY) -> Path:
    with open_store(path).reader() as connection:
        size, root = pins.tree_of_entries(connection)
    kept = path.with_name("kept.checkpoint")
    kept.write_bytes(notes.sign(Checkpoint(key.name, size, root).text(), key).encode())
    return kept


def test_a_sound_ledger_and_what_was_kept_of_it(small: Path) -> None:
    with open_store(small).reader() as connection:
        head = history.head(connection).hash
    key = str(KEY.verifier())
    sound = run(small, "--head", head, "--checkpoint", signed(small), "--verifier-key", key)
    assert (sound.returncode, sound.stderr) == (0, "")
    assert sound.stdout == f"3 entries, 0 faults; head {head}\n"
    unsigned = run(small, "--checkpoint", signed(small))
    assert unsigned.returncode == 0
    assert "signature was not checked" in unsigned.stderr


@pytest.mark.parametrize(
    "edit", [lambda raw: tampering.cut_the_tail(raw, 1), tampering.rewrite_everything]
)
def test_a_cut_tail_and_a_forged_whole_are_found_by_what_was_kept(
    small: Path, edit: Callable[[sqlite3.Connection], None]
) -> None:
    kept, key = signed(small), str(KEY.verifier())
    with open_store(small).reader() as connection:
        head = history.head(connection).hash
    with by_hand(small) as raw:
        edit(raw)
    assert run(small).returncode == 0
    by_head = run(small, "--head", head)
    assert (by_head.returncode, "is not there" in by_head.stdout) == (3, True)
    by_checkpoint = run(small, "--checkpoint", kept, "--verifier-key", key)
    assert by_checkpoint.returncode == 3
    assert "not the entries of the checkpoint" in by_checkpoint.stdout


def test_a_checkpoint_of_another_key_is_found(small: Path) -> None:
    kept = signed(small, SignerKey(KEY.name, bytes(32)))
    result = run(small, "--checkpoint", kept, "--verifier-key", str(KEY.verifier()))
    assert result.returncode == 3
    assert "is not signed by" in result.stdout


@COSTLY
@given(st.binary(min_size=32, max_size=32), TEXTS, st.integers(0, 511))
def test_its_ed25519_is_that_of_the_cryptography_library(
    secret: bytes, text: str, bit: int
) -> None:
    key = SignerKey("example.org/test", secret)
    said = "".join(char for char in text if char >= " ") + "\n"
    note = notes.read_note(notes.sign(said, key).encode())
    check: Callable[..., bool] = SECOND["signed"]

    def line(signature: bytes) -> str:
        return notes.signature_line(key.verifier(), signature)

    good = note.signatures[0].signature
    assert check(said, line(good), str(key.verifier()))
    assert not check(f"x{said}", line(good), str(key.verifier()))
    bad = bytearray(good)
    bad[bit // 8] ^= 1 << bit % 8
    with suppress(ValueError):  # its first half may be no point of the curve
        assert not check(said, line(bytes(bad)), str(key.verifier()))


def test_hostile_text_does_not_reach_the_terminal(small: Path) -> None:
    with by_hand(small) as raw:
        raw.execute("UPDATE claim SET entry_id = '\x1b[2J' WHERE id = 2")
    result = run(small)
    assert result.returncode == 3
    assert "\x1b" not in result.stdout


def test_a_file_that_is_no_ledger_does_not_pass(tmp_path: Path) -> None:
    empty: Any = tmp_path / "empty.db"
    empty.write_bytes(b"")
    assert run(empty).returncode not in (0, 3)
    assert run(tmp_path / "none.db").returncode not in (0, 3)
    assert not (tmp_path / "none.db").exists()
