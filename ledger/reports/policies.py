"""How many figures become one: the rules by which datasets sum differing reports up.

None is right; a conclusion that hangs on which one was taken is to be known as such. So the rule is
named beside its answer, and `ledger report counts --compare` sets them side by side. Pure logic on
frames: no database.

Every rule takes one figure from an origin, the newest that it gives: ten outlets that relay one
story are counted once. To repeat a figure is not to give it anew: a repeat counts only where nobody
of its origin holds a figure of their own. A bound that is open below is 0; one that is open above
is past every number.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ledger.model import Range
from ledger.reports.frames import joined, ranged

_ACLED = (
    "ACLED, “FAQs: ACLED fatality methodology”, 2023: where reports differ, the most conservative "
    "estimate"
)
_UCDP = (
    "UCDP Georeferenced Event Dataset (Sundberg and Melander, “Introducing the UCDP Georeferenced "
    "Event Dataset”, Journal of Peace Research 50(4), 2013, doi.org/10.1177/0022343313484347)"
)
_MAVERICK = "the R package eventreport 0.1.1 (van Baalen and Höglund, 2025)"
_IBC = (
    "Iraq Body Count (iraqbodycount.org/about/methods), which keeps a minimum and a maximum of "
    "each incident"
)


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule: its name, what it takes, and whose rule it is."""

    name: str
    meaning: str
    source: str


POLICIES = {
    policy.name: policy
    for policy in (
        Policy(
            "widest",
            "from the lowest low end to the highest high end: what no figure contradicts lies in "
            "it",
            f"{_IBC}; the minimum and maximum of Airwars (airwars.org/about/methodology)",
        ),
        Policy(
            "lowest",
            "the figure with the lowest low end, of those the lowest high end",
            f"{_ACLED}; the low estimate of {_UCDP}; the most-conservative model of {_MAVERICK}",
        ),
        Policy(
            "highest",
            "the figure with the highest high end, of those the highest low end",
            f"the high estimate of {_UCDP}; the most-informative model of {_MAVERICK}",
        ),
        Policy(
            "median",
            "the median of the low ends to the median of the high ends; of an even number the "
            "lower of the two in the middle, which somebody said",
            "the lower median of order statistics, as it needs no number that nobody claims",
        ),
        Policy(
            "mode",
            "the figure that most origins give; of those that as many give, the lowest",
            f"the most-representative model of {_MAVERICK}",
        ),
        Policy(
            "most-reliable",
            "the figure of the source with the best reliability, A to E (F says that it cannot be "
            "judged, and counts as no grade); of equals, or if none has a grade, the lowest",
            f"the best estimate of {_UCDP}, which prefers the most reliable report, and where none "
            "is told apart the lower figure",
        ),
        Policy(
            "latest",
            "the figure that was said last, by the first day that its date may mean; of one day "
            "the lowest; undated ones are the oldest",
            "the practice of running counts, which are corrected as better information comes "
            f"({_ACLED.partition(',')[0]} and Airwars among them)",
        ),
    )
}

#: Grades by rank, best first; F and none come last, alike.
_RANKS = {grade: rank for rank, grade in enumerate("ABCDE")}
UNGRADED = len(_RANKS)


def figures(said: pd.DataFrame, grades: dict[int, str | None]) -> pd.DataFrame:
    """One figure for each origin that affirms any: its newest.

    `said`: affirming positions with a number, as `Docket.positions` holds them; `grades` by
    source's number. One row an origin, by proposition; columns: proposition, low (open below: 0),
    high (open above: infinite), since, rank (of the best grade among the origin's sources, 0 best),
    named.
    """
    ranks = said["source"].map(
        {source: _RANKS.get(grade or "", UNGRADED) for source, grade in grades.items()}
    )
    said = said.assign(
        rank=ranks.fillna(UNGRADED).astype("int64"),
        low=said["low"].fillna(0.0),
        high=said["high"].fillna(np.inf),
    )
    best = said.groupby("origin")["rank"].min()
    newest = own_words_last(said).drop_duplicates("origin", keep="last")
    newest = newest.assign(rank=best.reindex(newest["origin"]).to_numpy())
    columns = ["proposition", "low", "high", "since", "rank", "named"]
    return newest.sort_values(["proposition", "claim"])[columns].reset_index(drop=True)


