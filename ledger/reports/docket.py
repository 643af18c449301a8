"""The docket: the propositions in question, with their claims, positions and origins.

What every report begins from. A position is a source's newest claim on a proposition, as in the
public view `positions`. No report counts origins or judges contest by itself, so that no two
reports disagree.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, Unpack

import numpy as np
import pandas as pd
import sqlalchemy as sa

from ledger.model import Kind, Side
from ledger.reports import reading
from ledger.reports.clashing import flat
from ledger.reports.filters import Chosen, Filters, choose
from ledger.reports.frames import apart, objects
from ledger.reports.kept import Kept, of_side
from ledger.reports.origins import NOBODY, Numbers, Repeats, origins, positions_of


@dataclass(frozen=True, slots=True)
class Docket:
    """What is in question and who says what on it; all frames are keyed by row numbers.

    `propositions`: one row each, as `reading.propositions` reads them, with origins by side
    (affirmed_origins, denied_origins, withheld_origins: int), contested and circular (bool).
    `claims`: those not withdrawn, oldest first, as `reading.claims` with side and name (of the
    source). `positions`: the newest claim of each source on each proposition, by date and name,
    with origin, root, circular and repeating. `claims` and `positions` also hold the propositions
    that denials of something else are about, or answer, which `propositions` need not; `slugs`
    names all.
    """

    chosen: Chosen
    propositions: pd.DataFrame
    claims: pd.DataFrame
    positions: pd.DataFrame
    slugs: dict[int, str]


def docket(connection: sa.Connection, **filters: Unpack[Filters]) -> Docket:
    """Read the docket. The filters choose propositions, never some of a proposition's claims.

    `source`, `side`, `stance` and `status` keep the propositions with a claim that fits all of
    them; all their other claims stay, or origins and contest would be wrong. Raises NotFoundError
    for a filter that names nothing.
    """
    if (held := _HELD.get()) is not None:
        return held.docket(connection, filters, None)
    case = _case(connection, filters)
    return _heard(case, case.propositions, case.kept.propositions)


#: About how many claims a bundle has: of so many, a docket takes some 80 MB.
BUNDLE = 100_000


def dockets(
    connection: sa.Connection,
    *,
    bundle: int = BUNDLE,
    kind: str | None = None,
    **filters: Unpack[Filters],
) -> Iterator[Docket]:
    """Read the docket bundle by bundle of propositions (of a `kind`), in their order, at least one.

    What one holds of its propositions is what `docket` holds of them; that of a million claims
    as a whole takes a gigabyte. Each is heard when it is asked for, from one reading.
    """
    if (held := _HELD.get()) is not None:
        yield held.docket(connection, filters, kind)
        return
    case = _case(connection, filters, kind)
    sizes = case.kept.sizes(case.propositions.index.to_numpy(dtype=np.int64))
    bundles = (np.cumsum(sizes) - 1) // bundle
    for _, propositions in case.propositions.groupby(bundles, sort=True):
        numbers = propositions.index.to_numpy(dtype=np.int64)
        yield _heard(case, propositions, case.kept.answering(numbers))
    if not len(sizes):
        yield _heard(case, case.propositions, case.kept.propositions)


@contextmanager
def read_once() -> Iterator[None]:
    """Have every docket read once, for who asks several reports about the same few propositions.

    Within it nothing is read again that the same connection was asked before, and a docket comes
    whole, never in bundles.
    """
    token = _HELD.set(_Held())
    try:
        yield
    finally:
        _HELD.reset(token)


class _Held:
    """The dockets that were read."""

    def __init__(self) -> None:
        self._cases: dict[Any, _Case] = {}
        self._dockets: dict[Any, Docket] = {}

    def docket(self, connection: sa.Connection, filters: Filters, kind: str | None) -> Docket:
        """The docket of a `kind`, or of all: from one reading."""
        key = (id(connection), *sorted((name, repr(value)) for name, value in filters.items()))
        if key not in self._cases:
            self._cases[key] = _case(connection, filters)
        if (key, kind) not in self._dockets:
            case = self._cases[key]
            propositions, about = case.propositions, case.kept.propositions
            if kind is not None:
                propositions = propositions[propositions["kind"] == kind]
                about = case.kept.answering(propositions.index.to_numpy(dtype=np.int64))
            self._dockets[key, kind] = _heard(case, propositions, about)
        return self._dockets[key, kind]


_HELD: ContextVar[_Held | None] = ContextVar("_HELD", default=None)


@dataclass(frozen=True, slots=True)
class _Case:
    """What is read once: the propositions and claims chosen, every source, and who repeats whom."""

    chosen: Chosen
    propositions: pd.DataFrame
    kept: Kept
    sources: pd.DataFrame
    repeats: Repeats
    slugs: dict[int, str]


def _case(connection: sa.Connection, filters: Filters, kind: str | None = None) -> _Case:
    chosen = replace(choose(connection, **filters), kind=kind)
    sources = reading.sources(connection)
    sources["named"] = [apart(name) for name in sources["name"]]
    names = sources["name"].to_numpy()
    sources["rank"] = np.argsort(np.argsort(names))
    return _Case(
        chosen,
        reading.propositions(connection, chosen),
        reading.claims(connection, chosen),
        sources,
        Repeats.of(reading.chains(connection, chosen)),
        reading.slugs(connection),
    )


def _heard(case: _Case, propositions: pd.DataFrame, about: Numbers) -> Docket:
    """The docket of some propositions; `about` are those whose claims it takes."""
    claims, sources = case.kept.frame(about), case.sources
    at, _ = positions_of(claims["source"].to_numpy(), sources["source"].to_numpy())
    for column in ("name", "named"):
        claims[column] = objects(sources[column].to_numpy(dtype=object)[at])
    newest = _newest(claims)
    positions = claims.iloc[newest]
    positions = positions.join(origins(positions, case.repeats, sources))
    # An undated position is the oldest when the newest is looked for, and read last.
    dates, ranks = positions["since"], sources["rank"].to_numpy()[at[newest]]
    positions = positions.iloc[np.lexsort((positions["claim"], ranks, dates, dates.isna()))]
    weighed = _weighed(propositions, positions)
    kept = _fitting(claims, case.chosen, weighed)
    return Docket(case.chosen, weighed[kept], claims, positions, case.slugs)


def _newest(claims: pd.DataFrame) -> Any:
    """The places of each source's newest claim on each proposition; claims are oldest first."""
    source = claims["source"].to_numpy()
    keys = claims["proposition"].to_numpy() * (source.max(initial=0) + 1) + source
    _, places = np.unique(keys[::-1], return_index=True)
    return np.sort(len(keys) - 1 - places)


