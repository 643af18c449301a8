"""A made flat file of any size, as `ledger export` writes one: the same bytes every time.

    python benchmarks/flat.py flat.csv --claims 1000000

One row a claim, with all that it names spelt out in the same row: for a million claims 10,000
propositions, 5,000 sources and 100,000 documents; 449 MB. Quotes are 80 to 200 characters long.
One claim in nine repeats an earlier one of its stance on its proposition.
"""

import argparse
import csv
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from ledger.exchange.tables import CLAIMS

STANCES = ["asserts"] * 8 + ["denies"] * 3 + ["cannot-confirm", "no-comment", "disputes", "relays"]
WORDS = (  # noqa: SIM905 - words are read more easily than a list of them
    "officials said that fighters near the river, had been killed in the night while others fled "
    "and witnesses counted bodies by the road before the convoy left the town again"
).split()
KINDS = ("outlet", "person", "government", "organisation")
BEGUN = date(2018, 1, 1)


def rows(count: int) -> Iterator[dict[str, str]]:
    """The cells of each claim by column; what is not named is empty."""
    made, newest = random.Random(7), dict[tuple[int, str], int]()
    propositions, sources, documents = max(count // 100, 1), max(count // 200, 1), count // 10 + 1
    for number in range(1, count + 1):
        proposition, stance = made.randrange(propositions) + 1, made.choice(STANCES)
        source, document = made.randrange(sources) + 1, made.randrange(documents) + 1
        counted, low = proposition % 10 == 0, made.randrange(1, 200)
        before = newest.get((proposition, stance), "")
        newest[proposition, stance] = number
        yield {
            "claim": str(number),
            "proposition": f"proposition-{proposition}",
            "source": f"Source {source}",
            "stance": stance,
            "basis": "unknown",
            "low": str(low) if counted else "",
            "high": str(low + made.randrange(50)) if counted and made.random() > 0.3 else "",
            "quote": quote(made),
            "document": f"document-{document}",
            "attribution": "named",
            "repeats": "" if number % 9 else str(before),
            "stated_on": (BEGUN + timedelta(days=made.randrange(700))).isoformat(),
            "status": "unreviewed",
            "proposition_text": f"What is in question, number {proposition}",
            "kind": "count" if counted else "fact",
            "unit": "people killed" if counted else "",
            "event": f"event-{proposition % 100}",
            "verdict": "open",
            "event_title": f"Event {proposition % 100}",
            "source_kind": KINDS[source % 4],
            "source_side": ("North", "South", "")[source % 3],
            "document_title": f"Report {document} of the observers at the river",
            "document_url": f"https://example.org/reports/2018/{document}.html",
            "published_on": (BEGUN + timedelta(days=document % 365)).isoformat(),
        }


def quote(made: random.Random) -> str:
    words = made.choices(WORDS, k=34)
    return " ".join(words)[: made.randrange(80, 201)].strip(" ,")


def make(path: Path, count: int) -> None:
    """Write the file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, CLAIMS.columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows(count))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--claims", type=int, default=1_000_000)
    given = parser.parse_args()
    make(given.path, given.claims)
    print(f"{given.claims} claims, {given.path.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
