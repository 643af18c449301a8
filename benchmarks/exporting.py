"""Every claim as CSV with all names spelt out, against the sqlite3 shell with the same joins.

    python benchmarks/made.py made.db --claims 1000000
    python benchmarks/exporting.py made.db [--pairs 5]

Whole processes in turn, ours and then `sqlite3 -csv` with benchmarks/sql/export.sql. First the two
answers are held against one another, claim by claim and cell by cell; ours is written raw for that,
since the shell disarms nothing. The figure to read is the ratio of user and system seconds, the
median of the pairs'.
"""

import argparse
import csv
import sys
from itertools import zip_longest
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from reports import Run, run

SQL = Path(__file__).with_name("sql") / "export.sql"


def work(taken: Run) -> float:
    return taken.user + taken.system


def differ(ours: Path, theirs: Path) -> int:
    """How many claims differ in any cell; one that either lacks counts."""
    with ours.open(encoding="utf-8", newline="") as one, theirs.open(newline="") as other:
        claims = (row for row in csv.reader(one) if row[0])
        return sum(a != b for a, b in zip_longest(claims, csv.reader(other)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path")
    parser.add_argument("--pairs", type=int, default=5)
    given = parser.parse_args()
    export = [sys.executable, "-m", "ledger", "--db", given.path, "export"]
    shell = ["sqlite3", "-readonly", "-csv", "-header", given.path]
    with TemporaryDirectory() as folder:
        ours, theirs = Path(folder, "ours.csv"), Path(folder, "theirs.csv")
        run([*export, "--raw"], ours)
        run(shell, theirs, SQL)
        if wrong := differ(ours, theirs):
            sys.exit(f"{wrong} claims differ")
        ratios = []
        for _ in range(given.pairs):
            mine = run([*export, "-o", str(ours)], Path("/dev/null"))
            peer = run(shell, theirs, SQL)
            ratios.append(work(mine) / work(peer))
            print(
                f"ours {work(mine):.1f} s, {mine.megabytes:.0f} MB; sqlite3 {work(peer):.1f} s; "
                f"ratio {ratios[-1]:.2f}"
            )
    print(f"median {median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})")


if __name__ == "__main__":
    main()
