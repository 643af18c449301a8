"""The record itself: twice, loose, or not to be found again."""

from datetime import date
from typing import Any

import pytest

from ledger import journal
from ledger.store import Store
from tests.build import a_claim, a_count, a_document, a_fact, a_source, an_event
from tests.checks.ledgers import by_another_hand, entry, found


def test_the_same_statement_entered_twice(store: Store) -> None:
    with entry(store) as draft:
        article, count = a_document(draft), a_count(draft)
        said: dict[str, Any] = {
            "on": count,
            "low": 5,
            "high": 5,
            "document_id": article,
            "said": "2018-02-08",
        }
        a_claim(draft, source="TASS", quote="five died", **said)
        a_claim(draft, source="TASS", quote="five people died", note="typed again", **said)
        a_claim(draft, source="TASS", **{**said, "said": "2018-02-09"})
        a_claim(draft, source="Gazette", **said)
    told = "it says the same as claim 1, in the same place"
    assert found(store, "recorded-twice") == {"claim 2": told}
    with entry(store) as draft:
        journal.withdraw(draft, 2, "same as 1")
    assert found(store, "recorded-twice") == {}


TEXT = "He said:\n“more than   100 died.” She said: more than 100 fled."


@pytest.mark.parametrize(
    ("quote", "around", "there"),
    [
        ("more than 100 died", {}, True),
        ("more than 100 fled", {"quote_prefix": "She said:"}, True),
        ("fled", {}, True),
        ("more than 200 died", {}, False),
        ("more than 100", {"quote_prefix": "they said:"}, False),
    ],
)
def test_a_quote_that_the_attached_text_does_not_hold(
    store: Store, quote: str, around: dict[str, Any], there: bool
) -> None:
    with entry(store) as draft:
        article, unread = a_document(draft), a_document(draft, "unread")
        a_claim(draft, document_id=article, quote=quote, **around)
        a_claim(draft, source="TASS", document_id=unread, quote="not in any text")
    by_another_hand(store, f"UPDATE document SET text = '{TEXT}' WHERE id = 1")
    told = {} if there else {"claim 1": "its quote is not in the document's attached text"}
    assert found(store, "quote-not-in-text") == told


def test_what_nothing_refers_to(store: Store) -> None:
    with entry(store) as draft:
        event = an_event(draft, "empty")
        an_event(draft, "loose")
        a_fact(draft, "unspoken", event_id=event)
        government = a_source(draft, "Government")
        publisher, merged = a_source(draft, "Gazette"), a_source(draft, "Gazete")
        a_source(draft, "Silent")
        ministry = a_source(draft, "Ministry", member_of_id=government)
        article = a_document(draft, "article", publisher_id=publisher)
        footage = a_document(draft, "footage")
        a_document(draft, "unread")
        claim = a_claim(draft, source=ministry, document_id=article, via="TASS")
        draft.insert("evidence", {"claim_id": claim, "on_document_id": footage})
    with entry(store) as draft:
        draft.update("source", merged, {"merged_into_id": publisher})
    assert found(store, "orphan") == {
        "proposition unspoken": "no claim is made on it",
        "source Silent": "it says, relays and publishes nothing",
        "event loose": "no proposition is about it",
        "document unread": "no claim is taken from it",
    }
    with entry(store) as draft:
        journal.withdraw(draft, claim, "entered in error")
    assert "proposition they-came" in found(store, "orphan")


def test_events_without_a_place_or_day(store: Store) -> None:
    with entry(store) as draft:
        an_event(draft, "bare")
        an_event(draft, "dated", started_on=date(2018, 2, 7))
        an_event(draft, "placed", latitude="35.31", longitude="40.32")
        an_event(draft, "whole", place="Khasham", started_on=date(2018, 2, 7))
    assert found(store, "event-unplaced") == {
        "event bare": "no place and no day",
        "event dated": "no place",
        "event placed": "no day",
    }


def test_documents_that_nobody_could_find_again(store: Store) -> None:
    with entry(store) as draft:
        a_document(draft, "nothing")
        a_document(draft, "link", url="https://example.org/1")
        a_document(draft, "hashed", sha256="a" * 64)
        a_document(draft, "archived", archive_url="https://archive.example.org/1")
        a_document(draft, "attached", text="He said so.")
    assert found(store, "document-unpinned") == {
        "document nothing": "no link, hash or text",
        "document link": "a live link is all there is of it",
    }
