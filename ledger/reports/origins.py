"""Who has it from whom: counts independent origins where ten outlets relay one story.

Pure logic on numpy arrays and frames: no database, no names. Every step is linear or a sort, so a
million positions are feasible. What an origin is, DESIGN section 1 says; where that is silent:

- A circle of `repeats` is one origin, and whatever rests on it is circular too. A circle of `via`
  (A by way of B, B by way of A, on one proposition and without opposing one another) is one
  origin, and its members alone are circular.
- Members of one organisation disagree where no number lies in all their ranges. Then they are as
  few origins as can be made so that within each a number is shared. Ranges that are *denied* do
  not disagree: two denials of different figures can both be right.
- A repeating claim counts with the range of the claim it repeats, not with its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ledger.model import Side

Numbers: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

#: What stands for “no such claim or source” in the whole-number columns.
NOBODY = -1


def ends(following: Numbers) -> tuple[Numbers, Flags]:
    """Where each chain ends, and which places lie on a circle.

    `following[i]` is the place after `i`, or `i` itself where the chain ends. Back come the last
    place of each chain – for a chain that runs into a circle, the circle's lowest place – and
    whether each place is itself part of a circle. Pointer jumping: O(n log n), no recursion.
    """
    last = following.copy()
    for _ in range(max(len(following), 1).bit_length()):
        further = last[last]
        if np.array_equal(further, last):
            break
        last = further
    # After so many doublings every pointer stands on an end or within a circle, and those within
    # still move.
    on_circle = np.zeros(len(following), dtype=np.bool_)
    on_circle[last[following[last] != last]] = True
    return np.where(on_circle[last], _lowest(following, on_circle)[last], last), on_circle


def _lowest(following: Numbers, on_circle: Flags) -> Numbers:
    """For each place on a circle the circle's lowest place; of the others it says nothing."""
    circle = np.flatnonzero(on_circle)
    at = np.zeros(len(following), dtype=np.int64)
    at[circle] = np.arange(len(circle))
    lowest, ahead = circle.astype(np.int64), at[following[circle]]
    for _ in range(len(circle).bit_length()):
        lowest = np.minimum(lowest, lowest[ahead])
        ahead = ahead[ahead]
    at[circle] = lowest
    return at


def positions_of(wanted: Numbers, known: Numbers) -> tuple[Numbers, Flags]:
    """Where each of `wanted` stands in the ascending `known`, and whether it does at all."""
    if not len(known):
        return np.zeros(len(wanted), dtype=np.int64), np.zeros(len(wanted), dtype=np.bool_)
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return at.astype(np.int64), known[at] == wanted


def linked(known: Numbers, to: Numbers) -> Numbers:
    """Each row's link as a place in `known` (ascending); its own place where it leads nowhere."""
    at, found = positions_of(to, known)
    return np.where(found, at, np.arange(len(known))).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Repeats:
    """Who repeats whom, followed to the ends: once for all the positions that are asked about.

    `chains` is every claim that repeats or is repeated, with `claim` ascending, `proposition`,
    `source`, `repeats` (NOBODY: none), `low`, `high`; `last` the place where each one's chain ends;
    `on_circle` which are part of a circle.
    """

    chains: pd.DataFrame
    last: Numbers
    on_circle: Flags

    @classmethod
    def of(cls, chains: pd.DataFrame) -> "Repeats":
        """Follow every chain of `repeats`."""
        return cls(chains, *ends(linked(_whole(chains, "claim"), _whole(chains, "repeats"))))