def _fitting(claims: pd.DataFrame, chosen: Chosen, propositions: pd.DataFrame) -> Any:
    """Which propositions the filters on claims and contest leave."""
    kept = np.ones(len(propositions), dtype=np.bool_)
    if chosen.asks_of_claims:
        fits = fitting(claims, chosen)
        kept &= propositions.index.isin(claims.loc[fits, "proposition"])
    if chosen.contested is not None:
        kept &= propositions["contested"].to_numpy(dtype=np.bool_) == chosen.contested
    return kept


def fitting(claims: pd.DataFrame, chosen: Chosen) -> Any:
    """Which claims have the source, side, stance and status asked for, and may have the dates."""
    fits = np.ones(len(claims), dtype=np.bool_)
    for column, value in chosen.of_claims.items():
        fits &= claims[column].to_numpy() == value
    since = claims["since"].to_numpy()  # a missing date compares as false
    if chosen.first is not None:
        early = chosen.earliest
        fits &= np.logical_or.reduce(
            [
                (claims["precision"] == precision.value).to_numpy() & (since >= np.datetime64(day))
                for precision, day in early.items()
            ]
        )
    if chosen.last is not None:
        fits &= since <= np.datetime64(chosen.last)
    return fits


def instead(claims: pd.DataFrame, positions: pd.DataFrame) -> Any:
    """Which claims deny something else: they answer a claim on a proposition that is not denied.

    That is a denial which answers a claim on another proposition, unless its source denies that one
    too. `positions` are all of a docket; `claims` may be any of its claims.
    """
    answered = claims["answered"]
    elsewhere = (answered != NOBODY) & (answered != claims["proposition"])
    found = (elsewhere & (claims["side"] == Side.DENIES.value)).to_numpy(dtype=np.bool_, copy=True)
    if found.any():
        held = of_side(positions, Side.DENIES)[["source", "proposition"]]
        outright = pd.MultiIndex.from_frame(held)
        found[found] = ~pd.MultiIndex.from_frame(claims.loc[found, ["source", "answered"]]).isin(
            outright
        )
    return found


