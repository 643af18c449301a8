"""Writes what was asserted on settled propositions as schema.org ClaimReview, in JSON-LD.

One review a claim, with the properties that Google requires and recommends
(https://developers.google.com/search/docs/appearance/structured-data/factcheck). The rating is the
claim's status on the scale RATINGS: Admiralty credibility turned round, so that 5 is best. What
nobody has judged, or cannot be judged, has no number; unreviewed and contested have no rating.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, TextIO
from urllib.parse import urlsplit

import sqlalchemy as sa

from ledger import views
from ledger.canonical import timestamp
from ledger.errors import LedgerError
from ledger.exchange.exporting import Exported
from ledger.exchange.uncarried import left_out
from ledger.model import STATUSES, WITHDRAWN, Kind, Range, Side, Verdict

#: The numbers of a rating by status, 1 (worst) to 5 (best); None: a word alone.
RATINGS: dict[str, int | None] = {
    each.code: None if each.admiralty == "6" else 6 - int(each.admiralty)
    for each in STATUSES
    if each.admiralty is not None
}
BEST, WORST = 5, 1

Row = Mapping[str, Any]


def export_claimreview(
    connection: sa.Connection, stream: TextIO, *, publisher: str | None, url: str | None
) -> Exported:
    """Write a review of each claim that affirms a settled proposition, in order of number.

    `publisher` is who reviews, `url` the page on which the reviews stand, each at its `#claim-N`.
    Raises LedgerError where either is missing, since a ClaimReview must have them.
    """
    for value, flag, what in (
        (publisher, "--publisher NAME", "who publishes it"),
        (url, "--url https://example.org/reviews", "the page that it stands on"),
    ):
        if not value:
            raise LedgerError(f"a ClaimReview must say {what}", f"say it with {flag}")
    page = str(url).split("#")[0]
    if urlsplit(page).scheme not in ("http", "https"):
        raise LedgerError(f"{url} is no address of a page", "--url https://example.org/reviews")
    propositions = _by(connection, views.PROPOSITIONS, "proposition")
    documents = _by(connection, views.DOCUMENTS, "document")
    claims = _by(connection, views.CLAIMS, "claim")
    reviews, unrated, other = [], 0, 0
    for claim in claims.values():
        about = propositions[claim["proposition"]]
        if claim["status"] == WITHDRAWN or about["verdict"] == Verdict.OPEN:
            continue
        if claim["side"] != Side.AFFIRMS:
            other += 1
            continue
        unrated += claim["status"] not in RATINGS
        reviews.append(_review(claim, about, claims, documents, str(publisher), page))
    graph = {"@context": "https://schema.org", "@graph": reviews}
    stream.write(json.dumps(graph, ensure_ascii=False, indent=2) + "\n")
    still_open = sum(row["verdict"] == Verdict.OPEN for row in propositions.values())
    notes = left_out(
        (still_open, "open proposition", ""),
        (other, "claim that did not affirm", "a ClaimReview is of what was asserted"),
    )
    if unrated:
        notes.append(f"without a rating: {unrated}, unreviewed or contested")
    return Exported({"reviews": len(reviews)}, tuple(notes))


def _by(connection: sa.Connection, view: views.View, key: str) -> dict[Any, Row]:
    table = view.table
    rows = connection.execute(sa.select(table).order_by(table.c[key])).mappings()
    return {row[key]: dict(row) for row in rows}


def _review(
    claim: Row,
    about: Row,
    claims: Mapping[Any, Row],
    documents: Mapping[Any, Row],
    publisher: str,
    page: str,
) -> dict[str, Any]:
    address = f"{page}#claim-{claim['claim']}"
    said = {
        "@type": "Claim",
        "author": {"@type": _kind(claim["source_kind"]), "name": claim["source"]},
        "text": claim["quote"],
        "datePublished": claim["stated_on"],
        "firstAppearance": _appearance(_origin(claim, claims), documents)
        if claim["repeats"]
        else None,
        "appearance": _appearance(claim, documents),
    }
    # The claim's judgement and the finding may be of different days; the review is of the later.
    day = max(_day(claim["recorded_at"]), _day(about["recorded_at"]))
    found = f"{about['verdict']}: {about['because']}"
    return {
        "@type": "ClaimReview",
        "@id": address,
        "url": address,
        "claimReviewed": _summary(claim, about),
        "author": {"@type": "Organization", "name": publisher, "url": page},
        "datePublished": day,
        "itemReviewed": {key: value for key, value in said.items() if value is not None},
        **_rating(claim),
        "reviewBody": found,
    }


def _rating(claim: Row) -> dict[str, Any]:
    if claim["status"] not in RATINGS:
        return {}
    number = RATINGS[claim["status"]]
    scale = {"ratingValue": number, "bestRating": BEST, "worstRating": WORST}
    rating = {
        "@type": "Rating",
        **(scale if number is not None else {}),
        "alternateName": claim["status"],
        "ratingExplanation": claim["because"],
    }
    return {"reviewRating": rating}


def _summary(claim: Row, about: Row) -> str:
    """The claim in a line: the proposition, and of a count how many."""
    text = str(about["text"])
    if about["kind"] != Kind.COUNT or (claim["low"] is None and claim["high"] is None):
        return text
    return f"{text}: {Range(claim['low'], claim['high'])}"


def _origin(claim: Row, claims: Mapping[Any, Row]) -> Row:
    """The claim at the end of the chain that a claim repeats; a ring ends where it closes."""
    seen = {claim["claim"]}
    while claim["repeats"] is not None and claim["repeats"] not in seen:
        claim = claims[claim["repeats"]]
        seen.add(claim["claim"])
    return claim


def _appearance(claim: Row, documents: Mapping[Any, Row]) -> dict[str, Any] | None:
    if claim["document"] is None:
        return None
    document = documents[claim["document"]]
    published = document["published_on"]
    told = {
        "@type": "CreativeWork",
        "name": document["title"],
        "url": document["url"],
        "datePublished": None if published is None else str(published),
        "publisher": document["publisher"]
        and {"@type": "Organization", "name": document["publisher"]},
    }
    return {key: value for key, value in told.items() if value is not None}


def _kind(kind: str | None) -> str:
    return "Person" if kind in ("person", "witness", "unnamed") else "Organization"


def _day(moment: Any) -> str:
    return (moment if isinstance(moment, str) else timestamp(moment))[:10]


def scale() -> Iterator[tuple[str, str]]:
    """Each status with its rating, for the documentation."""
    for each in STATUSES:
        if each.code != WITHDRAWN:
            rating = RATINGS.get(each.code)
            word = "no rating" if each.code not in RATINGS else "the word alone"
            yield each.code, str(rating or word)
