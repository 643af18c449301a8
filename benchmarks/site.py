"""A site of a made ledger: how long it takes to write, how many pages and bytes it comes to.

    python benchmarks/site.py [--propositions 1000] [--claims 10] [--runs 3]

`--claims` is how many there are to a proposition. The ledger is made as `made.py` makes one, in a
folder that goes; the same site is written with charts, without, and with a page for each claim.
Whole processes; the figure to read on a busy machine is the processor's seconds, of which two cores
take half each.
"""

import argparse
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import made
from processes import run

from ledger import journal, migrate
from ledger.store import open_store

#: What is measured, and the options for it.
WAYS = {
    "as it comes": (),
    "without charts": ("--no-charts",),
    "with a page for each claim": ("--no-charts", "--claims"),
}


def make(path: Path, propositions: int, claims: int) -> None:
    """Write the ledger."""
    of = {"source": propositions // 2, "proposition": propositions, "document": 2 * propositions}
    store = open_store(path)
    migrate.create(store)
    with journal.entry(store, recorded_by="maria", recorded_at=made.BEGUN, message="made") as draft:
        events = ({"slug": f"event-{n}", "title": f"Event {n}"} for n in range(1, 101))
        draft.insert_all("event", events)
        draft.insert_all("source", made.sources(of["source"]))
        draft.insert_all("proposition", made.propositions(propositions))
        draft.insert_all("document", made.documents(of["document"]))
        draft.insert_all("claim", made.claims(propositions * claims, of))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--propositions", type=int, default=1_000)
    parser.add_argument("--claims", type=int, default=10)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        ledger, site = Path(folder, "made.db"), Path(folder, "site")
        make(ledger, given.propositions, given.claims)
        for way, options in WAYS.items():
            command = [sys.executable, "-m", "ledger", "--db", str(ledger), "site", str(site)]
            runs = [run([*command, *options]) for _ in range(given.runs)]
            files = [path for path in site.rglob("*") if path.is_file()]
            size = sum(path.stat().st_size for path in files)
            print(
                f"{way}: {median(each.clock for each in runs):.1f} s, "
                f"{median(each.work for each in runs):.1f} s of work, "
                f"{max(each.together for each in runs):.0f} MB; {len(files):,} files, "
                f"{sum(path.suffix == '.html' for path in files):,} of them pages, "
                f"{size / 1e6:.0f} MB"
            )


if __name__ == "__main__":
    main()
