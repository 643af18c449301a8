"""Which figures cannot both be right: two affirmed ranges apart, or one that a denial rejects.

Pure logic on frames of positions on one count: every answer is a matrix, affirmed figures in rows.
An end that is open is 0 or infinite. Whether a proposition is contested is a wider question, and
`ledger.reports.docket`'s.
"""

from typing import Any

import numpy as np
import pandas as pd

from ledger.model import Side


def figures_of(positions: pd.DataFrame) -> pd.DataFrame:
    """The affirming positions that name a number."""
    affirmed = positions[positions["side"] == Side.AFFIRMS.value]
    return affirmed[affirmed["low"].notna() | affirmed["high"].notna()]


def denials_of(positions: pd.DataFrame) -> pd.DataFrame:
    """The denying positions that reject a range, or (naming no number) all; not words alone."""
    denied = positions[positions["side"] == Side.DENIES.value]
    named = denied["low"].notna() | denied["high"].notna()
    return denied[named | (denied["worded"] == 0)]


def apart(claimed: pd.DataFrame) -> Any:
    """Where the figure of a row lies wholly above that of a column: a pair, seen once."""
    low, high = ends(claimed)
    return low[:, None] > high[None, :]


def rejected(claimed: pd.DataFrame, denied: pd.DataFrame) -> Any:
    """Where the denied range of a column holds all of the figure of a row."""
    (low, high), (bottom, top) = ends(claimed), ends(denied)
    return (bottom[None, :] <= low[:, None]) & (high[:, None] <= top[None, :])


def ends(positions: pd.DataFrame) -> tuple[Any, Any]:
    """The ends of ranges as arrays of float64."""
    return (
        positions["low"].fillna(0.0).to_numpy(),
        positions["high"].fillna(np.inf).to_numpy(),
    )
