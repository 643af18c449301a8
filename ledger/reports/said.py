"""What was said, in which words, where and when: what reports on claims themselves add to a docket.

Also the dates of claims as columns: the first and the last day that each may mean, so that a month
is not taken for its first day.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from ledger import schema
from ledger.model import Kind, Precision, Side
from ledger.neighbours import batches
from ledger.reports.docket import Docket, instead
from ledger.reports.frames import ranged, read
from ledger.reports.versus import denied_range

#: About how many claims a report on claims themselves takes at a time, with words and hands.
BUNDLE = 25_000

#: How many claims are asked for by number at once.
_BATCH = 500


def said(connection: sa.Connection, claims: list[int]) -> pd.DataFrame:
    """The words of claims, and where they stand; `claims` are numbers, each named once.

    Index: the claim's number, in the order of `claims`. Columns: quote, wording, document (slug),
    via (name), answers (the claim's number, or NOBODY) and answered (the slug of its proposition),
    published_on (of the document) and stated_on (ISO text, the first day it may mean), entry (its
    newest version's), because (why it has its status).
    """
    claim, document, via = schema.claim, schema.document, schema.source.alias("via")
    answered, about = schema.claim.alias("answered"), schema.proposition.alias("about")
    question = (
        sa.select(
            claim.c.id,
            claim.c.quote,
            claim.c.wording,
            document.c.slug,
            via.c.name,
            claim.c.answers_id,
            about.c.slug,
            sa.cast(document.c.published_on, sa.Text),
            sa.cast(claim.c.stated_on, sa.Text),
            claim.c.entry_id,
            claim.c.because,
        )
        .outerjoin_from(claim, document, claim.c.document_id == document.c.id)
        .outerjoin(via, claim.c.via_id == via.c.id)
        .outerjoin(answered, claim.c.answers_id == answered.c.id)
        .outerjoin(about, answered.c.proposition_id == about.c.id)
        .order_by(claim.c.id)
    )
    kinds = {
        "claim": "link",
        "quote": "word",
        "wording": "word",
        "document": "word",
        "via": "word",
        "answers": "link",
        "answered": "word",
        "published_on": "word",
        "stated_on": "word",
        "entry": "link",
        "because": "word",
    }
    return _asked(connection, question, kinds, claims)


def source_sides(connection: sa.Connection) -> dict[int, str | None]:
    """The side that every source stands on, by its number; None where it stands on none."""
    table = schema.source
    question = sa.select(table.c.id, table.c.side).order_by(table.c.id)
    return {row.id: row.side for row in connection.execute(question)}


_UNITS = {Precision.MONTH.value: "M", Precision.YEAR.value: "Y"}
_LENGTHS = {Precision.MONTH.value: 7, Precision.YEAR.value: 4}


def first_days(claims: pd.DataFrame) -> Any:
    """The first day that each claim's date may mean, as datetime64[D]; NaT where it has none."""
    return claims["since"].to_numpy(dtype="datetime64[D]")


def last_days(claims: pd.DataFrame) -> Any:
    """The last day that each claim's date may mean, as datetime64[D]; NaT where it has none."""
    days = first_days(claims).copy()
    for precision, unit in _UNITS.items():
        wide = (claims["precision"] == precision).to_numpy()
        units = days[wide].astype(f"datetime64[{unit}]")
        days[wide] = (units + 1).astype("datetime64[D]") - 1
    return days


def iso(days: Any) -> list[str | None]:
    """Days as ISO 8601 text, None for NaT."""
    return [None if gone else str(day) for day, gone in zip(days, np.isnat(days), strict=True)]


def as_exact(claims: pd.DataFrame) -> list[str | None]:
    """Each claim's date as exact as it is known: 2018-02-08, 2018-02 or 2018; None: it has none."""
    pairs = zip(iso(first_days(claims)), claims["precision"], strict=True)
    return [None if day is None else day[: _LENGTHS.get(precision, 10)] for day, precision in pairs]


def hands(connection: sa.Connection, claims: list[int]) -> pd.DataFrame:
    """Who recorded these claims and when, at first and last, and why they have their status.

    Index: the claim's number, in the order of `claims`. Columns: recorded_at, recorded_by (its
    first version), touched_at, touched_by (its newest), because; moments as datetime in UTC.
    """
    claim, twin = schema.claim, schema.claim_history
    first, newest = schema.entry.alias("first"), schema.entry.alias("newest")
    earliest = (
        sa.select(sa.func.min(twin.c.entry_id)).where(twin.c.id == claim.c.id).scalar_subquery()
    )
    question = (
        sa.select(
            claim.c.id,
            first.c.recorded_at,
            first.c.recorded_by,
            newest.c.recorded_at,
            newest.c.recorded_by,
            claim.c.because,
        )
        .join_from(claim, newest, claim.c.entry_id == newest.c.id)
        .join(first, sa.func.coalesce(earliest, claim.c.entry_id) == first.c.id)
        .order_by(claim.c.id)
    )
    words = ("recorded_at", "recorded_by", "touched_at", "touched_by", "because")
    return _asked(connection, question, {"claim": "link"} | dict.fromkeys(words, "word"), claims)


def _asked(
    connection: sa.Connection, question: sa.Select[Any], kinds: dict[str, str], claims: list[int]
) -> pd.DataFrame:
    """The answer on these claims, in their order; index: the claim's number."""
    column = schema.claim.c.id
    parts = [
        read(connection, question.where(column.in_(some)), kinds)
        for some in batches(claims, _BATCH)
    ]
    whole = pd.concat(parts) if parts else read(connection, question.where(sa.false()), kinds)
    return whole.set_index("claim").reindex(claims)


def moments(values: Iterable[datetime]) -> "pd.Series[Any]":
    """Moments in UTC, as a column of datetime64[s, UTC]."""
    naive = np.array([value.replace(tzinfo=None) for value in values], dtype="datetime64[s]")
    return pd.Series(naive).dt.tz_localize("UTC")


def ranges_told(rows: pd.DataFrame, kinds: Iterable[str], when: str = "") -> list[str | None]:
    """The range of each row as text; None where it names none, and for a fact.

    `rows` have side, stance, low, high and worded, their names led by `when`; `kinds` are those of
    their propositions.
    """
    names = ("side", "stance", "low", "high", "worded")
    columns = (rows[f"{when}{name}"].tolist() for name in names)
    return [
        _range(*said) if kind == Kind.COUNT.value else None
        for kind, *said in zip(kinds, *columns, strict=True)
    ]


def _range(side: Any, stance: Any, low: float, high: float, worded: float) -> str | None:
    if side == Side.DENIES.value:
        return denied_range(stance, low, high, worded)
    if low == low or high == high:
        return str(ranged(low, high))
    return "in words" if worded == 1 else None


def something_else(claims: pd.DataFrame, read: Docket) -> list[str | None]:
    """For each denial of something else, what was claimed instead; None for all other claims.

    `claims` are claims or steps of the docket `read`.
    """
    pairs = zip(claims["answered"].tolist(), instead(claims, read.positions), strict=True)
    return [read.slugs[answered] if evades else None for answered, evades in pairs]
