"""Versus: for each proposition, who affirms, who denies and who withholds, set side by side."""

from collections.abc import Mapping
from typing import Any, Unpack

import numpy as np
import pandas as pd
import sqlalchemy as sa

from ledger.model import STATUSES, Attribution, Kind, Precision, Side
from ledger.reports.docket import Docket, dockets, instead
from ledger.reports.filters import Filters
from ledger.reports.frames import built, joined, mapped, ranged, stacked, whole
from ledger.reports.kept import of_side

COLUMNS = {
    "event": "slug of the event that the proposition is about",
    "proposition": "slug of the proposition",
    "text": "the sentence in question",
    "kind": "fact (yes or no) or count (how many)",
    "unit": "what is counted, for a count",
    "affirmed_by": "sources whose newest stance affirms, by date, then name; joined by '; ', "
    "a name that holds one in “quotes”",
    "affirmed_origins": "how many independent origins they are (a whole number)",
    "affirmed_range": "for a count: the narrowest range that covers all affirmed ones",
    "denied_by": "sources whose newest stance denies; a denial of something else than was claimed "
    "is marked (answering PROPOSITION)",
    "denied_origins": "how many independent origins they are",
    "denied_ranges": "for a count: the ranges that are denied; all: it is denied that there was "
    "even one; some figure: one is disputed, it is not said which; in words: number words that "
    "give no range are denied",
    "non_denials": "sources in denied_by that answer a claim on another proposition without "
    "denying it: Source (answers PROPOSITION)",
    "answered_by": "sources that answer a claim on this proposition by denying only another one: "
    "Source (denies PROPOSITION instead)",
    "withheld_by": "sources whose newest stance withholds, each with that stance",
    "withheld_origins": "how many independent origins they are",
    "reported_by": "sources whose newest stance relays or questions without taking a side",
    "retracted_by": "sources that took back what they had said",
    "shifts": "sources that have changed sides, with the last change: Source (denies → affirms)",
    "first_affirmed": "when it was first affirmed, also by a source that has moved since: a day, "
    "month or year as stated, else the day of publication",
    "first_denied": "when it was first denied, in the same way",
    "days_between": "days from first affirmed to first denied, negative where the denial came "
    "first; missing unless both are known to the day",
    "claims": "how many claims, withdrawn ones left out (a whole number)",
    "statuses": "how those claims are verified, such as unreviewed 3, unverified 1",
    "unnamed": "how many of the sources are unnamed, or not clearly the ones who spoke",
    "verdict": "the finding: open, supported, refuted, mixed or unprovable",
    "finding": "for a count: the range found",
    "because": "why the verdict is what it is",
    "contested": "true where the positions cannot all be right: one affirms and one denies it; of "
    "a count: two affirmed ranges are disjoint, a denied range meets an affirmed one, or some "
    "figure is disputed (words that give no range contest nothing)",
    "circular": "true where sources rest on one another in a circle",
}

#: What a table on a screen shows of it, with the headings; in brackets the independent origins.
BRIEF = {
    "{proposition}; {verdict}; {contested?contested}; {circular?circular}; "
    "{answered_by}": "in question",
    "{affirmed_by}; {affirmed_range} [{affirmed_origins}]": "affirmed by [origins]",
    "{denied_by}; {denied_ranges?rejects }{denied_ranges} "
    "[{denied_origins}]": "denied by [origins]",
    "{withheld_by}; [{withheld_origins}]": "withheld by [origins]",
}


def versus(connection: sa.Connection, **filters: Unpack[Filters]) -> pd.DataFrame:
    """Set claim against denial: who affirms, denies and withholds each proposition.

    `filters` as in `ledger.reports.filters.Filters`; `source`, `side`, `stance` and `status` keep
    propositions with a claim that fits them all, and show all that is said on those.

    One row a proposition, also where nobody has claimed anything, sorted by event in order of
    recording (none last), then by proposition in order of recording. Columns as COLUMNS tells:
    text is str or None, numbers Int64, contested and circular bool. Raises NotFoundError for a
    filter that names nothing.
    """
    return stacked(framed(read) for read in dockets(connection, **filters))


