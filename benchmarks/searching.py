"""Searching a large ledger against the raw FTS5 query, whole processes in turn.

    python benchmarks/made.py made.db --claims 1000000
    python benchmarks/searching.py made.db [--runs 5]

`ledger search` of a common word, one that nothing holds, phrases, a beginning and a Boolean
question, with the table that it shows; against a Python process that imports the same program and
asks the index what `search` would ask of it: ranked where there are few enough, else the newest
first, 50 rows with their numbers. First both are held to the same claims, in the same order. The
figure to read is the ratio of seconds elapsed, the median of the runs'.
"""

import argparse
import csv
import io
import statistics
import subprocess
import sys
import time

RAW = """
import sqlite3, sys
from ledger.cli import cli, main
import ledger.cli.searching, ledger.cli.tables, ledger.search, ledger.marking
path, asked, order = sys.argv[1:]
connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
rows = connection.execute(
    "SELECT t.rowid & 4294967295 FROM claim_text t JOIN claim c ON c.id = t.rowid & 4294967295"
    " AND c.entry_id = t.rowid >> 32"
    f" WHERE t.claim_text MATCH ? AND c.status <> 'withdrawn' ORDER BY {order} LIMIT 50", (asked,)
)
for (claim,) in rows:
    print(claim)
"""

#: What is asked of `search`, and of FTS5; whether there are few enough to be ranked.
QUESTIONS = {
    "a common word": ("river", "river", False),
    "a word that nothing holds": ("unverifiable", "unverifiable", True),
    "a phrase": ('"river road"', '"river road"', False),
    "a rarer phrase": ('"the river road by"', '"the river road by"', True),
    "a beginning": ("witn*", "witn*", False),
    "Boolean": ("(river OR town) NOT road", "(river OR town) NOT road", False),
}


def took(command: list[str]) -> tuple[float, str]:
    start = time.perf_counter()
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    return time.perf_counter() - start, answer.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    print("| question | claims | `ledger search`, s | raw FTS5, s | ratio |")
    print("| --- | --- | --- | --- | --- |")
    for name, (asked, raw, ranked) in QUESTIONS.items():
        ours = [sys.executable, "-m", "ledger", "--db", given.path, "search", asked]
        order = "t.rank, t.rowid DESC" if ranked else "t.rowid DESC"
        theirs = [sys.executable, "-c", RAW, given.path, raw, order]
        _, answer = took([*ours, "-f", "csv", "-n", "50"])
        claims = [row["claim"] for row in csv.DictReader(io.StringIO(answer))]
        if claims != (told := took(theirs)[1].split()):
            sys.exit(f"{name}: {claims[:5]} and {told[:5]} differ")
        pairs = [(took(ours)[0], took(theirs)[0]) for _ in range(given.runs)]
        one, other = (statistics.median(column) for column in zip(*pairs, strict=True))
        ratio = statistics.median(a / b for a, b in pairs)
        print(f"| {name}: `{asked}` | {len(claims)} | {one:.2f} | {other:.2f} | **{ratio:.2f}** |")


if __name__ == "__main__":
    main()
