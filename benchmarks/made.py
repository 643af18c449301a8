"""A made ledger of any size: the same one every time, through the program's own writer.

    python benchmarks/made.py made.db --claims 1000000 [--changed 100000]

One claim in ten propositions is a count; sources, documents and propositions grow with the claims
(5,000, 100,000 and 10,000 for a million). One proposition in four is settled, two sources in three
are graded, one claim in 500 is withdrawn. The claims are one entry; `--changed` of them are then
assessed, in entries of 10,000. Quotes are made of a small vocabulary, 80 to 200 characters long.
"""

import argparse
import random
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from ledger import journal, migrate
from ledger.journal import Draft
from ledger.store import Store, open_store

STANCES = ["asserts"] * 8 + ["denies"] * 3 + ["cannot-confirm", "no-comment", "disputes", "relays"]
WORDS = (  # noqa: SIM905 - words are read more easily than a list of them
    "officials said that fighters near the river had been killed in the night while others fled "
    "and witnesses counted bodies by the road before the convoy left the town again"
).split()
BEGUN = datetime(2026, 1, 1, 9, 0, 0, tzinfo=UTC)


def sources(count: int) -> Iterator[dict[str, Any]]:
    for number in range(1, count + 1):
        yield {
            "name": f"Source {number}",
            "kind": ("outlet", "person", "government", "organisation")[number % 4],
            "side": ("North", "South", None)[number % 3],
            "member_of_id": number // 20 if number > 20 and number % 5 == 0 else None,
            "reliability": "ABCDEF"[number % 6] if number % 3 else None,
        }


def propositions(count: int) -> Iterator[dict[str, Any]]:
    for number in range(1, count + 1):
        counted = number % 10 == 0
        yield {
            "slug": f"proposition-{number}",
            "text": f"What is in question, number {number}",
            "kind": "count" if counted else "fact",
            "unit": "people killed" if counted else None,
            "event_id": 1 + number % 100,
            **_finding(number, counted=counted),
        }


def _finding(number: int, *, counted: bool) -> dict[str, Any]:
    """One proposition in four is settled."""
    if number % 4:
        return {}
    found: dict[str, Any] = {
        "verdict": "refuted" if number % 8 else "supported",
        "because": "records that were found later say so",
    }
    return found | ({"finding_low": 20, "finding_high": 90} if counted else {})


def documents(count: int) -> Iterator[dict[str, Any]]:
    for number in range(1, count + 1):
        yield {
            "slug": f"document-{number}",
            "title": f"Report {number}",
            "url": f"https://example.org/{number}",
            "published_on": date(2018, 1, 1) + timedelta(days=number % 365),
        }


def claims(count: int, of: dict[str, int]) -> Iterator[dict[str, Any]]:
    made, newest = random.Random(7), dict[tuple[int, str], int]()
    for number in range(1, count + 1):
        proposition, stance = made.randrange(of["proposition"]) + 1, made.choice(STANCES)
        # What is repeated says the same: a claim of that stance on that proposition.
        before = newest.get((proposition, stance))
        newest[proposition, stance] = number
        low = made.randrange(1, 200) if proposition % 10 == 0 else None
        yield {
            "proposition_id": proposition,
            "source_id": made.randrange(of["source"]) + 1,
            "stance": stance,
            "low": low,
            "high": None if low is None or made.random() < 0.3 else low + made.randrange(50),
            "quote": " ".join(made.choices(WORDS, k=made.randrange(15, 33))),
            "document_id": made.randrange(of["document"]) + 1,
            "repeats_id": before if not number % 9 else None,
            "stated_on": date(2018, 1, 1) + timedelta(days=made.randrange(700)),
            "stated_precision": "day",
            **({"status": "withdrawn", "because": "entered twice"} if number % 500 == 7 else {}),
        }


def make(path: Path, count: int, changed: int) -> Store:
    """Write the ledger; an existing file is in the way."""
    of = {"source": count // 200, "proposition": count // 100, "document": count // 10}
    store = open_store(path)
    migrate.create(store)
    with journal.entry(store, recorded_by="maria", recorded_at=BEGUN, message="made") as draft:
        draft.insert_all(
            "event", ({"slug": f"event-{n}", "title": f"Event {n}"} for n in range(1, 101))
        )
        draft.insert_all("source", sources(of["source"]))
        draft.insert_all("proposition", propositions(of["proposition"]))
        draft.insert_all("document", documents(of["document"]))
        draft.insert_all("claim", claims(count, of))
    step = count // changed if changed else 0
    numbers = list(range(1, count + 1, step))[:changed] if changed else []
    for start in range(0, len(numbers), 10_000):
        with journal.entry(
            store, recorded_by="omar", recorded_at=BEGUN + timedelta(days=1 + start // 10_000)
        ) as draft:
            assess(draft, numbers[start : start + 10_000])
    return store


def assess(draft: Draft, numbers: list[int]) -> None:
    for number in numbers:
        journal.assess(draft, number, "unverified", "one origin, and nothing to check it against")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--claims", type=int, default=1_000_000)
    parser.add_argument("--changed", type=int, default=0)
    given = parser.parse_args()
    start = time.perf_counter()
    make(given.path, given.claims, given.changed)
    print(f"{given.claims} claims in {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
