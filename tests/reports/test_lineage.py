"""Lineage: the tree of who has it from whom, and the origins that it shows."""

from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from ledger import journal
from ledger.errors import LedgerError
from ledger.journal import Draft
from ledger.reports.lineage import COLUMNS, lineage
from ledger.reports.versus import versus
from ledger.store import Store
from tests.build import NOON, a_claim, a_count, a_source
from tests.conftest import COSTLY
from tests.places import Places


def told(frame: pd.DataFrame, *columns: str) -> list[Any]:
    rows = frame[list(columns)].astype(object)
    found = rows.where(rows.notna(), None).to_numpy().tolist()
    return [row[0] for row in found] if len(columns) == 1 else found


def tree(draft: Draft, **filters: Any) -> pd.DataFrame:
    return lineage(draft.connection, **filters)


def test_an_empty_ledger_has_every_column_and_no_row(draft: Draft) -> None:
    assert list(tree(draft)) == list(COLUMNS)
    assert tree(draft).empty


def test_what_repeats_a_claim_stands_under_it_and_is_of_its_origin(draft: Draft) -> None:
    wire = a_claim(draft, source="Wire", said="2018-02-10")
    other = a_claim(draft, source="Ministry", said="2018-02-09")
    paper = a_claim(draft, source="Gazette", repeats_id=wire, said="2018-02-08")
    blog = a_claim(draft, source="Blog", repeats_id=paper)
    again = a_claim(draft, source="Herald", repeats_id=wire, said="2018-02-11")
    frame = tree(draft)
    assert told(frame, "claim", "depth", "parent", "origin", "link") == [
        [wire, 0, None, 1, None],
        [paper, 1, wire, 1, f"repeats {wire}"],
        [blog, 2, paper, 1, f"repeats {paper}"],
        [again, 1, wire, 1, f"repeats {wire}"],
        [other, 0, None, 2, None],
    ]
    assert told(frame, "origins", "sources") == [[2, 5]] * 5
    assert told(frame, "origin_of") == ["Wire"] * 4 + ["Ministry"]


def test_members_of_one_organisation_stand_together(draft: Draft) -> None:
    army = a_source(draft, "Army")
    for name in ("General", "Colonel"):
        a_source(draft, name, member_of_id=army)
    a_claim(draft, source="General", said="2018-02-08")
    a_claim(draft, source="Wire", said="2018-02-09")
    a_claim(draft, source="Colonel", via="Wire", said="2018-02-10")
    assert told(tree(draft), "source", "origin", "link", "member_of") == [
        ["General", 1, "member of Army", "Army"],
        ["Colonel", 1, "member of Army; by way of Wire", "Army"],
        ["Wire", 2, None, None],
    ]


def test_members_that_disagree_are_two_origins(draft: Draft) -> None:
    a_count(draft)
    army = a_source(draft, "Army")
    for name, low in (("General", 5), ("Colonel", 100)):
        a_source(draft, name, member_of_id=army)
        a_claim(draft, on="killed", source=name, low=low, high=low)
    assert told(tree(draft), "origin", "origins", "link") == [[1, 2, None], [2, 2, None]]


def test_an_older_claim_names_the_newer_and_has_an_origin_only_while_it_is_held(
    draft: Draft,
) -> None:
    a_claim(draft, stance="denies", said="2018-02-08")
    a_claim(draft, stance="asserts", said="2018-02-09")
    a_claim(draft, stance="concedes", said="2018-02-10")
    assert told(tree(draft), "claim", "origin", "newer") == [[2, 1, 3], [3, 1, None], [1, None, 3]]


def test_a_circle_of_repeats_begins_with_its_lowest_number_and_is_marked(store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        first = a_claim(draft, source="A", said="2018-02-10")
        second = a_claim(draft, source="B", repeats_id=first, said="2018-02-08")
        third = a_claim(draft, source="C", repeats_id=second, said="2018-02-09")
        a_claim(draft, source="D", repeats_id=third)
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        draft.update("claim", first, {"repeats_id": third})
    with store.reader() as connection:
        frame = lineage(connection)
    assert told(frame, "claim", "depth", "parent", "circular") == [
        [1, 0, 3, True],
        [2, 1, 1, True],
        [3, 2, 2, True],
        [4, 3, 3, True],
    ]
    assert set(frame["origins"]) == {1}


def test_a_circle_of_relays_is_one_origin_and_marked(draft: Draft) -> None:
    a_claim(draft, source="A", via="B")
    a_claim(draft, source="B", via="A")
    assert told(tree(draft), "origin", "link", "circular") == [
        [1, "by way of B", True],
        [1, "by way of A", True],
    ]


def test_what_repeats_a_withdrawn_claim_says_so(store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        first = a_claim(draft, source="Wire")
        a_claim(draft, source="Gazette", repeats_id=first)
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        draft.update("claim", first, {"status": "withdrawn", "because": "twice"})
    with store.reader() as connection:
        frame = lineage(connection)
    assert told(frame, "claim", "depth", "parent", "link", "origin_of") == [
        [2, 0, 1, "repeats 1 (withdrawn)", "Wire"]
    ]


def test_a_relay_stands_under_what_it_relays_with_an_origin_of_its_own_side(draft: Draft) -> None:
    said = a_claim(draft, source="Ministry")
    a_claim(draft, source="Wire", stance="relays", repeats_id=said)
    assert told(tree(draft), "depth", "side", "origin") == [[0, "affirms", 1], [1, "reports", 2]]


def test_filters_choose_whole_trees(draft: Draft) -> None:
    said = a_claim(draft, source="Ministry")
    a_claim(draft, source="Wire", repeats_id=said)
    a_claim(draft, source="Wire", on="quiet")
    assert told(tree(draft, source="Ministry"), "claim") == [1, 2]
    assert told(tree(draft, proposition="quiet"), "claim") == [3]


links = st.lists(
    st.tuples(
        st.sampled_from("ABCD"), st.sampled_from(["asserts", "denies", "relays"]), st.integers(0, 5)
    ),
    min_size=1,
    max_size=7,
)


@COSTLY
@given(links, st.integers(1, 7))
def test_every_claim_stands_once_and_origins_are_those_of_versus(
    store: Store,
    places: Places,
    said: list[tuple[str, str, int]],
    closing: int,
) -> None:
    places.clear(store)
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        for number, (source, stance, back) in enumerate(said, 1):
            repeats = number - back if 0 < number - back < number else None
            alike = repeats and stance == said[repeats - 1][1]
            a_claim(draft, source=source, stance=stance, repeats_id=repeats if alike else None)
    try:
        with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
            draft.update("claim", 1, {"repeats_id": min(closing, len(said))})
    except LedgerError:
        pass  # itself, or one of another side
    with store.reader() as connection:
        frame, sides = lineage(connection), versus(connection).iloc[0]
    assert sorted(frame["claim"]) == list(range(1, len(said) + 1))
    depths = dict(zip(frame["claim"], frame["depth"], strict=True))
    seen: set[int] = set()
    for claim, depth, parent in zip(frame["claim"], frame["depth"], frame["parent"], strict=True):
        assert (depth == 0) or (parent in seen and depth == depths[parent] + 1)
        seen.add(claim)
    for side, column in (("affirms", "affirmed_origins"), ("denies", "denied_origins")):
        numbers = frame.loc[frame["side"] == side, ["origin", "origins"]].dropna()
        assert numbers["origin"].nunique() == sides[column]
        assert set(numbers["origins"]) <= {sides[column]}