def framed(read: Docket) -> pd.DataFrame:
    """The report on a docket that has been read."""
    propositions, claims = read.propositions, read.claims
    slugs = read.slugs
    sides = {side: of_side(read.positions, side) for side in Side}
    denials = sides[Side.DENIES]
    others = denials[instead(denials, read.positions)]
    affirmed, denied = _first(claims, Side.AFFIRMS), _first(claims, Side.DENIES)
    unnamed = read.positions[read.positions["attribution"] != Attribution.NAMED.value]
    texts = {
        "affirmed_by": _names(sides[Side.AFFIRMS]),
        "affirmed_range": _spans(sides[Side.AFFIRMS], propositions),
        "denied_by": joined(denials["proposition"], _marked(denials, others, slugs)),
        "denied_ranges": _denied(denials, propositions),
        "non_denials": _non_denials(others, slugs),
        "answered_by": _answered(others, slugs),
        "withheld_by": _with_stance(sides[Side.WITHHOLDS]),
        "reported_by": _with_stance(sides[Side.REPORTS]),
        "retracted_by": _names(sides[Side.WITHDRAWS]),
        "shifts": _shifts(claims),
        "first_affirmed": as_stated(affirmed),
        "first_denied": as_stated(denied),
        "statuses": _mix(claims),
    }
    counts: dict[str, Mapping[Any, int]] = {
        "days_between": _days(affirmed, denied),
        "claims": claims.groupby("proposition").size().to_dict(),
        "unnamed": unnamed.groupby("proposition").size().to_dict(),
    }
    plain = ("event", "proposition", "text", "kind", "unit", "verdict", "because")
    at = propositions.index.tolist()
    values: dict[str, Any] = {name: propositions[name] for name in plain}
    values |= {name: mapped(at, found) for name, found in texts.items()}
    values |= {
        "days_between": whole(mapped(at, counts["days_between"])),
        "claims": whole(mapped(at, counts["claims"], 0)),
        "unnamed": whole(mapped(at, counts["unnamed"], 0)),
        "finding": findings(propositions),
    }
    for side in ("affirmed", "denied", "withheld"):
        values[f"{side}_origins"] = whole(propositions[f"{side}_origins"])
    for flag in ("contested", "circular"):
        values[flag] = propositions[flag].astype(bool)
    return built(COLUMNS, values)


def findings(propositions: pd.DataFrame) -> list[str | None]:
    """The range found on each proposition as text; None where none was."""
    bounds = zip(propositions["low"].tolist(), propositions["high"].tolist(), strict=True)
    return [None if low != low and high != high else str(ranged(low, high)) for low, high in bounds]


def _names(positions: pd.DataFrame) -> dict[int, str]:
    return joined(positions["proposition"], positions["named"])


def _with_stance(positions: pd.DataFrame) -> dict[int, str]:
    pairs = zip(positions["named"], positions["stance"], strict=True)
    return joined(positions["proposition"], (f"{name} ({stance})" for name, stance in pairs))


def _marked(denials: pd.DataFrame, others: pd.DataFrame, slugs: Mapping[int, str]) -> list[str]:
    elsewhere = dict(zip(others["claim"].tolist(), others["answered"].tolist(), strict=True))
    pairs = zip(denials["claim"].tolist(), denials["named"], strict=True)
    return [
        f"{name} (answering {slugs[elsewhere[claim]]})" if claim in elsewhere else str(name)
        for claim, name in pairs
    ]


def _non_denials(others: pd.DataFrame, slugs: Mapping[int, str]) -> dict[int, str]:
    pairs = zip(others["named"], others["answered"].tolist(), strict=True)
    words = (f"{name} (answers {slugs[answered]})" for name, answered in pairs)
    return joined(others["proposition"], words)


def answered_by(read: Docket) -> dict[int, str]:
    """By a proposition's number: who answers a claim on it by denying only another one."""
    denials = of_side(read.positions, Side.DENIES)
    return _answered(denials[instead(denials, read.positions)], read.slugs)


def _answered(others: pd.DataFrame, slugs: Mapping[int, str]) -> dict[int, str]:
    """By the proposition that was answered: who denied which other one instead of it."""
    pairs = zip(others["named"], others["proposition"].tolist(), strict=True)
    words = (f"{name} (denies {slugs[denied]} instead)" for name, denied in pairs)
    return joined(others["answered"], words)


def _numbered(positions: pd.DataFrame, propositions: pd.DataFrame) -> pd.DataFrame:
    """The positions on counts that name a number."""
    counts = propositions.index[propositions["kind"] == Kind.COUNT.value]
    said = positions["low"].notna() | positions["high"].notna()
    return positions[said & positions["proposition"].isin(counts)]


