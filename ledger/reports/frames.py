"""From database rows to typed columns, and from columns to the frame that a report hands out.

Inside, whole numbers that may be missing are float64 (every count in a ledger is below 2**53, so
exact) or NOBODY for links; outside, they are Int64, text is str or None, and flags are bool.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from sys import intern
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa
from numpy.typing import NDArray

from ledger.model import Range
from ledger.reports.origins import NOBODY

_CHUNK = 50_000


def _link(values: Sequence[Any]) -> NDArray[Any]:
    found = np.array(values, dtype=np.float64)
    return np.where(np.isnan(found), NOBODY, found).astype(np.int64)


def _bound(values: Sequence[Any]) -> NDArray[Any]:
    return np.array(values, dtype=np.float64)


def _day(values: Sequence[Any]) -> NDArray[Any]:
    return np.array(values, dtype="datetime64[D]").astype("datetime64[s]")


def _code(values: Sequence[Any]) -> NDArray[Any]:
    # A vocabulary's word is one object, not one a row.
    return np.array([intern(value) for value in values], dtype=object)


def text(values: Iterable[Any]) -> "pd.Series[Any]":
    """A column of text: str, and None for what is missing, whatever the pandas."""
    return pd.Series([_text(value) for value in values], dtype=object)


def objects(values: NDArray[Any]) -> "pd.Series[Any]":
    """A column of Python's own text: pandas would copy it into a type of its own, and back."""
    return pd.Series(values, dtype=object, copy=False)


def _text(value: Any) -> str | None:
    return None if value is None or value is pd.NA or value != value else str(value)


#: How each kind of column is read: `link` (a row's number or NOBODY), `bound` (float64, NaN:
#: open), `day` (datetime64[s], from ISO text), `word` (text), `code` (a
#: vocabulary's word).
READERS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "link": _link,
    "bound": _bound,
    "day": _day,
    "code": _code,
    "word": lambda values: np.array(values, dtype=object),
}


def read(
    connection: sa.Connection, question: sa.Select[Any], kinds: Mapping[str, str]
) -> pd.DataFrame:
    """Answer `question` as a frame whose columns are `kinds`: name → kind, in its own order."""
    parts: dict[str, list[Any]] = {name: [] for name in kinds}
    for rows in connection.execute(question).partitions(_CHUNK):
        for (name, kind), values in zip(kinds.items(), zip(*rows, strict=True), strict=True):
            parts[name].append(READERS[kind](values))
    columns = {
        name: np.concatenate(parts[name]) if parts[name] else READERS[kind](())
        for name, kind in kinds.items()
    }
    return pd.DataFrame(
        {name: objects(each) if each.dtype == object else each for name, each in columns.items()}
    )


def apart(name: str) -> str:
    """A name as it stands among others that are joined: in quotes if it holds what joins them."""
    return f"“{name}”" if "; " in name else name


def joined(keys: "pd.Series[Any]", words: Iterable[str], between: str = "; ") -> dict[Any, str]:
    """The words of each key (a whole number) in one text, in the order in which they come."""
    numbers = keys.to_numpy(dtype=np.int64)
    order = np.argsort(numbers, kind="stable")
    found, starts = np.unique(numbers[order], return_index=True)
    sorted_words = np.fromiter(words, dtype=object, count=len(numbers))[order].tolist()
    places = zip(found.tolist(), runs(starts, len(numbers)), strict=True)
    return {key: between.join(sorted_words[start:end]) for key, (start, end) in places}


def runs(starts: NDArray[np.int64], end: int) -> Iterator[tuple[int, int]]:
    """Where each run begins and ends, of those that begin at `starts` and reach to `end`."""
    return pairwise((*starts.tolist(), end)) if len(starts) else iter(())


def ranged(low: float, high: float) -> Range:
    """The range of two bounds as they are held in frames (NaN: open)."""
    return Range(*(None if bound != bound else int(bound) for bound in (low, high)))


def built(columns: Mapping[str, str], values: Mapping[str, Any]) -> pd.DataFrame:
    """The report's frame: exactly `columns`, in their order, with rows numbered from 0.

    A Series or array of numbers, flags or moments keeps its type; all else becomes text.
    """
    if set(columns) != set(values):
        raise ValueError(f"columns that are not told or not there: {set(columns) ^ set(values)}")
    made = {}
    for name in columns:
        column = values[name]
        keeps = hasattr(column, "dtype") and not _wordy(column.dtype)
        made[name] = pd.Series(column).reset_index(drop=True) if keeps else text(column)
    return pd.DataFrame(made)


def stacked(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Frames of the same columns as one, in their order; at least one."""
    return pd.concat(list(frames), ignore_index=True)


def put_in_order(parts: list[pd.DataFrame], order: Any) -> pd.DataFrame:
    """The rows of frames of the same columns in an order of their places in all; empties `parts`.

    Column by column, so that no more than one stands twice while they are put in order.
    """
    made = {}
    for name in parts[0].columns:
        column = pd.concat([part.pop(name) for part in parts], ignore_index=True)
        made[name] = column.iloc[order].reset_index(drop=True)
    parts.clear()
    return pd.DataFrame(made, copy=False)


def _wordy(dtype: Any) -> bool:
    return bool(pd.api.types.is_object_dtype(dtype) or pd.api.types.is_string_dtype(dtype))


def whole(values: Iterable[Any]) -> "pd.Series[Any]":
    """Whole numbers as Int64, missing ones as NA."""
    found = pd.Series(np.array(list(values), dtype=np.float64))
    return found.astype("Int64")


def plain_rows(
    frame: pd.DataFrame,
) -> Iterator[tuple[bool | int | float | str | datetime | None, ...]]:
    """The rows of a report's frame as plain Python values, None for what is missing.

    Some rows at a time: all of a million as Python's own take half a gigabyte.
    """
    for start in range(0, len(frame), _CHUNK):
        part = frame.iloc[start : start + _CHUNK]
        yield from zip(*(_plain(part[name]) for name in part.columns), strict=True)


def _plain(column: "pd.Series[Any]") -> list[Any]:
    missing: list[bool] = column.isna().tolist()
    moments = pd.api.types.is_datetime64_any_dtype(column.dtype)
    values = (
        value.to_pydatetime() if moments and value is not pd.NaT else value
        for value in column.tolist()
    )
    return [None if gone else value for value, gone in zip(values, missing, strict=True)]


def mapped(keys: Iterable[Hashable], found: Mapping[Any, Any], otherwise: Any = None) -> list[Any]:
    """What `found` holds for each key, else `otherwise`."""
    return [found.get(key, otherwise) for key in keys]
