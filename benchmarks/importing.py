"""How long an import takes, against those who check nothing, and how much memory.

    python benchmarks/importing.py [--claims 1000000] [--runs 5] [--peer PATH/TO/sqlite-utils]

Whole processes, in turn, on the made file of `flat.py`: `ledger import` into a new ledger;
`sqlite3 .import` of the same file into one untyped table; `sqlite-utils insert --csv
--no-detect-types`, if it is there (in a virtual environment of its own: it slows down where pandas
is installed). Prints a Markdown table: seconds elapsed and of the processor, peak memory, and the
ratio of ours to theirs, the median of the runs'.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import flat

LEDGER = str(Path(sys.executable).parent / "ledger")


def run(command: Sequence[str], cwd: Path) -> tuple[float, float, float]:
    """Seconds elapsed, seconds of the processor, peak MB."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr
    said = process.stderr.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    elapsed = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{' '.join(command)}: {said}")
    return elapsed, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000


def fresh(folder: Path) -> None:
    for path in folder.glob("*.db*"):
        path.unlink()
    subprocess.run([LEDGER, "--db", "ours.db", "init"], cwd=folder, check=True, capture_output=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--peer", help="sqlite-utils, in an environment of its own")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        flat.make(folder / "flat.csv", given.claims)
        commands = {
            "`ledger import`": [LEDGER, "--db", "ours.db", "--as", "maria", "import", "flat.csv"],
            "`sqlite3 .import`": ["sqlite3", "theirs.db", ".import --csv flat.csv claims"],
        }
        if peer := given.peer or shutil.which("sqlite-utils"):
            told = ["insert", "peer.db", "claims", "flat.csv", "--csv", "--no-detect-types"]
            commands["`sqlite-utils insert`"] = [peer, *told]
        else:
            print("sqlite-utils is not there: left out (--peer names it)\n")
        found: dict[str, list[tuple[float, float, float]]] = {each: [] for each in commands}
        for _ in range(given.runs):
            fresh(folder)
            for each, command in commands.items():
                found[each].append(run(command, folder))
        megabytes = (folder / "flat.csv").stat().st_size / 1e6
        print(f"{given.claims:,} claims, {megabytes:.0f} MB; {given.runs} runs\n")
        print("| what | elapsed, s | processor, s | memory, MB | ours is, elapsed | processor |")
        print("| --- | --- | --- | --- | --- | --- |")
        ours = found["`ledger import`"]
        for each, runs in found.items():
            middle = [statistics.median(column) for column in zip(*runs, strict=True)]
            ratios = [
                statistics.median(a[at] / b[at] for a, b in zip(ours, runs, strict=True))
                for at in (0, 1)
            ]
            print(
                f"| {each} | {middle[0]:.1f} | {middle[1]:.1f} | {middle[2]:.0f} |"
                f" **{ratios[0]:.2f}** | {ratios[1]:.2f} |"
            )


if __name__ == "__main__":
    main()