def _spans(affirmed: pd.DataFrame, propositions: pd.DataFrame) -> dict[int, str]:
    """The span of the affirmed ranges; an open end anywhere leaves the span open there."""
    by = _numbered(affirmed, propositions).groupby("proposition")
    lows, highs = by["low"].min(), by["high"].max()
    lows = lows.where(by["low"].count() == by.size())
    highs = highs.where(by["high"].count() == by.size())
    return {
        number: str(ranged(low, high))
        for number, low, high in zip(lows.index.tolist(), lows, highs, strict=True)
    }


def _denied(denials: pd.DataFrame, propositions: pd.DataFrame) -> dict[int, str]:
    counts = propositions.index[propositions["kind"] == Kind.COUNT.value]
    ranges = denials[denials["proposition"].isin(counts)]
    ranges = ranges.sort_values(["low", "high", "worded", "stance"])
    names = ("stance", "low", "high", "worded")
    rows = zip(*(ranges[name].tolist() for name in names), strict=True)
    told = ranges.assign(told=[denied_range(*row) for row in rows])
    told = told.drop_duplicates(["proposition", "told"])
    return joined(told["proposition"], told["told"])


def denied_range(stance: str, low: float, high: float, worded: float) -> str:
    """What a denial of a count rejects: a range; all of it; some figure; or one given in words."""
    if low == low or high == high:
        return str(ranged(low, high))
    if worded:
        return "in words"
    return "some figure" if stance == "disputes" else "all"


def _shifts(claims: pd.DataFrame) -> dict[int, str]:
    """Sources that have changed sides on a proposition, with their last change."""
    source, proposition = claims["source"].to_numpy(), claims["proposition"].to_numpy()
    order = np.lexsort((source, proposition))  # which keeps the claims of a source oldest first
    before, after = order[:-1], order[1:]
    way = claims["way"].to_numpy()
    same = (source[before] == source[after]) & (proposition[before] == proposition[after])
    moved = same & (way[before] != way[after])
    moves = claims.iloc[after[moved]]
    moves = moves.assign(before=claims["side"].to_numpy()[before[moved]])
    last = moves.drop_duplicates(["proposition", "source"], keep="last")
    last = last.loc[np.sort(last.index)]
    rows = zip(*(last[name].tolist() for name in ("named", "before", "side")), strict=True)
    return joined(last["proposition"], (f"{name} ({was} → {now})" for name, was, now in rows))


_EXACTNESS = {Precision.DAY.value: 0, Precision.MONTH.value: 1, Precision.YEAR.value: 2}
_UNITS = {Precision.DAY.value: "D", Precision.MONTH.value: "M", Precision.YEAR.value: "Y"}


def _first(claims: pd.DataFrame, side: Side) -> pd.DataFrame:
    """The earliest dated claim of a side on each proposition, by the proposition's number.

    A month or a year counts from its first day, the earliest that it may mean; of two that begin
    on one day the more exact comes first.
    """
    dated = of_side(claims, side)
    dated = dated[dated["since"].notna()]
    dated = dated.assign(exactness=dated["precision"].map(_EXACTNESS))
    ordered = dated.sort_values(["since", "exactness", "claim"])
    return ordered.drop_duplicates("proposition").set_index("proposition")


def as_stated(first: pd.DataFrame) -> dict[int, str]:
    days = first["since"].to_numpy(dtype="datetime64[s]")
    rows = zip(first.index.tolist(), days, first["precision"], strict=True)
    return {number: str(day.astype(f"datetime64[{_UNITS[unit]}]")) for number, day, unit in rows}


def _days(affirmed: pd.DataFrame, denied: pd.DataFrame) -> dict[int, int]:
    exact = [
        each.loc[each["precision"] == Precision.DAY.value, "since"] for each in (affirmed, denied)
    ]
    between = (exact[1] - exact[0]).dropna().dt.days
    return dict(zip(between.index.tolist(), between.tolist(), strict=True))


def _mix(claims: pd.DataFrame) -> dict[int, str]:
    order = {status.code: place for place, status in enumerate(STATUSES)}
    mixed = claims.groupby(["proposition", "status"]).size().rename("count").reset_index()
    mixed = mixed.assign(place=mixed["status"].map(order)).sort_values(["proposition", "place"])
    pairs = zip(mixed["status"], mixed["count"].tolist(), strict=True)
    return joined(mixed["proposition"], (f"{status} {count}" for status, count in pairs), ", ")
