"""How long an import takes, against those who check nothing, and how much memory.

    python benchmarks/importing.py [--claims 1000000] [--runs 5] [--peer PATH/TO/sqlite-utils]

Whole processes, in turn, on the made file of `flat.py`: `ledger import` into a new ledger;
`sqlite3 .import` of the same file into one untyped table; `sqlite-utils insert --csv
--no-detect-types` and then `enable-fts` of the columns that ours searches, if it is there (in a
virtual environment of its own: it slows down where pandas is installed). Prints a Markdown table:
seconds elapsed and of the processor, peak memory, and the ratio of ours to theirs, the median of
the runs'.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import flat
from processes import Run, run

#: The columns of the flat file that a search of claims looks into; names are left out, in each row.
SEARCHED = ("quote", "wording", "note", "because")

LEDGER = str(Path(sys.executable).parent / "ledger")


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
            both = (
                '"$0" insert peer.db claims flat.csv --csv --no-detect-types'
                f' && "$0" enable-fts peer.db claims {" ".join(SEARCHED)}'
            )
            commands["`sqlite-utils insert`, `enable-fts`"] = ["sh", "-c", both, peer]
        else:
            print("sqlite-utils is not there: left out (--peer names it)\n")
        found: dict[str, list[Run]] = {each: [] for each in commands}
        for _ in range(given.runs):
            fresh(folder)
            for each, command in commands.items():
                found[each].append(run(command, cwd=folder))
        megabytes = (folder / "flat.csv").stat().st_size / 1e6
        print(f"{given.claims:,} claims, {megabytes:.0f} MB; {given.runs} runs\n")
        print("| what | elapsed, s | processor, s | memory, MB | ours is, elapsed | processor |")
        print("| --- | --- | --- | --- | --- | --- |")
        ours = found["`ledger import`"]
        for each, runs in found.items():
            clock = [one.clock / other.clock for one, other in zip(ours, runs, strict=True)]
            work = [one.work / other.work for one, other in zip(ours, runs, strict=True)]
            print(
                f"| {each} | {statistics.median(one.clock for one in runs):.1f} |"
                f" {statistics.median(one.work for one in runs):.1f} |"
                f" {max(one.megabytes for one in runs):.0f} in one process,"
                f" {max(one.together for one in runs):.0f} together |"
                f" **{statistics.median(clock):.2f}** ({min(clock):.2f}–{max(clock):.2f}) |"
                f" {statistics.median(work):.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
