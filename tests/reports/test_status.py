"""Status: what waits for a judgement, in what order, and how the statuses stand."""

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from ledger import journal
from ledger.errors import NotFoundError
from ledger.journal import Draft
from ledger.model import STATUSES
from ledger.reports.status import COLUMNS, TOTALS_COLUMNS, WAITING, status, status_totals
from ledger.store import Store
from tests.build import NOON, a_claim

LATER = NOON.date() + timedelta(days=9)


def queue(draft: Draft, **filters: Any) -> pd.DataFrame:
    return status(draft.connection, today=LATER, **filters)


def totals(draft: Draft, **filters: Any) -> dict[str, int]:
    frame = status_totals(draft.connection, **filters)
    found = dict(zip(frame["status"], frame["claims"], strict=True))
    return {str(code): int(count) for code, count in found.items() if count}


def closed(draft: Draft) -> None:
    """Write the entry now, so that what it recorded has a time."""
    draft.close()


def test_every_status_waits_or_is_settled() -> None:
    settled = {"confirmed", "corroborated", "refuted", "unverifiable", "withdrawn"}
    assert settled | set(WAITING) == {each.code for each in STATUSES}


def test_an_empty_ledger_has_every_column_and_no_row(draft: Draft) -> None:
    frame = queue(draft)
    assert list(frame) == list(COLUMNS)
    assert frame.empty
    assert str(frame["touched_at"].dtype) == "datetime64[s, UTC]"
    assert list(status_totals(draft.connection)) == list(TOTALS_COLUMNS)


