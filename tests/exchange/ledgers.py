"""Small ledgers as hypothesis makes them, with the text that strangers write."""

from contextlib import suppress
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from hypothesis import strategies as st

from ledger import journal, rules
from ledger.errors import InvalidError
from ledger.model import SIDE_OF, STATUSES, Side
from ledger.store import Store
from tests.build import NOON, as_name

NASTY = [
    "=1+1", "'=1", "''", "@x", "-5", "+7", "- so", "\tindented", "two\nlines", "cr\ronly", "a\r\nb",
    '"quoted"', '"', "a,b", "a; b", "back\\slash", "c\\;d", "007", "NA", "null", "open", " spaced ",
    "الوزارة", "Министерство", "e\u0301", "＝1", "\u202eevil", "\ufeffx", "\x0b", "\x85", "\u2028",
]  # fmt: skip
#: What a database and UTF-8 can hold.
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXT = st.sampled_from(NASTY) | st.text(CHARACTERS, min_size=1, max_size=8)
SEEN = TEXT.filter(lambda text: not rules.blank(text))
NAME = SEEN.map(as_name).filter(lambda name: not rules.blank(name) and not name.isdecimal())
DAY = st.integers(0, 228_000).map(lambda days: date(1400, 1, 1) + timedelta(days))
MAYBE = st.none() | TEXT


@st.composite
def ledgers(draw: st.DrawFn) -> dict[str, Any]:
    """Rows by table, the numbers in them as they will be, and what happens to the claims later."""
    names = draw(st.lists(NAME, min_size=1, max_size=7, unique=True))
    count = draw(st.integers(1, len(names)))
    source = st.integers(1, count)
    events = [
        {"slug": slug, "title": draw(SEEN), "place": draw(MAYBE),
         "latitude": "-35.40", "longitude": "35.4", "started_on": draw(DAY), "note": draw(MAYBE)}
        for slug in draw(st.sampled_from([[], ["clash"], ["clash", "حدث", "007-x"]]))
    ]  # fmt: skip
    texts = draw(st.lists(st.none() | TEXT, max_size=3))
    kinds = draw(st.lists(st.sampled_from(["fact", "count"]), min_size=1, max_size=4))
    quoted = [number for number, text in enumerate(texts, 1) if text]
    return {
        "event": events,
        "source": [
            {"name": name, "kind": draw(st.none() | st.just("outlet")), "side": draw(MAYBE),
             "member_of_id": draw(st.none() | st.integers(1, number - 1)) if number > 1 else None,
             "reliability": draw(st.sampled_from([None, "A", "F"])), "note": draw(MAYBE)}
            for number, name in enumerate(names[:count], 1)
        ],
        "source_alias": [{"source_id": draw(source), "name": name} for name in names[count:]],
        "document": [
            {"slug": f"doc-{number}", "title": draw(SEEN), "text": text,
             "sha256": text and sha256(text.encode()).hexdigest(), "publisher_id": draw(source),
             "published_on": draw(st.none() | DAY), "retrieved_at": draw(st.none() | st.just(NOON))}
            for number, text in enumerate(texts, 1)
        ],
        "proposition": [
            {"slug": f"p{number}-я", "text": draw(SEEN), "kind": kind,
             "unit": draw(SEEN) if kind == "count" else None,
             "event_id": draw(st.none() | st.integers(1, len(events))) if events else None,
             **draw(st.sampled_from([{}, {"verdict": "mixed", "because": "=why"}]))}
            for number, kind in enumerate(kinds, 1)
        ],
        "claim": (claims := _claims(draw, source, kinds, len(texts), quoted)),
        "evidence": draw(st.lists(st.builds(
            lambda claim, note: {"claim_id": claim, "on_document_id": 1, "note": note},
            st.integers(1, len(claims)), MAYBE), max_size=2)) if texts and claims else [],
        "acceptance": draw(_acceptances(count, len(events), len(texts), len(kinds), len(claims))),
        "assess": draw(st.lists(st.tuples(
            st.integers(1, len(claims)), st.sampled_from([status.code for status in STATUSES]),
            SEEN), max_size=4)) if claims else [],
        "merge": draw(st.none() | st.tuples(source, source)),
    }  # fmt: skip


