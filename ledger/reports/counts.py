"""Counts: for each count in question every figure claimed, and which cannot all be right."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np
import pandas as pd
import sqlalchemy as sa

from ledger.errors import NotFoundError
from ledger.model import Kind, Range, Side
from ledger.reports import reading
from ledger.reports.clashing import (
    Ends,
    apart,
    denials_of,
    ends,
    figures_of,
    rejected,
    rejects,
)
from ledger.reports.docket import Docket, dockets
from ledger.reports.filters import Filters
from ledger.reports.frames import built, joined, mapped, objects, runs, stacked, whole
from ledger.reports.kept import WAYS, of_side
from ledger.reports.origins import NOBODY
from ledger.reports.policies import POLICIES, estimates, figures, less
from ledger.reports.versus import denied_range, findings
from ledger.rules import shown

COLUMNS = {
    "event": "slug of the event that the proposition is about",
    "proposition": "slug of the proposition",
    "text": "what is counted, as a phrase or sentence",
    "unit": "what one is, such as people killed; all numbers below are in this unit",
    "population": "among whom",
    "claimed": "every source that affirms a figure, with its range and own words, by date, then "
    "name; joined by '; ', a name that holds one in “quotes”",
    "denied": "every source that denies a figure, with the range it rejects (all: that there was "
    "even one; some figure: it disputes one, and does not say which; in words: it names one that "
    "has no range)",
    "reported": "every source that relays or questions a figure without endorsing it",
    "origins": "how many independent origins the affirming sources are",
    "span": "the narrowest range that covers all affirmed ones; missing where there is none",
    "span_low": "its low end (a whole number); missing where span is missing or open below",
    "span_high": "its high end, inclusive; missing where span is missing or open above",
    "shared": "the part that all affirmed ranges have in common; none: they have nothing in "
    "common; missing where no figure is affirmed",
    "shared_low": "its low end; missing where shared is missing, none or open below",
    "shared_high": "its high end, inclusive; missing where shared is missing, none or open above",
    "policy": "the rule by which the figures become one, as `ledger report counts --help` names it",
    "figures": "how many independent origins give a figure; the rule takes the newest of each, and "
    "a repeated one only where none of the origin holds its own",
    "estimate": "the range that the rule makes of them; with --without-denied what is left of it, "
    "in parts joined by '; ', none: nothing is",
    "estimate_low": "its low end, of all that is left; missing where there is none or it is open",
    "estimate_high": "its high end, inclusive; missing where there is none or it is open above",
    "estimate_by": "the sources that give that figure; missing where the rule puts one together",
    "conflicts": "how many pairs of positions cannot both be right (a whole number)",
    "conflicting": "those pairs, affirmed against affirmed, then affirmed against denied: "
    "A 101+ / B 5; joined by '; ', the first 20 of them",
    "verdict": "the finding: open, supported, refuted, mixed or unprovable",
    "finding": "the range found",
    "finding_low": "its low end; missing where there is no finding or it is open below",
    "finding_high": "its high end, inclusive; missing where there is none or it is open above",
    "because": "why the verdict is what it is",
    "contested": "true where two affirmed ranges are disjoint, or a denied one meets an affirmed "
    "one (which need not contradict all of it, as a conflict does), or some figure is disputed; "
    "words that give no range contest nothing",
    "circular": "true where sources rest on one another in a circle",
}

#: What a table on a screen shows of it, with the headings.
BRIEF = {
    "{proposition}; {unit}; {verdict}": "count",
    "{claimed}; [{origins}]": "claimed [origins]",
    "denied": "denied",
    "{estimate}; {policy}": "estimate",
    "shared": "shared",
    "conflicting": "conflicts",
    "finding": "finding",
}

#: How many conflicting pairs are named; all are counted.
PAIRS_NAMED = 20


def counts(
    connection: sa.Connection,
    *,
    policy: str = "widest",
    without_denied: bool = False,
    **filters: Unpack[Filters],
) -> pd.DataFrame:
    """List every count's figures: who claims what, their span, what they share, who conflicts.

    `policy` is the rule that makes one estimate of them, a name of `policies.POLICIES`, which tell
    each rule and its source; with `without_denied` what is denied is taken out of the estimate.
    `filters` as in `ledger.reports.filters.Filters`; they choose propositions, as in `versus`.

    One row a proposition of kind count, also where no figure has been claimed, sorted by event in
    order of recording (none last), then by proposition in order of recording. Columns as COLUMNS
    tells: text is str or None, numbers Int64 in the proposition's unit, contested and circular
    bool. A claim whose words give no range is listed, and left out of span, shared, estimate and
    conflicts. Raises NotFoundError for a filter or policy that names nothing.
    """
    if policy not in POLICIES:
        raise NotFoundError(f"there is no policy {shown(policy)}", f"one of {', '.join(POLICIES)}")
    grades, wordings = reading.grades(connection), None
    frames = []
    for read in dockets(connection, kind=Kind.COUNT.value, **filters):
        if wordings is None and read.positions["worded"].any():
            wordings = reading.wordings(connection)
        estimate = estimated(read, grades, policy, without_denied=without_denied)
        frames.append(framed(read, wordings or {}, estimate))
    return stacked(frames)


def estimated(
    read: Docket, grades: dict[int, str | None], policy: str, *, without_denied: bool
) -> pd.DataFrame:
    """What a policy makes of each count that has a figure, by the proposition's number.

    Columns: policy, figures (int), estimate (text), estimate_low, estimate_high (float64, NaN:
    open), estimate_by.
    """
    about = read.positions["proposition"].isin(read.propositions.index)
    given = figures(figures_of(read.positions[about]), grades)
    found = estimates(given, policy)
    taken_out: dict[int, list[tuple[float, float]]] = {}
    if without_denied:
        denied = denials_of(read.positions)
        columns = (column.tolist() for column in (denied["proposition"], *rejects(denied)))
        for number, low, high in zip(*columns, strict=True):
            taken_out.setdefault(number, []).append((low, high))
    left = [
        less(low, high, taken_out.get(number, ()))
        for number, low, high in zip(found.index.tolist(), found["low"], found["high"], strict=True)
    ]
    ends = [(parts[0].low, parts[-1].high) if parts else (None, None) for parts in left]
    return pd.DataFrame(
        {
            "policy": policy,
            "figures": given.groupby("proposition").size().reindex(found.index),
            "estimate": ["; ".join(map(str, parts)) or "none" for parts in left],
            "estimate_low": np.array([low for low, _ in ends], dtype=np.float64),
            "estimate_high": np.array([high for _, high in ends], dtype=np.float64),
            "estimate_by": found["by"],
        },
        index=found.index,
    )


def framed(read: Docket, wordings: dict[int, str], estimate: pd.DataFrame) -> pd.DataFrame:
    """The report on a docket that has been read; `wordings` by the claim's number."""
    propositions = read.propositions
    positions = read.positions[read.positions["proposition"].isin(propositions.index)]
    positions = positions.assign(
        shown=objects(np.array(_shown(positions), dtype=object)).to_numpy()
    )
    at = propositions.index.tolist()
    affirmed = figures_of(positions)
    spans, shares = _spanned(affirmed)
    pairs = dict(_conflicts(affirmed, denials_of(positions)))
    plain = ("event", "proposition", "text", "unit", "population", "verdict", "because")
    values: dict[str, Any] = {name: propositions[name] for name in plain}
    for column, side in (
        ("claimed", Side.AFFIRMS),
        ("denied", Side.DENIES),
        ("reported", Side.REPORTS),
    ):
        values[column] = mapped(at, _listed(of_side(positions, side), wordings))
    values |= {
        "origins": whole(propositions["affirmed_origins"]),
        "span": [_words(spans.get(number)) for number in at],
        "shared": [
            "none" if number in shares and shares[number] is None else _words(shares.get(number))
            for number in at
        ],
        "conflicts": whole(pairs.get(number, (0, None))[0] for number in at),
        "conflicting": [pairs.get(number, (0, None))[1] for number in at],
        "finding": findings(propositions),
        "finding_low": whole(propositions["low"]),
        "finding_high": whole(propositions["high"]),
        "contested": propositions["contested"].astype(bool),
        "circular": propositions["circular"].astype(bool),
    }
    known = estimate.reindex(propositions.index)
    values |= {name: known[name] for name in ("estimate", "estimate_by")}
    values["policy"] = estimate["policy"].reindex(propositions.index)
    values["figures"] = whole(known["figures"].fillna(0))
    values |= {name: whole(known[name]) for name in ("estimate_low", "estimate_high")}
    for column, found in (("span", spans), ("shared", shares)):
        for end in ("low", "high"):
            values[f"{column}_{end}"] = whole(getattr(found.get(each), end, None) for each in at)
    return built(COLUMNS, values)


