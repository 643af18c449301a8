"""Positions: a source's successive stances, what changed between them, and how long it took."""

from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import journal
from ledger.journal import Draft
from ledger.model import SIDE_OF
from ledger.reports.positions import COLUMNS, SHIFTS_COLUMNS, positions, shifts
from ledger.reports.steps import CHANGES
from ledger.reports.versus import versus
from ledger.store import Store
from tests.build import NOON, a_claim, a_count, a_document
from tests.conftest import COSTLY
from tests.places import Places


def steps(draft: Draft, **filters: Any) -> pd.DataFrame:
    return positions(draft.connection, **filters)


def told(frame: pd.DataFrame, *columns: str) -> list[Any]:
    rows = frame[list(columns)].astype(object)
    found = rows.where(rows.notna(), None).to_numpy().tolist()
    return [row[0] for row in found] if len(columns) == 1 else found


def month(text: str) -> dict[str, Any]:
    return {"stated_on": date.fromisoformat(f"{text}-01"), "stated_precision": "month"}


def test_an_empty_ledger_has_every_column_and_no_row(draft: Draft) -> None:
    assert list(steps(draft)) == list(COLUMNS)
    assert steps(draft).empty
    assert list(shifts(draft.connection)) == list(SHIFTS_COLUMNS)


def test_denied_then_could_not_rule_out_then_conceded_is_two_shifts(draft: Draft) -> None:
    a_claim(draft, stance="denies", said="2018-02-08", quote="never")
    a_claim(draft, stance="cannot-rule-out", said="2018-02-20", quote="perhaps")
    a_claim(draft, stance="concedes", said="2018-03-14", quote="a few")
    frame = steps(draft)
    assert told(frame, "stance", "shift", "change", "days") == [
        ["denies", False, None, None],
        ["cannot-rule-out", True, "softened", 12],
        ["concedes", True, "hardened", 22],
    ]
    assert told(frame, "before_quote") == [None, "never", "perhaps"]
    newest_first = shifts(draft.connection)
    assert told(newest_first, "alert") == [
        "2018-03-14: Ministry cannot-rule-out → concedes they-came, after 22 days",
        "2018-02-20: Ministry denies → cannot-rule-out they-came, after 12 days",
    ]
    assert told(newest_first, "path")[0] == "denies → cannot-rule-out → concedes"


def test_an_alert_tells_figures_and_that_only_the_day_of_publication_is_known(draft: Draft) -> None:
    a_count(draft)
    document = a_document(draft, published_on=date(2018, 2, 9))
    a_claim(draft, on="killed", stance="disputes", low=101, said="2018-02-08")
    a_claim(draft, on="killed", stance="concedes", low=5, high=14, document_id=document)
    assert told(shifts(draft.connection), "alert") == [
        "2018-02-09 (published): Ministry disputes 101+ → concedes 5–14 killed, after 1 day"
    ]


def test_saying_the_same_again_is_no_step(draft: Draft) -> None:
    a_claim(draft, stance="denies", said="2018-02-08")
    a_claim(draft, stance="denies", said="2018-02-10", quote="as we said")
    a_claim(draft, stance="denies", said="2018-02-12", status="withdrawn", because="twice")
    assert told(steps(draft), "claims", "since", "quote") == [["1, 2", "2018-02-08", "as we said"]]


def test_a_stance_taken_up_again_is_another_step(draft: Draft) -> None:
    for day, stance in (("08", "denies"), ("09", "no-comment"), ("10", "denies")):
        a_claim(draft, stance=stance, said=f"2018-02-{day}")
    assert told(steps(draft), "step", "change") == [[1, None], [2, "softened"], [3, "hardened"]]


@pytest.mark.parametrize(
    ("was", "now", "change", "shift"),
    [
        ("asserts", "denies", "reversed", True),
        ("denies", "disputes", "softened", False),
        ("disputes", "denies", "hardened", False),
        ("asserts", "concedes", "moved", False),
        ("no-comment", "cannot-rule-out", "moved", False),
        ("no-comment", "relays", "moved", True),
        ("asserts", "retracts", "retracted", True),
        ("relays", "asserts", "hardened", True),
        ("asserts", "questions", "softened", True),
    ],
)
def test_only_what_the_words_grade_is_graded(
    draft: Draft, was: str, now: str, change: str, shift: bool
) -> None:
    a_claim(draft, stance=was, said="2018-02-08")
    a_claim(draft, stance=now, said="2018-02-09")
    assert told(steps(draft), "change", "shift")[1] == [change, shift]


@pytest.mark.parametrize(
    ("stance", "was", "now", "change"),
    [
        ("asserts", (5, 14), (101, None), "raised"),
        ("asserts", (5, 14), (0, 9), "lowered"),
        ("asserts", (5, None), (5, 14), "narrowed"),
        ("asserts", (5, 14), (5, None), "widened"),
        ("denies", (None, None), (101, None), "softened"),
        ("denies", (200, 999), (24, 999), "hardened"),
    ],
)
def test_another_figure_is_a_step_and_no_shift(
    draft: Draft, stance: str, was: tuple[int | None, ...], now: tuple[int | None, ...], change: str
) -> None:
    a_count(draft)
    for day, (low, high) in (("08", was), ("09", now)):
        a_claim(draft, on="killed", stance=stance, low=low, high=high, said=f"2018-02-{day}")
    assert told(steps(draft), "change", "shift")[1] == [change, False]


def test_number_words_without_a_range_are_steps_of_their_own(draft: Draft) -> None:
    a_count(draft)
    for day, words in (("08", "many"), ("09", "a great many")):
        a_claim(draft, on="killed", wording=words, said=f"2018-02-{day}")
    assert told(steps(draft), "range", "wording", "change") == [
        ["in words", "many", None],
        ["in words", "a great many", "reworded"],
    ]


