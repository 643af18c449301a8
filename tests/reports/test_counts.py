"""Counts: every figure, what they span and share, and who cannot be right together."""

from functools import reduce
from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from ledger.journal import Draft
from ledger.model import Range
from ledger.reports.counts import COLUMNS, PAIRS_NAMED, _spanned, counts
from tests.build import a_claim, a_count, a_fact


def row(draft: Draft, **options: Any) -> dict[str, Any]:
    """The row of the one count there is."""
    frame = counts(draft.connection, **options)
    assert len(frame) == 1
    return {
        str(name): None if str(value) == "<NA>" else value for name, value in frame.iloc[0].items()
    }


def figure(draft: Draft, source: str, low: int | None, high: int | None, **values: Any) -> int:
    return a_claim(draft, source=source, on="killed", low=low, high=high, **values)


def test_an_empty_ledger_has_every_column_and_no_row(draft: Draft) -> None:
    frame = counts(draft.connection)
    assert list(frame) == list(COLUMNS)
    assert frame.empty
    before = frame.dtypes
    a_count(draft)
    assert counts(draft.connection).dtypes.equals(before)


def test_only_counts_are_counted(draft: Draft) -> None:
    a_fact(draft)
    assert counts(draft.connection).empty


def test_a_count_without_figures_spans_nothing(draft: Draft) -> None:
    a_count(draft)
    found = row(draft)
    assert [found[name] for name in ("claimed", "span", "shared", "span_low")] == [None] * 4
    assert found["conflicts"] == 0


def test_every_figure_stands_with_its_source_and_words(draft: Draft) -> None:
    a_count(draft)
    figure(draft, "Pentagon", 101, None, wording="more than 100", said="2018-02-08")
    figure(draft, "Witness", 5, 14, said="2018-02-07")
    figure(draft, "Wordy", None, None, wording="heaps")
    figure(draft, "Ministry", 24, 999, stance="denies")
    figure(draft, "Kremlin", None, None, stance="denies")
    figure(draft, "Outlet", 1, 1, stance="relays")
    found = row(draft)
    assert found["claimed"] == "Witness 5–14; Pentagon 101+ (“more than 100”); Wordy (“heaps”)"
    assert found["denied"] == "Kremlin all; Ministry 24–999"
    assert found["reported"] == "Outlet 1"


def test_an_open_end_is_not_nothing_shared(draft: Draft) -> None:
    a_count(draft)
    figure(draft, "A", 101, None)
    figure(draft, "B", 50, None)
    found = row(draft)
    assert (found["shared"], found["shared_low"], found["shared_high"]) == ("101+", 101, None)
    assert (found["span"], found["span_low"], found["span_high"]) == ("50+", 50, None)
    figure(draft, "C", 5, 5)
    found = row(draft)
    assert (found["shared"], found["shared_low"], found["shared_high"]) == ("none", None, None)
    assert (found["span"], found["span_low"]) == ("5+", 5)


def test_disjoint_figures_conflict_pair_by_pair(draft: Draft) -> None:
    a_count(draft)
    figure(draft, "A", 101, None)
    figure(draft, "B", 5, 5)
    figure(draft, "C", 4, 200)
    found = row(draft)
    assert (found["conflicts"], found["conflicting"]) == (1, "A 101+ / B 5")
    assert found["contested"]


def test_a_figure_conflicts_with_a_denied_range_that_holds_it(draft: Draft) -> None:
    a_count(draft)
    figure(draft, "A", 30, 50)
    figure(draft, "B", 5, 5)
    figure(draft, "C", 90, 2000)
    figure(draft, "Ministry", 24, 999, stance="denies")
    found = row(draft)
    assert "A 30–50 / Ministry denies 24–999" in found["conflicting"]
    assert "B 5 / Ministry" not in found["conflicting"]
    assert "C 90–2000 / Ministry" not in found["conflicting"]


def test_a_flat_denial_conflicts_with_every_figure_and_one_in_words_with_none(
    draft: Draft,
) -> None:
    a_count(draft)
    figure(draft, "A", 5, 5)
    figure(draft, "Ministry", None, None, stance="denies", wording="such losses")
    assert row(draft)["conflicts"] == 0
    figure(draft, "Kremlin", None, None, stance="denies")
    assert row(draft)["conflicting"] == "A 5 / Kremlin denies all"


def test_a_flat_denial_says_nothing_against_none_and_agrees_with_it(draft: Draft) -> None:
    a_count(draft)
    figure(draft, "A", 0, 0)
    figure(draft, "Kremlin", None, None, stance="denies")
    found = row(draft)
    assert (found["conflicts"], found["contested"]) == (0, False)
    assert row(draft, without_denied=True)["estimate"] == "0"
    figure(draft, "B", 0, 3)
    found = row(draft, without_denied=True)
    assert (found["conflicts"], found["contested"]) == (0, True)
    assert (found["span"], found["estimate"]) == ("0–3", "0")


def test_who_disputes_without_a_number_rejects_no_number_but_contests(draft: Draft) -> None:
    a_count(draft)
    figure(draft, "A", 5, 14)
    figure(draft, "Kremlin", None, None, stance="disputes")
    found = row(draft, without_denied=True)
    assert found["denied"] == "Kremlin some figure"
    assert (found["conflicts"], found["contested"]) == (0, True)
    assert found["estimate"] == "5–14"


def test_a_conflict_is_told_with_the_stance_that_makes_it(draft: Draft) -> None:
    a_count(draft)
    figure(draft, "A", 5, 14)
    figure(draft, "Kremlin", 1, 20, stance="disputes")
    assert row(draft)["conflicting"] == "A 5–14 / Kremlin disputes 1–20"


def test_a_long_list_of_conflicts_says_how_many_it_leaves_out(draft: Draft) -> None:
    a_count(draft)
    for number in range(8):
        figure(draft, f"S{number}", number, number)
    found = row(draft)
    assert found["conflicts"] == 28
    assert found["conflicting"].count(" / ") == PAIRS_NAMED
    assert found["conflicting"].endswith("; and 8 more")


def test_the_finding_stands_with_its_ends(draft: Draft) -> None:
    a_count(draft, verdict="supported", finding_low=5, because="graves counted")
    found = row(draft)
    assert (found["finding"], found["finding_low"], found["finding_high"]) == ("5+", 5, None)


ends = st.none() | st.integers(0, 30)
ranges = st.tuples(ends, ends).filter(
    lambda pair: pair[0] is None or pair[1] is None or pair[0] <= pair[1]
)


def spanned(found: list[Range]) -> tuple[Range, Range | None]:
    ends = {
        name: pd.Series([getattr(each, name) for each in found], dtype="float64")
        for name in ("low", "high")
    }
    spans, shares = _spanned(pd.DataFrame({"proposition": 1} | ends))
    return spans[1], shares[1]


@given(st.lists(ranges.map(lambda pair: Range(*pair)), min_size=1, max_size=6), st.randoms())
def test_span_and_shared_part_hold_what_the_figures_hold_in_any_order(
    found: list[Range], random: Any
) -> None:
    span, shared = spanned(found)
    assert (span, shared) == spanned(random.sample(found, len(found)))
    for number in range(35):
        here = Range(number, number)
        in_all = all(each.covers(here) for each in found)
        assert in_all == (shared is not None and shared.covers(here))
        assert not any(each.covers(here) for each in found) or span.covers(here)
    assert span == reduce(Range.span, found)
