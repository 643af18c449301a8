"""The four times: happened, said, published, recorded."""

from datetime import date
from typing import Any

import pytest

from ledger.store import Store
from tests.build import a_claim, a_document, a_fact, an_event
from tests.checks.ledgers import TODAY, by_another_hand, entry, found


def test_published_before_it_was_said(store: Store) -> None:
    with entry(store) as draft:
        article = a_document(draft, published_on=date(2018, 2, 8))
        a_claim(draft, said="2018-02-09", document_id=article)
        a_claim(draft, said="2018-02-08", document_id=article)
        month: dict[str, Any] = {"stated_on": date(2018, 2, 1), "stated_precision": "month"}
        a_claim(draft, document_id=article, **month)
    told = "published on 2018-02-08, yet said on 2018-02-09 or later"
    assert found(store, "before-it-was-said") == {"claim 1": told}


def test_recorded_before_it_was_said(store: Store) -> None:
    with entry(store) as draft:
        a_claim(draft, said="2026-03-01")
        a_claim(draft, said="2026-03-02")  # where it is tomorrow already
    assert found(store, "before-it-was-said") == {}
    by_another_hand(store, "UPDATE claim SET stated_on = '2026-03-03' WHERE id = 1")
    told = "recorded on 2026-03-01, yet said on 2026-03-03 or later"
    assert found(store, "before-it-was-said") == {"claim 1": told}


def test_it_is_the_first_version_that_tells_when_it_was_recorded(store: Store) -> None:
    with entry(store) as draft:
        a_claim(draft, said="2026-03-01")
    with entry(store) as draft:
        draft.update("claim", 1, {"note": "seen again"})
    by_another_hand(
        store,
        "UPDATE entry SET recorded_at = '2026-02-01T12:00:00Z' WHERE id = 1",
    )
    told = "recorded on 2026-02-01, yet said on 2026-03-01 or later"
    assert found(store, "before-it-was-said") == {"claim 1": told}


@pytest.mark.parametrize(
    ("said", "published", "early"),
    [
        ("2018-02-05", None, True),
        ("2018-02-06", None, False),  # the evening before, further west
        ("2018-02-07", None, False),
        (None, date(2018, 2, 5), True),
        (None, None, False),
    ],
)
def test_said_before_the_event(
    store: Store, said: str | None, published: date | None, early: bool
) -> None:
    with entry(store) as draft:
        event = an_event(draft, started_on=date(2018, 2, 7))
        fact = a_fact(draft, event_id=event)
        article = a_document(draft, published_on=published)
        a_claim(draft, on=fact, said=said, document_id=article)
        a_claim(draft, on="they-left", said="2018-01-01")
    told = "said by 2018-02-05, before the event began on 2018-02-07"
    assert found(store, "said-before-event") == ({"claim 1": told} if early else {})


def test_days_that_are_yet_to_come(store: Store) -> None:
    with entry(store) as draft:
        a_document(draft, "old", published_on=date(2018, 2, 8))
        a_document(draft, "new", published_on=date(2026, 3, 2))
        an_event(draft, "typed", started_on=date(2081, 2, 7))
        an_event(draft, "long", started_on=date(2018, 2, 7), ended_on=date(2081, 2, 7))
        an_event(draft, "sound", started_on=date(2018, 2, 7), ended_on=TODAY)
    told = "dated 2081-02-07, which is yet to come"
    assert found(store, "future-date") == {"event typed": told, "event long": told}
    assert found(store, "future-date", today=date(2026, 2, 1)) == {
        "document new": "published on 2026-03-02, which is yet to come",
        "event typed": told,
        "event long": told,
        "event sound": "dated 2026-03-01, which is yet to come",
    }
