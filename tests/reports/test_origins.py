"""Origins: what counts as one, in figures small enough to check by eye, and as properties."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from ledger.reports.origins import NOBODY, Repeats, ends
from ledger.reports.origins import origins as origins_of

Bounds = tuple[int | None, int | None]
OPEN: Bounds = (None, None)


def positions(*rows: Mapping[str, object]) -> pd.DataFrame:
    """Positions on proposition 1 that affirm, numbered as they come, but for what a row says."""
    usual = {"proposition": 1, "side": "affirms", "via": NOBODY, "low": np.nan, "high": np.nan}
    made = [{**usual, "claim": place, **row} for place, row in enumerate(rows, start=1)]
    columns = ["claim", "source", *usual]
    whole = dict.fromkeys(("claim", "source", "proposition", "via"), "int64")
    return pd.DataFrame(made, columns=columns).astype(whole | {"low": float, "high": float})


def chains(*rows: tuple[int, int, int], ranges: Iterable[Bounds] = ()) -> pd.DataFrame:
    """Rows of (claim, source, claim that it repeats) on proposition 1."""
    columns = ["claim", "source", "repeats"]
    frame = pd.DataFrame(list(rows), columns=columns).astype("int64").sort_values("claim")
    bounds = list(ranges) or [OPEN] * len(rows)
    return frame.assign(
        proposition=1,
        low=np.array([low for low, _ in bounds], dtype=float),
        high=np.array([high for _, high in bounds], dtype=float),
    )


def members(**above: int) -> pd.DataFrame:
    """Sources 1 to 9, with `s2=1` for: source 2 is a member of source 1."""
    return pd.DataFrame(
        {
            "source": np.arange(1, 10),
            "member_of": [above.get(f"s{number}", NOBODY) for number in range(1, 10)],
        }
    )


NO_CHAINS = chains()


def origins(said: pd.DataFrame, story: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    return origins_of(said, Repeats.of(story), sources)


def count(found: pd.DataFrame) -> int:
    return int(found["origin"].nunique())


def test_sources_that_share_nothing_are_origins_of_their_own() -> None:
    assert count(origins(positions({"source": 1}, {"source": 2}), NO_CHAINS, members())) == 2


def test_ten_outlets_relaying_one_story_are_one_origin() -> None:
    outlets = positions(*({"source": source} for source in range(1, 10)))
    story = chains((1, 1, NOBODY), *((claim, claim, 1) for claim in range(2, 10)))
    assert count(origins(outlets, story, members())) == 1


def test_a_chain_is_followed_to_its_end_even_through_claims_that_are_no_position() -> None:
    found = origins(
        positions({"claim": 5, "source": 5}, {"claim": 6, "source": 6}),
        chains((1, 1, NOBODY), (2, 2, 1), (5, 5, 2), (6, 6, 1)),
        members(),
    )
    assert count(found) == 1
    assert set(found["root"]) == {1}


def test_members_of_one_organisation_are_one_origin_with_it_up_to_the_top() -> None:
    said = positions({"source": 1}, {"source": 2}, {"source": 3})
    assert count(origins(said, NO_CHAINS, members(s3=2, s2=1))) == 1


def test_members_that_disagree_on_a_figure_are_origins_of_their_own() -> None:
    said = positions({"source": 2, "low": 5, "high": 5}, {"source": 3, "low": 101})
    assert count(origins(said, NO_CHAINS, members(s2=1, s3=1))) == 2


def test_members_whose_ranges_share_a_number_agree() -> None:
    said = positions({"source": 2, "low": 5, "high": 14}, {"source": 3, "low": 14})
    assert count(origins(said, NO_CHAINS, members(s2=1, s3=1))) == 1


def test_denials_of_different_figures_do_not_disagree() -> None:
    said = positions(
        {"source": 2, "side": "denies", "low": 5, "high": 5},
        {"source": 3, "side": "denies", "low": 101},
    )
    assert count(origins(said, NO_CHAINS, members(s2=1, s3=1))) == 1


def test_a_bridge_between_two_that_disagree_makes_no_third_origin() -> None:
    said = positions(
        {"source": 2, "low": 5, "high": 5},
        {"source": 3, "low": 5, "high": 14},
        {"source": 4, "low": 14, "high": 14},
    )
    assert count(origins(said, NO_CHAINS, members(s2=1, s3=1, s4=1))) == 2


def test_whoever_repeats_a_figure_wrongly_still_repeats_it() -> None:
    said = positions({"source": 1, "low": 100, "high": 100}, {"source": 2, "low": 5, "high": 5})
    story = chains((1, 1, NOBODY), (2, 2, 1), ranges=[(100, 100), (5, 5)])
    assert count(origins(said, story, members())) == 1


def test_sides_and_propositions_share_no_origin() -> None:
    said = positions(
        {"source": 1}, {"source": 1, "side": "denies"}, {"source": 1, "proposition": 2}
    )
    assert count(origins(said, NO_CHAINS, members())) == 3


def test_a_circle_of_repeats_is_one_origin_and_circular() -> None:
    said = positions({"source": 1}, {"source": 2}, {"source": 3}, {"source": 4})
    found = origins(said, chains((1, 1, 2), (2, 2, 1), (3, 3, 1)), members())
    assert found["circular"].tolist() == [True, True, True, False]
    assert count(found) == 2


def test_colleagues_of_any_member_of_a_circle_belong_to_it() -> None:
    said = positions({"source": 1}, {"source": 2}, {"source": 3}, {"source": 4})
    found = origins(said, chains((1, 1, 2), (2, 2, 1)), members(s3=1, s4=2))
    assert count(found) == 1
    assert found["circular"].tolist() == [True, True, False, False]


def test_two_that_each_speak_by_way_of_the_other_are_circular() -> None:
    said = positions({"source": 1, "via": 2}, {"source": 2, "via": 1}, {"source": 3, "via": 1})
    found = origins(said, NO_CHAINS, members())
    assert found["circular"].tolist() == [True, True, False]
    assert count(found) == 2


def test_being_quoted_by_an_opponent_is_no_circle() -> None:
    said = positions({"source": 1, "via": 2}, {"source": 2, "via": 1, "side": "denies"})
    assert not origins(said, NO_CHAINS, members())["circular"].any()


def test_an_organisation_that_is_a_member_of_its_own_member_does_not_hang() -> None:
    said = positions({"source": 1}, {"source": 2})
    assert count(origins(said, NO_CHAINS, members(s1=2, s2=1))) == 1


def test_no_positions_have_no_origins() -> None:
    found = origins(positions(), NO_CHAINS, members())
    assert list(found) == ["origin", "root", "circular", "repeating"]
    assert found.empty


@st.composite
def situations(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Any positions of up to nine sources, with any repeats, members and ways, circles too."""
    sources = draw(st.lists(st.integers(1, 9), unique=True, min_size=1))
    anyone = st.sampled_from([NOBODY, *range(1, 10)])
    rows = []
    for source in sources:
        low, wide = draw(st.integers(0, 20)), draw(st.integers(0, 5))
        side = draw(st.sampled_from(["affirms", "denies", "reports"]))
        bounds = {"low": low, "high": low + wide}
        rows.append({"claim": source, "source": source, "via": draw(anyone), "side": side} | bounds)
    said = positions(*rows)
    repeated = ((source, source, draw(anyone)) for source in range(1, 10))
    bounds_of = said.set_index("source")[["low", "high"]]
    story = chains(*repeated).drop(columns=["low", "high"]).join(bounds_of, on="source")
    above = {f"s{source}": draw(anyone) for source in range(1, 10)}
    return said, story, members(**above)