def test_settled_claims_do_not_wait(store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        a_claim(draft, status="confirmed", because="seen")
        a_claim(draft, status="withdrawn", because="twice")
        waiting = a_claim(draft, status="unverified", because="no second")
    with store.reader() as connection:
        assert status(connection, today=LATER)["claim"].tolist() == [waiting]


def test_the_most_contested_come_first_then_the_unreviewed_then_the_oldest(store: Store) -> None:
    early = NOON - timedelta(days=30)
    with journal.entry(store, recorded_by="maria", recorded_at=early) as draft:
        looked_at = a_claim(draft, status="doubtful", because="odd")
        quiet = a_claim(draft, on="quiet")
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        quiet_later = a_claim(draft, source="Wire", on="quiet", repeats_id=quiet)
        denied = a_claim(draft, source="Wire", stance="denies")
    with store.reader() as connection:
        found = status(connection, today=LATER)
    assert found["claim"].tolist() == [denied, looked_at, quiet, quiet_later]
    assert found["waiting_days"].tolist() == [9, 39, 39, 9]
    assert found["contest"].tolist() == ["1 to 1", "1 to 1", None, None]


def test_a_contest_of_two_origins_a_side_is_more_than_one_against_many(store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        for source in "ABCDEF":
            a_claim(draft, source=source, on="alone")
        a_claim(draft, source="G", on="alone", stance="denies")
        for source, stance in zip("ABCD", ("asserts", "asserts", "denies", "denies"), strict=True):
            a_claim(draft, source=source, on="even", stance=stance)
    with store.reader() as connection:
        found = status(connection, today=LATER)
    assert found["proposition"].tolist() == ["even"] * 4 + ["alone"] * 7
    assert found["contest"].tolist()[::4] == ["2 to 2", "6 to 1", "6 to 1"]


def test_the_queue_in_other_orders_by_hand_and_by_age(store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON - timedelta(days=30)) as draft:
        old = a_claim(draft)
        quiet = a_claim(draft, on="quiet")
    with journal.entry(store, recorded_by="jun", recorded_at=NOON) as draft:
        a_claim(draft, source="Wire", stance="denies")
        journal.assess(draft, old, "doubtful", "odd")
    with store.reader() as connection:

        def claims(**options: Any) -> list[int]:
            return status(connection, today=LATER, **options)["claim"].tolist()

        assert claims() == [3, old, quiet]
        assert claims(order="oldest") == [quiet, old, 3]
        assert claims(order="untouched") == [quiet, 3, old]
        assert claims(order="unreviewed") == [quiet, 3, old]
        assert claims(by="jun") == [3, old]
        assert claims(days=10) == [old, quiet]
        assert claims(days=40) == []
        with pytest.raises(NotFoundError, match="“mara” has recorded nothing here") as caught:
            claims(by="mara")
        assert caught.value.close == ("maria",)
        with pytest.raises(NotFoundError, match="there is no order “newest”"):
            claims(order="newest")


def test_a_claim_that_was_settled_waits_from_when_it_was_opened_again(store: Store) -> None:
    moments = [NOON + timedelta(days=day) for day in range(4)]
    with journal.entry(store, recorded_by="maria", recorded_at=moments[0]) as draft:
        claim = a_claim(draft)
    for moment, code in zip(moments[1:], ("confirmed", "doubtful", "unverified"), strict=True):
        with journal.entry(store, recorded_by="jun", recorded_at=moment) as draft:
            journal.assess(draft, claim, code, f"{code} now")
    with store.reader() as connection:
        row = status(connection, today=LATER).iloc[0]
    assert (row["waiting_since"], row["waiting_days"]) == (moments[2], 7)
    assert (row["touched_at"], row["untouched_days"]) == (moments[3], 6)


def test_waiting_runs_from_the_first_record_and_the_last_hand_is_named(store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        claim = a_claim(draft)
    with journal.entry(store, recorded_by="jun", recorded_at=NOON + timedelta(days=4)) as draft:
        journal.assess(draft, claim, "doubtful", "a second look")
    with store.reader() as connection:
        row = status(connection, today=LATER).iloc[0]
    assert (row["waiting_days"], row["touched_by"]) == (9, "jun")
    assert row["touched_at"] == NOON + timedelta(days=4)
    assert row["because"] == "a second look"
    with store.reader(as_of=1) as connection:
        assert status(connection, today=LATER)["touched_by"].tolist() == ["maria"]


def test_a_claim_recorded_after_today_has_not_waited(store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        a_claim(draft)
    with store.reader() as connection:
        assert status(connection, today=date(2020, 1, 1))["waiting_days"].tolist() == [0]


def test_filters_choose_claims(store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        a_claim(draft)
        denied = a_claim(draft, source="Wire", stance="denies")
        quiet = a_claim(draft, source="Wire", on="quiet")
    with store.reader() as connection:

        def claims(**filters: Any) -> list[int]:
            return status(connection, today=LATER, **filters)["claim"].tolist()

        assert claims(side="denies") == [denied]
        assert claims(source="Wire", contested=True) == [denied]
        assert claims(proposition="quiet") == [quiet]
        assert claims(status="doubtful") == []


def test_totals_count_withdrawn_claims_too_and_narrow_with_the_filters(draft: Draft) -> None:
    a_claim(draft)
    a_claim(draft, source="Wire", stance="denies", status="refuted", because="seen")
    a_claim(draft, on="quiet", status="withdrawn", because="twice")
    assert totals(draft) == {"unreviewed": 1, "refuted": 1, "withdrawn": 1}
    assert totals(draft, side="denies") == {"refuted": 1}
    assert totals(draft, source="Ministry") == {"unreviewed": 1, "withdrawn": 1}
    assert totals(draft, contested=True) == {"unreviewed": 1, "refuted": 1}
    assert totals(draft, proposition="quiet") == {"withdrawn": 1}


def test_totals_show_every_status_with_its_counterparts(draft: Draft) -> None:
    frame = status_totals(draft.connection).set_index("status")
    assert frame.index.tolist() == [each.code for each in STATUSES]
    assert frame.loc["unverifiable", "admiralty"] == "6"
    assert frame.loc["unreviewed", "rumour"] is None