def origins(positions: pd.DataFrame, repeats: Repeats, members: pd.DataFrame) -> pd.DataFrame:
    """Which origin each position has; count distinct `origin` to count independent ones.

    `positions`: one row a (proposition, source), in any order under a unique index, with the
    whole-number columns `claim`, `proposition`, `source`, `via` (NOBODY: none), the text column
    `side`, and `low` and `high` (float64, NaN: open). `members`: every source, with `source`
    ascending and `member_of` (NOBODY: none).

    One row a position, with its index: `origin` (int64; the same number is the same origin, and no
    number serves two propositions or two sides), `root` (int64, the source at the top of where it
    comes from), `circular` and `repeating` (bool; its claim merely repeats another).
    """
    asked, side = positions.index, positions["side"].map(_PLACES).to_numpy(dtype=np.int64)
    order = np.lexsort((side, positions["source"], positions["proposition"]))
    positions, side = positions.iloc[order], side[order]
    sources = _whole(members, "source")
    tops, _ = ends(linked(sources, _whole(members, "member_of")))

    def top_of(source: Numbers) -> Numbers:
        at, found = positions_of(source, sources)
        return np.where(found, sources[tops[at]], source) if len(sources) else source

    voice = _traced(positions, repeats)
    ring, relayed = _via_circles(positions)
    # The members of a circle speak with one voice: that of the first of them.
    spoken = np.where(relayed, _whole(voice, "source")[ring], _whole(voice, "source"))
    keys = pd.DataFrame(
        {
            "proposition": positions["proposition"].to_numpy(),
            "side": side,
            "root": top_of(spoken),
        }
    )
    circles = [_own_roots(keys, relayed, top_of(_whole(voice, "source")))]
    circles.append(_circle_roots(keys, voice, repeats, top_of))
    group = _joined(keys, pd.concat(circles, ignore_index=True))
    found = pd.DataFrame(
        {
            "origin": _agreeing(
                group, _numbered(group, spoken), voice, side != _PLACES[Side.DENIES.value]
            ),
            "root": keys["root"].to_numpy(),
            "circular": relayed | voice["circular"].to_numpy(dtype=np.bool_),
            "repeating": voice["repeating"].to_numpy(dtype=np.bool_),
        },
        index=positions.index,
    )
    return found.reindex(asked)


#: The sides as numbers.
_PLACES = {side.value: place for place, side in enumerate(Side)}


def _traced(positions: pd.DataFrame, repeats: Repeats) -> pd.DataFrame:
    """Each position's claim followed to the end of its `repeats`: source, range, circular, end."""
    chains, last, on_circle = repeats.chains, repeats.last, repeats.on_circle
    claims = _whole(chains, "claim")
    at, found = positions_of(_whole(positions, "claim"), claims)
    end = last[at] if len(claims) else at
    same = found & (_taken(chains, "proposition", end) == positions["proposition"].to_numpy())
    traced = {
        "source": np.where(found, _taken(chains, "source", end), positions["source"].to_numpy()),
        "circular": found & (on_circle[end] if len(claims) else found),
        "end": np.where(found, end, NOBODY),
        "repeating": found & (end != at),
    }
    for bound in ("low", "high"):
        # A claim on another proposition counts something else: its range says nothing here.
        elsewhere = np.where(same, _taken(chains, bound, end), np.nan)
        traced[bound] = np.where(found, elsewhere, positions[bound].to_numpy(dtype=np.float64))
    return pd.DataFrame(traced)


def _taken(frame: pd.DataFrame, column: str, at: Numbers) -> NDArray[Any]:
    values = frame[column].to_numpy()
    return values[at] if len(values) else np.full(len(at), NOBODY)


def _via_circles(positions: pd.DataFrame) -> tuple[Numbers, Flags]:
    """For each position the first place of its `via` circle (else its own), and whether it has."""
    if not (positions["via"].to_numpy() != NOBODY).any():
        return np.arange(len(positions)), np.zeros(len(positions), dtype=np.bool_)
    own = pd.DataFrame(
        {
            "proposition": positions["proposition"].to_numpy(),
            "source": positions["source"].to_numpy(),
            "side": positions["side"].to_numpy(),
            "place": np.arange(len(positions)),
        }
    )
    relayed = own[positions["via"].to_numpy() != NOBODY].drop(columns="source")
    relayed["source"] = positions["via"].to_numpy()[relayed["place"].to_numpy()]
    met = relayed.merge(own, on=["proposition", "source"], suffixes=("", "_via"))
    reports = Side.REPORTS.value
    alike = (met["side"] == met["side_via"]) | (met["side"] == reports)
    met = met[alike | (met["side_via"] == reports)]
    following = np.arange(len(positions))
    following[_whole(met, "place")] = _whole(met, "place_via")
    last, on_circle = ends(following)
    return np.where(on_circle, last, np.arange(len(positions))), on_circle


def _own_roots(keys: pd.DataFrame, relayed: Flags, roots: Numbers) -> pd.DataFrame:
    """For members of a `via` circle: the root they would have by themselves, to be joined."""
    circle = keys[relayed].copy()
    circle["other"] = roots[relayed]
    return circle


