"""Prints the worked example of docs/checkpoints.md: `python docs/checkpoint_vector.py`.

The ledger is the one of docs/hash_vector.py; the key is made of a known text, so it is no secret.
A test holds the page to what is printed here.
"""

import runpy
import sys
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from ledger import pins, proofs
from ledger.canonical import entry_leaf
from ledger.notes import Checkpoint, SignerKey, sign
from ledger.store import open_store

KEY = SignerKey("example.org/test-ledger", sha256(b"claim-ledger test key").digest())


def example(path: Path) -> Iterator[tuple[str, str]]:
    """The example's blocks, each with its heading, from the database at `path`."""
    with open_store(path).reader() as connection:
        size, root = pins.tree_of_entries(connection)
        proof = pins.proof_of_claim(connection, 1)
    leaves = [entry_leaf(proofs.header_hash(header)) for header in proof.headers]
    lines = [*(f"leaf   {leaf.hex()}" for leaf in leaves), f"root   {root.hex()}"]
    yield "key", f"secret {KEY.text()}\nothers {KEY.verifier()}\n"
    yield "tree", "".join(f"{line}\n" for line in lines)
    yield "checkpoint", sign(Checkpoint(KEY.name, size, root).text(), KEY)
    yield "proof", proofs.written(proof)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        ledger = Path(folder, "ledger.db")
        runpy.run_path(str(Path(__file__).with_name("hash_vector.py")))["write"](ledger)
        for heading, block in example(ledger):
            sys.stdout.write(f"{heading}\n{block}\n")
