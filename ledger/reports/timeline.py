"""Timeline: what was said when, in order, and by side.

A month is not its first day. What is known to the month stands at the head of that month, before
its days, and a year before its months: each as early as it may have been, and marked as vague.
"""

from collections.abc import Mapping
from typing import Any, Unpack

import numpy as np
import pandas as pd
import sqlalchemy as sa

from ledger import schema
from ledger.model import Precision, Side
from ledger.reports.docket import dockets
from ledger.reports.filters import Filters
from ledger.reports.frames import built, mapped, put_in_order, whole
from ledger.reports.origins import NOBODY
from ledger.reports.said import (
    BUNDLE,
    as_exact,
    first_days,
    hands,
    iso,
    last_days,
    moments,
    ranges_told,
    said,
    something_else,
    source_sides,
)
from ledger.reports.steps import Steps, steps

#: What `when` says of a claim that neither it nor its document dates.
UNDATED = "undated"

COLUMNS = {
    "when": "the day, month or year it was said on; else the day its document was published; else "
    "undated",
    "published": "true where that is the day of publication, since nobody tells when it was said",
    "vague": "true where it is a month or a year: some day in it",
    "earliest_on": "the first day that when may mean",
    "latest_on": "the last day that when may mean",
    "side": "the way the stance points: affirms, denies, withholds, reports, withdraws",
    "source": "who speaks",
    "source_side": "the side the source stands on",
    "stance": "what the source does with the proposition",
    "range": "for a count: the range said or, denied, rejected; all: a denial that there was even "
    "one; some figure: one disputed without saying which; in words: number words that give no "
    "range",
    "wording": "the source's own number words",
    "event": "slug of the event that the proposition is about",
    "proposition": "slug of the proposition",
    "text": "the sentence in question",
    "shift_from": "the side that the source held before, where it changes sides",
    "answers": "number of the claim that it answers",
    "answering": "for a denial of something else: slug of the proposition whose claim it answers "
    "without denying it",
    "via": "who relayed it",
    "quote": "the words quoted",
    "document": "slug of the document it was published in",
    "status": "the analyst's verification status",
    "happened_on": "the first day of the event",
    "said_on": "when it was said: a day, a month or a year; missing where nobody tells",
    "published_on": "the day its document was published",
    "recorded_at": "when the claim was recorded first, UTC",
    "recorded_by": "the analyst who did",
    "claim": "the claim's number",
}

#: What a table on a screen shows of it, with the headings.
BRIEF = {
    "{when}; {vague?some day}{published?published}": "when",
    "side": "side",
    "{source:name}; {stance} {proposition}{range? (}{range}{range?)}; "
    "{shift_from?SHIFT from }{shift_from}; {answering?answering }{answering}": "who says what",
    "“{quote}”": "words",
    "claim": "#",
}


def timeline(connection: sa.Connection, **filters: Unpack[Filters]) -> pd.DataFrame:
    """Tell what was said when, in order; of one date by side.

    `filters` as in `ledger.reports.filters.Filters`; here `source`, `side`, `stance`, `status`,
    `first` and `last` choose claims. A claim without a date fits no `first` and no `last`.

    One row a claim, sorted by the first day it may have been said on (else: published on), undated
    ones last; of one such day years first, then months, then the day itself, what was only
    published on it after what was said; then by side in the order of the vocabulary, then by
    number. Columns as COLUMNS tells: claim and answers Int64, published and vague bool, recorded_at
    datetime64[s, UTC], the rest str or None. Raises NotFoundError for a filter that names nothing.
    """
    begun, parts, keys = _begun(connection), [], []
    for taken in map(steps, dockets(connection, bundle=BUNDLE, **filters)):
        words = said(connection, taken.fitting["claim"].tolist())
        parts.append(_framed(connection, taken, words, begun))
        keys.append(_keys(taken.fitting, words["stated_on"].isna().to_numpy()))
    return put_in_order(parts, _in_order(pd.concat(keys)))


def _framed(
    connection: sa.Connection, taken: Steps, words: pd.DataFrame, begun: Mapping[str, str]
) -> pd.DataFrame:
    claims = taken.fitting
    first = hands(connection, claims["claim"].tolist())
    about = taken.read.propositions.loc[claims["proposition"].to_numpy()]
    stated = words["stated_on"].notna().to_numpy()
    dates = as_exact(claims)
    known = claims["since"].notna().to_numpy()
    values: dict[str, Any] = {name: about[name] for name in ("event", "proposition", "text")}
    values |= {name: claims[name] for name in ("side", "stance", "status")}
    values |= {name: words[name] for name in ("wording", "via", "quote", "document")}
    values |= {
        "when": [date or UNDATED for date in dates],
        "published": known & ~stated,
        "vague": known & (claims["precision"] != Precision.DAY.value).to_numpy(),
        "earliest_on": iso(first_days(claims)),
        "latest_on": iso(last_days(claims)),
        "source": claims["name"],
        "source_side": mapped(claims["source"].tolist(), source_sides(connection)),
        "range": ranges_told(claims, about["kind"]),
        "shift_from": mapped(claims["claim"].tolist(), _shifts(taken)),
        "answers": whole(words["answers"].replace(NOBODY, np.nan)),
        "answering": something_else(claims, taken.read),
        "happened_on": mapped(about["event"], begun),
        "said_on": [date if spoken else None for date, spoken in zip(dates, stated, strict=True)],
        "published_on": words["published_on"],
        "recorded_at": moments(first["recorded_at"]),
        "recorded_by": first["recorded_by"],
        "claim": whole(claims["claim"]),
    }
    return built(COLUMNS, values)


_WIDEST = {Precision.YEAR.value: 0, Precision.MONTH.value: 1, Precision.DAY.value: 2}
_SIDES = {side.value: place for place, side in enumerate(Side)}


_ORDER = ["since", "exactness", "unsaid", "place", "claim"]


def _keys(claims: pd.DataFrame, unsaid: Any) -> pd.DataFrame:
    """What claims are ordered by; `unsaid`: whether nobody tells when each was said."""
    dated = claims["since"].notna()
    return pd.DataFrame(
        {
            "since": claims["since"],
            "exactness": claims["precision"].map(_WIDEST).where(dated, 0),
            "unsaid": unsaid & dated.to_numpy(),
            "place": claims["side"].map(_SIDES),
            "claim": claims["claim"],
        }
    )


def _in_order(keys: pd.DataFrame) -> Any:
    """The places of the claims in the order in which the timeline tells them."""
    ordered = keys.reset_index(drop=True).sort_values(_ORDER, na_position="last")
    return ordered.index.to_numpy()


def _shifts(taken: Steps) -> dict[int, str]:
    """The side before, of every claim by which a source changes sides."""
    begins = taken.spoken.drop_duplicates("at").set_index("at")["claim"]
    shifted = taken.all[taken.all["shift"]]
    return dict(zip(begins.loc[shifted.index].tolist(), shifted["before_side"], strict=True))


def _begun(connection: sa.Connection) -> dict[str, str]:
    """The first day of every event that has one, by its slug."""
    event = schema.event
    question = sa.select(event.c.slug, event.c.started_on).where(event.c.started_on.is_not(None))
    return {row.slug: str(row.started_on) for row in connection.execute(question.order_by("slug"))}
