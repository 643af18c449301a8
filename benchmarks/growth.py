"""How the cost of an import and of reports grows with the ledger, and a plot of it.

    python benchmarks/growth.py [--claims 10000 100000 1000000 5000000] [--plot growth.svg]

Whole processes, each once: `ledger import` of the made file of `flat.py` into a new ledger, then
reports on that ledger. Prints a Markdown table: seconds elapsed, microseconds of the processor for
a claim, peak memory of all processes together. The plot needs the extra [charts].
"""

import argparse
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import flat
from importing import LEDGER
from processes import Run, run

WORK = {
    "import": ["--as", "maria", "import", "flat.csv"],
    "report versus": ["report", "versus", "--format", "csv"],
    "report sources": ["report", "sources", "--format", "csv"],
    "search of a phrase": ["search", '"bodies by the road before"', "--format", "csv"],
}


def measured(claims: int, folder: Path) -> dict[str, Run]:
    """What each work takes on so many claims."""
    flat.make(folder / "flat.csv", claims)
    subprocess.run([LEDGER, "--db", "ours.db", "init"], cwd=folder, check=True, capture_output=True)
    return {
        name: run([LEDGER, "--db", "ours.db", *words], cwd=folder) for name, words in WORK.items()
    }


def plot(found: dict[int, dict[str, Run]], path: Path) -> None:
    """Seconds against claims, both by powers of ten: what is linear runs at 45 degrees."""
    import altair as alt

    values = [
        {"claims": claims, "seconds": taken.work, "work": name}
        for claims, runs in found.items()
        for name, taken in runs.items()
    ]
    sizes = [*found]
    line = (
        alt.Chart(alt.Data(values=values), width=480, height=320)
        .mark_line(point=True)
        .encode(
            x=alt.X("claims:Q", scale=alt.Scale(type="log"), axis=alt.Axis(values=sizes)),
            y=alt.Y("seconds:Q", scale=alt.Scale(type="log"), title="seconds of the processor"),
            color=alt.Color("work:N", title=None),
        )
    )
    line.save(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--claims", type=int, nargs="+", default=[10_000, 100_000, 1_000_000, 5_000_000]
    )
    parser.add_argument("--plot", type=Path)
    given = parser.parse_args()
    found: dict[int, dict[str, Run]] = {}
    print("| claims | work | elapsed, s | processor, µs a claim | memory, MB |")
    print("| --- | --- | --- | --- | --- |")
    for claims in given.claims:
        with TemporaryDirectory() as folder:
            found[claims] = measured(claims, Path(folder))
        for name, taken in found[claims].items():
            print(
                f"| {claims:,} | {name} | {taken.clock:.1f} | {taken.work / claims * 1e6:.1f} |"
                f" {taken.together:.0f} |",
                flush=True,
            )
    if given.plot:
        plot(found, given.plot)


if __name__ == "__main__":
    main()
