"""Statuses and verdicts: each check on what it is there for, and on what is sound beside it."""

from typing import Any

import pytest

from ledger import journal
from ledger.store import Store
from tests.build import a_claim, a_count, a_document, a_fact, a_source
from tests.checks.ledgers import by_another_hand, entry, found

CONFIRMED: dict[str, Any] = {"status": "confirmed", "because": "the footage of that night shows it"}
CORROBORATED: dict[str, Any] = {"status": "corroborated", "because": "the hospital says the same"}
REFUTED: dict[str, Any] = {"status": "refuted", "because": "the man was seen alive"}
ALONE = "one origin supports it, and nobody concedes it"


@pytest.mark.parametrize(
    ("check", "judged"),
    [
        ("confirmed-with-one-origin", CONFIRMED),
        ("corroborated-with-one-origin", CORROBORATED),
    ],
)
class TestOneOrigin:
    def test_one_source_alone_is_one_origin(
        self, store: Store, check: str, judged: dict[str, Any]
    ) -> None:
        with entry(store) as draft:
            a_claim(draft, source="TASS", **judged)
            a_claim(draft, source="Ministry", stance="denies")
        assert found(store, check) == {"claim 1": ALONE}

    def test_who_repeats_it_is_no_second_origin(
        self, store: Store, check: str, judged: dict[str, Any]
    ) -> None:
        with entry(store) as draft:
            first = a_claim(draft, source="TASS", **judged)
            a_claim(draft, source="Gazette", repeats_id=first)
        assert found(store, check) == {"claim 1": ALONE}

    def test_members_of_one_organisation_are_one_origin(
        self, store: Store, check: str, judged: dict[str, Any]
    ) -> None:
        with entry(store) as draft:
            ministry = a_source(draft, "Ministry")
            minister = a_source(draft, "Minister", member_of_id=ministry)
            spokesman = a_source(draft, "Spokesman", member_of_id=ministry)
            a_claim(draft, source=minister, **judged)
            a_claim(draft, source=spokesman)
        assert found(store, check) == {"claim 1": ALONE}

    def test_a_second_source_is_enough(
        self, store: Store, check: str, judged: dict[str, Any]
    ) -> None:
        with entry(store) as draft:
            a_claim(draft, source="TASS", **judged)
            a_claim(draft, source="Hospital")
        assert found(store, check) == {}

    def test_a_figure_that_excludes_it_supports_nothing(
        self, store: Store, check: str, judged: dict[str, Any]
    ) -> None:
        with entry(store) as draft:
            count = a_count(draft)
            a_claim(draft, source="TASS", on=count, low=101, wording="more than 100", **judged)
            other = a_claim(draft, source="Hospital", on=count, low=5, high=5)
        assert found(store, check) == {"claim 1": ALONE}
        with entry(store) as draft:
            journal.correct(draft, other, {"high": 150, "wording": "5 to 150"})
        assert found(store, check) == {}

    def test_what_the_status_rests_on_is_a_second_origin_unless_it_is_the_claims_own_document(
        self, store: Store, check: str, judged: dict[str, Any]
    ) -> None:
        with entry(store) as draft:
            article, footage = (a_document(draft, slug) for slug in ("article", "footage"))
            claim = a_claim(draft, source="TASS", document_id=article, **judged)
            draft.insert("evidence", {"claim_id": claim, "on_document_id": article})
        assert found(store, check) == {"claim 1": ALONE}
        with entry(store) as draft:
            ground = draft.insert("evidence", {"claim_id": claim, "on_document_id": footage})
        assert found(store, check) == {}
        with entry(store) as draft:
            draft.update("evidence", ground, {"note": "taken back: another night"})
        assert found(store, check) == {"claim 1": ALONE}

    def test_a_ground_by_the_same_source_adds_no_origin(
        self, store: Store, check: str, judged: dict[str, Any]
    ) -> None:
        with entry(store) as draft:
            claim = a_claim(draft, source="TASS", **judged)
            other = a_claim(draft, source="TASS", on="they-fired")
            draft.insert("evidence", {"claim_id": claim, "on_claim_id": other})
        assert found(store, check) == {"claim 1": ALONE}

    def test_a_concession_stands_alone(
        self, store: Store, check: str, judged: dict[str, Any]
    ) -> None:
        with entry(store) as draft:
            a_claim(draft, source="Ministry", stance="concedes", **judged)
        assert found(store, check) == {}

    def test_withheld_claims_are_not_asked(
        self, store: Store, check: str, judged: dict[str, Any]
    ) -> None:
        with entry(store) as draft:
            a_claim(draft, stance="no-comment", **judged)
        assert found(store, check) == {}

    def test_who_has_changed_sides_still_counts_for_the_old_claim_alone(
        self, store: Store, check: str, judged: dict[str, Any]
    ) -> None:
        with entry(store) as draft:
            a_claim(draft, source="TASS", said="2018-02-08", **judged)
            a_claim(draft, source="TASS", stance="denies", said="2018-02-09")
        assert found(store, check) == {"claim 1": ALONE}


