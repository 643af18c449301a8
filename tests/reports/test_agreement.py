"""Agreement: which reports are compared, how put together, the same by SQL and by the docket."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import journal
from ledger.errors import NotFoundError
from ledger.journal import Draft
from ledger.reports.agreement import BY, COLUMNS, agreement, rows, tallied
from ledger.reports.compared import compared
from ledger.reports.filters import choose
from ledger.reports.measures import Group
from ledger.store import Store
from tests.build import NOON, a_claim, a_count, a_document, a_fact, a_source, an_event
from tests.conftest import COSTLY
from tests.places import Places


def told(draft: Draft, variable: str, of: str | None = None, **asked: Any) -> dict[str, Any]:
    """The row of a variable (of one thing) of the report."""
    for row in rows(draft.connection, **asked):
        found = dict(zip(COLUMNS, row, strict=True))
        if (found["of"], found["variable"]) == (of, variable):
            return found
    raise AssertionError((of, variable))


def test_a_source_that_repeats_itself_is_one_report_and_three_claims(draft: Draft) -> None:
    for said in ("2018-02-01", "2018-02-02", "2018-02-03"):
        a_claim(draft, said=said)
    a_claim(draft, source="Wire", stance="denies")
    position, claim = (told(draft, "side", each=each) for each in ("position", "claim"))
    assert (position["reports"], position["modal_confidence"]) == (2, 0.5)
    assert (claim["reports"], claim["modal_confidence"]) == (4, 0.75)
    assert position["divergence"] == claim["divergence"] == 1


def test_ten_outlets_that_relay_one_story_are_one_origin(draft: Draft) -> None:
    story = a_claim(draft, source="Wire")
    for number in range(10):
        a_claim(draft, source=f"Outlet {number}", repeats_id=story)
    a_claim(draft, source="Ministry", stance="denies")
    assert told(draft, "side")["modal_confidence"] == round(11 / 12, 3)
    assert told(draft, "side", each="origin")["modal_confidence"] == 0.5


def test_the_newest_claim_is_what_a_source_holds_also_by_its_document(draft: Draft) -> None:
    late = a_document(draft, "late", published_on=date(2018, 3, 1))
    a_claim(draft, stance="concedes", document_id=late)
    a_claim(draft, stance="denies", said="2018-02-01")
    a_claim(draft, stance="no-comment")  # undated: nothing shows that it came later
    found = {row[0]: row for row in rows(draft.connection, by="proposition")}
    assert found["they-came"][COLUMNS_AT["reports"]] == 1
    assert told(draft, "stance", side="affirms")["reports"] == 1
    with pytest.raises(AssertionError):
        told(draft, "stance", side="denies")


COLUMNS_AT = {name: place for place, name in enumerate(COLUMNS)}


def test_only_affirmed_figures_are_compared_and_units_stay_apart(draft: Draft) -> None:
    a_count(draft, "killed")
    a_count(draft, "burnt", unit="tanks")
    a_claim(draft, on="killed", low=10, high=20)
    a_claim(draft, on="killed", source="Wire", low=40)
    a_claim(draft, on="killed", source="Army", stance="denies", low=500, high=900)
    a_claim(draft, on="killed", source="Radio", wording="some")
    a_claim(draft, on="burnt", low=2, high=2)
    numbers = {(row[1], row[2]): row for row in rows(draft.connection) if row[2]}
    assert list(numbers) == [
        ("low", "people killed"),
        ("high", "people killed"),
        ("low", "tanks"),
        ("high", "tanks"),
    ]
    low, high = (dict(zip(COLUMNS, row, strict=True)) for row in list(numbers.values())[:2])
    assert (low["reports"], low["mean_range"], low["mean_sd"]) == (2, 30, 21.213)
    # An open end is another value, but no number.
    assert (high["divergence"], high["mean_range"], high["mean_sd"]) == (1, 0, None)
    assert high["modal_confidence"] == 1


def test_withdrawn_claims_are_left_out(draft: Draft) -> None:
    a_claim(draft, status="withdrawn", because="entered twice")
    a_claim(draft, source="Wire")
    assert told(draft, "side")["reports"] == 1


def test_rows_are_of_events_and_what_has_none_comes_last(draft: Draft) -> None:
    a_fact(draft, "apart")
    a_fact(draft, "within", event_id=an_event(draft, "clash"))
    for slug in ("apart", "within"):
        a_claim(draft, on=slug)
    assert [row[0] for row in rows(draft.connection, by="event")] == ["clash"] * 2 + [None] * 2


def test_a_side_is_compared_within_itself(draft: Draft) -> None:
    for name, side in (("Army", "North"), ("Police", "North"), ("Rebels", "South")):
        a_source(draft, name, side=side)
        a_claim(draft, source=name, stance="denies" if name == "Police" else "asserts")
    assert told(draft, "side", "North", by="side")["disagreeing"] == 1
    assert told(draft, "side", "South", by="side")["disagreeing"] == 0


def test_filters_on_claims_choose_the_reports_that_are_compared(draft: Draft) -> None:
    a_claim(draft, said="2018-02-01")
    a_claim(draft, source="Wire", stance="denies", said="2018-02-05")
    assert told(draft, "side")["disagreeing"] == 1
    assert told(draft, "side", last="2018-02-03")["disagreeing"] == 0
    assert told(draft, "side", source="Wire")["reports"] == 1
    assert told(draft, "side", contested=True)["disagreeing"] == 1
    assert rows(draft.connection, contested=False) == []
    assert rows(draft.connection, status="confirmed") == []


def test_a_frame_keeps_its_types_where_there_is_nothing(draft: Draft) -> None:
    frame = agreement(draft.connection)
    assert list(frame) == list(COLUMNS)
    assert {str(frame[name].dtype) for name in ("reports", "divergence")} == {"Int64", "Float64"}


def test_a_grouping_that_there_is_none_of_is_refused(draft: Draft) -> None:
    with pytest.raises(NotFoundError, match="there is no by “colour”"):
        agreement(draft.connection, by="colour")
    with pytest.raises(NotFoundError, match="there is no each"):
        agreement(draft.connection, each="day")


CLAIMS = st.lists(
    st.fixed_dictionaries(
        {
            "source": st.sampled_from(["Army", "Police", "Wire"]),
            "on": st.sampled_from(["killed", "hurt", "they-came"]),
            "stance": st.sampled_from(["asserts", "concedes", "denies", "no-comment", "relays"]),
            "low": st.none() | st.integers(0, 3) | st.just(2**53 - 2),
            "high": st.none() | st.just(2**53 - 1),
            "day": st.none() | st.integers(1, 3),
            "status": st.sampled_from(["unreviewed", "withdrawn", "confirmed"]),
        }
    ),
    max_size=15,
)


def written(draft: Draft, claims: list[dict[str, Any]]) -> Iterator[int]:
    event = an_event(draft, "clash")
    a_count(draft, "killed", event_id=event)
    a_count(draft, "hurt", unit="people hurt")
    a_fact(draft, "they-came", event_id=event)
    a_source(draft, "Army", side="North", kind="government")
    a_source(draft, "Police", side="North")
    for each in claims:
        day, values = each["day"], dict(each)
        del values["day"]
        if each["on"] == "they-came":
            values |= {"low": None, "high": None}
        elif each["stance"] in ("asserts", "concedes"):
            values["wording"] = "so many"
        said = None if day is None else f"2018-02-0{day}"
        yield a_claim(draft, said=said, because="so it is", **values)


@COSTLY
@given(claims=CLAIMS, by=st.sampled_from(BY), each=st.sampled_from(["position", "claim"]))
def test_sql_and_the_docket_say_the_same(
    store: Store, places: Places, claims: list[dict[str, Any]], by: str, each: str
) -> None:
    places.clear(store)
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        list(written(draft, claims))
        connection = draft.connection
        summed = tallied(connection, choose(connection), by, each)
        docketed = compared(connection, by, each)
        assert summed.keys() == docketed.keys()
        for of, (groups, total) in docketed.items():
            found, values = summed[of]
            assert values == total
            # The docket adds up in another order.
            for one, other in zip(ordered(found), ordered(groups), strict=True):
                assert one[:5] == other[:5]
                assert one[5] == pytest.approx(other[5], rel=1e-9)


def ordered(groups: Sequence[Group]) -> list[tuple[float, ...]]:
    return sorted(
        (g.reports, g.values, g.known, g.modal, g.spread or 0, g.deviation or 0) for g in groups
    )