def _words(found: Range | None) -> str | None:
    return None if found is None else str(found)


def _shown(positions: pd.DataFrame) -> list[str]:
    """Each position's range as text; empty where an affirming or relaying one names none."""
    denies = WAYS[Side.DENIES.value]
    # Many figures are the same, and a NaN is never the same as another.
    ends = (positions[name].fillna(NOBODY).tolist() for name in ("low", "high"))
    told: dict[tuple[float, float], str] = {}
    shown = []
    ways, stances, worded = (positions[name].tolist() for name in ("way", "stance", "worded"))
    for way, stance, low, high, in_words in zip(ways, stances, *ends, worded, strict=True):
        if low == high == NOBODY:
            shown.append(denied_range(stance, np.nan, np.nan, in_words) if way == denies else "")
            continue
        if (low, high) not in told:
            bounds = (None if end == NOBODY else int(end) for end in (low, high))
            told[low, high] = str(Range(*bounds))
        shown.append(told[low, high])
    return shown


def _listed(positions: pd.DataFrame, wordings: dict[int, str]) -> dict[int, str]:
    """Source, range and own words, as one text a proposition."""
    names = ("claim", "named", "shown")
    rows = zip(*(positions[name].tolist() for name in names), strict=True)
    words = []
    for claim, name, range_ in rows:
        said = f"(“{wordings[claim]}”)" if claim in wordings else ""
        words.append(" ".join(filter(None, (name, range_, said))))
    return joined(positions["proposition"], words)


