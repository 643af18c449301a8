"""Reads schema.org ClaimReview: one review, a list, a @graph or a DataFeed, ours or another's.

A review becomes a row of claims: who said it, where it appeared, the proposition, and the rating as
an assessment as far as it says one. It is then imported as any file of claims is.
"""

import json
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from ledger import names, rules
from ledger.errors import BadFileError, BadRow, Problem
from ledger.exchange.claimreview import RATINGS
from ledger.exchange.importing import Imported, import_stream
from ledger.exchange.lines import line
from ledger.model import UNREVIEWED
from ledger.store import Store

_MARK = b"ClaimReview"
_COLUMNS = (
    "proposition", "proposition_text", "kind", "source", "source_kind", "stance", "quote",
    "document", "document_title", "document_url", "published_on", "via", "attribution",
    "stated_on", "status", "because", "note",
)  # fmt: skip

#: Words that fact-checkers rate with and that mean a status outright; all else is kept as a note.
_WORDS = {"true": "confirmed", "false": "refuted", "fake": "refuted", "unproven": "unverified"}


def found(path: Path) -> bool:
    """Whether a file is JSON with a ClaimReview in it, by its ending and its content."""
    if path.suffix.lower() not in (".json", ".jsonld") or not path.is_file():
        return False
    try:
        return _MARK in path.read_bytes()
    except OSError:
        return False


def import_reviews(store: Store, path: Path, **options: Any) -> Imported:
    """Import every ClaimReview of a file; `options` are those of `import_path`.

    Raises BadFileError where it is no JSON, or a review says not what is claimed.
    """
    options.pop("raw", None)
    options["message"] = options.get("message") or f"import of {path.resolve().name}"
    try:
        told = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise BadFileError(f"{path} is no JSON; nothing was imported") from None
    reviews = [*_reviews(told)]
    bad: list[BadRow] = []
    rows = [line(_COLUMNS)]
    for number, review in enumerate(reviews, 1):
        row = _row(review)
        if row is None:
            problem = Problem("claimReviewed", "is missing", "what was claimed, in words")
            bad.append(BadRow(f"{path.name}, review {number}", number, problem))
        else:
            rows.append(line(row[column] for column in _COLUMNS))
    if bad or not reviews:
        raise BadFileError(f"{path}: not every review can be read; nothing was imported", bad)
    stream = BytesIO("".join(rows).encode())
    return import_stream(store, stream, f"{path.name} (a review a line)", **options)


def _reviews(told: Any) -> Iterator[dict[str, Any]]:
    """Every ClaimReview, wherever it stands: in lists, @graph, DataFeed items."""
    waiting = [told]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting.extend(reversed(each))
        elif isinstance(each, dict):
            if "ClaimReview" in _all(each.get("@type")):
                yield each
            else:
                for key in ("mainEntity", "item", "dataFeedElement", "@graph"):
                    waiting.append(each.get(key))


def _row(review: dict[str, Any]) -> dict[str, str] | None:
    """A review as a row of claims; None where it does not say what was claimed."""
    text = _text(review.get("claimReviewed"))
    if not text:
        return None
    item = _one(review.get("itemReviewed"))
    speaker = _one(item.get("author"))
    work = _one(item.get("firstAppearance")) or _one(item.get("appearance"))
    reviewer = _text(_one(review.get("author")).get("name"))
    page = _text(review.get("url")) or _text(review.get("@id"))
    # Where it appeared is not always said; then it is the review that relays it.
    relayed = not (work.get("url") or work.get("name"))
    document = {"url": page, "name": f"Review by {reviewer}"} if relayed else work
    url = _text(document.get("url")) or _text(document.get("@id"))
    title = _text(document.get("name")) or _text(document.get("headline")) or url
    who = _text(speaker.get("name"))
    status, because, note = _judged(review, reviewer, page)
    return {
        "proposition": _named(text),
        "proposition_text": text,
        "kind": "fact",
        "source": who or "Unidentified speaker",
        "source_kind": {"Person": "person", "Organization": "organisation"}.get(
            next(iter(_all(speaker.get("@type"))), ""), "" if who else "unnamed"
        ),
        "stance": "asserts",
        "quote": _text(item.get("text")),
        "document": _named(url or title) if title else "",
        "document_title": title,
        "document_url": url,
        "published_on": _day(_text(review.get("datePublished") if relayed
                                   else document.get("datePublished"))),
        "via": reviewer if relayed and reviewer != who else "",
        "attribution": "named" if who else "uncertain",
        "stated_on": _date(_text(item.get("datePublished"))),
        "status": status,
        "because": because,
        "note": note,
    }  # fmt: skip


def _judged(review: dict[str, Any], reviewer: str, page: str) -> tuple[str, str, str]:
    """The status that a rating says outright, and why; or the rating as a note."""
    rating = _one(review.get("reviewRating"))
    word = _text(rating.get("alternateName")) or _text(rating.get("name"))
    value, best = _text(rating.get("ratingValue")), _text(rating.get("bestRating"))
    why = _text(rating.get("ratingExplanation")) or _text(review.get("reviewBody"))
    scored = f"{value} of {best}" if value and best else value
    rated = " ".join(part for part in (word, f"({scored})" if scored else "") if part)
    said = "; ".join(part for part in (f"{reviewer or 'a review'}: {rated}", why, page) if part)
    status = _WORDS.get(word.casefold(), word if word in RATINGS else "")
    if status:
        return status, said, ""
    return UNREVIEWED, "", said if rated or why else ""


def _named(text: str) -> str:
    """A slug that a text always gets, and hardly any other does."""
    mark = sha256(text.encode()).hexdigest()[:8]
    return f"{names.slug(text, longest=38)}-{mark}"


def _all(value: Any) -> list[str]:
    return [str(each) for each in (value if isinstance(value, list) else [value]) if each]


def _one(value: Any) -> dict[str, Any]:
    """The first object of a property that may be a text, an object or a list of either."""
    first = next(iter(value), None) if isinstance(value, list) else value
    if isinstance(first, str):
        return {"url": first} if "://" in first else {"name": first}
    return first if isinstance(first, dict) else {}


def _text(value: Any) -> str:
    """A property's text, without what no ledger holds; nothing where there is none."""
    first = next(iter(value), None) if isinstance(value, list) else value
    if isinstance(first, bool) or not isinstance(first, str | int | float):
        return ""
    text = str(first).encode("utf-8", "replace").decode().replace("\0", "").strip()
    return "" if rules.blank(text) else text


def _date(text: str) -> str:
    """A date as exact as it is said: a day (of a moment, too), a month or a year; else nothing."""
    try:
        rules.stated(text[:10])
    except ValueError:
        return ""
    return text[:10]


def _day(text: str) -> str:
    """The day of a date or moment; nothing of what is less exact."""
    return _date(text) if len(text) >= 10 else ""
