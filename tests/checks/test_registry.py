"""The checks as a whole: named, reasoned, and quiet where there is nothing to say."""

import re
from typing import Any

import pytest
from hypothesis import given

from ledger.checks import CHECKS, findings
from ledger.checks.case import Case, listed
from ledger.checks.finding import Check, Severity
from ledger.exchange.seeds import seed
from ledger.rules import acceptance_problems
from ledger.store import Store
from tests.checks.ledgers import TODAY
from tests.conftest import COSTLY
from tests.exchange.conftest import Pair
from tests.exchange.ledgers import build, ledgers


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: check.name)
def test_a_check_has_a_stable_name_a_reason_and_a_place(check: Check) -> None:
    accepted = {"check_name": check.name, "finding": "f", "because": "b", "claim_id": 1}
    assert not list(acceptance_problems(accepted))
    assert re.fullmatch(r"[A-Z].*\.", check.why)
    assert check.look.__doc__
    assert check.tables
    assert CHECKS[check.name] is check


def test_what_weighs_most_is_told_first() -> None:
    severities = [list(Severity).index(check.severity) for check in CHECKS.values()]
    assert severities == sorted(severities)


def test_an_empty_ledger_has_nothing_to_find(store: Store) -> None:
    with store.reader() as connection:
        assert findings(Case(connection, TODAY)) == []


def test_the_shipped_ledger_has_one_ungraded_source_that_speaks_often(store: Store) -> None:
    seed(store)
    with store.reader() as connection:
        found = findings(Case(connection, TODAY))
    told = [(finding.check.name, finding.subject) for finding in found]
    assert told == [("never-graded", "source Unidentified outlet of the article")]


@COSTLY
@given(ledger=ledgers())
def test_any_ledger_can_be_checked_and_no_row_is_found_twice(
    emptied: Pair, ledger: dict[str, Any]
) -> None:
    store, _ = emptied()
    build(store, ledger)
    with store.reader() as connection:
        found = findings(Case(connection, TODAY))
    keys = [(finding.check.name, finding.table, finding.id) for finding in found]
    assert len(set(keys)) == len(keys)
    for finding in found:
        assert finding.table in finding.check.tables
        assert finding.words.endswith(finding.what)


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ([7], "claim 7"),
        ([3, 7], "claims 3 and 7"),
        ([1, 2, 3, 4], "claims 1, 2, 3 and 4"),
        ([1, 2, 3, 4, 5], "claims 1, 2, 3 and 2 more"),
    ],
)
def test_claims_in_words(numbers: list[int], told: str) -> None:
    assert listed(numbers) == told
