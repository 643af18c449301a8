"""Sources: what each said, what became of it, and whether its grade fits."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import journal
from ledger.errors import NotFoundError
from ledger.journal import Draft
from ledger.model import SIDE_OF, Outcome, Range, Side, outcome
from ledger.reports.sources import COLUMNS, rows, sources
from ledger.store import Store
from tests.build import NOON, a_claim, a_count, a_document, a_fact, a_source, an_event
from tests.conftest import COSTLY
from tests.places import Places


def record(draft: Draft, source: str = "Ministry", **filters: Any) -> dict[str, Any]:
    for row in rows(draft.connection, **filters):
        found = dict(zip(COLUMNS, row, strict=True))
        if found["source"] == source:
            return found
    raise AssertionError(source)


def test_claims_are_counted_by_stance_and_side(draft: Draft) -> None:
    a_claim(draft)
    a_claim(draft, stance="denies", on="other")
    a_claim(draft, stance="disputes", on="other")
    a_claim(draft, stance="no-comment", on="third")
    found = record(draft)
    assert found["stances"] == "asserts 1, denies 1, disputes 1, no-comment 1"
    assert [found[side.value] for side in Side] == [1, 2, 1, 0, 0]
    assert (found["claims"], found["repeating"]) == (4, 0)


def test_the_share_that_merely_repeats_is_told(draft: Draft) -> None:
    first = a_claim(draft, source="Wire")
    a_claim(draft, repeats_id=first)
    a_claim(draft, on="other")
    assert record(draft)["repeating"] == 0.5
    assert record(draft, "Wire")["repeating"] == 0


def test_a_source_that_says_one_thing_nine_times_is_right_once(draft: Draft) -> None:
    fact = a_fact(draft, "one", verdict="supported", because="found so")
    for _ in range(9):
        a_claim(draft, on=fact)
    a_claim(draft, on="two")
    found = record(draft)
    assert (found["borne_out"], found["contradicted"], found["undecided"]) == (1, 0, 1)
    assert found["record"] == "borne out on 1 of 1 (21–100 %), undecided on 1"
    assert (found["share"], found["share_low"], found["share_high"]) == (1, 0.207, 1)


def test_a_source_that_changed_sides_was_right_once_and_wrong_once(draft: Draft) -> None:
    fact = a_fact(draft, "one", verdict="supported", because="found so")
    a_claim(draft, on=fact, stance="denies", said="2018-02-10")
    a_claim(draft, on=fact, stance="concedes", said="2018-03-12")
    found = record(draft)
    assert (found["borne_out"], found["contradicted"], found["undecided"]) == (1, 1, 0)
    assert (found["shifts"], found["days_to_shift"]) == (1, 30)


def test_days_run_from_the_first_denial_to_the_shift_and_their_median_is_told(
    draft: Draft,
) -> None:
    for on, days in (("one", 10), ("two", 20), ("three", 90)):
        begun = date(2018, 2, 1)
        a_claim(draft, on=on, stance="denies", said=begun.isoformat())
        a_claim(draft, on=on, stance="disputes", said=(begun + timedelta(days=5)).isoformat())
        left = begun + timedelta(days=days)
        a_claim(draft, on=on, stance="cannot-rule-out", said=left.isoformat())
    assert (record(draft)["shifts"], record(draft)["days_to_shift"]) == (3, 20)


def test_a_shift_whose_days_are_not_known_counts_without_them(draft: Draft) -> None:
    a_claim(draft, stance="denies", stated_on=date(2018, 2, 1), stated_precision="month")
    a_claim(draft, stance="concedes", said="2018-03-01")
    a_claim(draft, on="other", stance="asserts", said="2018-03-01")
    a_claim(draft, on="other", stance="denies", said="2018-03-02")  # takes a denial up, leaves none
    assert (record(draft)["shifts"], record(draft)["days_to_shift"]) == (1, None)


def test_the_day_of_publication_dates_what_has_no_other(draft: Draft) -> None:
    late = a_document(draft, "late", published_on=date(2018, 3, 1))
    a_claim(draft, stance="concedes", document_id=late)
    a_claim(draft, stance="denies", said="2018-02-01")
    assert (record(draft)["shifts"], record(draft)["days_to_shift"]) == (1, 28)


def test_withdrawn_claims_are_left_out_and_so_is_who_made_no_other(draft: Draft) -> None:
    a_claim(draft, status="withdrawn", because="entered twice")
    a_source(draft, "Silent")
    assert rows(draft.connection) == []


def test_a_grade_is_held_against_the_record(draft: Draft) -> None:
    a_source(draft, "Ministry", reliability="A", kind="government", side="North")
    a_source(draft, "Wire", reliability="F")
    for number in range(5):
        fact = a_fact(draft, f"fact-{number}", verdict="refuted", because="found so")
        for source in ("Ministry", "Wire", "Radio"):
            a_claim(draft, on=fact, source=source)
    graded = {name: record(draft, name)["graded"] for name in ("Ministry", "Wire", "Radio")}
    assert graded == {"Ministry": "worse", "Wire": None, "Radio": None}
    assert record(draft)["source_side"] == "North"


def test_filters_choose_sources_and_leave_their_records_whole(draft: Draft) -> None:
    a_fact(draft, "within", event_id=an_event(draft, "clash"))
    a_claim(draft, on="within", said="2018-02-01")
    a_claim(draft, on="elsewhere", stance="denies")
    a_claim(draft, on="elsewhere", source="Wire")
    connection = draft.connection
    assert [row[0] for row in rows(connection)] == ["Ministry", "Wire"]
    assert [row[0] for row in rows(connection, event="clash")] == ["Ministry"]
    assert record(draft, event="clash")["claims"] == 2
    assert [row[0] for row in rows(connection, stance="denies")] == ["Ministry"]
    assert [row[0] for row in rows(connection, last="2018")] == ["Ministry"]
    assert [row[0] for row in rows(connection, contested=True)] == ["Ministry", "Wire"]
    assert [row[0] for row in rows(connection, contested=False)] == ["Ministry"]
    assert rows(connection, status="confirmed") == []
    with pytest.raises(NotFoundError):
        rows(connection, source="Nobody")


def test_a_record_as_of_an_entry_knows_no_later_finding(store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        fact = a_fact(draft)
        a_claim(draft, on=fact)
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        journal.settle(draft, fact, "supported", because="found so")
    for entry, borne_out in ((1, 0), (2, 1)):
        with store.reader(as_of=entry) as connection:
            assert sources(connection)["borne_out"].tolist() == [borne_out]


def test_a_frame_keeps_its_types_where_there_is_nothing(draft: Draft) -> None:
    frame = sources(draft.connection)
    assert list(frame) == list(COLUMNS)
    assert {str(frame[name].dtype) for name in ("claims", "share")} == {"Int64", "Float64"}


CLAIMS = st.lists(
    st.fixed_dictionaries(
        {
            "source": st.sampled_from(["Army", "Wire"]),
            "on": st.integers(1, 5),
            "stance": st.sampled_from(["asserts", "denies", "disputes", "no-comment"]),
            "low": st.none() | st.integers(0, 3),
            "wording": st.none() | st.just("so many"),
        }
    ),
    max_size=15,
)
FOUND = {
    1: ("fact", "supported", None),
    2: ("fact", "refuted", None),
    3: ("count", "supported", Range(2, 2)),
    4: ("count", "refuted", None),
    5: ("fact", "mixed", None),
}


@COSTLY
@given(claims=CLAIMS)
def test_the_record_counts_the_outcomes_that_the_model_tells(
    store: Store, places: Places, claims: list[dict[str, Any]]
) -> None:
    places.clear(store)
    became: dict[str, dict[int, set[Outcome]]] = {}
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        for number, (kind, verdict, found) in FOUND.items():
            made = a_fact if kind == "fact" else a_count
            low, high = (found.low, found.high) if found else (None, None)
            made(draft, f"p-{number}", verdict=verdict, because="so it is", finding_low=low,
                 finding_high=high)  # fmt: skip
        for each in claims:
            kind, verdict, found = FOUND[each["on"]]
            said = dict(each)
            if kind == "fact":
                said |= {"low": None, "wording": None}
            elif each["stance"] == "asserts" and each["low"] is None:
                said["wording"] = "so many"
            a_claim(draft, **said)
            if SIDE_OF[each["stance"]] in (Side.AFFIRMS, Side.DENIES):
                became.setdefault(each["source"], {}).setdefault(each["on"], set()).add(
                    outcome(
                        each["stance"],
                        None if said["low"] is None else Range(said["low"], None),
                        kind,
                        verdict,
                        found,
                        worded=said["wording"] is not None,
                    )
                )
        for row in rows(draft.connection):
            told = dict(zip(COLUMNS, row, strict=True))
            on = became.get(told["source"], {}).values()
            assert told["borne_out"] == sum(Outcome.BORNE_OUT in each for each in on)
            assert told["contradicted"] == sum(Outcome.CONTRADICTED in each for each in on)
            assert told["undecided"] == sum(each == {Outcome.UNDECIDED} for each in on)
