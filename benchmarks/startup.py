"""How long the program takes to start, against what it cannot start without, and a peer.

    python benchmarks/startup.py [--runs 15]

Whole processes, in turn (ours, theirs, ours, theirs …), so that a machine that slows down slows
both; the ratio is the median of the pairs' ratios. The peer, sqlite-utils, is installed in a
virtual environment of its own, on a table of the same rows. Prints a Markdown table.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


def seconds(command: Sequence[str], cwd: Path) -> float:
    start = time.perf_counter()
    subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def compare(ours: Sequence[str], theirs: Sequence[str], runs: int, cwd: Path) -> tuple[float, ...]:
    for command in (ours, theirs):  # warm caches
        seconds(command, cwd)
    pairs = [(seconds(ours, cwd), seconds(theirs, cwd)) for _ in range(runs)]
    ratios = [a / b for a, b in pairs]
    return (
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(ratios),
        min(ratios),
        max(ratios),
    )


def peer(folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "venv", folder / "peer"], check=True)
    program = folder / "peer" / "bin"
    subprocess.run([program / "pip", "install", "-q", "sqlite-utils"], check=True)
    return program / "sqlite-utils"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    ledger, python = str(BIN / "ledger"), str(BIN / "python")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(ROOT / "ledger.db", folder / "ledger.db")
        shutil.copy(ROOT / "ledger.db", folder / "peer.db")
        sqlite_utils = str(peer(folder))
        add = [ledger, "add", "progov-killed", "Pentagon", "cannot-confirm"]
        rows = [sqlite_utils, "rows", "ledger.db", "claims", "--limit", "100"]
        click, alchemy = [python, "-c", "import click"], [python, "-c", "import sqlalchemy"]
        print("| ours | theirs | ours, s | theirs, s | ratio | of the pairs | at most |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        for ours, theirs, most in (
            ([ledger, "--help"], click, "1.5"),
            (add, alchemy, "2"),
            ([ledger, "list"], alchemy, "2"),
            ([ledger, "--help"], [sqlite_utils, "--help"], "–"),
            ([ledger, "list"], rows, "–"),
        ):
            a, b, ratio, low, high = compare(ours, theirs, runs, folder)
            told = [" ".join(Path(part).name for part in side) for side in (ours, theirs)]
            print(
                f"| `{told[0]}` | `{told[1]}` | {a:.3f} | {b:.3f} | **{ratio:.2f}** |"
                f" {low:.2f}–{high:.2f} | {most} |"
            )


if __name__ == "__main__":
    main()