def test_support_from_one_side_alone_is_interested(store: Store) -> None:
    with entry(store) as draft:
        ministry = a_source(draft, "Ministry", side="Russia")
        adviser = a_source(draft, "Adviser", member_of_id=ministry)
        channel = a_source(draft, "Channel", side="Russia")
        a_claim(draft, source=adviser, **CONFIRMED)
        a_claim(draft, source=channel)
    expected = {"claim 1": "all that supports it stands on one side: Russia"}
    assert found(store, "interested-support") == expected
    with entry(store) as draft:
        a_claim(draft, source="Hospital")
    assert found(store, "interested-support") == {}


@pytest.mark.parametrize("second", [{"side": "Syria"}, {"stance": "concedes"}])
def test_opponents_who_agree_and_concessions_are_not(store: Store, second: dict[str, Any]) -> None:
    with entry(store) as draft:
        a_claim(draft, source=a_source(draft, "Ministry", side="Russia"), **CONFIRMED)
        other = a_source(draft, "Another", side=second.get("side", "Russia"))
        a_claim(draft, source=other, stance=second.get("stance", "asserts"))
    assert found(store, "interested-support") == {}


@pytest.mark.parametrize(
    ("because", "what"),
    [
        (" ", "the status has no reason"),
        ("...", "“...” is no reason for the status"),
        ("Ok.", "“Ok.” is no reason for the status"),
        ("see above", "“see above” is no reason for the status"),
        ("Confirmed!", "“Confirmed!” is no reason for the status"),
    ],
)
def test_a_status_without_a_reason(store: Store, because: str, what: str) -> None:
    with entry(store) as draft:
        a_claim(draft, **CONFIRMED)
        a_claim(draft, source="TASS")
    assert found(store, "status-without-reason") == {}
    by_another_hand(store, f"UPDATE claim SET because = '{because}' WHERE id = 1")
    assert found(store, "status-without-reason") == {"claim 1": what}


def test_a_verdict_without_a_reason(store: Store) -> None:
    with entry(store) as draft:
        a_fact(draft, verdict="refuted", because="refuted")
        a_fact(draft, "another", verdict="refuted", because="the footage is of another year")
    expected = {"proposition they-came": "“refuted” is no reason for the verdict"}
    assert found(store, "status-without-reason") == expected


def test_two_confirmed_claims_that_exclude_one_another(store: Store) -> None:
    with entry(store) as draft:
        count = a_count(draft)
        a_claim(draft, source="TASS", on=count, low=5, high=5, **CONFIRMED)
        a_claim(draft, source="Hospital", on=count, low=3, high=9, wording="3 to 9", **CONFIRMED)
        a_claim(draft, source="Army", stance="denies", on=count, low=20, high=99, **CONFIRMED)
    assert found(store, "confirmed-both-ways") == {}
    with entry(store) as draft:
        a_claim(draft, source="Gazette", on=count, low=14, high=14, **CONFIRMED)
    told = "claims 1 and 4 are both confirmed, and cannot both be right"
    assert found(store, "confirmed-both-ways") == {"proposition killed": told}


def test_a_confirmed_claim_and_its_confirmed_denial(store: Store) -> None:
    with entry(store) as draft:
        a_claim(draft, source="TASS", **CONFIRMED)
        a_claim(draft, source="Ministry", stance="denies", **CONFIRMED)
        a_claim(draft, source="TASS", on="they-fired", **CONFIRMED)
        a_claim(draft, source="Ministry", on="they-fired", stance="denies")
    told = "claims 1 and 2 are both confirmed, and cannot both be right"
    assert found(store, "confirmed-both-ways") == {"proposition they-came": told}


BECAUSE = "the two hospitals agree"