def _circle_roots(
    keys: pd.DataFrame,
    voice: pd.DataFrame,
    repeats: Repeats,
    top_of: Callable[[Numbers], Numbers],
) -> pd.DataFrame:
    """For positions that rest on a circle of `repeats`: the roots of all its members."""
    resting = voice["circular"].to_numpy(dtype=np.bool_)
    if not resting.any():
        return keys.head(0).assign(other=np.zeros(0, dtype=np.int64))
    on_circle = repeats.on_circle
    others = top_of(_whole(repeats.chains, "source")[on_circle])
    circle = pd.DataFrame({"end": repeats.last[on_circle], "other": others})
    return (
        keys[resting]
        .assign(end=voice["end"].to_numpy()[resting])
        .merge(circle.drop_duplicates(), on="end")
        .drop(columns="end")
    )


def _joined(keys: pd.DataFrame, circles: pd.DataFrame) -> Numbers:
    """Number the rows' (proposition, side, root), one number where a circle joins two roots."""
    other = circles.drop(columns="root").rename(columns={"other": "root"})
    all_keys = pd.concat([keys, circles[list(keys)], other[list(keys)]], ignore_index=True)
    codes = _numbered(*(_whole(all_keys, str(name)) for name in all_keys))
    rows, pairs = codes[: len(keys)], codes[len(keys) :].reshape(2, -1).T
    leader: dict[int, int] = {}

    def led(code: int) -> int:
        while (after := leader.get(code, code)) != code:
            leader[code] = leader.get(after, after)
            code = after
        return code

    for one, two in {(int(one), int(two)) for one, two in pairs}:
        first, second = sorted((led(one), led(two)))
        leader[second] = first
    if not leader:
        return rows
    renamed = np.arange(int(codes.max()) + 1)
    for code in leader:
        renamed[code] = led(code)
    return renamed[rows].astype(np.int64)


def _agreeing(group: Numbers, speaker: Numbers, voice: pd.DataFrame, disagree: Any) -> Numbers:
    """Number the origins: the groups, those that disagree divided.

    Within a group the speakers' ranges are stabbed from the left: the fewest points such that one
    lies in every range, which is also the most ranges of which no two meet.
    """
    low = np.nan_to_num(voice["low"].to_numpy(), nan=0.0)
    high = np.nan_to_num(voice["high"].to_numpy(), nan=np.inf, posinf=np.inf)
    # One source's words at two dates, or repeated from two of its claims, are one speaker's.
    speakers, groups = int(speaker.max(initial=-1)) + 1, int(group.max(initial=-1)) + 1
    of_speaker = np.zeros(speakers, dtype=np.int64)
    of_speaker[speaker] = group
    lowest, highest = np.full(speakers, np.inf), np.full(speakers, -np.inf)
    np.minimum.at(lowest, speaker, low)
    np.maximum.at(highest, speaker, high)
    top, bottom = np.full(groups, -np.inf), np.full(groups, np.inf)
    np.maximum.at(top, of_speaker, lowest)
    np.minimum.at(bottom, of_speaker, highest)
    apart = top > bottom
    may = np.zeros(groups, dtype=np.bool_)
    may[group] = np.asarray(disagree, dtype=np.bool_)
    mixed = np.flatnonzero((apart & may)[of_speaker])
    part = np.zeros(speakers, dtype=np.int64)
    now, stab, number = NOBODY, -1.0, 0
    ordered = mixed[np.lexsort((lowest[mixed], highest[mixed], of_speaker[mixed]))]
    columns = (column[ordered].tolist() for column in (of_speaker, lowest, highest))
    for each, which, begins, ends_at in zip(ordered.tolist(), *columns, strict=True):
        if which != now:
            now, stab, number = which, ends_at, 0
        elif begins > stab:
            stab, number = ends_at, number + 1
        part[each] = number
    return _numbered(group, part[speaker])


def _numbered(*columns: Numbers) -> Numbers:
    """Number equal rows alike, from 0."""
    codes = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        values, places = np.unique(column, return_inverse=True)
        _, codes = np.unique(codes * max(len(values), 1) + places, return_inverse=True)
    return codes.astype(np.int64)


def _whole(frame: pd.DataFrame, column: str) -> Numbers:
    return frame[column].to_numpy(dtype=np.int64)
