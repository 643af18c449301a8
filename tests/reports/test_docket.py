"""The docket: positions here and in the public view are the same ones."""

from datetime import date
from typing import TypeAlias

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import journal
from ledger.model import SIDE_OF
from ledger.notebook import Ledger
from ledger.reports.docket import docket, dockets
from ledger.reports.frames import stacked
from ledger.reports.versus import framed
from ledger.store import Store
from tests.build import NOON, a_claim, a_document
from tests.conftest import COSTLY

Saying: TypeAlias = tuple[str, str, str, date | None, bool, bool]

dates = st.sampled_from([None, date(2018, 2, 1), date(2018, 2, 8), date(2018, 3, 1)])
said = st.tuples(
    st.sampled_from(["A", "B", "C"]),
    st.sampled_from(["came", "went"]),
    st.sampled_from(sorted(SIDE_OF)),
    dates,
    st.booleans(),
    st.booleans(),
)


@pytest.fixture
def spoken(store: Store) -> Store:
    """A ledger where everybody has said something on all, so that anybody may retract."""
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        for source in "ABC":
            for on in ("came", "went"):
                a_claim(draft, source=source, on=on, stance="no-comment")
    return store


@COSTLY
@given(st.lists(st.lists(said, max_size=8), max_size=2))
def test_positions_are_those_of_the_public_view(spoken: Store, entries: list[list[Saying]]) -> None:
    # The one ledger grows from example to example, which only makes it harder.
    for entry in entries:
        with journal.entry(spoken, recorded_by="maria", recorded_at=NOON) as draft:
            document = a_document(draft, f"d{draft.id}", published_on=date(2018, 2, 15))
            for source, on, stance, day, printed, withdrawn in entry:
                a_claim(
                    draft,
                    source=source,
                    on=on,
                    stance=stance,
                    stated_on=day,
                    stated_precision=day and "day",
                    document_id=document if printed else None,
                    status="withdrawn" if withdrawn else "unreviewed",
                    because="twice" if withdrawn else None,
                )
    view = Ledger(spoken).sql("SELECT claim FROM positions ORDER BY claim")
    with spoken.reader() as connection:
        positions = docket(connection).positions
    assert sorted(positions["claim"]) == view["claim"].tolist()


def test_a_docket_heard_in_bundles_says_what_the_whole_one_says(spoken: Store) -> None:
    with journal.entry(spoken, recorded_by="maria", recorded_at=NOON) as draft:
        for number in range(8):
            on = f"p{number}"
            asked = a_claim(draft, source="A", on=on, said="2018-02-08", repeats_id=None)
            a_claim(draft, source="B", on=on, repeats_id=asked)
            a_claim(draft, source="C", on=f"{on}-else", stance="denies", answers_id=asked)
    with spoken.reader() as connection:
        whole = framed(docket(connection))
        bundles = list(dockets(connection, bundle=3))
    assert len(bundles) > 4
    pd.testing.assert_frame_equal(stacked(framed(read) for read in bundles), whole)
    assert whole["answered_by"].notna().sum() == 8


def test_a_ledger_without_propositions_has_one_empty_bundle(store: Store) -> None:
    with store.reader() as connection:
        assert [len(read.propositions) for read in dockets(connection)] == [0]


def test_a_narrowed_docket_follows_chains_to_their_ends(spoken: Store) -> None:
    with journal.entry(spoken, recorded_by="maria", recorded_at=NOON) as draft:
        first = a_claim(draft, source="Wire", on="heard")
        withdrawn = a_claim(
            draft, source="D", on="heard", repeats_id=first, status="withdrawn", because="twice"
        )
        for source in ("E", "F"):
            a_claim(draft, source=source, on="heard", repeats_id=withdrawn)
    with spoken.reader() as connection:
        whole, narrowed = docket(connection), docket(connection, proposition="heard")
    number = narrowed.propositions.index[0]
    assert narrowed.propositions.loc[number, "affirmed_origins"] == 1
    pd.testing.assert_series_equal(
        narrowed.propositions.loc[number], whole.propositions.loc[number]
    )