def _spanned(affirmed: pd.DataFrame) -> tuple[dict[int, Range], dict[int, Range | None]]:
    """By proposition: the range that covers all figures, and the one that all share, if any.

    Ranges of a line: where each two have a number in common, all have.
    """
    low, high = ends(affirmed)
    given = pd.DataFrame(
        {
            "proposition": affirmed["proposition"].to_numpy(),
            "low": low,
            "high": high,
            "bounded": affirmed["low"].notna().to_numpy(),
        }
    )
    by = given.groupby("proposition").agg(
        lowest=("low", "min"),
        highest=("high", "max"),
        bottom=("low", "max"),
        top=("high", "min"),
        bounded=("bounded", "all"),
        any_bounded=("bounded", "any"),
    )
    spans, shares = {}, {}
    for number, lowest, highest, bottom, top, bounded, some in by.itertuples():
        spans[number] = _range(lowest if bounded else None, highest)
        shares[number] = _range(bottom if some else None, top) if bottom <= top else None
    return spans, shares


def _range(low: float | None, high: float) -> Range:
    return Range(None if low is None else int(low), None if high == np.inf else int(high))


def _conflicts(
    affirmed: pd.DataFrame, denied: pd.DataFrame
) -> Iterator[tuple[int, tuple[int, str]]]:
    """By proposition: how many pairs conflict, and the first of them as text."""
    own = _Told.by_proposition(affirmed, ends(affirmed))
    against = _Told.by_proposition(denied, rejects(denied), stanced=True)
    for number, claimed in own.items():
        matrices = [(claimed, apart(claimed.ends))]
        if number in against:
            other = against[number]
            matrices.append((other, rejected(claimed.ends, other.ends)))
        total = sum(int(np.count_nonzero(matrix)) for _, matrix in matrices)
        if total:
            yield number, (total, _named(claimed, matrices, total))


@dataclass(frozen=True, slots=True)
class _Told:
    """What is told of one count on one side: the ends, and each as text."""

    ends: Ends
    words: list[str]

    @classmethod
    def by_proposition(
        cls, positions: pd.DataFrame, ends: Ends, *, stanced: bool = False
    ) -> "dict[int, _Told]":
        order = np.argsort(positions["proposition"].to_numpy(), kind="stable")
        positions, (low, high) = positions.iloc[order], (end[order] for end in ends)
        numbers, starts = np.unique(positions["proposition"].to_numpy(), return_index=True)
        names = ("named", "stance", "shown") if stanced else ("named", "shown")
        words = list(map(" ".join, zip(*(positions[name].tolist() for name in names), strict=True)))
        return {
            number: cls((low[start:end], high[start:end]), words[start:end])
            for number, (start, end) in zip(numbers.tolist(), runs(starts, len(words)), strict=True)
        }


def _named(claimed: _Told, matrices: list[tuple[_Told, Any]], total: int) -> str:
    """The first pairs of each matrix (claimed in rows), and how many more there are."""
    words: list[str] = []
    for against, matrix in matrices:
        for row, column in np.argwhere(matrix)[: PAIRS_NAMED - len(words)].tolist():
            words.append(f"{claimed.words[row]} / {against.words[column]}")
    more = total - PAIRS_NAMED
    return "; ".join(words) + (f"; and {more} more" if more > 0 else "")
