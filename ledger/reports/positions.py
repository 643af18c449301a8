"""Positions: each source's stance over time on each proposition, and where it changed sides.

What a step and a shift are is `ledger.reports.steps`' to say; here they are told, with the words
quoted and the days between.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Unpack

import numpy as np
import pandas as pd
import sqlalchemy as sa

from ledger.model import Precision
from ledger.reports.docket import dockets
from ledger.reports.filters import Filters
from ledger.reports.frames import built, joined, mapped, stacked, whole
from ledger.reports.said import (
    BUNDLE,
    as_exact,
    first_days,
    iso,
    last_days,
    ranges_told,
    said,
    something_else,
    source_sides,
)
from ledger.reports.steps import CHANGES, Steps, steps

_STEP = {
    "event": "slug of the event that the proposition is about",
    "proposition": "slug of the proposition",
    "text": "the sentence in question",
    "source": "who speaks",
    "source_side": "the side the source stands on",
    "step": "which of the source's steps on the proposition it is, from 1",
    "stance": "the stance taken",
    "side": "the way it points: affirms, denies, withholds, reports, withdraws",
    "range": "for a count: the range said, or (denied) rejected; all: a denial that there was even "
    "one; some figure: one disputed without saying which; in words: number words that give no "
    "range",
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
    return stacked(bundles(connection, **filters))


def bundles(connection: sa.Connection, **filters: Unpack[Filters]) -> Iterator[pd.DataFrame]:
    """The frame of `positions` part by part, at least one: as a whole it may not fit memory."""
    for taken in map(steps, dockets(connection, bundle=BUNDLE, **filters)):
        yield built(COLUMNS, _told(connection, taken, taken.chosen))


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
        "answering": something_else(rows, taken.read),
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
