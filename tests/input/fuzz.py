"""Files that nobody would make, by the million: whatever they hold, the importer says so in words.

    python -m tests.input.fuzz [--minutes 60] [--seed 1]

Each is one or two files of the table, cut, joined and altered; it is imported as a dry run by the
whole of the importer, in the fast lane and the slow one, which must say the same. Prints how many
were taken, how many refused, and each that ended in anything but a LedgerError.
"""

import argparse
import io
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ledger import migrate
from ledger.errors import BadFileError, LedgerError
from ledger.exchange import sheets
from ledger.exchange.gathering import Gathered
from ledger.exchange.importing import import_gathered, import_stream
from ledger.store import Store, open_store
from tests.build import NOON
from tests.input.cases import CASES

SEEDS = [each.data for each in CASES if len(each.data) < 20_000]
#: What is put in between.
PIECES = (
    b'"', b'""', b",", b"\n", b"\r", b"\r\n", b";", b"\t", b"|", b"\0", b"\xff", b"\xc3", b"\xed",
    b"'", b"=", b"{", b"[", b"\x1f\x8b", b"PK\x03\x04", b"\xef\xbb\xbf", b"\xe2\x80\xae", b"\x1b[2J"
    , b"1", b"-1", b"9" * 40, b"2018-02-30", b"43139", b"open", b"NaN", "١".encode(), b" ", b"\\",
    b"claim", b"source", b"stance", b"asserts", b"retracts", b"Ministry", "Мinistry".encode(),
    b"x" * 999,
)  # fmt: skip


def mutated(chance: random.Random) -> bytes:
    """One file."""
    data = bytearray(chance.choice(SEEDS))
    if chance.random() < 0.2:
        data += chance.choice(SEEDS)
    for _ in range(chance.randint(1, 6)):
        at = chance.randint(0, len(data))
        what = chance.randint(0, 5)
        if what == 0:
            data[at:at] = chance.choice(PIECES)
        elif what == 1:
            del data[at : at + chance.randint(1, 20)]
        elif what == 2 and at < len(data):
            data[at] = chance.randint(0, 255)
        elif what == 3:
            data[at : at + chance.randint(0, 9)] = chance.choice(PIECES)
        elif what == 4:
            data[at:at] = data[at : at + chance.randint(1, 80)]
        elif chance.random() < 0.1:
            del data[at:]
    return bytes(data)


def said(store: Store, data: bytes, *, fast: bool) -> tuple[Any, ...]:
    """What an import would do, or what it said; raises whatever is no LedgerError."""
    common: dict[str, Any] = {"recorded_by": "maria", "recorded_at": NOON, "message": "m"}
    try:
        if fast:
            done = import_stream(store, io.BytesIO(data), "f.csv", dry_run=True, **common)
        else:
            gathered = Gathered()
            sheets.read(gathered, io.BytesIO(data), "f.csv")
            done = import_gathered(store, gathered, name="f.csv", new=False, dry_run=True, **common)
    except BadFileError as error:
        return error.message, error.hint, error.rows
    except LedgerError as error:
        return error.message, error.hint
    return done.added, done.present


def tried(store: Store, seed: int) -> Iterator[str]:
    """What was wrong with how the file of this seed was told; nothing where all is well."""
    data = mutated(random.Random(seed))
    try:
        fast, slow = said(store, data, fast=True), said(store, data, fast=False)
    except Exception as error:  # whatever it is: that is what is looked for
        yield f"seed {seed}: {type(error).__name__}: {error}"
        return
    if fast != slow:
        yield f"seed {seed}: {fast} and {slow}"


def main() -> None:
    """Try for so long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    count, wrong, until = Counter[str](), 0, time.monotonic() + 60 * asked.minutes
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder, "ledger.db"))
        migrate.create(store)
        seed = asked.seed
        while time.monotonic() < until:
            for told in tried(store, seed):
                wrong += 1
                sys.stdout.write(f"{told}\n")
                sys.stdout.flush()
            outcome = (
                said(store, mutated(random.Random(seed)), fast=False) if seed % 50 == 0 else ()
            )
            if outcome:
                count["taken" if isinstance(outcome[0], dict) else "refused"] += 1
            seed += 1
    many = f"{seed - asked.seed:,} files; of every 50th: {dict(count)}"
    sys.stdout.write(f"{many}; {wrong} wrong\n")


if __name__ == "__main__":
    main()
