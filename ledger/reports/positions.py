"""Positions: each source's stance over time on each proposition, and where it changed sides.

A step is a run of claims by one source on one proposition that hold the same stance and range; a
shift is a step to another side (DESIGN section 1). What order claims stand in is the docket's to
say; where their dates leave the order open, the step is marked unsure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np
import pandas as pd
import sqlalchemy as sa

from ledger.model import Kind, Precision, Range, Side
from ledger.reports.docket import Docket, dockets, fitting
from ledger.reports.filters import Filters
from ledger.reports.frames import built, joined, mapped, ranged, stacked, whole
from ledger.reports.origins import NOBODY
from ledger.reports.said import (
    BUNDLE,
    as_exact,
    first_days,
    iso,
    last_days,
    said,
    source_sides,
)
from ledger.reports.versus import denied_range

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

_STEP = {
    "event": "slug of the event that the proposition is about",
    "proposition": "slug of the proposition",
    "text": "the sentence in question",
    "source": "who speaks",
    "source_side": "the side the source stands on",
    "step": "which of the source's steps on the proposition it is, from 1",
    "stance": "the stance taken",
    "side": "the way it points: affirms, denies, withholds, reports, withdraws",
    "range": "for a count: the range said, or (denied) rejected; all: a denial without a number; "
    "in words: number words that give no range",
    "wording": "the source's own number words",
    "since": "when it was first said, as far as dates are known: a day, month or year; else the "
    "day of publication",
    "published": "true where that is the day of publication, since nobody tells when it was said",
    "earliest_on": "the first day that since may mean",
    "latest_on": "the last day that since may mean",
    "claims": "numbers of the claims that say so, joined by ', '",
    "quote": "the words quoted, of the first of them that has any",
    "document": "slug of the document that the claim which since dates was published in",
    "via": "who relayed it",
    "answering": "for a denial of something else: slug of the proposition whose claim it answers "
    "without denying it",
    "before": "the stance before",
    "before_side": "the side before",
    "before_range": "for a count: the range before",
    "before_claims": "numbers of the claims that said so",
    "before_quote": "the words quoted, of the first of those that has any",
    "change": "what the step does, missing for the first: "
    + "; ".join(f"{word} ({meaning})" for word, meaning in CHANGES.items()),
    "shift": "true where the side is another than before",
    "unsure": "true where the dates do not tell which of the two it held first, as with a month "
    "and a day in it; the step then stands where the view positions has it",
    "days": "days since the step before was first said (a whole number); missing unless both are "
    "known to the day",
    "days_least": "the fewest days that the two dates allow; missing where either has none",
    "days_most": "the most days that the two dates allow; missing where either has none",
    "after": "those days in words: 34 days, 28 to 58 days",
    "status": "verification status of the newest of the claims",
}

COLUMNS = _STEP

#: What a table on a screen shows of it, with the headings.
BRIEF = {
    "proposition": "proposition",
    "{source:name}": "source",
    "{stance} {range}; {since}{published? published}{after?, after }{after}; "
    "{unsure?order not sure}; {answering?answering }{answering}; {shift?SHIFT: }{change}": "stance",
    "“{quote}”": "words",
    "claims": "#",
}

SHIFTS_COLUMNS = {
    "alert": "the shift in one line: when, who, from what to what, on what, after how long",
    "path": "all its stances up to this one, oldest first, joined by ' → '",
    **_STEP,
}

#: What a table of shifts on a screen shows, with the headings.
SHIFTS_BRIEF = {
    "{since}; {published?published}; {unsure?order not sure}": "when",
    "{source:name}; {before}{before_range? }{before_range} → {stance} {range}; "
    "{after?after }{after}": "who and what",
    "{proposition}; {text}": "on",
    "“{quote}”; {before_quote?before: “}{before_quote}{before_quote?”}": "words",
    "{claims}; {before_claims?after }{before_claims}": "#",
}


def positions(connection: sa.Connection, **filters: Unpack[Filters]) -> pd.DataFrame:
    """Tell each source's successive stances on each proposition, shifts of side marked.

    `filters` as in `ledger.reports.filters.Filters`; here `source`, `side`, `stance`, `status`,
    `first` and `last` choose the steps that hold a claim which fits them all. What a step came from
    is told also where the step before it is left out.

    One row a step, sorted by event in order of recording (none last), proposition in order of
    recording, source by the date of its first step (undated last), then name; then in order of
    step. Columns as COLUMNS tells: step, days, days_least and days_most Int64 (days never below
    0), published, shift and unsure bool, the rest str or None. Steps are in the order of the view
    `positions`: undated claims first, a month at its first day, of one date the lower number first.
    Raises NotFoundError for a filter that names nothing.
    """
    bundles = map(steps, dockets(connection, bundle=BUNDLE, **filters))
    return stacked(built(COLUMNS, _told(connection, taken, taken.chosen)) for taken in bundles)


def shifts(connection: sa.Connection, **filters: Unpack[Filters]) -> pd.DataFrame:
    """Tell only the changes of side, the newest first: an alert for the news desk.

    `filters` as in `positions`. One row a shift, sorted by the first day it may have been on,
    latest first (undated last), then by the claim's number, newest first. Columns as SHIFTS_COLUMNS
    tells, typed as in `positions`. Raises NotFoundError for a filter that names nothing.
    """
    parts, keys = [], []
    for taken in map(steps, dockets(connection, bundle=BUNDLE, **filters)):
        found = taken.chosen[taken.chosen["shift"]]
        values = _told(connection, taken, found)
        values["path"] = _paths(taken, found)
        values["alert"] = list(_alerts(values))
        parts.append(built(SHIFTS_COLUMNS, values))
        keys.append(found[["since", "claim"]])
    newest = pd.concat(keys, ignore_index=True).sort_values(
        ["since", "claim"], ascending=False, na_position="last"
    )
    return stacked(parts).iloc[newest.index].reset_index(drop=True)


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


def _told(connection: sa.Connection, taken: Steps, rows: pd.DataFrame) -> dict[str, Any]:
    """The columns of the steps in `rows`."""
    about = taken.read.propositions.loc[rows["proposition"].to_numpy()]
    earlier = rows.index - 1  # of a first step another source's, which is looked up in vain
    before = [at if step > 1 else None for at, step in zip(earlier, rows["step"], strict=True)]
    spoken = taken.spoken[taken.spoken["at"].isin([*rows.index, *before])]
    words = said(connection, spoken["claim"].tolist())
    dating = words.loc[rows["claim"].tolist()]
    numbers, quotes = _numbers(spoken), _quotes(spoken, words)
    sides = source_sides(connection)
    least, most = _days_between(rows)
    exact = (rows["precision"] == Precision.DAY.value) & (
        rows["before_precision"] == Precision.DAY.value
    )
    values: dict[str, Any] = {name: about[name] for name in ("event", "proposition", "text")}
    values |= {name: rows[name] for name in ("side", "stance", "change", "status")}
    values |= {name: dating[name] for name in ("wording", "document", "via")}
    values |= {
        "source": rows["name"],
        "source_side": mapped(rows["source"].tolist(), sides),
        "step": whole(rows["step"]),
        "range": ranges_told(rows, about["kind"]),
        "since": as_exact(rows),
        "published": rows["since"].notna() & dating["stated_on"].isna().to_numpy(),
        "earliest_on": iso(first_days(rows)),
        "latest_on": iso(last_days(rows)),
        "claims": mapped(rows.index, numbers),
        "quote": mapped(rows.index, quotes),
        "answering": something_else(rows, taken.read.slugs),
        "before": rows["before_stance"],
        "before_side": rows["before_side"],
        "before_range": ranges_told(rows, about["kind"], "before_"),
        "before_claims": mapped(before, numbers),
        "before_quote": mapped(before, quotes),
        "shift": rows["shift"].astype(bool),
        "unsure": rows["unsure"].astype(bool),
        "days": whole(np.where(exact, least, np.nan)),
        "days_least": whole(least),
        "days_most": whole(most),
        "after": [_in_words(*pair) for pair in zip(least, most, strict=True)],
    }
    return values


def something_else(claims: pd.DataFrame, slugs: Mapping[int, str]) -> list[str | None]:
    """For each denial of something else, what was claimed instead; None for all other claims.

    `claims` have side, proposition and answered; `slugs` are those of propositions by number.
    """
    columns = (claims[name].tolist() for name in ("side", "proposition", "answered"))
    return [
        slugs[answered] if side == Side.DENIES.value and answered not in (NOBODY, own) else None
        for side, own, answered in zip(*columns, strict=True)
    ]


def _days_between(rows: pd.DataFrame) -> tuple[Any, Any]:
    """The fewest and the most days between a step and the one before, as float64 (NaN: unknown)."""
    before = rows[["before_since", "before_precision"]].set_axis(["since", "precision"], axis=1)
    spans = (first_days(rows) - last_days(before), last_days(rows) - first_days(before))
    least, most = (np.where(np.isnat(days), np.nan, days.astype(np.float64)) for days in spans)
    return np.maximum(least, 0.0), np.maximum(most, 0.0)


def _in_words(least: float, most: float) -> str | None:
    if most != most:
        return None
    days = f"{most:.0f} day{'' if most == 1 else 's'}"
    return days if least == most else f"{least:.0f} to {days}"


def ranges_told(rows: pd.DataFrame, kinds: Iterable[str], when: str = "") -> list[str | None]:
    """The range of each row as text; None where it names none, and for a fact.

    `rows` have side, low, high and worded, their names led by `when`; `kinds` are those of their
    propositions.
    """
    columns = (rows[f"{when}{name}"].tolist() for name in ("side", "low", "high", "worded"))
    return [
        _range(side, low, high, worded) if kind == Kind.COUNT.value else None
        for kind, side, low, high, worded in zip(kinds, *columns, strict=True)
    ]


def _range(side: Any, low: float, high: float, worded: float) -> str | None:
    if side == Side.DENIES.value:
        return denied_range(low, high, int(worded))
    if low == low or high == high:
        return str(ranged(low, high))
    return "in words" if worded == 1 else None


def _numbers(spoken: pd.DataFrame) -> dict[int, str]:
    """The claims of each step, by its place."""
    ordered = spoken.sort_values("claim")
    return joined(ordered["at"], map(str, ordered["claim"].tolist()), ", ")


def _quotes(spoken: pd.DataFrame, words: pd.DataFrame) -> dict[int, str]:
    """The first words quoted of each step, by its place."""
    found: dict[int, str] = {}
    for at, quote in zip(spoken["at"].tolist(), words["quote"], strict=True):
        if isinstance(quote, str):
            found.setdefault(at, quote)
    return found


def _paths(taken: Steps, found: pd.DataFrame) -> list[str]:
    """The stances up to each of the steps `found`."""
    keys = ["proposition", "source"]
    wanted = taken.all.merge(found[keys].drop_duplicates(), on=keys)
    held: dict[Any, list[str]] = {}
    rows = zip(wanted["proposition"], wanted["source"], wanted["stance"], strict=True)
    for proposition, source, stance in rows:
        held.setdefault((proposition, source), []).append(stance)
    asked = zip(found["proposition"], found["source"], found["step"].tolist(), strict=True)
    return [" → ".join(held[proposition, source][:step]) for proposition, source, step in asked]


def _alerts(values: Mapping[str, Any]) -> Iterable[str]:
    """Each shift in one line."""
    names = ("since", "published", "source", "proposition", "after", "unsure")
    stances = ("before", "before_range", "stance", "range")
    for since, published, source, proposition, after, unsure, *held in zip(
        *(list(values[name]) for name in (*names, *stances)), strict=True
    ):
        was, now = (" ".join(filter(None, pair)) for pair in (held[:2], held[2:]))
        when = since or "undated"
        when += " (published)" if published else ""
        long = f", after {after}" if after and not unsure else ""
        doubt = "; the dates do not tell the order" if unsure else ""
        yield f"{when}: {source} {was} → {now} {proposition}{long}{doubt}"
