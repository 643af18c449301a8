"""Counts: the range, and the source's own words for it."""

from typing import Any

import pytest

from ledger.store import Store
from tests.build import a_claim, a_count
from tests.checks.ledgers import entry, found


@pytest.mark.parametrize(
    ("said", "vague"),
    [
        ({"low": 101}, True),
        ({"high": 14}, True),
        ({"low": 5, "high": 14}, True),
        ({"low": 5, "high": 5}, False),
        ({"low": 5, "high": 14, "wording": "5 to 14"}, False),
        ({"wording": "many"}, False),
    ],
)
def test_a_range_without_its_words(store: Store, said: dict[str, Any], vague: bool) -> None:
    with entry(store) as draft:
        count = a_count(draft)
        a_claim(draft, on=count, **said)
        a_claim(draft, on=count, stance="denies")
    told = {"claim 1": "a range, without the words it was given in"} if vague else {}
    assert found(store, "vague-without-words") == told


def test_words_that_stand_for_no_range(store: Store) -> None:
    with entry(store) as draft:
        count = a_count(draft)
        a_claim(draft, on=count, wording="many")
        a_claim(draft, on=count, wording="many", low=3)
    assert found(store, "words-without-range") == {"claim 1": "“many” stands for no range"}


def test_a_range_that_its_words_exclude(store: Store) -> None:
    with entry(store) as draft:
        count = a_count(draft)
        a_claim(draft, on=count, wording="dozens", low=240, high=990)
        a_claim(draft, on=count, wording="dozens", low=50, high=200)
        a_claim(draft, on=count, wording="very many", low=5, high=5)
    assert found(store, "range-against-words") == {"claim 1": "“dozens” means 24–99"}
