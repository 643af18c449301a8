"""Every claim as CSV with all names spelt out, against the sqlite3 shell with the same joins.

    python benchmarks/made.py made.db --claims 1000000
    python benchmarks/exporting.py made.db [--pairs 5] [--peer PATH/TO/sqlite-utils]

Whole processes in turn, ours and then `sqlite3 -csv` with benchmarks/sql/export.sql. First the two
answers are held against one another, claim by claim and cell by cell; ours is written raw for that,
since the shell disarms nothing. `sqlite-utils query --csv` runs the same statement, if it is there
(in a virtual environment of its own). The figure to read is the ratio of elapsed seconds, the
median of the pairs'; ours works in two processes.
"""

import argparse
import csv
import shutil
import sys
from itertools import zip_longest
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from processes import run

SQL = Path(__file__).with_name("sql") / "export.sql"


def statement() -> str:
    """The joins, without the words before them, which an argument list takes for an option."""
    return "SELECT" + SQL.read_text().partition("\nSELECT")[2]


def differ(ours: Path, theirs: Path) -> int:
    """How many claims differ in any cell; one that either lacks counts."""
    with ours.open(encoding="utf-8", newline="") as one, theirs.open(newline="") as other:
        claims = (row for row in csv.reader(one) if row[0])
        return sum(a != b for a, b in zip_longest(claims, csv.reader(other)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--peer", help="sqlite-utils, in an environment of its own")
    given = parser.parse_args()
    export = [sys.executable, "-m", "ledger", "--db", given.path, "export"]
    shell = ["sqlite3", "-readonly", "-csv", "-header", given.path]
    with TemporaryDirectory() as folder:
        ours, theirs = Path(folder, "ours.csv"), Path(folder, "theirs.csv")
        run([*export, "--raw"], ours)
        run(shell, theirs, SQL)
        if wrong := differ(ours, theirs):
            sys.exit(f"{wrong} claims differ")
        peers = {"sqlite3": shell}
        if peer := given.peer or shutil.which("sqlite-utils"):
            peers["sqlite-utils"] = [peer, "query", given.path, statement(), "--csv"]
        else:
            print("sqlite-utils is not there: left out (--peer names it)")
        ratios: dict[str, list[float]] = {each: [] for each in peers}
        for _ in range(given.pairs):
            mine = run([*export, "-o", str(ours)])
            took = f"{mine.clock:.1f} s ({mine.work:.1f} s of the processor)"
            print(f"ours {took}, {mine.together:.0f} MB", end="", flush=True)
            for each, command in peers.items():
                other = run(command, theirs, SQL if each == "sqlite3" else None)
                ratios[each].append(mine.clock / other.clock)
                took = f"{other.clock:.1f} s ({other.work:.1f})"
                print(f"; {each} {took}: {ratios[each][-1]:.2f}", end="", flush=True)
            print()
    for each, found in ratios.items():
        print(f"{each}: median {median(found):.2f} ({min(found):.2f}-{max(found):.2f})")


if __name__ == "__main__":
    main()
