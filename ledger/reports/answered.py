"""From plain rows, as SQL has summed them up, to the frame that a report hands out."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ledger.reports.frames import built, whole


def answered(
    columns: Mapping[str, str], kinds: Mapping[str, str], rows: Sequence[Sequence[Any]]
) -> pd.DataFrame:
    """The frame of `rows` in the order of `columns`.

    `kinds` says which columns are `whole` (Int64), `real` (Float64) or a `flag` (bool); the others
    are text.
    """
    told = zip(*rows, strict=True) if rows else [()] * len(columns)
    values: dict[str, Any] = dict(zip(columns, told, strict=True))
    for name, kind in kinds.items():
        values[name] = _MADE[kind](values[name])
    return built(columns, values)


def _real(values: Sequence[float | None]) -> "pd.Series[Any]":
    found = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return pd.Series(found).astype("Float64")


_MADE: dict[str, Any] = {
    "whole": whole,
    "real": _real,
    "flag": lambda values: pd.Series(values, dtype=bool),
}
