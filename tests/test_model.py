"""Ranges and their relations, and the vocabularies that other modules rely on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.model import LARGEST_COUNT, SIDE_OF, STANCES, STATUSES, Range, Relation, Side

bounds = st.one_of(st.none(), st.integers(0, 60))


@st.composite
def ranges(draw: st.DrawFn) -> Range:
    low, high = draw(bounds), draw(bounds)
    if low is not None and high is not None and low > high:
        low, high = high, low
    return Range(low, high)


#: Beyond any bound that `ranges` draws, so an open end is a set of numbers like any other.
HORIZON = 100


def numbers(span: Range) -> set[int]:
    return set(range(span.low or 0, (HORIZON if span.high is None else span.high) + 1))


@pytest.mark.parametrize(
    ("one", "other", "relation"),
    [
        (Range(101, None), Range(24, 99), Relation.CONFLICT),
        (Range(5, 14), Range(5, 14), Relation.AGREE),
        (Range(5, 14), Range(9, 9), Relation.NEST),
        (Range(5, 14), Range(10, 20), Relation.OVERLAP),
        (Range(100, None), Range(None, 100), Relation.OVERLAP),
        (Range(0, 5), Range(None, 5), Relation.AGREE),
        (Range(), Range(7, 7), Relation.NEST),
    ],
)
def test_two_ranges_stand_to_one_another_as_an_analyst_would_say(
    one: Range, other: Range, relation: Relation
) -> None:
    assert one.relation(other) is relation


@given(ranges(), ranges())
def test_relation_does_not_depend_on_who_is_asked(one: Range, other: Range) -> None:
    assert one.relation(other) is other.relation(one)


@given(ranges(), ranges())
def test_relation_is_that_of_the_sets_of_numbers(one: Range, other: Range) -> None:
    mine, theirs = numbers(one), numbers(other)
    if not mine & theirs:
        expected = Relation.CONFLICT
    elif mine == theirs:
        expected = Relation.AGREE
    elif mine < theirs or theirs < mine:
        expected = Relation.NEST
    else:
        expected = Relation.OVERLAP
    assert one.relation(other) is expected


@given(ranges())
def test_every_range_agrees_with_itself(one: Range) -> None:
    assert one.relation(one) is Relation.AGREE


@given(ranges(), ranges())
def test_span_covers_both_and_no_bound_more(one: Range, other: Range) -> None:
    span = one.span(other)
    assert span.covers(one)
    assert span.covers(other)
    assert {span.low, span.high} <= {one.low, one.high, other.low, other.high}
    assert numbers(span) == set(
        range(min(numbers(one) | numbers(other)), max(numbers(one) | numbers(other)) + 1)
    )


@given(ranges(), ranges())
def test_shared_is_the_intersection(one: Range, other: Range) -> None:
    shared = one.shared(other)
    assert (set() if shared is None else numbers(shared)) == numbers(one) & numbers(other)
    assert (shared is None) == (one.relation(other) is Relation.CONFLICT)


@given(ranges(), ranges(), ranges())
def test_span_is_associative_and_commutative(one: Range, two: Range, three: Range) -> None:
    assert one.span(two) == two.span(one)
    assert one.span(two).span(three) == one.span(two.span(three))


def test_a_denial_rejects_what_it_contains_and_says_nothing_of_the_rest() -> None:
    dozens_and_hundreds = Range(24, 999)
    assert Range(101, 200).rejected_by(dozens_and_hundreds)
    assert not Range(5, 5).rejected_by(dozens_and_hundreds)
    assert not Range(101, None).rejected_by(dozens_and_hundreds)


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (Range(5, 5), "5"),
        (Range(5, 14), "5–14"),
        (Range(101, None), "101+"),
        (Range(None, 14), "≤ 14"),
        (Range(), "any"),
        (Range(0, 0), "0"),
    ],
)
def test_a_range_reads_as_an_analyst_writes_it(span: Range, text: str) -> None:
    assert str(span) == text


@pytest.mark.parametrize(
    ("low", "high"), [(-1, None), (None, -1), (5, 4), (LARGEST_COUNT + 1, None)]
)
def test_what_is_no_range_of_counts_is_refused(low: int | None, high: int | None) -> None:
    with pytest.raises(ValueError, match=r"count lies between|above high"):
        Range(low, high)


def test_every_stance_has_a_side_and_every_side_a_stance() -> None:
    assert len(SIDE_OF) == len(STANCES) == 13
    assert set(SIDE_OF.values()) == set(Side)


def test_admiralty_grades_go_from_one_to_six_each_once() -> None:
    graded = [status.admiralty for status in STATUSES if status.admiralty]
    assert sorted(graded) == ["1", "2", "3", "4", "5", "6"]
