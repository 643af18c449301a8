"""Counts, further: every policy's estimate side by side, and the conflicts pair by pair."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any, Unpack

import numpy as np
import pandas as pd
import sqlalchemy as sa

from ledger.model import Kind, Side
from ledger.reports import reading
from ledger.reports.clashing import (
    apart,
    denials_of,
    ends,
    figures_of,
    rejected,
    rejects,
)
from ledger.reports.counts import COLUMNS, estimated
from ledger.reports.docket import Docket, dockets
from ledger.reports.filters import Filters
from ledger.reports.frames import built, ranged, stacked, text, whole
from ledger.reports.policies import POLICIES
from ledger.reports.versus import denied_range

#: What tells a count, in the words of `counts`.
_COUNT = {name: COLUMNS[name] for name in ("event", "proposition", "text", "unit")}

_ESTIMATES = {policy.name.replace("-", "_"): policy for policy in POLICIES.values()}

COMPARE_COLUMNS = (
    _COUNT
    | {
        "population": COLUMNS["population"],
        "figures": "how many independent origins give a figure; a rule takes the newest of each",
        "depends": "true where it matters which rule is taken: they do not all give the same",
    }
    | {name: f"the estimate: {policy.meaning}" for name, policy in _ESTIMATES.items()}
    | {
        f"{name}_{end}": f"{end} end of {policy.name}; missing where there is none or it is open"
        for name, policy in _ESTIMATES.items()
        for end in ("low", "high")
    }
)

#: What a table on a screen shows of it, with the headings.
COMPARE_BRIEF = {
    "{proposition}; {unit}; [{figures}]; {depends?depends on the rule}": "count [figures]",
} | {name: policy.name for name, policy in _ESTIMATES.items()}

#: What it shows on a screen too narrow for so many columns.
COMPARE_NARROW = {
    "{proposition}; {unit}; [{figures}]": "count [figures]",
    "; ".join(f"{policy.name} {{{name}}}" for name, policy in _ESTIMATES.items()): "estimates",
    "{depends?yes}": "depends on the rule",
}

PAIRS_COLUMNS = _COUNT | {
    "claim": "number of the claim that affirms a figure",
    "source": "who makes it",
    "range": "its range",
    "against_claim": "number of the claim that cannot be right as well",
    "against": "who makes that",
    "against_stance": "the stance taken there",
    "against_range": "its range; of a denial the range that is rejected, all: it names none",
    "how": "disjoint: two affirmed ranges have no number in common; denied: the denied range holds "
    "all of the affirmed one",
    "gap": "how far two disjoint ranges lie apart (a whole number); missing for a denial",
}

#: What a table of pairs on a screen shows, with the headings.
PAIRS_BRIEF = {
    "{proposition}; {unit}": "count",
    "{source} {range}": "claimed",
    "{against} {against_stance} {against_range}": "against",
    "{how} {gap}": "how",
    "{claim} / {against_claim}": "#",
}


def compare(
    connection: sa.Connection, *, without_denied: bool = False, **filters: Unpack[Filters]
) -> pd.DataFrame:
    """Set every policy's estimate of each count side by side, to see what hangs on the choice.

    `filters` and `without_denied` as in `counts`, and the rows: one a proposition of kind count, in
    the same order. Columns as COMPARE_COLUMNS tells: figures and all ends Int64 in the
    proposition's unit, depends bool, the rest str or None. Raises NotFoundError for a filter that
    names nothing.
    """
    grades = reading.grades(connection)
    heard = dockets(connection, kind=Kind.COUNT.value, **filters)
    return stacked(_compared(read, grades, without_denied=without_denied) for read in heard)


def _compared(read: Docket, grades: dict[int, str | None], *, without_denied: bool) -> pd.DataFrame:
    propositions = read.propositions
    plain = (*_COUNT, "population")
    values: dict[str, Any] = {name: propositions[name] for name in plain}
    estimates = []
    for name, policy in _ESTIMATES.items():
        found = estimated(read, grades, policy.name, without_denied=without_denied)
        found = found.reindex(propositions.index)
        values[name] = found["estimate"]
        for end in ("low", "high"):
            values[f"{name}_{end}"] = whole(found[f"estimate_{end}"])
        values["figures"] = whole(found["figures"].fillna(0))
        estimates.append(text(found["estimate"]).tolist())
    side_by_side = zip(*estimates, strict=True)
    values["depends"] = np.array([len({*each}) > 1 for each in side_by_side], dtype=np.bool_)
    return built(COMPARE_COLUMNS, values)


def pairs(connection: sa.Connection, **filters: Unpack[Filters]) -> pd.DataFrame:
    """List the claims on counts that cannot both be right, pair by pair.

    `filters` as in `counts`. One row a pair, sorted by event in order of recording (none last),
    proposition in order of recording, disjoint pairs before denied ones, then by the claims'
    numbers; of two affirmed claims the one with the lower range comes second, as the lesser claim
    it is held against. Columns as PAIRS_COLUMNS tells: claim, against_claim and gap Int64, the rest
    str or None. Raises NotFoundError for a filter that names nothing.
    """
    heard = dockets(connection, kind=Kind.COUNT.value, **filters)
    return stacked(_paired(read) for read in heard)


def _paired(read: Docket) -> pd.DataFrame:
    positions = read.positions[read.positions["proposition"].isin(read.propositions.index)]
    affirmed, denied = figures_of(positions), denials_of(positions)
    of, against = _by_proposition(affirmed), _by_proposition(denied)
    rows: list[dict[str, Any]] = []
    columns = (read.propositions[name].tolist() for name in _COUNT)
    for number, *told in zip(read.propositions.index.tolist(), *columns, strict=True):
        if number in of:
            pairs_of = [*_disjoint(of[number])]
            if number in against:
                pairs_of += _denied(of[number], against[number])
            about = dict(zip(_COUNT, told, strict=True))
            rows += [about | pair for pair in pairs_of]
    values: dict[str, Any] = {name: [row.get(name) for row in rows] for name in PAIRS_COLUMNS}
    for name in ("claim", "against_claim", "gap"):
        values[name] = whole(values[name])
    return built(PAIRS_COLUMNS, values)


def _by_proposition(positions: pd.DataFrame) -> dict[int, pd.DataFrame]:
    parts = positions.sort_values("claim").groupby("proposition")
    return {int(str(number)): part for number, part in parts}


def _disjoint(claimed: pd.DataFrame) -> Iterator[dict[str, Any]]:
    low, high = ends(claimed)
    rows = _rows(claimed)
    for one, two in np.argwhere(apart((low, high))).tolist():
        yield _pair(rows[one], rows[two], "disjoint", low[one] - high[two])


def _denied(claimed: pd.DataFrame, denied: pd.DataFrame) -> Iterator[dict[str, Any]]:
    affirming, denying = _rows(claimed), _rows(denied)
    for one, two in np.argwhere(rejected(ends(claimed), rejects(denied))).tolist():
        yield _pair(affirming[one], denying[two], "denied", None)


_PAIRED = ["claim", "name", "side", "stance", "low", "high", "worded"]


def _rows(positions: pd.DataFrame) -> list[Mapping[Hashable, Any]]:
    """Positions as plain values: a frame is slow to be asked row by row, and pairs are many."""
    return [*positions[_PAIRED].to_dict("records")]


def _pair(
    one: Mapping[Hashable, Any], two: Mapping[Hashable, Any], how: str, gap: float | None
) -> dict[str, Any]:
    denies = two["side"] == Side.DENIES.value
    against = (
        denied_range(two["stance"], two["low"], two["high"], two["worded"])
        if denies
        else str(ranged(two["low"], two["high"]))
    )
    return {
        "claim": one["claim"],
        "source": one["name"],
        "range": str(ranged(one["low"], one["high"])),
        "against_claim": two["claim"],
        "against": two["name"],
        "against_stance": two["stance"],
        "against_range": against,
        "how": how,
        "gap": gap,
    }
