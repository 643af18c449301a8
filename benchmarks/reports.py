"""Reports on a large ledger against hand-written SQL for the same answer, whole processes in turn.

    python benchmarks/made.py made.db --claims 1000000
    python benchmarks/reports.py made.db [--report agreement] [--pairs 5]

For each report `ledger --db made.db report NAME --format csv` and then the sqlite3 shell running
benchmarks/sql/NAME.sql, several times in turn, so that a machine that slows down slows both. First
the two answers are held against one another: the same rows, and the same in each column that both
have. The figure to read is the ratio of user seconds, the median of the pairs'.
"""

import argparse
import csv
import math
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from processes import run

SQL = Path(__file__).with_name("sql")

#: Each report with the columns that tell its rows apart.
REPORTS = {
    "versus": ("proposition",),
    "counts": ("proposition",),
    "agreement": ("of", "variable", "unit"),
    "sources": ("source",),
}


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def differences(
    ours: list[dict[str, str]], theirs: list[dict[str, str]], key: tuple[str, ...]
) -> int:
    """How many cells differ in the columns that both have; a row that one lacks is one, too."""

    def by_key(rows: list[dict[str, str]]) -> dict[tuple[str, ...], dict[str, str]]:
        return {tuple(row.get(column, "") for column in key): row for row in rows}

    one, other = by_key(ours), by_key(theirs)
    shared = set(ours[0]) & set(theirs[0]) if ours and theirs else set()
    wrong = len(one.keys() ^ other.keys()) + abs(len(ours) - len(theirs))
    for name in one.keys() & other.keys():
        wrong += sum(not alike(one[name][column], other[name][column]) for column in shared)
    return wrong


def alike(one: str, other: str) -> bool:
    """Whether two cells say the same; shares are rounded, and may fall to either side."""
    if one == other:
        return True
    try:
        return math.isclose(float(one), float(other), abs_tol=0.00101)
    except ValueError:
        return False


def measured(ledger: Path, name: str, pairs: int, folder: Path) -> None:
    command = str(Path(sys.executable).with_name("ledger"))
    ours = [command, "--db", str(ledger), "report", name, "--format", "csv"]
    theirs = ["sqlite3", "-readonly", "-csv", "-header", str(ledger)]
    answers, script = (folder / "ours.csv", folder / "theirs.csv"), SQL / f"{name}.sql"
    run(ours, answers[0])
    run(theirs, answers[1], script)
    rows = [read(answer) for answer in answers]
    wrong = differences(rows[0], rows[1], REPORTS[name])
    shared = sum(column in rows[1][0] for column in rows[0][0])
    print(f"{name}: {len(rows[0]):,} rows, {shared} shared columns, {wrong} differences")
    taken = [(run(ours, answers[0]), run(theirs, answers[1], script)) for _ in range(pairs)]
    for what in ("user", "clock"):
        one, other = ([getattr(each, what) for each in side] for side in zip(*taken, strict=True))
        ratios = [mine / hand for mine, hand in zip(one, other, strict=True)]
        print(
            f"  {what} seconds: {median(one):.2f} against {median(other):.2f}, "
            f"ratio {median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"
        )
    memory = [max(each.megabytes for each in side) for side in zip(*taken, strict=True)]
    print(f"  memory: {memory[0]:.0f} MB against {memory[1]:.0f} MB")
    if wrong:
        sys.exit(3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ledger", type=Path)
    parser.add_argument("--report", choices=REPORTS, action="append")
    parser.add_argument("--pairs", type=int, default=5)
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        for name in given.report or REPORTS:
            measured(given.ledger, name, given.pairs, Path(folder))


if __name__ == "__main__":
    main()
