"""The rules that make one figure of many, as a reader of `report counts --compare` would check."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import NotFoundError
from ledger.journal import Draft
from ledger.model import Range
from ledger.reports.agreement import agreement
from ledger.reports.comparing import compare, pairs
from ledger.reports.counts import counts
from ledger.reports.policies import POLICIES, estimates, less
from tests.build import a_claim, a_count, a_document, a_source

Bounds = tuple[int | None, int | None]


def one(frame: pd.DataFrame) -> dict[str, Any]:
    assert len(frame) == 1
    return {str(name): value for name, value in frame.iloc[0].to_dict().items()}


@pytest.fixture
def claimed(draft: Draft) -> Draft:
    """Five origins: 5–14 twice, 24–99, over 100, and 40 last by the one with the best grade."""
    a_count(draft, "killed")
    said: list[tuple[str, Bounds, str, str | None]] = [
        ("Alpha", (5, 14), "2018-02-08", "C"),
        ("Beta", (5, 14), "2018-02-09", None),
        ("Gamma", (24, 99), "2018-02-10", "F"),
        ("Delta", (101, None), "2018-02-11", "D"),
        ("Epsilon", (40, 40), "2018-02-12", "B"),
    ]
    for name, (low, high), day, grade in said:
        source = a_source(draft, name, reliability=grade)
        a_claim(draft, source=source, on="killed", low=low, high=high, said=day)
    return draft


@pytest.mark.parametrize(
    ("policy", "estimate", "by"),
    [
        ("widest", "5+", None),
        ("lowest", "5–14", "Alpha; Beta"),
        ("highest", "101+", "Delta"),
        ("median", "24–40", None),
        ("mode", "5–14", "Alpha; Beta"),
        ("most-reliable", "40", "Epsilon"),
        ("latest", "40", "Epsilon"),
    ],
)
def test_each_policy_makes_its_own_estimate(
    claimed: Draft, policy: str, estimate: str, by: str | None
) -> None:
    found = one(counts(claimed.connection, policy=policy))
    assert (found["policy"], found["estimate"], found["estimate_by"]) == (policy, estimate, by)
    assert found["figures"] == 5
    side_by_side = one(compare(claimed.connection))
    assert side_by_side[policy.replace("-", "_")] == estimate
    assert side_by_side["depends"]


def test_every_policy_says_whose_rule_it_is() -> None:
    assert all(policy.meaning and policy.source for policy in POLICIES.values())


def test_an_unknown_policy_is_refused_with_those_that_there_are(draft: Draft) -> None:
    with pytest.raises(NotFoundError) as refused:
        counts(draft.connection, policy="average")
    assert "median" in refused.value.hint


def test_ten_outlets_that_relay_one_figure_do_not_outvote_two_origins(draft: Draft) -> None:
    a_count(draft, "killed")
    first = a_claim(draft, source="Wire", on="killed", low=100, high=100)
    for number in range(10):
        a_claim(draft, source=f"Outlet {number}", on="killed", low=100, high=100, repeats_id=first)
    for source in ("Alpha", "Beta"):
        a_claim(draft, source=source, on="killed", low=7, high=7)
    found = one(counts(draft.connection, policy="mode"))
    assert (found["estimate"], found["figures"]) == ("7", 3)


def test_of_equal_grades_and_of_one_day_the_lower_figure_is_taken(draft: Draft) -> None:
    a_count(draft, "killed")
    for name, low in (("Alpha", 9), ("Beta", 8)):
        a_claim(draft, source=name, on="killed", low=low, high=low, said="2018-02-08")
    for policy in ("most-reliable", "latest", "mode", "median"):
        assert one(counts(draft.connection, policy=policy))["estimate"] == "8"


def test_an_origin_counts_with_its_newest_figure(draft: Draft) -> None:
    a_count(draft, "killed")
    agency = a_source(draft, "Agency")
    for name, low, high, day in (("Desk", 5, 20, "2018-02-08"), ("Bureau", 12, 12, "2018-02-09")):
        desk = a_source(draft, name, member_of_id=agency)
        a_claim(draft, source=desk, on="killed", low=low, high=high, said=day)
    found = one(counts(draft.connection, policy="lowest"))
    assert (found["estimate"], found["figures"], found["span"]) == ("12", 1, "5–20")


def test_an_outlet_that_repeats_an_old_figure_late_does_not_bring_it_back(draft: Draft) -> None:
    a_count(draft, "killed")
    old = a_claim(draft, source="Ministry", on="killed", low=5, high=5, said="2018-02-08")
    a_claim(draft, source="Ministry", on="killed", low=20, high=20, said="2018-02-10")
    a_claim(draft, source="Wire", on="killed", low=5, high=5, said="2018-02-12", repeats_id=old)
    for policy in POLICIES:
        found = one(counts(draft.connection, policy=policy))
        assert (found["estimate"], found["figures"], found["origins"]) == ("20", 1, 1)
    compared = agreement(draft.connection, each="origin").set_index("variable")
    assert compared.loc["low", "reports"] == 1


def test_an_undated_figure_is_never_the_latest(draft: Draft) -> None:
    a_count(draft, "killed")
    a_claim(draft, source="Alpha", on="killed", low=9, high=9, said="2018-02-08")
    a_claim(draft, source="Beta", on="killed", low=1, high=1)
    assert one(counts(draft.connection, policy="latest"))["estimate"] == "9"


def test_what_is_denied_is_taken_out_of_the_estimate_where_asked(claimed: Draft) -> None:
    a_claim(claimed, source="Ministry", on="killed", stance="denies", low=10, high=50)
    assert one(counts(claimed.connection))["estimate"] == "5+"
    found = one(counts(claimed.connection, without_denied=True))
    assert found["estimate"] == "5–9; 51+"
    assert (found["estimate_low"], found["estimate_high"]) == (5, pd.NA) or pd.isna(
        found["estimate_high"]
    )
    assert one(compare(claimed.connection, without_denied=True))["latest"] == "none"


def test_a_bare_denial_leaves_nothing_and_one_in_words_takes_nothing_out(claimed: Draft) -> None:
    a_claim(claimed, source="Ministry", on="killed", stance="denies", wording="such numbers")
    assert one(counts(claimed.connection, without_denied=True))["estimate"] == "5+"
    a_claim(claimed, source="Minister", on="killed", stance="denies")
    found = one(counts(claimed.connection, without_denied=True))
    assert found["estimate"] == "none"
    assert pd.isna(found["estimate_low"])


def test_a_count_of_which_nothing_is_claimed_has_no_estimate(draft: Draft) -> None:
    a_count(draft, "killed")
    found = one(counts(draft.connection))
    assert pd.isna(found["estimate"])
    assert pd.isna(found["policy"])
    assert found["figures"] == 0
    assert not one(compare(draft.connection))["depends"]


bounds = st.tuples(st.integers(0, 30), st.none() | st.integers(0, 30)).map(
    lambda pair: (pair[0], None if pair[1] is None else pair[0] + pair[1])
)


def held(found: Range, number: int) -> bool:
    return (found.low or 0) <= number and (found.high is None or number <= found.high)


@given(bounds, st.lists(bounds, max_size=4))
def test_what_is_left_holds_just_the_numbers_that_nobody_denies(
    claim: Bounds, denied: list[Bounds]
) -> None:
    def floats(pair: Bounds) -> tuple[float, float]:
        return tuple(np.nan if end is None else float(end) for end in pair)  # type: ignore[return-value] # two ends

    left = less(*floats(claim), [floats(pair) for pair in denied])
    for number in range(70):
        expected = held(Range(*claim), number) and not any(
            held(Range(*pair), number) for pair in denied
        )
        assert any(held(part, number) for part in left) == expected
    assert [part.low or 0 for part in left] == sorted(part.low or 0 for part in left)


@given(st.lists(bounds, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_no_policy_looks_at_the_order_in_which_figures_come(
    said: list[Bounds], shuffled: Any
) -> None:
    def frame(figures: list[tuple[int, Bounds]]) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "proposition": 1,
                "low": [float(low or 0) for _, (low, _) in figures],
                "high": [np.inf if high is None else float(high) for _, (_, high) in figures],
                "since": pd.Series(
                    [np.datetime64("2018-02-01") + place % 3 for place, _ in figures],
                    dtype="datetime64[s]",
                ),
                "rank": [place % 2 for place, _ in figures],
                "named": [f"S{place}" for place, _ in figures],
            }
        )

    numbered = list(enumerate(said))
    other = numbered.copy()
    shuffled.shuffle(other)
    for policy in POLICIES:
        first, second = (estimates(frame(each), policy) for each in (numbered, other))
        assert first[["low", "high"]].values.tolist() == second[["low", "high"]].values.tolist()
        assert (first["low"] <= first["high"]).all()


def test_conflicts_are_listed_pair_by_pair(claimed: Draft) -> None:
    a_claim(claimed, source="Ministry", on="killed", stance="denies", low=0, high=20)
    found = pairs(claimed.connection)
    told = [
        (row.source, row.range, row.how, row.against, row.against_range, row.gap)
        for row in found.itertuples()
    ]
    assert ("Delta", "101+", "disjoint", "Gamma", "24–99", 2) in told
    assert ("Gamma", "24–99", "disjoint", "Alpha", "5–14", 10) in told
    assert ("Alpha", "5–14", "denied", "Ministry", "0–20") in [each[:5] for each in told]
    assert len(told) == one(counts(claimed.connection))["conflicts"]


def test_figures_that_agree_make_no_pair(draft: Draft) -> None:
    a_count(draft, "killed")
    document = a_document(draft, "report")
    for source in ("Alpha", "Beta"):
        a_claim(draft, source=source, on="killed", low=5, high=9, document_id=document)
    assert pairs(draft.connection).empty