def _acceptances(*rows: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Accepted findings, one at most a check and row; `rows` are how many each subject has."""
    subjects = ("source_id", "event_id", "document_id", "proposition_id", "claim_id")
    keys = [(s, n) for s, last in zip(subjects, rows, strict=True) for n in range(1, last + 1)]
    words = SEEN
    return st.lists(
        st.builds(
            lambda check, key, finding, because, taken_back: {
                "check_name": check, key[0]: key[1], "finding": finding, "because": because,
                "taken_back": taken_back,
            },
            st.sampled_from(["orphan", "sources-alike"]), st.sampled_from(keys), words, words,
            MAYBE,
        ),
        max_size=3,
        unique_by=lambda row: (row["check_name"], *(row.get(subject) for subject in subjects)),
    )  # fmt: skip


def _claims(
    draw: st.DrawFn, source: st.SearchStrategy[int], kinds: list[str], documents: int,
    quoted: list[int],
) -> list[dict[str, Any]]:  # fmt: skip
    number = draw(st.integers(0, 5))
    claims = [
        _claim(draw, place, number, source, kinds, documents, quoted)
        for place in range(1, number + 1)
    ]
    for tie in (_retracting, _repeating):
        for claim in claims:
            tie(claim, claims)
    return claims


def _retracting(claim: dict[str, Any], claims: list[dict[str, Any]]) -> None:
    """Make a retraction of nothing a denial."""
    same = ("proposition_id", "source_id")
    if claim["stance"] == "retracts" and not any(
        other["stance"] != "retracts"
        and all(other[name] == claim[name] for name in same)
        and rules.comes_after(claim, other.get("stated_on"))
        for other in claims
    ):
        claim["stance"] = "denies"


def _repeating(claim: dict[str, Any], claims: list[dict[str, Any]]) -> None:
    """Leave a claim only what it can repeat: of another side it relays."""
    if (repeated := claim["repeats_id"]) is not None:
        other = claims[repeated - 1]
        if other["proposition_id"] != claim["proposition_id"]:
            claim["repeats_id"] = None
        elif rules.no_repeat(claim, other):
            claim["stance"] = "relays"


def _claim(
    draw: st.DrawFn, number: int, last: int, source: st.SearchStrategy[int], kinds: list[str],
    documents: int, quoted: list[int],
) -> dict[str, Any]:  # fmt: skip
    proposition, stance = draw(st.integers(1, len(kinds))), draw(st.sampled_from(sorted(SIDE_OF)))
    link = st.none() | st.integers(1, last).filter(lambda other: other != number)
    speaks = draw(source)
    claim: dict[str, Any] = {
        "proposition_id": proposition, "source_id": speaks, "stance": stance,
        "via_id": draw(st.none() | source.filter(lambda other: other != speaks))
        if draw(st.booleans()) and speaks > 1 else None,
        "document_id": draw(st.none() | st.integers(1, documents)) if documents else None,
        "answers_id": draw(link) if last > 1 else None,
        "repeats_id": draw(link) if last > 1 else None,
        "note": draw(MAYBE),
    }  # fmt: skip
    if claim["document_id"] not in quoted:
        claim["quote"] = draw(TEXT)
    if kinds[proposition - 1] == "count" and (
        SIDE_OF[stance] is Side.AFFIRMS or draw(st.booleans())
    ):
        claim |= draw(st.sampled_from([
            {"wording": "more than 100", "low": 101}, {"wording": "more than 100"},
            {"wording": "many"}, {"low": 0, "high": 0}, {"high": 7}, {"wording": "=1+1", "low": 2},
        ]))  # fmt: skip
    stated = draw(st.none() | DAY)
    if stated:
        claim |= draw(st.sampled_from([
            {"stated_on": stated, "stated_precision": "day"},
            {"stated_on": stated.replace(day=1), "stated_precision": "month"},
            {"stated_on": stated.replace(month=1, day=1), "stated_precision": "year"},
        ]))  # fmt: skip
    return claim


def build(store: Store, ledger: dict[str, Any]) -> None:
    """Record a made ledger: its rows in one entry, what happens later in one each."""
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        for table in (
            "event", "source", "source_alias", "document", "proposition", "claim", "evidence",
            "acceptance",
        ):  # fmt: skip
            draft.insert_all(table, ledger[table])
    for claim, status, because in ledger["assess"]:
        with journal.entry(store, recorded_by="omar", recorded_at=NOON) as draft:
            journal.assess(draft, claim, status, because)
    if ledger["merge"]:
        with suppress(InvalidError), journal.entry(
            store, recorded_by="maria", recorded_at=NOON
        ) as draft:  # fmt: skip
            journal.merge_sources(draft, *ledger["merge"])
