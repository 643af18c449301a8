"""Timeline: the order of what was said, and what kind of date each claim has."""

from datetime import date, timedelta
from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from ledger import journal
from ledger.journal import Draft
from ledger.reports.said import first_days, last_days
from ledger.reports.timeline import COLUMNS, UNDATED, _in_order, _keys, timeline
from ledger.store import Store
from tests.build import NOON, a_claim, a_count, a_document, a_fact, an_event


def vague(text: str) -> dict[str, Any]:
    precision = "month" if len(text) == 7 else "year"
    return {
        "stated_on": date.fromisoformat(f"{text}-01-01"[:10]),
        "stated_precision": precision,
    }


def test_an_empty_ledger_has_every_column_and_no_row(draft: Draft) -> None:
    frame = timeline(draft.connection)
    assert (list(frame), len(frame)) == (list(COLUMNS), 0)
    assert str(frame["recorded_at"].dtype) == "datetime64[s, UTC]"


def test_a_year_stands_before_its_months_and_a_month_before_its_days(store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        a_claim(draft, said="2018-02-01")
        a_claim(draft, **vague("2018-02"))
        a_claim(draft, **vague("2018"))
        a_claim(draft, said="2018-01-31")
        a_claim(draft, **vague("2018-01"))
        a_claim(draft)
        a_claim(draft, said="2017-12-31")
    with store.reader() as connection:
        frame = timeline(connection)
    assert frame["when"].tolist() == [
        "2017-12-31", "2018", "2018-01", "2018-01-31", "2018-02", "2018-02-01", UNDATED,
    ]  # fmt: skip
    assert frame["vague"].tolist() == [False, True, True, False, True, False, False]
    assert frame["latest_on"].tolist()[1:5] == [
        "2018-12-31", "2018-01-31", "2018-01-31", "2018-02-28",
    ]  # fmt: skip


def test_said_published_and_recorded_are_told_apart(store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        event = an_event(draft, started_on=date(2018, 2, 7))
        a_fact(draft, "they-came", event_id=event)
        document = a_document(draft, published_on=date(2018, 2, 9))
        a_claim(draft, document_id=document, said="2018-02-08")
        published = a_claim(draft, source="Wire", document_id=document)
    later = NOON + timedelta(days=1)
    with journal.entry(store, recorded_by="jun", recorded_at=later) as draft:
        journal.assess(draft, published, "doubtful", "one origin")
    with store.reader() as connection:
        frame = timeline(connection)
    assert frame["when"].tolist() == ["2018-02-08", "2018-02-09"]
    assert frame["published"].tolist() == [False, True]
    assert frame["said_on"].tolist() == ["2018-02-08", None]
    assert frame["published_on"].tolist() == ["2018-02-09"] * 2
    assert frame["happened_on"].tolist() == ["2018-02-07"] * 2
    assert frame["recorded_at"].tolist() == [NOON, NOON]
    assert frame["recorded_by"].tolist() == ["maria", "maria"]


def test_of_one_day_what_was_said_comes_first_then_it_goes_by_side(store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        document = a_document(draft, published_on=date(2018, 2, 8))
        a_claim(draft, source="A", document_id=document)
        a_claim(draft, source="B", stance="no-comment", said="2018-02-08")
        a_claim(draft, source="C", stance="denies", said="2018-02-08")
        a_claim(draft, source="D", said="2018-02-08")
    with store.reader() as connection:
        assert timeline(connection)["source"].tolist() == ["D", "C", "B", "A"]


def test_a_claim_by_which_a_source_changes_sides_is_marked(store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        a_claim(draft, stance="denies", said="2018-02-08")
        a_claim(draft, stance="concedes", said="2018-03-14")
        a_claim(draft, stance="asserts", said="2018-03-15")
    with store.reader() as connection:
        assert timeline(connection)["shift_from"].tolist() == [None, "denies", None]
        assert timeline(connection, first="2018-03")["shift_from"].tolist() == ["denies", None]


def test_filters_choose_claims(store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        a_count(draft)
        a_claim(draft, on="killed", low=5, high=14, said="2018-02-08")
        a_claim(draft, on="killed", stance="denies", source="Wire", said="2018-02-09")
        a_claim(draft, stance="denies", source="Gazette", answers_id=1)
    with store.reader() as connection:

        def claims(**filters: Any) -> list[int]:
            return timeline(connection, **filters)["claim"].tolist()

        assert claims(side="denies") == [2, 3]
        assert claims(first="2018-02-09") == [2]
        assert claims(proposition="killed") == [1, 2]
        assert claims(contested=True) == [1, 2]
        frame = timeline(connection)
        assert frame["range"].tolist() == ["5–14", "all", None]
        assert frame["answering"].tolist() == [None, None, "killed"]
        assert frame["answers"].isna().tolist() == [True, True, False]


days = st.dates(date(2017, 12, 1), date(2018, 3, 1))
dates = st.tuples(days, st.sampled_from(["day", "month", "year"])) | st.none()


@given(st.lists(dates, max_size=12))
def test_no_claim_stands_before_one_that_was_surely_earlier(
    given_dates: list[tuple[date, str] | None],
) -> None:
    exact = {"day": {}, "month": {"day": 1}, "year": {"day": 1, "month": 1}}
    rows = [
        (
            number,
            *(("NaT", "day") if each is None else (each[0].replace(**exact[each[1]]), each[1])),
        )
        for number, each in enumerate(given_dates)
    ]
    claims = pd.DataFrame(rows, columns=["claim", "since", "precision"]).assign(side="affirms")
    claims["since"] = pd.to_datetime(claims["since"]).astype("datetime64[s]")
    ordered = claims.iloc[_in_order(_keys(claims, claims["since"].isna().to_numpy()))]
    spans = list(zip(first_days(ordered), last_days(ordered), strict=True))
    dated = [span for span in spans if span[0] == span[0]]
    assert spans[: len(dated)] == dated
    for place, (_, late) in enumerate(dated):
        assert all(soon <= late for soon, _ in dated[:place])
