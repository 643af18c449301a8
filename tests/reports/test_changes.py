"""Changes: what was recorded since the last report, and which shifts it made."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from ledger import journal, schema
from ledger.journal import Draft
from ledger.model import SIDE_OF
from ledger.reports.changes import COLUMNS, changes
from ledger.reports.positions import shifts
from ledger.reports.recorded import _TELLERS, CHANGES
from ledger.store import Store
from tests.build import (
    NOON,
    a_claim,
    a_count,
    a_document,
    a_fact,
    a_source,
    an_acceptance,
    an_event,
)
from tests.conftest import COSTLY
from tests.places import Places


@contextmanager
def entry(store: Store, by: str = "maria", message: str | None = None) -> Iterator[Draft]:
    with journal.entry(store, recorded_by=by, recorded_at=NOON, message=message) as draft:
        yield draft


def since(store: Store, known: Any, as_of: int | None = None, **filters: Any) -> pd.DataFrame:
    with store.reader(as_of=as_of) as connection:
        return changes(connection, since=known, **filters)


def told(frame: pd.DataFrame, *columns: str) -> list[Any]:
    rows = frame[list(columns)].astype(object)
    return rows.where(rows.notna(), None).to_numpy().tolist()


def test_every_table_is_told() -> None:
    assert set(_TELLERS) == set(schema.VERSIONED)


def test_nothing_new_has_every_column_and_no_row(store: Store) -> None:
    with entry(store) as draft:
        a_claim(draft)
    frame = since(store, 1)
    assert (list(frame), len(frame)) == (list(COLUMNS), 0)
    assert str(frame["recorded_at"].dtype) == "datetime64[s, UTC]"


def test_each_change_says_who_what_from_to_and_why(store: Store) -> None:
    with entry(store) as draft:
        a_count(draft)
        killed = a_claim(draft, on="killed", low=24, high=99, wording="dozens")
        other = a_claim(draft, source="Wire")
    with entry(store, "jun", "morning") as draft:
        journal.assess(draft, killed, "doubtful", "a second look")
        draft.update("claim", other, {"status": "withdrawn", "because": "twice"})
        draft.update(
            "proposition",
            1,
            {"verdict": "supported", "finding_low": 5, "finding_high": 14, "because": "counted"},
        )
        a_claim(draft, on="killed", stance="denies", source="Wire", quote="no")
    frame = since(store, 1)
    assert set(frame["entry"]) == {2}
    assert set(frame["recorded_by"]) == {"jun"}
    assert set(frame["message"]) == {"morning"}
    assert told(frame, "change", "subject", "before", "after", "because", "quote") == [
        ["finding", "proposition killed", "open", "supported 5–14", "counted", None],
        ["status", "claim 1, Ministry on killed", "unreviewed", "doubtful", "a second look", None],
        ["withdrawal", "claim 2, Wire on they-came", "unreviewed", "withdrawn", "twice", None],
        ["claim", "claim 3, Wire on killed", None, "denies", None, "no"],
    ]


def test_a_correction_is_told_field_by_field(store: Store) -> None:
    with entry(store) as draft:
        a_count(draft)
        claim = a_claim(draft, on="killed", low=24, high=99)
    with entry(store) as draft:
        draft.update("claim", claim, {"low": 40, "high": None, "wording": "scores"})
    assert told(since(store, 1), "change", "field", "before", "after") == [
        ["correction", "low", "24", "40"],
        ["correction", "high", "99", None],
        ["correction", "wording", None, "scores"],
    ]


def test_what_is_new_with_its_names_is_told_newest_entry_first(store: Store) -> None:
    with entry(store) as draft:
        an_event(draft)
        a_document(draft)
        source = a_source(draft, kind="government")
        claim = a_claim(draft, source=source, status="doubtful", because="odd")
    with entry(store) as draft:
        draft.insert("source_alias", {"source_id": source, "name": "MoD"})
        draft.insert("evidence", {"claim_id": claim, "on_document_id": 1})
        an_acceptance(draft, claim_id=claim)
        wire = a_source(draft, "Wire")
    with entry(store) as draft:
        draft.update("document", 1, {"text": "x" * 1200})
        draft.update("source", wire, {"merged_into_id": source})
        draft.update("acceptance", 1, {"taken_back": "on a second look"})
    frame = since(store, 0)
    accepted = "acceptance of confirmed-with-one-origin on claim 1, Ministry on they-came"
    assert told(frame, "entry", "change", "subject", "before", "after") == [
        [3, "merge", "source Wire", "Wire", "Ministry"],
        [3, "acceptance", accepted, "accepted", "taken back"],
        [3, "edit", "document article", None, "1,200 characters"],
        [2, "ground", "ground of claim 1 on document article, Ministry on they-came", None, None],
        [2, "source", "source Wire", None, None],
        [2, "alias", "alias MoD", None, "Ministry"],
        [2, "acceptance", accepted, None, "accepted"],
        [1, "status", "claim 1, Ministry on they-came", "unreviewed", "doubtful"],
        [1, "claim", "claim 1, Ministry on they-came", None, "asserts"],
        [1, "proposition", "proposition they-came", None, "It is so: they-came"],
        [1, "source", "source Ministry", None, "government"],
        [1, "event", "event clash", None, "The event clash"],
        [1, "document", "document article", None, "The document article"],
    ]  # fmt: skip
    assert set(frame["change"]) <= set(CHANGES)


def shifted(frame: pd.DataFrame) -> list[Any]:
    return told(frame[frame["change"].str.startswith("shift")], "change", "before", "after")


def test_a_shift_is_news_once(store: Store) -> None:
    with entry(store) as draft:
        a_claim(draft, stance="denies", said="2018-02-08")
    with entry(store) as draft:
        claim = a_claim(draft, stance="concedes", said="2018-03-14", quote="a few")
    with entry(store) as draft:
        journal.assess(draft, claim, "confirmed", "seen")
    frame = since(store, 1)
    assert shifted(frame) == [["shift", "denies", "concedes"]]
    assert told(frame[frame["change"] == "shift"], "entry", "quote") == [[2, "a few"]]
    assert shifted(since(store, 2)) == []


def test_an_older_claim_found_late_makes_its_shift_news(store: Store) -> None:
    with entry(store) as draft:
        a_claim(draft, stance="concedes", said="2018-03-14")
    with entry(store) as draft:
        a_claim(draft, stance="denies", said="2018-02-08")
    assert shifted(since(store, 1)) == [["shift", "denies", "concedes"]]


def test_a_withdrawal_or_a_date_of_publication_can_undo_a_shift(store: Store) -> None:
    with entry(store) as draft:
        document = a_document(draft, published_on=date(2018, 3, 1))
        a_claim(draft, stance="denies", said="2018-02-08")
        claim = a_claim(draft, stance="concedes", document_id=document)
    with entry(store) as draft:
        draft.update("document", document, {"published_on": date(2018, 1, 1)})
    with entry(store) as draft:
        draft.update("claim", claim, {"status": "withdrawn", "because": "misread"})
    assert shifted(since(store, 1, as_of=2)) == [
        ["shift", "concedes", "denies"],
        ["shift-gone", "denies", "concedes"],
    ]
    assert shifted(since(store, 1)) == [["shift-gone", "denies", "concedes"]]
    assert shifted(since(store, 2)) == [["shift-gone", "concedes", "denies"]]


def test_filters_keep_the_changes_about_what_they_name(store: Store) -> None:
    with entry(store) as draft:
        event = an_event(draft)
        a_fact(draft, "they-came", event_id=event)
        a_claim(draft)
        a_claim(draft, source="Wire", stance="denies")
        a_claim(draft, on="quiet", said="2018-02-08")

    def kept(**filters: Any) -> list[Any]:
        frame = since(store, 0, **filters)
        return sorted(f"{change} {subject}".partition(",")[0] for change, subject in
                      told(frame, "change", "subject"))  # fmt: skip

    about = ["claim claim 1", "claim claim 2", "event event clash"]
    assert kept(event="clash") == [*about, "proposition proposition they-came"]
    assert kept(source="Wire") == ["claim claim 2", "source source Wire"]
    assert kept(side="denies") == ["claim claim 2"]
    assert kept(first="2018") == ["claim claim 3"]
    assert kept(proposition="quiet") == ["claim claim 3", "proposition proposition quiet"]
    assert kept(contested=True) == [*about[:2], "proposition proposition they-came"]


def test_between_two_entries_only_what_was_recorded_between(store: Store) -> None:
    for source in ("A", "B", "C"):
        with entry(store) as draft:
            a_claim(draft, source=source)
    assert told(since(store, 1, as_of=2), "entry", "source") == [[2, "B"], [2, "B"]]


acts = st.lists(
    st.one_of(
        st.tuples(
            st.just("add"),
            st.sampled_from([stance for stance in SIDE_OF if stance != "retracts"]),
            st.integers(0, 3),
        ),
        st.tuples(st.just("withdraw"), st.integers(1, 4), st.just(0)),
        st.tuples(st.just("redate"), st.integers(1, 4), st.integers(1, 3)),
        st.tuples(st.just("republish"), st.just(1), st.integers(1, 3)),
    ),
    min_size=1,
    max_size=9,
)


def ways(store: Store, as_of: int) -> Counter[tuple[str, str]]:
    with store.reader(as_of=as_of) as connection:
        frame = shifts(connection)
    return Counter(zip(frame["before_side"], frame["side"], strict=True))


@COSTLY
@given(acts, st.data())
def test_new_and_gone_shifts_are_what_the_positions_have_more_and_less(
    store: Store, places: Places, done: list[Any], data: st.DataObject
) -> None:
    places.clear(store)
    with entry(store) as draft:
        a_document(draft, published_on=date(2018, 2, 1))
    for act, what, day in done:
        said = date(2018, 2, 8) + timedelta(days=day)
        with store.reader() as connection:
            count = len(connection.execute(schema.claim.select()).all())
        if act in ("withdraw", "redate") and what > count:
            continue
        with entry(store) as draft:
            a_source(draft, f"made in {draft.id}")  # an entry of nothing is none
            if act == "add":
                dated = {"said": said.isoformat()} if day else {"document_id": 1}
                a_claim(draft, stance=what, **dated)
            elif act == "withdraw":
                draft.update("claim", what, {"status": "withdrawn", "because": "twice"})
            elif act == "redate":
                draft.update("claim", what, {"stated_on": said, "stated_precision": "day"})
            else:
                draft.update("document", 1, {"published_on": said})
    with store.reader() as connection:
        newest = len(connection.execute(schema.entry.select()).all())
    known = data.draw(st.integers(1, newest))
    then, now = ways(store, known), ways(store, newest)
    sides = Counter(
        (change, SIDE_OF[before.split()[0]].value, SIDE_OF[after.split()[0]].value)
        for change, before, after in shifted(since(store, known))
    )
    expected = Counter({("shift", *way): count for way, count in (now - then).items()})
    expected.update({("shift-gone", *way): count for way, count in (then - now).items()})
    assert sides == expected
