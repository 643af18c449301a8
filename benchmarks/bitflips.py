"""Flips single bits of a ledger's file: how many change what it says, and who notices.

    python benchmarks/bitflips.py [--flips 2000] [--seed 1]

For each flip, on a fresh copy of the shipped ledger: has the content changed (every row of every
table, and the catalogue, read plainly; or it can no longer be read)? Does `ledger verify` find
it (its checks, or a refusal to open)? Does PRAGMA integrity_check? Where in the file a flip
changes nothing, there is nothing to find: free pages, unused bytes of a page, the file's counters.
"""

import argparse
import random
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from ledger import history
from ledger.catalogue import catalogue_faults
from ledger.errors import LedgerError
from ledger.store import foreign_key_faults, open_store

ROOT = Path(__file__).resolve().parent.parent


def content(path: Path) -> str | None:
    """All that the file says, or None where it can no longer be read."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.text_factory = bytes
            said = [
                str(connection.execute("SELECT * FROM sqlite_master ORDER BY rowid").fetchall())
            ]
            names = (
                "SELECT CAST(name AS BLOB) FROM sqlite_master WHERE type = 'table' ORDER BY name"
            )
            for (name,) in connection.execute(names).fetchall():
                table = name.decode()
                said.append(
                    str(connection.execute(f"SELECT * FROM {table} NOT INDEXED").fetchall())
                )
            return "".join(said)
    except (sqlite3.Error, UnicodeDecodeError):
        return None


def verify_finds(path: Path) -> bool:
    try:
        with open_store(path).reader() as connection:
            return any(
                True
                for check in (catalogue_faults, foreign_key_faults, history.verify)
                for _ in check(connection)
            )
    except LedgerError:
        return True


def integrity_check_finds(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.text_factory = bytes
            return connection.execute("PRAGMA integrity_check").fetchall() != [(b"ok",)]
    except (sqlite3.Error, UnicodeDecodeError):  # it may quote what it found, which is no text
        return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flips", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    whole = (ROOT / "ledger.db").read_bytes()
    chosen = random.Random(given.seed)
    tally = {"changed": 0, "verify": 0, "integrity": 0, "missed": 0, "unchanged, verify": 0}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flipped.db"
        path.write_bytes(whole)
        before = content(path)
        for _ in range(given.flips):
            bit = chosen.randrange(len(whole) * 8)
            flipped = bytearray(whole)
            flipped[bit // 8] ^= 1 << bit % 8
            path.write_bytes(flipped)
            changed, found = content(path) != before, verify_finds(path)
            if changed:
                tally["changed"] += 1
                tally["verify"] += found
                tally["integrity"] += integrity_check_finds(path)
                if not found:
                    tally["missed"] += 1
                    print(f"missed: bit {bit}, byte {bit // 8}")
            else:
                tally["unchanged, verify"] += found
    print(f"{given.flips} single-bit flips in {len(whole)} bytes (seed {given.seed})")
    print(f"{tally['changed']} change content; of these")
    print(f"{tally['verify']} found by ledger verify")
    print(f"{tally['integrity']} found by PRAGMA integrity_check")
    print(f"{tally['unchanged, verify']} of those that change no content are told of all the same")


if __name__ == "__main__":
    main()
