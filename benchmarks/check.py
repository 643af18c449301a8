"""How long `ledger check` takes on a made ledger, check by check, in seconds of one core.

    python benchmarks/check.py [--claims 100000] [--ledger made.db]

The ledger is made so that no check has it easy: names of words that many share, a source for every
twenty claims, quotes cut from attached texts of 5 kB, number words on every count, a fifth of the
claims confirmed, a tenth relayed, a tenth repeating another.
"""

import argparse
import random
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ledger import journal, migrate
from ledger.checks import CHECKS, findings
from ledger.checks.case import Case
from ledger.store import Store, open_store

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
FIRST = date(2018, 1, 1)
STANCES = ["asserts"] * 8 + ["denies"] * 3 + ["cannot-confirm", "no-comment", "disputes", "relays"]
STATUSES = ["confirmed"] * 2 + ["corroborated", "unverified", "contested"] + ["unreviewed"] * 5
SYLLABLES = "al bar den gor han is kar lom mi nor pet ra sul tev un vik yar zan".split()  # noqa: SIM905


def word(made: random.Random) -> str:
    return "".join(made.choices(SYLLABLES, k=made.randrange(2, 4)))


def sources(made: random.Random, count: int) -> Iterator[dict[str, Any]]:
    words = [word(made).title() for _ in range(400)]
    offices = ["Ministry of", "Press office of", "Governor of", "Hospital of", "Witness from"]
    names: dict[str, None] = {}
    while len(names) < count:
        names[f"{made.choice(offices)} {made.choice(words)} {made.choice(words)}"] = None
    for number, name in enumerate(names, start=1):
        yield {
            "name": name,
            "kind": ("outlet", "person", "government", "unnamed")[number % 4],
            "side": ("North", "South", None)[number % 3],
            "member_of_id": number // 20 if number > 20 and number % 5 == 0 else None,
        }


def propositions(count: int) -> Iterator[dict[str, Any]]:
    for number in range(1, count + 1):
        counted = {"kind": "count", "unit": "people killed"} if number % 2 else {"kind": "fact"}
        yield {
            "slug": f"proposition-{number}",
            "text": f"What is in question, number {number}",
            "event_id": 1 + number % 100,
            **counted,
        }


def texts(made: random.Random, count: int) -> list[str]:
    words = [word(made) for _ in range(2000)]
    return [" ".join(made.choices(words, k=700)) for _ in range(count)]


def claims(
    made: random.Random, count: int, of: dict[str, int], printed: list[str]
) -> Iterator[dict[str, Any]]:
    said: dict[tuple[int, str], int] = {}
    for number in range(1, count + 1):
        document, at = (number - 1) * len(printed) // count, made.randrange(4000)
        proposition, stance = made.randrange(of["proposition"]) + 1, made.choice(STANCES)
        source, relay = (made.randrange(of["source"]) + 1 for _ in "ab")
        figure, status = made.randrange(5, 200), made.choice(STATUSES)
        before = said.get((proposition, stance))
        said[proposition, stance] = number
        yield {
            "proposition_id": proposition,
            "source_id": source,
            "stance": stance,
            "low": figure + 1 if proposition % 2 else None,
            "wording": f"more than {figure}" if proposition % 2 else None,
            "quote": printed[document][at : at + 150].strip(),
            "document_id": document + 1,
            "via_id": relay if relay != source and number % 10 == 0 else None,
            "repeats_id": before if number % 10 == 5 else None,
            "stated_on": FIRST + timedelta(days=made.randrange(400)),
            "stated_precision": "day",
            "status": status,
            "because": None if status == "unreviewed" else "as the footage of that night shows",
        }


def make(path: Path, count: int) -> Store:
    made = random.Random(7)
    of = {"source": count // 20, "proposition": count // 50, "document": count // 100}
    printed = texts(made, of["document"])
    store = open_store(path)
    migrate.create(store)
    with journal.entry(store, recorded_by="maria", recorded_at=NOON, message="made") as draft:
        draft.insert_all(
            "event",
            (
                {"slug": f"event-{n}", "title": f"Event {n}", "started_on": FIRST}
                for n in range(1, 101)
            ),
        )
        draft.insert_all("source", sources(made, of["source"]))
        draft.insert_all("proposition", propositions(of["proposition"]))
        draft.insert_all(
            "document",
            (
                {"slug": f"document-{n}", "title": f"Report {n}", "text": text,
                 "published_on": FIRST + timedelta(days=400)}
                for n, text in enumerate(printed, start=1)
            ),
        )  # fmt: skip
        draft.insert_all("claim", claims(made, count, of, printed))
        draft.insert_all(
            "evidence",
            ({"claim_id": n, "on_claim_id": n + 1} for n in range(1, count - 1, 20)),
        )
    return store


def timed(store: Store) -> None:
    with store.reader() as connection:
        case, whole = Case(connection, NOON.date()), time.process_time()
        for name in CHECKS:
            start = time.process_time()
            found = findings(case, [name])
            print(f"{name:30}{len(found):8,} findings{time.process_time() - start:8.2f} s")
        print(f"{'all':30}{time.process_time() - whole:26.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=100_000)
    parser.add_argument("--ledger", type=Path, help="where it is, or is to be kept")
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        path = given.ledger or Path(folder) / "made.db"
        timed(open_store(path) if path.exists() else make(path, given.claims))


if __name__ == "__main__":
    main()
