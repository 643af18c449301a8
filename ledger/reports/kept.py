"""The claims that reports are about, kept small and handed out as frames, some at a time.

A million claims as a frame of text, links and its copies take a gigabyte; as small numbers they
take fifty megabytes, and a frame of those on some propositions is made when it is asked for.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ledger.model import SIDE_OF, Side
from ledger.reports.frames import objects
from ledger.reports.origins import NOBODY, Numbers, positions_of

#: The columns of vocabularies and their kin: each word is kept as a small number.
WORDS = ("stance", "attribution", "status", "precision")
#: Whole numbers; NOBODY where there is none.
LINKS = ("claim", "proposition", "source", "via", "answered", "worded")
#: Bounds of ranges; NaN where they are open.
BOUNDS = ("low", "high")

_SIDES = {stance: side.value for stance, side in SIDE_OF.items()}
DENYING = [stance for stance, side in SIDE_OF.items() if side is Side.DENIES]
#: The sides as numbers, which are compared in no time.
WAYS = {side.value: place for place, side in enumerate(Side)}
UNKNOWN = -1

_EPOCH = date(1970, 1, 1).toordinal()
_UNDATED = np.iinfo(np.int32).min


class _Places(dict[Any, int]):
    """Words by the order in which they were first met."""

    def __missing__(self, word: Any) -> int:
        self[word] = place = len(self)
        return place


class _Days(dict[Any, int]):
    """Days since 1970 by their ISO text; there are few among many claims."""

    def __missing__(self, text: str | None) -> int:
        self[text] = day = (
            _UNDATED if text is None else date.fromisoformat(text).toordinal() - _EPOCH
        )
        return day


@dataclass(frozen=True, slots=True)
class Kept:
    """Claims in order of proposition, then date (undated first), then number.

    `columns`: WORDS, LINKS, BOUNDS and `since` (days since 1970) as arrays. `words`: what the
    numbers of a column of WORDS mean. `propositions`: those that have claims, ascending, whose
    claims begin at `starts` (which has one more: the end).
    """

    columns: dict[str, NDArray[Any]]
    words: dict[str, NDArray[Any]]
    propositions: Numbers
    starts: Numbers

    def __len__(self) -> int:
        """How many claims there are."""
        return len(self.columns["claim"])

    def sizes(self, propositions: Numbers) -> Numbers:
        """How many claims each proposition has."""
        at, found = positions_of(propositions, self.propositions)
        if not len(self.propositions):
            return np.zeros(len(propositions), dtype=np.int64)
        return np.where(found, self.starts[at + 1] - self.starts[at], 0)

    def answering(self, propositions: Numbers) -> Numbers:
        """These; those with claims that answer a claim on one; those that denials on one answer."""
        answered, about = self.columns["answered"], self.columns["proposition"]
        answering = about[np.isin(answered, propositions)]
        denials = np.isin(self.columns["stance"], self._places("stance", DENYING))
        denials &= (answered != NOBODY) & (answered != about)
        asked = answered[denials][np.isin(about[denials], propositions)]
        return np.unique(np.concatenate([answering, asked, propositions])).astype(np.int64)

    def _places(self, column: str, words: Collection[str]) -> list[int]:
        return [place for place, word in enumerate(self.words[column]) if word in words]

    def frame(self, propositions: Numbers) -> pd.DataFrame:
        """The claims on these propositions, oldest first, undated before all; then by number.

        Columns: LINKS as int64, BOUNDS as float64, WORDS as text, side (of the stance) as text and
        way (its place among the sides, UNKNOWN for another hand's word), since as datetime64[s].
        """
        at, found = positions_of(propositions, self.propositions)
        at = at[found]
        if len(at) == len(self.propositions):
            rows = np.arange(len(self))
        else:
            runs = zip(self.starts[at].tolist(), self.starts[at + 1].tolist(), strict=True)
            ranges = [np.arange(first, end) for first, end in runs]
            rows = np.concatenate([np.zeros(0, dtype=np.int64), *ranges])
        rows = rows[np.lexsort((self.columns["claim"][rows], self.columns["since"][rows]))]
        since = self.columns["since"][rows]
        days = since.astype("datetime64[D]")
        days[since == _UNDATED] = np.datetime64("NaT")
        made: dict[str, Any] = {name: self.columns[name][rows].astype(np.int64) for name in LINKS}
        made |= {name: self.columns[name][rows] for name in BOUNDS}
        made |= {name: objects(self.words[name][self.columns[name][rows]]) for name in WORDS}
        stances = self.words["stance"]
        sides = np.array([_SIDES.get(stance) for stance in stances], dtype=object)
        ways = np.array([WAYS.get(side, UNKNOWN) for side in sides], dtype=np.int8)
        places = self.columns["stance"][rows]
        made |= {"side": objects(sides[places]), "way": ways[places]}
        return pd.DataFrame(made | {"since": days.astype("datetime64[s]")})


def kept(chunks: Iterator[Sequence[Sequence[Any]]]) -> Kept:
    """Keep rows of LINKS, BOUNDS, WORDS and since (ISO text or None), which come by number."""
    names = (*LINKS, *BOUNDS, *WORDS, "since")
    parts: dict[str, list[NDArray[Any]]] = {name: [] for name in names}
    places: dict[str, _Places] = {name: _Places() for name in WORDS}
    days = _Days()
    for rows in chunks:
        for name, values in zip(names, zip(*rows, strict=True), strict=True):
            if name in places:
                found = np.fromiter(map(places[name].__getitem__, values), np.int16, len(values))
            elif name == "since":
                found = np.fromiter(map(days.__getitem__, values), np.int32, len(values))
            else:
                found = np.array(values, dtype=np.float64 if name in BOUNDS else np.int32)
            parts[name].append(found)
    columns = {name: _whole(parts.pop(name), name) for name in names}
    # They come by number, so that a stable sort by the rest is one by all.
    key = (columns["proposition"].astype(np.int64) << 32) + (columns["since"] - np.int64(_UNDATED))
    order = np.argsort(key, kind="stable")
    for name in names:
        columns[name] = columns[name][order]
    propositions, starts = np.unique(columns["proposition"], return_index=True)
    words = {name: np.array(list(places[name]) or [""], dtype=object) for name in WORDS}
    ends = np.append(starts, len(order)).astype(np.int64)
    return Kept(columns, words, propositions.astype(np.int64), ends)


def of_side(claims: pd.DataFrame, side: Side) -> pd.DataFrame:
    """Those of some claims or positions that point a way."""
    pointing: pd.DataFrame = claims[claims["way"].to_numpy() == WAYS[side.value]]
    return pointing


def _whole(parts: list[NDArray[Any]], name: str) -> NDArray[Any]:
    none = np.zeros(0, dtype=np.float64 if name in BOUNDS else np.int32)
    return np.concatenate(parts) if parts else none
