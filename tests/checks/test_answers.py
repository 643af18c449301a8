"""Who answers, repeats, relays and retracts whom."""

from collections.abc import Hashable
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ledger import journal
from ledger.checks.answers import circles
from ledger.store import Store
from tests.build import a_claim, a_document, a_source
from tests.checks.ledgers import by_another_hand, entry, found


def test_a_denial_linked_to_no_claim_while_another_affirms_the_same(store: Store) -> None:
    with entry(store) as draft:
        a_claim(draft, source="TASS", said="2018-02-08")
        a_claim(draft, source="Ministry", stance="denies", said="2018-02-10")
        a_claim(draft, source="Hospital")
        a_claim(draft, source="Army", stance="disputes", answers_id=1)
        a_claim(draft, source="Army", on="they-fired", stance="denies")
    told = "it answers no claim, while claims 1 and 3 affirm the same"
    assert found(store, "denial-answers-nothing") == {"claim 2": told}


def test_a_denial_of_what_is_only_affirmed_later_or_by_itself_answers_nothing(store: Store) -> None:
    with entry(store) as draft:
        a_claim(draft, source="Ministry", stance="denies", said="2018-02-07")
        a_claim(draft, source="TASS", said="2018-02-08")
        a_claim(draft, source="Ministry", stance="concedes", said="2018-03-01")
    assert found(store, "denial-answers-nothing") == {}


def test_what_is_published_by_a_day_was_said_by_then(store: Store) -> None:
    with entry(store) as draft:
        early = a_document(draft, published_on=date(2018, 2, 7))
        a_claim(draft, source="Ministry", stance="denies", document_id=early)
        a_claim(draft, source="TASS", said="2018-02-08")
    assert found(store, "denial-answers-nothing") == {}


def test_answers_to_and_repeats_of_what_was_entered_in_error(store: Store) -> None:
    with entry(store) as draft:
        first = a_claim(draft, source="TASS")
        a_claim(draft, source="Ministry", stance="denies", answers_id=first)
        a_claim(draft, source="Gazette", repeats_id=first)
        a_claim(draft, source="Hospital")
    assert found(store, "answers-withdrawn") == {}
    with entry(store) as draft:
        journal.withdraw(draft, first, "another agency said it")
    assert found(store, "answers-withdrawn") == {
        "claim 2": "it answers claim 1, which is withdrawn",
        "claim 3": "it repeats claim 1, which is withdrawn",
    }


def test_an_answer_said_before_the_claim(store: Store) -> None:
    with entry(store) as draft:
        first = a_claim(draft, source="TASS", said="2018-02-08")
        a_claim(draft, source="Army", stance="denies", answers_id=first, said="2018-02-07")
        a_claim(draft, source="Ministry", stance="denies", answers_id=first, said="2018-02-08")
        month: dict[str, Any] = {"stated_on": date(2018, 2, 1), "stated_precision": "month"}
        a_claim(draft, source="Kremlin", stance="denies", answers_id=first, **month)
        a_claim(draft, source="Gazette", repeats_id=first)
    told = "said by 2018-02-07, yet it answers claim 1, said on 2018-02-08 or later"
    assert found(store, "answer-before-claim") == {"claim 2": told}


def test_three_who_repeat_one_another(store: Store) -> None:
    with entry(store) as draft:
        for number, name in enumerate(("TASS", "Gazette", "Herald"), start=1):
            a_claim(draft, source=name, repeats_id=number % 3 + 1)
        a_claim(draft, source="Courier", repeats_id=3)
    told = "a circle: TASS (1) ← Gazette (2) ← Herald (3) ← TASS (1)"
    assert found(store, "circular-reporting") == {"claim 1": told}


def test_two_who_relay_one_another_on_one_proposition(store: Store) -> None:
    with entry(store) as draft:
        a_claim(draft, source="TASS", via="Gazette")
        a_claim(draft, source="Gazette", via="TASS")
        a_claim(draft, source="TASS", via="Herald", on="they-fired")
        a_claim(draft, source="Herald", via="TASS", on="they-left")
        a_claim(draft, source="Herald", via="Courier")
        a_claim(draft, source="Courier", via="Herald", stance="denies")
    told = "a circle: TASS (1) ← Gazette (2) ← TASS (1)"
    assert found(store, "circular-reporting") == {"claim 1": told}


def test_a_circle_of_repeating_and_relaying(store: Store) -> None:
    with entry(store) as draft:
        a_claim(draft, source="TASS", repeats_id=2)
        a_claim(draft, source="Gazette", stance="relays", via="TASS")
    told = "a circle: TASS (1) ← Gazette (2) ← TASS (1)"
    assert found(store, "circular-reporting") == {"claim 1": told}


@given(st.dictionaries(st.integers(0, 7), st.lists(st.integers(0, 7), max_size=3), max_size=8))
def test_circles_are_found_where_there_are_any(onward: dict[int, list[int]]) -> None:
    graph: dict[Hashable, list[Hashable]] = {step: list(to) for step, to in onward.items()}
    taken: list[Hashable] = []
    for circle in circles(graph):
        for one, next_one in zip(circle, [*circle[1:], circle[0]], strict=True):
            assert next_one in graph[one]
        taken += circle
    assert len(set(taken)) == len(taken)
    left = {
        step: {to for to in onward[step] if to in onward and to not in taken}
        for step in onward
        if step not in taken
    }
    while ends := {step for step, to in left.items() if not to}:
        left = {step: to - ends for step, to in left.items() if step not in ends}
    assert not left


def test_a_retraction_of_nothing_that_is_recorded(store: Store) -> None:
    with entry(store) as draft:
        a_claim(draft, source="TASS")
        a_claim(draft, source="TASS", stance="retracts")
    assert found(store, "retracts-nothing") == {}
    by_another_hand(store, "UPDATE claim SET source_id = 9 WHERE id = 2",
                    "INSERT INTO source SELECT 9, 'Gazette', kind, member_of_id, side, reliability,"
                    " merged_into_id, note, entry_id, leaf FROM source WHERE id = 1")  # fmt: skip
    told = "it takes back a claim that is not recorded"
    assert found(store, "retracts-nothing") == {"claim 2": told}


def test_a_retraction_of_a_withdrawn_claim(store: Store) -> None:
    with entry(store) as draft:
        a_claim(draft, source="TASS")
        a_claim(draft, source="TASS", stance="retracts")
    with entry(store) as draft:
        journal.withdraw(draft, 1, "it was the Gazette")
    assert list(found(store, "retracts-nothing")) == ["claim 2"]


def test_a_speaker_relayed_by_the_organisation_it_belongs_to(store: Store) -> None:
    with entry(store) as draft:
        government = a_source(draft, "Government")
        ministry = a_source(draft, "Ministry", member_of_id=government)
        minister = a_source(draft, "Minister", member_of_id=ministry)
        a_claim(draft, source=minister, via=government)
        a_claim(draft, source=minister, via="TASS")
        a_claim(draft, source=government, via=ministry)
    told = "relayed by Government, to which the speaker belongs"
    assert found(store, "relayed-by-its-own") == {"claim 1": told}