def _weighed(propositions: pd.DataFrame, positions: pd.DataFrame) -> pd.DataFrame:
    """The propositions with their origins by side, and whether contested and circular."""
    weighed = propositions.copy()
    # No number serves two propositions or two sides: so each is counted where it is first met.
    _, first = np.unique(positions["origin"].to_numpy(), return_index=True)
    met = positions.iloc[first]
    for side, column in (
        (Side.AFFIRMS, "affirmed_origins"),
        (Side.DENIES, "denied_origins"),
        (Side.WITHHOLDS, "withheld_origins"),
    ):
        counted = of_side(met, side)["proposition"].value_counts()
        weighed[column] = counted.reindex(weighed.index, fill_value=0).astype("int64")
    rings = positions.loc[positions["circular"].to_numpy(dtype=np.bool_), "proposition"]
    weighed["circular"] = weighed.index.isin(rings)
    weighed["contested"] = weighed.index.isin(_contested(propositions, positions))
    return weighed


def _contested(propositions: pd.DataFrame, positions: pd.DataFrame) -> "pd.Series[Any]":
    """The numbers of the propositions on which positions cannot all be right.

    A fact: somebody affirms and somebody denies it. A count: two affirmed ranges are disjoint, or
    a denied range meets an affirmed one. Whoever denies hundreds says nothing against five; a
    denial without a number says that there was not even one; whoever disputes without a number
    contests whatever is affirmed; number words that give no range contest nothing.
    """
    counts = propositions.index[propositions["kind"] == Kind.COUNT.value]
    bounded = positions["low"].notna() | positions["high"].notna()
    sides = positions[bounded | (positions["worded"] == 0)]
    sides = sides[["proposition", "way", "low", "high"]].assign(
        # A yes-or-no claim has no bounds, so it meets every other.
        low=sides["low"].fillna(0.0).mask(flat(sides), 1.0),
        high=sides["high"].fillna(np.inf),
    )
    affirmed, denied = of_side(sides, Side.AFFIRMS), of_side(sides, Side.DENIES)
    bounds = affirmed[affirmed["proposition"].isin(counts)].groupby("proposition")
    apart = bounds["low"].max() > bounds["high"].min()
    met = denied.loc[_meeting(affirmed, denied), "proposition"]
    return pd.Series([*apart.index[apart], *met], dtype="int64")


def _meeting(affirmed: pd.DataFrame, denied: pd.DataFrame) -> Any:
    """Which denied ranges share a number with an affirmed one of the same proposition.

    Of the affirmed ranges, those that begin by the denied one's end, less those that end before
    it begins, meet it: two look-ups in sorted keys of (proposition, bound), no pairs.
    """
    bounds = np.unique(np.concatenate([affirmed["low"], affirmed["high"]]))

    def keyed(frame: pd.DataFrame, places: Any) -> Any:
        return frame["proposition"].to_numpy() * (len(bounds) + 1) + places

    lows = np.sort(keyed(affirmed, np.searchsorted(bounds, affirmed["low"])))
    highs = np.sort(keyed(affirmed, np.searchsorted(bounds, affirmed["high"])))
    # Places count the bounds at or below; a range's own bound is one of them.
    ends = keyed(denied, np.searchsorted(bounds, denied["high"], side="right") - 1)
    starts = keyed(denied, np.searchsorted(bounds, denied["low"], side="left"))
    begun = np.searchsorted(lows, ends, side="right")
    return begun > np.searchsorted(highs, starts, side="left")
