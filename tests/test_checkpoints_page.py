"""docs/checkpoints.md is enough to check what others hold: its example is ours, and holds."""

import base64
import hashlib
import json
import re
import runpy
from pathlib import Path

import pytest

from ledger import notes, proofs
from tests.test_hash_page import PAGE as HASHES
from tests.test_hash_page import canonical

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "checkpoints.md").read_text(encoding="utf-8")
KEY, TREE, CHECKPOINT, PROOF = re.findall(r"```(?:text|json)\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def blocks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the script prints of the ledger of docs/hash.md."""
    path = tmp_path_factory.mktemp("vector") / "ledger.db"
    runpy.run_path(str(DOCS / "hash_vector.py"))["write"](path)
    return dict(runpy.run_path(str(DOCS / "checkpoint_vector.py"))["example"](path))


def test_the_page_shows_what_the_script_prints(blocks: dict[str, str]) -> None:
    assert list(blocks.values()) == [KEY, TREE, CHECKPOINT, PROOF]


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def test_the_tree_is_of_the_hashes_on_the_other_page_and_the_checkpoint_has_its_root() -> None:
    entries = re.findall(r"^  hash  ([0-9a-f]{64})$", HASHES, re.MULTILINE)
    one, two = (sha(b"\0" + bytes.fromhex(digest)) for digest in entries)
    root = sha(b"\1" + one + two)
    assert f"leaf   {one.hex()}\nleaf   {two.hex()}\nroot   {root.hex()}\n" == TREE
    assert CHECKPOINT.splitlines()[1:3] == ["2", base64.b64encode(root).decode()]


def test_the_key_is_made_of_the_text_that_the_page_names() -> None:
    secret, others = (line.split(" ")[1] for line in KEY.splitlines())
    key = notes.read_signer_key(secret)
    assert key.secret == sha(b"claim-ledger test key")
    assert str(key.verifier()) == others
    text = "".join(f"{line}\n" for line in CHECKPOINT.splitlines()[:3])
    assert notes.sign(text, key) == CHECKPOINT


def test_the_proof_of_the_page_holds_by_hashlib_alone() -> None:
    """The five steps of the page, by no line of the program's."""
    proof = json.loads(PROOF)
    entries = {entry["id"]: entry for entry in proof["entries"]}
    hashes = {number: sha(canonical(entry)) for number, entry in entries.items()}
    assert len(proof["rows"]) == 3
    for row in proof["rows"]:
        leaf = sha(b"\0" + canonical({**row["row"], "table": row["table"]}))
        assert leaf.hex() == row["leaf"]
        root = walk(leaf, row["index"], row["size"], row["path"])
        assert root.hex() == entries[row["row"]["entry_id"]]["root"]
    tree = proof["tree"]
    for number, path in tree["paths"].items():
        leaf = sha(b"\0" + hashes[int(number)])
        assert walk(leaf, int(number) - 1, tree["size"], path).hex() == tree["root"]
    assert entries[2]["previous"] == hashes[1].hex()
    assert base64.b64encode(bytes.fromhex(tree["root"])).decode() == CHECKPOINT.splitlines()[2]
    assert hashes[2].hex() in HASHES


def walk(leaf: bytes, index: int, size: int, path: list[str]) -> bytes:
    """RFC 6962's PATH read from the top: which half of the tree is the leaf in?"""
    if size == 1:
        assert path == []
        return leaf
    first = max(2**power for power in range(64) if 2**power < size)
    *rest, top = path
    if index < first:
        return sha(b"\1" + walk(leaf, index, first, rest) + bytes.fromhex(top))
    return sha(b"\1" + bytes.fromhex(top) + walk(leaf, index - first, size - first, rest))


def test_the_program_agrees_with_the_page() -> None:
    proof = proofs.read_proof(PROOF.encode())
    checkpoint = notes.read_checkpoint(notes.read_note(CHECKPOINT.encode()).text)
    assert [*proofs.problems(proof)] == []
    assert [*proofs.checkpoint_problems(proof, checkpoint.size, checkpoint.root)] == []
    assert proofs.FORMAT in PAGE
