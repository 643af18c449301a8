"""What pages are made of, and ledgers to make them of."""

from collections.abc import Mapping, Set
from typing import Any

from ledger.dossier.drawings import ATTRIBUTES, ELEMENTS
from ledger.journal import Draft
from tests.build import a_claim, a_count, a_document, a_fact, a_source, an_event, as_name
from tests.dossier.ledgers import BAD_URLS
from tests.dossier.reading import KNOWN, Read

#: All that a page is made of, beside what a dossier is.
MADE_OF: Mapping[str, Set[str]] = {
    **{tag: allowed for tag, allowed in KNOWN.items() if tag != "style"},
    "a": KNOWN["a"] | {"aria-current"},
    "blockquote": KNOWN["blockquote"] | {"class"},
    "body": {"class"},
    "button": set(),
    "dl": {"class"},
    "footer": {"aria-labelledby"},
    "form": {"class", "role", "action"},
    "h1": {"dir"},
    "h2": {"id", "dir"},
    "header": {"class"},
    "input": {"id", "name", "type", "value", "required"},
    "label": {"for"},
    "li": KNOWN["li"],
    "link": {"rel", "type", "href"},
    "mark": set(),
    "nav": {"class", "aria-label"},
    "ol": {"class", "start"},
    "option": {"value", "selected"},
    "p": KNOWN["p"] | {"role"},
    "q": {"dir"},
    "select": {"id", "name"},
    "span": KNOWN["span"] | {"aria-current"},
    "th": KNOWN["th"] | {"rowspan"},
    "tbody": set(),
}


def read_back(page: str) -> Read:
    """A page, read: `strange` is whatever it should not be made of."""
    return Read(page, (ELEMENTS, ATTRIBUTES), MADE_OF)


def hostile(draft: Draft, payload: str, number: int) -> None:
    """An event and all of it, in which every text that may be anything is `payload`."""
    told: dict[str, Any] = {"note": payload, "side": payload}
    event = an_event(draft, f"e{number}", title=payload, place=payload, note=payload)
    outlet = a_source(draft, as_name(f"{number} Outlet {payload}"), **told)
    speaker = a_source(draft, as_name(f"{number} Speaker {payload}"), member_of_id=outlet, **told)
    draft.insert(
        "source_alias", {"source_id": speaker, "name": as_name(f"{number} Alias {payload}")}
    )
    document = a_document(
        draft, f"d{number}", title=payload, url=BAD_URLS[number % len(BAD_URLS)],
        archive_url=BAD_URLS[0], publisher_id=outlet, note=payload, language="ar",
    )  # fmt: skip
    count = a_count(
        draft, f"many-{number}", text=payload, unit=payload, population=payload, note=payload,
        event_id=event, verdict="supported", finding_low=3, because=payload,
    )  # fmt: skip
    fact = a_fact(draft, f"so-{number}", text=payload, note=payload, event_id=event)
    words: dict[str, Any] = {
        "quote": payload, "quote_prefix": payload, "quote_suffix": payload, "note": payload,
        "document_id": document, "status": "unverified", "because": payload,
    }  # fmt: skip
    first = a_claim(draft, source=speaker, on=count, low=5, high=9, wording=payload, via=outlet,
                    said="2026-01-02", **words)  # fmt: skip
    a_claim(draft, source=outlet, on=fact, stance="denies", answers_id=first, said="2026-01-04",
            **words)  # fmt: skip
    a_claim(draft, source=speaker, on=count, stance="denies", low=7, said="2026-01-05", **words)
    draft.insert("evidence", {"claim_id": first, "on_document_id": document, "note": payload})


def many(draft: Draft, number: int) -> None:
    """So many propositions about two events, every fourth of them contested."""
    events = [an_event(draft, "east"), an_event(draft, "west")]
    for place in range(number):
        about = a_fact(draft, f"p{place}", event_id=events[place % 2])
        a_claim(draft, source="Gazette", on=about, said="2026-01-02")
        if not place % 4:
            a_claim(draft, source="Ministry", on=about, stance="denies", said="2026-01-03")