def own_words_last(positions: pd.DataFrame) -> pd.DataFrame:
    """Positions oldest first (undated before all), those that merely repeat before all others.

    So of an origin what its own source holds comes last, not an outlet that repeats it late.
    """
    ordered = positions.assign(own=~positions["repeating"].astype(bool))
    return ordered.sort_values(["own", "since", "claim"], na_position="first")


def estimates(figures: pd.DataFrame, policy: str) -> pd.DataFrame:
    """What a rule makes of the figures of each proposition.

    `figures` as the function of that name gives them. Index: the proposition; columns: low, high
    (as there), and by: the sources of the figure taken, where it is one's and not put together.
    """
    if policy == "widest":
        ends = figures.groupby("proposition").agg({"low": "min", "high": "max"})
        return ends.assign(by=None)
    if policy == "median":
        by = figures.groupby("proposition")
        middles = {end: by[end].quantile(0.5, interpolation="lower") for end in ("low", "high")}
        return pd.DataFrame(middles).assign(by=None)
    taken = _first(figures, *_orders(figures, policy))
    same = figures.merge(taken, on=["proposition", "low", "high"])
    names = joined(same["proposition"], same["named"])
    return taken.set_index("proposition").assign(by=lambda found: found.index.map(names))


def _orders(figures: pd.DataFrame, policy: str) -> list[Any]:
    """What a rule looks at first, before the lowest low end and the lowest high end."""
    if policy == "lowest":
        return []
    if policy == "highest":
        return [-figures["high"], -figures["low"]]
    if policy == "most-reliable":
        return [figures["rank"]]
    if policy == "latest":
        days = figures["since"].to_numpy(dtype="datetime64[D]")
        return [-np.where(np.isnat(days), np.iinfo(np.int64).min + 1, days.astype(np.int64))]
    if policy == "mode":
        of = ["proposition", "low", "high"]
        return [-figures.groupby(of)["rank"].transform("size")]
    raise ValueError(f"{policy} is no policy")


def _first(figures: pd.DataFrame, *orders: Any) -> pd.DataFrame:
    """The first figure of each proposition in an order; then the lowest."""
    keys = [*orders, figures["low"], figures["high"]]
    order = np.lexsort([np.asarray(key) for key in (*reversed(keys), figures["proposition"])])
    ordered = figures.iloc[order][["proposition", "low", "high"]]
    return ordered.drop_duplicates("proposition")


def less(low: float, high: float, denied: Iterable[tuple[float, float]]) -> list[Range]:
    """What is left of a range when denied ranges are taken out of it, from the lowest.

    Whole numbers, inclusive; NaN or infinity is open. A denial without any number takes out all.
    """
    left = [(_low(low), _high(high))]
    for bottom, top in ((_low(bottom), _high(top)) for bottom, top in denied):
        left = [part for piece in left for part in _parts(*piece, bottom, top)]
    return [as_range(bottom, top) for bottom, top in sorted(left)]


def _parts(low: float, high: float, bottom: float, top: float) -> Iterator[tuple[float, float]]:
    """What lies of low to high below `bottom` and above `top`."""
    if low < bottom:
        yield low, min(high, bottom - 1)
    if high > top:
        yield max(low, top + 1), high


def as_range(low: float, high: float) -> Range:
    """Bounds as frames hold them as a range: an infinite end is open."""
    return ranged(low, np.nan if high == np.inf else high)


def _low(bound: float) -> float:
    return 0.0 if bound != bound else bound


def _high(bound: float) -> float:
    return np.inf if bound != bound else bound
