"""Steps: a source's claims on a proposition as successive stances, and what each step does.

A step is a run of claims by one source on one proposition that hold the same stance and range; a
shift is a step to another side (DESIGN section 1). What order claims stand in is the docket's to
say; where their dates leave the order open, a step is unsure.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ledger.model import Range, Side
from ledger.reports.docket import Docket, fitting
from ledger.reports.frames import ranged
from ledger.reports.said import first_days, last_days

#: What a step does to the one before it. Only what the words of the ledger themselves grade is
#: graded: to deny is more than to dispute, to take a side more than to take none.
CHANGES = {
    "hardened": "takes a side after none; denies what it disputed; rejects a wider range",
    "softened": "takes no side any more; disputes what it denied; rejects a narrower range",
    "reversed": "from affirming to denying, or back",
    "retracted": "takes back what was said",
    "raised": "a range with both ends higher",
    "lowered": "a range with both ends lower",
    "narrowed": "a range within the one before",
    "widened": "a range around the one before",
    "reworded": "other number words, and one of the two gives no range",
    "moved": "another stance that is neither more nor less",
}


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of a docket. `all`: every one; `chosen`: those that the filters leave, in order.

    One row a step, by proposition and source, then in order; `claim` is the one that dates it.
    Columns: claim, proposition, source, name, step (from 1), stance, side, low, high, worded,
    answered, since, precision, status (of the newest claim), before_* (of the step before:
    NaN or None for the first), shift, unsure (bool), change. `spoken`: every claim, with the
    place `at` of its step in `all`, in order; `fitting`: those of them that the filters leave.
    """

    all: pd.DataFrame
    chosen: pd.DataFrame
    spoken: pd.DataFrame
    fitting: pd.DataFrame
    read: Docket


_BEFORE = ("stance", "side", "low", "high", "worded", "since", "precision")


def steps(read: Docket) -> Steps:
    """Walk the claims of a docket into steps."""
    claims = read.claims[read.claims["proposition"].isin(read.propositions.index)]
    claims = claims.sort_values(["proposition", "source"], kind="stable", ignore_index=True)
    claims = claims.assign(at=_places(claims), soon=first_days(claims), late=last_days(claims))
    dated = claims[claims["since"].notna()]
    bounds = dated.groupby("at").agg(held_by=("late", "min"), held_at=("soon", "max"))
    # The first claim dates a step, and undated ones, which come first, do not.
    first = pd.concat([dated, claims]).drop_duplicates("at").set_index("at").sort_index()
    taken = first.join(bounds)
    taken["status"] = claims.drop_duplicates("at", keep="last")["status"].to_numpy()
    by = taken.groupby(["proposition", "source"], sort=False)
    taken["step"] = by.cumcount() + 1
    for column in (*_BEFORE, "held_by"):
        taken[f"before_{column}"] = by[column].shift()
    later = taken["step"] > 1
    taken["shift"] = later & (taken["side"] != taken["before_side"])
    taken["unsure"] = later & ~(taken["before_held_by"] < taken["held_at"])
    moved = taken.loc[later, list(_CHANGING)]
    taken["change"] = None  # of a first step
    taken.loc[later, "change"] = list(map(_change, *(moved[name].tolist() for name in _CHANGING)))
    spoken = claims[fitting(claims, read.chosen)]
    ordered = _ordered(taken, read)
    return Steps(taken, ordered[ordered.index.isin(spoken["at"])], claims, spoken, read)


def _places(claims: pd.DataFrame) -> Any:
    """Which step each claim belongs to, from 0; claims are sorted by proposition and source."""
    new = np.ones(len(claims), dtype=np.bool_)
    if len(claims) > 1:
        same = np.ones(len(claims) - 1, dtype=np.bool_)
        for column in ("proposition", "source", "stance"):
            values = claims[column].to_numpy()
            same &= values[1:] == values[:-1]
        open_ = np.ones(len(claims), dtype=np.bool_)
        for column in ("low", "high"):
            bounds = claims[column].to_numpy()
            both = np.isnan(bounds[1:]) & np.isnan(bounds[:-1])
            same &= both | (bounds[1:] == bounds[:-1])
            open_ &= np.isnan(bounds)
        # Number words that give no range may mean anything: each is a step of its own.
        vague = open_ & (claims["worded"].to_numpy() == 1)
        new[1:] = ~same | vague[1:] | vague[:-1]
    return np.cumsum(new) - 1


def _ordered(taken: pd.DataFrame, read: Docket) -> pd.DataFrame:
    """The steps as the report shows them: propositions as recorded, sources by when they began."""
    begun = taken.groupby(["proposition", "source"], sort=False)["since"].transform("min")
    order = pd.Series(range(len(read.propositions)), index=read.propositions.index)
    keyed = taken.assign(order=taken["proposition"].map(order), begun=begun)
    keys = ["order", "begun", "name", "source", "step"]
    return keyed.sort_values(keys, na_position="last").drop(columns=["order", "begun"])


_CHANGING = (
    "stance", "side", "low", "high", "worded",
    "before_stance", "before_side", "before_low", "before_high", "before_worded",
)  # fmt: skip
_TAKING = (Side.AFFIRMS.value, Side.DENIES.value)


def _change(
    stance: str, side: str, low: float, high: float, worded: int,
    was: str, was_side: str, was_low: float, was_high: float, was_worded: float,
) -> str:  # fmt: skip
    """What a step does to the one before it, in a word of CHANGES."""
    if side != was_side:
        if side == Side.WITHDRAWS.value:
            return "retracted"
        if side in _TAKING:
            return "reversed" if was_side in _TAKING else "hardened"
        return "softened" if was_side in _TAKING else "moved"
    if stance != was:
        # To dispute is to accept the event and reject the figure or the blame: less than to deny.
        graded = {("denies", "disputes"): "softened", ("disputes", "denies"): "hardened"}
        return graded.get((was, stance), "moved")
    unknown = [
        words == 1 and one != one and other != other
        for one, other, words in ((low, high, worded), (was_low, was_high, was_worded))
    ]
    if any(unknown):
        return "reworded"
    return _ranges(ranged(was_low, was_high), ranged(low, high), denied=side == Side.DENIES.value)


def _ranges(was: Range, now: Range, *, denied: bool) -> str:
    """What became of a range: of two of which neither covers the other, both ends moved one way."""
    if was.covers(now):
        return "softened" if denied else "narrowed"  # who rejects less denies less
    if now.covers(was):
        return "hardened" if denied else "widened"
    return "raised" if (now.low or 0) > (was.low or 0) else "lowered"
