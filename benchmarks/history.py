"""What history costs on a big ledger: a report as of a date against today's, and verify.

    python benchmarks/made.py made.db --claims 1000000 --changed 100000
    python benchmarks/history.py made.db [--runs 5]

Whole processes, in turn (now, then, now, then …); the ratio is the median of the pairs'. User
seconds are given beside the wall clock's, as they are less moved by what else a machine does.
"""

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

import sqlalchemy as sa

from ledger import history, schema
from ledger.store import open_store

LEDGER = str(Path(sys.executable).parent / "ledger")


def run(*words: str) -> tuple[float, float, int]:
    """Wall seconds, user seconds and peak memory in MB of one process."""
    start = time.perf_counter()
    child = os.posix_spawn(
        LEDGER,
        [LEDGER, *words],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, used = os.wait4(child, 0)
    assert status == 0, words
    return time.perf_counter() - start, used.ru_utime, used.ru_maxrss // 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    with open_store(given.path).reader() as connection:
        newest = history.head(connection).entry
        rows = history.versions(connection)
        claims = connection.execute(sa.select(sa.func.count()).select_from(schema.claim)).scalar()
    middle = str(newest // 2)
    report = ("--db", given.path, "report", "versus", "--format", "csv")
    now, then, verify = [], [], []
    for _ in range(given.runs):
        now.append(run(*report))
        then.append(run(*report, "--as-of", middle))
        verify.append(run("--db", given.path, "verify"))

    def medians(runs: list[tuple[float, float, int]]) -> str:
        wall, user, memory = (statistics.median(column) for column in zip(*runs, strict=True))
        return f"{wall:.1f} s wall, {user:.1f} s user, {memory} MB"

    ratios = [b[1] / a[1] for a, b in zip(now, then, strict=True)]
    print(f"{claims} claims, {rows} row versions, {newest} entries; {given.runs} runs")
    print(f"versus today:          {medians(now)}")
    print(f"versus as of entry {middle}: {medians(then)}")
    print(f"  ratio (user): {statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})")
    print(f"verify:                {medians(verify)}")
    print(f"  {rows / statistics.median(user for _, user, _ in verify):.0f} row versions a second")


if __name__ == "__main__":
    main()