@pytest.mark.parametrize(
    ("verdict", "stance", "judged", "contradicts"),
    [
        ("supported", "denies", CONFIRMED, True),
        ("supported", "asserts", REFUTED, True),
        ("refuted", "asserts", CONFIRMED, True),
        ("refuted", "denies", REFUTED, True),
        ("unprovable", "asserts", CONFIRMED, True),
        ("supported", "asserts", CONFIRMED, False),
        ("refuted", "denies", CONFIRMED, False),
        ("mixed", "asserts", CONFIRMED, False),
        ("open", "denies", CONFIRMED, False),
        ("supported", "denies", {}, False),
        ("refuted", "no-comment", CONFIRMED, False),
    ],
)
def test_a_verdict_and_a_judged_claim(
    store: Store, verdict: str, stance: str, judged: dict[str, Any], contradicts: bool
) -> None:
    with entry(store) as draft:
        a_fact(draft, verdict=verdict, because=BECAUSE)
        a_claim(draft, stance=stance, **judged)
    told = f"the verdict contradicts claim 1 ({judged.get('status')})"
    expected = {"proposition they-came": told} if contradicts else {}
    assert found(store, "verdict-against-claims") == expected


@pytest.mark.parametrize(
    ("stance", "low", "high", "judged", "contradicts"),
    [
        ("asserts", 101, None, CONFIRMED, True),
        ("asserts", 8, 20, CONFIRMED, False),
        ("denies", 1, 99, CONFIRMED, True),
        ("denies", 24, 99, CONFIRMED, False),
        ("denies", None, None, CONFIRMED, True),
        ("asserts", 1, 99, REFUTED, True),
        ("asserts", 24, 99, REFUTED, False),
    ],
)
def test_the_range_found_and_a_judged_figure(
    store: Store, stance: str, low: int, high: int, judged: dict[str, Any], contradicts: bool
) -> None:
    with entry(store) as draft:
        count = a_count(draft, verdict="supported", because=BECAUSE, finding_low=5, finding_high=14)
        a_claim(draft, on=count, stance=stance, low=low, high=high, **judged)
    assert bool(found(store, "verdict-against-claims")) == contradicts


def test_a_range_found_that_nobody_claimed(store: Store) -> None:
    settled: dict[str, Any] = {
        "verdict": "supported",
        "because": BECAUSE,
        "finding_low": 10,
        "finding_high": 14,
    }
    with entry(store) as draft:
        count, unspoken = a_count(draft, **settled), a_count(draft, "wounded", **settled)
        a_claim(draft, source="TASS", on=count, low=101, wording="more than 100")
        a_claim(draft, source="Hospital", on=count, low=5, high=9, wording="5 to 9")
        a_claim(draft, source="Army", on=count, stance="denies", low=12, high=12)
        a_claim(draft, source="TASS", on=unspoken, wording="many")
    told = "the range found lies outside every figure claimed"
    assert found(store, "finding-outside-claims") == {"proposition killed": told}
    with entry(store) as draft:
        a_claim(draft, source="Gazette", on=count, low=14, high=14)
    assert found(store, "finding-outside-claims") == {}


@pytest.mark.parametrize("fallen", ["refuted", "doubtful", "withdrawn"])
def test_what_repeats_or_rests_on_a_fallen_claim(store: Store, fallen: str) -> None:
    with entry(store) as draft:
        first = a_claim(draft, source="TASS")
        a_claim(draft, source="Gazette", repeats_id=first, **CORROBORATED)
        third = a_claim(draft, source="Hospital", **CONFIRMED)
        draft.insert("evidence", {"claim_id": third, "on_claim_id": first})
        a_claim(draft, source="Herald", repeats_id=first)
    assert found(store, "rests-on-fallen") == {}
    with entry(store) as draft:
        journal.assess(draft, first, fallen, "the photograph is of another year")
    told = f"it rests on claim 1, which is {fallen}"
    assert found(store, "rests-on-fallen") == {"claim 2": told, "claim 3": told}


def test_a_retraction_reaches_what_was_built_on_the_claim(store: Store) -> None:
    with entry(store) as draft:
        first = a_claim(draft, source="TASS", said="2018-02-08")
        a_claim(draft, source="Gazette", repeats_id=first, **CONFIRMED)
        a_claim(draft, source="TASS", stance="retracts", said="2018-02-09")
    told = "it rests on claim 1, which is retracted"
    assert found(store, "rests-on-fallen") == {"claim 2": told}