@given(situations())
def test_there_are_never_more_origins_than_sources(
    situation: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame],
) -> None:
    said, story, organised = situation
    found = said.join(origins(said, story, organised))
    by_side = found.groupby("side").agg({"origin": "nunique", "source": "nunique"})
    assert (by_side["origin"] <= by_side["source"]).all()
    assert (found.groupby("origin")["side"].nunique() == 1).all()


@given(situations(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    situation: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame], random: object
) -> None:
    said, story, organised = situation
    shuffled = said.sample(frac=1, random_state=random.randrange(2**31))  # type: ignore[attr-defined]  # hypothesis gives a Random
    one, two = origins(said, story, organised), origins(shuffled, story, organised)
    pd.testing.assert_frame_equal(one, two.loc[one.index])


@given(situations(), st.integers(1, 9), st.integers(1, 9))
def test_a_new_repetition_never_adds_an_origin(
    situation: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame], one: int, two: int
) -> None:
    said, story, _ = situation
    said = said.assign(side="affirms", via=NOBODY)
    before = origins(said, story.assign(repeats=NOBODY), members())
    repeats = np.where((story["claim"] == one) & (one != two), two, NOBODY)
    assert count(origins(said, story.assign(repeats=repeats), members())) <= count(before)


@given(st.lists(st.integers(0, 11), min_size=12, max_size=12))
def test_chains_end_where_walking_them_ends(following: list[int]) -> None:
    last, on_circle = ends(np.array(following, dtype=np.int64))
    for start in range(12):
        walked = [start]
        while following[walked[-1]] not in walked:
            walked.append(following[walked[-1]])
        circle = walked[walked.index(following[walked[-1]]) :]
        assert last[start] == min(circle)
        assert on_circle[start] == (start in circle and len(circle) > 1)
