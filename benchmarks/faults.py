"""All the harm of tests/faults, in full: kills, power cuts, disks that fail, crowds, clocks.

    python benchmarks/faults.py [--share 1] [--only kill] [--seed 1]

Prints a Markdown table, a row as soon as its harm is done: how often, and what came of it. All but
the first figure are to be 0, but in the rows that say what SQLite set otherwise would lose: they
show that the harness can find a loss. Exit status 1 where one is not. What needs strace, faketime
or root is left out without it, and that is said. `--share 0.1` does a tenth of each.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.faults import clocks, crowds, cutting, failing, kills  # noqa: E402 - no package's
from tests.faults.ledgers import Harm  # noqa: E402

Row = tuple[str, Callable[[Path], Harm]]

#: By so many bytes files and disks get larger: a page of SQLite's and of a small disk's.
PAGE = 4_096


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--only", default="")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    print("| harm | times | claims lost | by half | broken | unclear | left running | seconds |")
    print("| --- " * 8 + "|", flush=True)
    fine, words = True, set[str]()
    for name, harmed in rows(asked.share, asked.seed):
        if asked.only not in name:
            continue
        with tempfile.TemporaryDirectory() as made:
            began = time.monotonic()
            harm = harmed(Path(made, "work"))
        counts = (harm.tries, harm.lost, harm.partial, harm.broken, harm.unclear, harm.orphans)
        took = time.monotonic() - began
        print(f"| {name} | {' | '.join(f'{n:,}' for n in counts)} | {took:.0f} |", flush=True)
        if "(" not in name and not harm.sound:
            fine = False
            print("\n".join(harm.told), file=sys.stderr)
        words |= harm.refusals
    print("\nIn these words:\n")
    for each in sorted(words):
        print(f"- `{each.removeprefix('ledger: ')}`")
    return 0 if fine else 1


def rows(share: float, seed: int) -> list[Row]:
    """What is done, in order; each in a folder of its own."""

    def many(number: int) -> int:
        return max(1, round(number * share))

    found: list[Row] = [
        ("kill -9 in adds", lambda at: kills.of_adds(at, many(200), seed)),
        ("kill -9 in an import", lambda at: kills.of_imports(at, many(100), seed)),
        (
            "kill -9 in an import of 20,000",
            lambda at: kills.of_imports(at, many(15), seed, rows=kills.MANY),
        ),
        ("kill -9 of its second process", lambda at: kills.of_helpers(at, many(15), seed)),
        ("kill -9 in an upgrade", lambda at: kills.of_upgrades(at, many(100), seed)),
        ("kill -9 in `init --seed`", lambda at: kills.of_new(at, many(40), seed)),
        ("kill -9 in a backup", lambda at: kills.of_backups(at, many(30), seed)),
        ("8 processes × 200 adds", lambda at: crowds.of_writers(at, 8, many(200))),
        ("backups under writes", lambda at: crowds.of_backups(at, many(60))),
        ("moments that go back", lambda at: clocks.of_entries(at, many(200), seed)),
    ]
    if shutil.which("strace"):
        found += [
            ("power cut in adds and imports", lambda at: cutting.of_adds(at, many(700), seed)),
            ("power cut in an upgrade", lambda at: cutting.of_upgrade(at, many(100), seed)),
            ("power cut in `init --seed`", lambda at: cutting.of_new(at, many(100), seed)),
            ("power cut in a backup", lambda at: cutting.of_backup(at, many(100), seed)),
            (
                "(power cut with synchronous=FULL)",
                lambda at: cutting.of_adds(at, many(100), seed, synchronous="FULL"),
            ),
            (
                "(power cut with synchronous=OFF)",
                lambda at: cutting.of_adds(at, many(100), seed, synchronous="OFF"),
            ),
        ]
        for name in failing.COMMANDS:
            most = None if share >= 1 else many(15)
            found.append((f"failing calls in {name}", _failing(name, most)))
    else:
        print("strace is not installed: no power cuts, no failing calls", file=sys.stderr)
    for name in failing.COMMANDS:
        found.append((f"small files in {name}", _small(name, share)))
        if _has_small_disks():
            found.append((f"full disk in {name}", _full(name, share)))
        found.append((f"read-only folder in {name}", _read_only(name)))
    if clocks.has_faketime():
        found.append(("clock set back", lambda at: clocks.of_adds(at, many(20), seed)))
    else:
        print("faketime is not installed: the clock stays", file=sys.stderr)
    return found


def _failing(name: str, most: int | None) -> Callable[[Path], Harm]:
    return lambda at: failing.of_every_call(at, name, most=most)


def _small(name: str, share: float) -> Callable[[Path], Harm]:
    return lambda at: failing.of_small_files(at, name, every=round(PAGE / share))


def _full(name: str, share: float) -> Callable[[Path], Harm]:
    return lambda at: failing.of_small_disks(at, name, every=round(PAGE / share))


def _read_only(name: str) -> Callable[[Path], Harm]:
    return lambda _: failing.of_a_folder_that_is_read_only(name)


def _has_small_disks() -> bool:
    with tempfile.TemporaryDirectory() as made:
        return failing.can_mount(Path(made))


if __name__ == "__main__":
    sys.exit(main())