def test_a_denial_of_a_count_without_a_number_rejects_all(draft: Draft) -> None:
    a_count(draft)
    a_claim(draft, on="killed", stance="denies")
    a_claim(draft, on="they-came", stance="denies")
    assert told(steps(draft), "range") == ["all", None]


def test_days_are_missing_unless_both_are_known_to_the_day(draft: Draft) -> None:
    a_claim(draft, stance="denies", **month("2018-02"))
    a_claim(draft, stance="asserts", said="2018-03-10")
    row = steps(draft).iloc[1]
    assert (row["days"] is pd.NA, row["days_least"], row["days_most"]) == (True, 10, 37)
    assert (row["after"], row["unsure"]) == ("10 to 37 days", False)


def test_a_month_and_a_day_in_it_leave_the_order_open(draft: Draft) -> None:
    a_claim(draft, stance="denies", **month("2018-02"))
    a_claim(draft, stance="asserts", said="2018-02-10")
    row = shifts(draft.connection).iloc[0]
    assert (row["unsure"], row["days_least"], row["days_most"]) == (True, 0, 9)
    assert row["alert"].endswith("they-came; the dates do not tell the order")


def test_one_sure_pair_of_dates_makes_the_order_sure(draft: Draft) -> None:
    a_claim(draft, stance="denies", said="2018-01-05")
    a_claim(draft, stance="denies", **month("2018-02"))
    a_claim(draft, stance="asserts", said="2018-02-10")
    assert told(steps(draft), "unsure") == [False, False]


def test_an_undated_claim_comes_first_and_says_nothing_of_order(draft: Draft) -> None:
    a_claim(draft, stance="asserts", said="2018-02-10")
    a_claim(draft, stance="denies")
    assert told(steps(draft), "stance", "since", "unsure", "days_most") == [
        ["denies", None, False, None],
        ["asserts", "2018-02-10", True, None],
    ]


def test_a_day_of_publication_is_told_from_a_day_of_saying(draft: Draft) -> None:
    document = a_document(draft, published_on=date(2018, 2, 9))
    a_claim(draft, document_id=document)
    a_claim(draft, stance="denies", document_id=document, said="2018-02-20")
    assert told(steps(draft), "since", "published", "earliest_on", "latest_on") == [
        ["2018-02-09", True, "2018-02-09", "2018-02-09"],
        ["2018-02-20", False, "2018-02-20", "2018-02-20"],
    ]


def test_a_denial_of_something_else_is_marked(draft: Draft) -> None:
    wider = a_claim(draft, source="Wire", on="they-came")
    a_claim(draft, on="they-were-sent", stance="denies", answers_id=wider)
    assert told(steps(draft, side="denies"), "answering") == ["they-came"]
    a_claim(draft, on="they-came", stance="denies")
    assert told(steps(draft, proposition="they-were-sent"), "answering") == [None]


def test_filters_choose_steps_and_keep_what_they_came_from(draft: Draft) -> None:
    a_claim(draft, stance="denies", said="2018-02-08")
    a_claim(draft, stance="concedes", said="2018-03-14")
    a_claim(draft, source="Wire", said="2018-03-14")
    assert told(steps(draft, stance="concedes"), "step", "before") == [[2, "denies"]]
    assert told(steps(draft, source="Wire"), "source") == ["Wire"]
    assert told(steps(draft, first="2018-03"), "stance") == ["concedes", "asserts"]
    assert steps(draft, contested=True).empty


def test_sources_stand_by_when_they_began(draft: Draft) -> None:
    a_claim(draft, source="Undated")
    a_claim(draft, source="Zebra", said="2018-02-08")
    a_claim(draft, source="Aardvark", said="2018-02-10")
    a_claim(draft, source="Zebra", stance="denies", said="2018-02-20")
    assert told(steps(draft), "source") == ["Zebra", "Zebra", "Aardvark", "Undated"]


def test_as_of_an_entry_a_later_shift_is_not_known(store: Store) -> None:
    for stance, day in (("denies", "08"), ("asserts", "09")):
        with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
            a_claim(draft, stance=stance, said=f"2018-02-{day}")
    with store.reader(as_of=1) as connection:
        assert shifts(connection).empty
    with store.reader() as connection:
        assert len(shifts(connection)) == 1


said = st.tuples(
    st.sampled_from(["A", "B"]),
    st.sampled_from([stance for stance in SIDE_OF if stance != "retracts"]),
    st.sampled_from([None, "2018-02-08", "2018-02-09", "2018-02-10"]),
)


@COSTLY
@given(st.lists(said, max_size=8))
def test_every_claim_is_in_one_step_and_shifts_are_those_of_versus(
    store: Store, places: Places, claims: list[tuple[str, str, str]]
) -> None:
    places.clear(store)
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        for source, stance, day in claims:
            a_claim(draft, source=source, stance=stance, said=day)
        frame = steps(draft)
        numbers = [number for row in frame["claims"] for number in row.split(", ")]
        assert sorted(map(int, numbers)) == list(range(1, len(claims) + 1))
        assert set(frame["change"].dropna()) <= set(CHANGES)
        assert not (frame["shift"] & (frame["side"] == frame["before_side"])).any()
        shifted = sorted(set(frame.loc[frame["shift"], "source"]))
        found = versus(draft.connection)["shifts"].tolist()
        named = (found[0] or "").split("; ") if found else []
        assert sorted(name.partition(" (")[0] for name in named if name) == shifted
