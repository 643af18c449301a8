"""Which figures cannot both be right: two affirmed ranges apart, or one that a denial rejects.

Pure logic on frames of positions on one count: every answer is a matrix, affirmed figures in rows.
An end that is open is 0 or infinite. Whether a proposition is contested is a wider question, and
`ledger.reports.docket`'s.
"""

from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ledger.model import Side
from ledger.reports.kept import of_side
from ledger.reports.origins import Flags

#: The low and the high ends of ranges, of which none is missing.
Ends: TypeAlias = tuple[NDArray[np.float64], NDArray[np.float64]]


def figures_of(positions: pd.DataFrame) -> pd.DataFrame:
    """The affirming positions that name a number."""
    affirmed = of_side(positions, Side.AFFIRMS)
    return affirmed[affirmed["low"].notna() | affirmed["high"].notna()]


def denials_of(positions: pd.DataFrame) -> pd.DataFrame:
    """The denying positions that reject a range, or deny that there were any; no others.

    Not number words that give no range, nor a figure that is disputed and not named.
    """
    denied = of_side(positions, Side.DENIES)
    named = denied["low"].notna() | denied["high"].notna()
    kept: pd.DataFrame = denied[named | flat(denied)]
    return kept


def flat(positions: pd.DataFrame) -> Any:
    """Which deny a count outright, naming no number: that there was even one, as `model.outcome`.

    To dispute a figure is to accept that there were some.
    """
    silent = positions["low"].isna() & positions["high"].isna() & (positions["worded"] == 0)
    return silent & (positions["stance"] == "denies")


def apart(claimed: Ends) -> Flags:
    """Where the figure of a row lies wholly above that of a column: a pair, seen once."""
    low, high = claimed
    return low[:, None] > high[None, :]


def rejected(claimed: Ends, denied: Ends) -> Flags:
    """Where the denied range of a column holds all of the figure of a row."""
    (low, high), (bottom, top) = claimed, denied
    return (bottom[None, :] <= low[:, None]) & (high[:, None] <= top[None, :])


def rejects(denied: pd.DataFrame) -> Ends:
    """The ends of what denials reject; of one that names no number, from 1: it is no word on 0."""
    low, high = ends(denied)
    return np.where(flat(denied), 1.0, low), high


def ends(positions: pd.DataFrame) -> Ends:
    """The ends of ranges."""
    low, high = (positions[name].to_numpy(dtype=np.float64) for name in ("low", "high"))
    return np.where(np.isnan(low), 0.0, low), np.where(np.isnan(high), np.inf, high)
