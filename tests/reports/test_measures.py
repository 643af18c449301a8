"""The measures of agreement: what `eventreport` published of its data, and what must hold."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.reports import measures
from ledger.reports.measures import Group, grouped

MAVERICK = Path(__file__).parents[1] / "data" / "maverick_small.csv"
#: How the sample writes what is text, empty or not; what is text or NA; and what is a number.
READ: dict[str, Callable[[str], Any]] = {
    "country": str,
    "city": str,
    "actor1": lambda text: text or None,
    "deaths_best": int,
    "injuries_best": int,
}


def reports(variable: str) -> list[tuple[str, Any]]:
    with MAVERICK.open(encoding="utf-8", newline="") as file:
        return [(row["event_id"], READ[variable](row[variable])) for row in csv.DictReader(file)]


def diagnostics(pairs: list[Any]) -> tuple[float | None, ...]:
    groups = grouped(pairs).values()
    return (
        measures.divergence(groups),
        measures.normalised(groups, len({value for _, value in pairs})),
        measures.mean_deviation(groups),
        measures.mean_range(groups),
        measures.disagreement(groups),
        measures.modal_confidence(groups),
    )


@pytest.mark.parametrize(
    ("variable", "published"),
    [
        # `aggregation_diagnostics` in the vignette get_started of eventreport 0.1.1, to 2 places.
        ("city", (0.11, 0.01, None, None, 0.11, 0.97)),
        ("deaths_best", (0.57, 0.04, 1.41, 1.66, 0.29, 0.88)),
        ("actor1", (0.57, 0.03, None, None, 0.37, 0.87)),
    ],
)
def test_the_published_diagnostics_are_reproduced(
    variable: str, published: tuple[float | None, ...]
) -> None:
    found = diagnostics(reports(variable))
    assert tuple(None if each is None else round(each, 2) for each in found) == published


@pytest.mark.parametrize(
    ("variable", "score", "normalised"),
    [
        # `mean_dscore` in the same vignette, as it is and with normalize = TRUE, to 3 digits.
        ("country", "0", "0"),
        ("actor1", "0.571", "0.0336"),
        ("deaths_best", "0.571", "0.044"),
        ("injuries_best", "0.514", "0.0321"),
    ],
)
def test_the_published_mean_scores_are_reproduced(
    variable: str, score: str, normalised: str
) -> None:
    found = diagnostics(reports(variable))
    assert [f"{each:.3g}" for each in found[:2]] == [score, normalised]


def test_the_published_scores_of_single_events_are_reproduced() -> None:
    # `dscore`, the first ten events, in the same vignette.
    published = {
        "country": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        "actor1": [1, 0, 3, 2, 0, 0, 0, 0, 0, 1],
        "deaths_best": [4, 0, 4, 3, 0, 0, 0, 0, 0, 1],
    }
    for variable, scores in published.items():
        groups = sorted(grouped(reports(variable)).items())
        assert [group.values - 1 for _, group in groups[:10]] == scores


VALUES = st.none() | st.integers(0, 5)
REPORTS = st.lists(st.tuples(st.sampled_from("abc"), VALUES), min_size=1)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.just(7)), min_size=1))
def test_where_all_agree_nothing_differs(pairs: list[Any]) -> None:
    score, normalised, deviation, spread, share, modal = diagnostics(pairs)
    assert (score, normalised, spread, share, modal) == (0, 0, 0, 0, 1)
    assert deviation in (0, None)  # None: no group has two reports


@given(REPORTS, st.randoms())
def test_the_order_of_reports_does_not_matter(pairs: list[Any], random: Any) -> None:
    shuffled = random.sample(pairs, len(pairs))
    for one, other in zip(diagnostics(pairs), diagnostics(shuffled), strict=True):
        assert one == pytest.approx(other)


@given(REPORTS)
def test_shares_lie_between_none_and_all(pairs: list[Any]) -> None:
    score, normalised, _, _, share, modal = diagnostics(pairs)
    assert score is not None
    assert normalised is not None
    assert share is not None
    assert 0 <= normalised < 1
    assert 0 <= share <= min(score, 1)
    assert modal is None or 0 < modal <= 1


@given(REPORTS, st.integers(1, 2**40))
def test_numbers_moved_together_are_as_far_apart(pairs: list[Any], by: int) -> None:
    moved = [(name, None if value is None else value + by) for name, value in pairs]
    for one, other in zip(diagnostics(pairs), diagnostics(moved), strict=True):
        assert one == pytest.approx(other, abs=1e-3)


def test_what_is_missing_is_a_value_but_no_number() -> None:
    group = grouped([("a", None), ("a", 3), ("a", 3), ("a", 5)])["a"]
    assert group == Group(4, values=3, known=3, modal=2, deviation=group.deviation, spread=2)
    assert group.deviation == pytest.approx(1.1547, abs=1e-4)


def test_words_have_no_range() -> None:
    assert diagnostics([("a", "x"), ("a", "y")])[2:4] == (None, None)


def test_of_nothing_nothing_is_measured() -> None:
    assert diagnostics([]) == (None,) * 6
