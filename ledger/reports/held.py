"""Versus, long: one row a position – what each source holds on each proposition, in which words.

The wide report names sources; this one says for each what it rests on, so that it can be checked.
"""

from typing import Any, Unpack

import pandas as pd
import sqlalchemy as sa

from ledger.model import Kind, Side
from ledger.reports.docket import Docket, dockets, fitting, instead
from ledger.reports.filters import Filters
from ledger.reports.frames import built, mapped, ranged, stacked, whole
from ledger.reports.origins import NOBODY
from ledger.reports.said import as_exact, said, source_sides
from ledger.reports.versus import COLUMNS as WIDE
from ledger.reports.versus import denied_range, findings

COLUMNS = {
    **{name: WIDE[name] for name in ("event", "proposition", "text", "kind", "unit")},
    "side": "the way the stance points: affirms, denies, withholds, reports, withdraws",
    "source": "who speaks",
    "source_side": "the side the source stands on",
    "stance": "what the source does with the proposition",
    "range": "for a count: the range said, or (denied) rejected; all: a denial that there was even "
    "one; some figure: one disputed without saying which; in words: number words that give no "
    "range",
    "low": "its low end (a whole number, in the unit); missing where it is open",
    "high": "its high end, inclusive; missing where it is open",
    "wording": "the source's own number words",
    "quote": "the words quoted",
    "since": "when it was said: a day, month or year; else the day of publication",
    "document": "slug of the document it was published in",
    "via": "who relayed it",
    "attribution": "named, unnamed or uncertain",
    "claim": "the claim's number",
    "answers": "number of the claim that it answers",
    "answering": "slug of the proposition of that claim, where it is another one",
    "non_denial": "true for a denial that answers a claim on another proposition, which the source "
    "does not deny",
    "origin": "the independent origin it comes from: rows of one proposition and side with the "
    "same number are one (a whole number, from 1)",
    "circular": "true where it rests on itself in a circle",
    "status": "the claim's verification status",
    "because": "why it has that status",
    "verdict": "the finding on the proposition: open, supported, refuted, mixed or unprovable",
    "finding": "for a count: the range found",
    "contested": "true where the proposition is contested (as in versus)",
}

#: What a table on a screen shows of it, with the headings.
BRIEF = {
    "{proposition}; {verdict}; {contested?contested}": "in question",
    "{side}": "side",
    "{source}; {stance} {range}; {since}": "source",
    "“{quote}”; {answering?answering }{answering}; {via?by way of }{via}; "
    "{circular?circular reporting}": "words",
    "origin": "origin",
    "claim": "#",
}

#: The sides in the order in which they are set against one another.
_ORDER = {side.value: place for place, side in enumerate(Side)}


def held(connection: sa.Connection, **filters: Unpack[Filters]) -> pd.DataFrame:
    """Tell each source's position on each proposition: stance, range, words, where they stand.

    `filters` as in `ledger.reports.filters.Filters`; here `source`, `side`, `stance`, `status`,
    `first` and `last` choose positions.

    One row a position (a source's newest claim on a proposition), sorted by event in order of
    recording (none last), proposition in order of recording, side (affirms, denies, withholds,
    reports, withdraws), date (undated last), then name. Columns as COLUMNS tells: claim, answers,
    origin, low and high Int64, non_denial, circular and contested bool, the rest str or None.
    Raises NotFoundError for a filter that names nothing.
    """
    sides = source_sides(connection)
    return stacked(_framed(connection, read, sides) for read in dockets(connection, **filters))


def _framed(connection: sa.Connection, read: Docket, sides: dict[int, str | None]) -> pd.DataFrame:
    propositions = read.propositions
    positions = read.positions[fitting(read.positions, read.chosen)]
    positions = positions[positions["proposition"].isin(propositions.index)]
    place = positions["proposition"].map({n: at for at, n in enumerate(propositions.index)})
    positions = positions.assign(place=place, order=positions["side"].map(_ORDER))
    positions = positions.sort_values(["place", "order"], kind="stable")
    about = propositions.loc[positions["proposition"].to_numpy()]
    words = said(connection, positions["claim"].tolist())
    plain = ("event", "proposition", "text", "kind", "unit", "verdict")
    values: dict[str, Any] = {name: about[name] for name in plain}
    values |= {name: positions[name] for name in ("side", "stance", "attribution", "status")}
    texts = ("quote", "wording", "document", "via", "because")
    values |= {name: words[name] for name in texts}
    other = (positions["answered"] != positions["proposition"]).to_numpy()
    answering = [
        read.slugs.get(number) if differs else None
        for number, differs in zip(positions["answered"].tolist(), other, strict=True)
    ]
    values |= {
        "source": positions["name"],
        "source_side": mapped(positions["source"].tolist(), sides),
        "range": _ranges(positions, about["kind"].tolist()),
        "low": whole(positions["low"]),
        "high": whole(positions["high"]),
        "since": as_exact(positions),
        "claim": whole(positions["claim"]),
        "answers": whole(words["answers"].where(words["answers"] != NOBODY)),
        "answering": answering,
        "non_denial": instead(positions, read.positions),
        "origin": whole(_numbers(positions)),
        "circular": positions["circular"].astype(bool),
        "finding": findings(about),
        "contested": about["contested"].astype(bool),
    }
    return built(COLUMNS, values)


def _ranges(positions: pd.DataFrame, kinds: list[str]) -> list[str | None]:
    """Each position's range as text; none where a yes-or-no is in question, or none is named."""
    names = ("side", "stance", "low", "high", "worded")
    rows = zip(kinds, *(positions[name] for name in names), strict=True)
    return [
        None
        if kind != Kind.COUNT.value
        else denied_range(stance, low, high, worded)
        if side == Side.DENIES.value
        else None
        if low != low and high != high
        else str(ranged(low, high))
        for kind, side, stance, low, high, worded in rows
    ]


def _numbers(positions: pd.DataFrame) -> list[int]:
    """The origins of each proposition and side, numbered from 1 as they come."""
    numbers: dict[tuple[int, str], dict[int, int]] = {}
    rows = zip(
        *(positions[name].tolist() for name in ("proposition", "side", "origin")), strict=True
    )
    found = []
    for proposition, side, origin in rows:
        known = numbers.setdefault((proposition, side), {})
        found.append(known.setdefault(origin, len(known) + 1))
    return found
