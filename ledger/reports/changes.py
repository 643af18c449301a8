"""Changes: what was recorded since the last report, one row a change.

Every version that later entries wrote is told by `ledger.reports.recorded`; shifts of side, which
nobody records as such, by `ledger.reports.turns`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Unpack

import numpy as np
import pandas as pd
import sqlalchemy as sa

from ledger import schema
from ledger.changes import Names
from ledger.model import SIDE_OF, Precision
from ledger.neighbours import batches
from ledger.reports.docket import docket, fitting
from ledger.reports.filters import Chosen, Filters, choose
from ledger.reports.frames import built, read, whole
from ledger.reports.recorded import CHANGES, Change, recorded
from ledger.reports.since import Since, entry_since
from ledger.reports.turns import Touched, turned
from ledger.versions import written_since

COLUMNS = {
    "entry": "number of the entry that recorded it",
    "recorded_at": "when, UTC",
    "recorded_by": "the analyst who did",
    "message": "what the entry was for, if the analyst said",
    "change": "what changed: " + "; ".join(f"{word} ({why})" for word, why in CHANGES.items()),
    "subject": "the row that changed: source TASS, document article; of a claim also who and on "
    "what: claim 22, Kremlin on russians-killed",
    "claim": "the claim's number, where it is about one",
    "event": "slug of the event that it is about",
    "proposition": "slug of the proposition that it is about",
    "source": "who speaks, or the source that changed",
    "field": "the field that changed, where one did",
    "before": "from: what it was; missing where there was nothing",
    "after": "to: what it became; missing where it is nothing any more",
    "because": "the reason given for a status, withdrawal, finding or acceptance",
    "quote": "the words quoted, of a new claim or of a shift's",
}

#: What a table on a screen shows of it, with the headings.
BRIEF = {
    "{entry}; {recorded_at:day}; {recorded_by}; {message}": "entry",
    "{change}; {field}": "change",
    "subject": "of",
    "{entry?}{before} {after?→ }{after}": "from → to",
    "{entry?}{because}; {quote?“}{quote}{quote?”}": "why, words",
}

#: How many claims are asked for by number at once.
_BATCH = 500


def changes(
    connection: sa.Connection, *, since: Since = 0, **filters: Unpack[Filters]
) -> pd.DataFrame:
    """Tell what was recorded since the last report: claims, shifts, statuses, findings, all else.

    `since` is what is held of that report, as `ledger.reports.since.entry_since` takes it: a date
    (its own day counts as new), an entry's number, a head or the beginning of one, a checkpoint. On
    a ledger as of an earlier entry: what changed between the two. `filters` as in
    `ledger.reports.filters.Filters`: event, proposition and source keep the changes about them;
    side, stance, status, first and last those about claims that fit as they are now; contested
    those about propositions that are contested now, or are not.

    One row a change, the newest entry first; within an entry by `change` in the order that COLUMNS
    tells, then by number. Columns as COLUMNS tells: entry and claim Int64, recorded_at
    datetime64[s, UTC], the rest str or None. Raises NotFoundError for a filter that names nothing,
    and what `entry_since` raises for a `since` that is not in this ledger.
    """
    chosen, start = choose(connection, **filters), entry_since(connection, since)
    found = list(_since(connection, start))
    claims = _claims(connection, sorted({each.claim for each in found if each.claim is not None}))
    found = _kept(connection, _placed(connection, found, claims), claims, chosen)
    places = {word: place for place, word in enumerate(CHANGES)}
    found.sort(key=lambda each: (-each.entry, places[each.change]))
    return _framed(connection, found, start)


def _since(connection: sa.Connection, start: int) -> Iterator[Change]:
    """Every change that entries after number `start` recorded, table by table; then the shifts."""
    names, touched = Names(connection), Touched(start)
    for table in schema.VERSIONED:
        for version in written_since(connection, start, table):
            touched.note(version)
            yield from recorded(names, version)
    yield from turned(connection, touched)


def _claims(connection: sa.Connection, numbers: list[int]) -> pd.DataFrame:
    """These claims as they are now, with the columns that filters look at; index: the number."""
    claim, document = schema.claim, schema.document
    question = (
        sa.select(
            claim.c.id,
            claim.c.proposition_id,
            claim.c.source_id,
            claim.c.stance,
            claim.c.status,
            sa.cast(sa.func.coalesce(claim.c.stated_on, document.c.published_on), sa.Text),
            sa.func.coalesce(claim.c.stated_precision, Precision.DAY.value),
        )
        .outerjoin_from(claim, document, claim.c.document_id == document.c.id)
        .order_by(claim.c.id)
    )
    kinds = {"claim": "link", "proposition": "link", "source": "link", "stance": "code"}
    kinds |= {"status": "code", "since": "day", "precision": "code"}
    asked = [question.where(claim.c.id.in_(some)) for some in batches(numbers, _BATCH)]
    parts = [read(connection, each, kinds) for each in asked or [question.where(sa.false())]]
    found = pd.concat(parts, ignore_index=True)
    found["side"] = [SIDE_OF[stance].value for stance in found["stance"]]
    return found.set_index("claim", drop=False)


def _placed(
    connection: sa.Connection, found: list[Change], claims: pd.DataFrame
) -> Iterator[Change]:
    """The changes with the proposition, source and event that they are about."""
    pairs = zip(claims["proposition"].tolist(), claims["source"].tolist(), strict=True)
    about, table = dict(zip(claims.index.tolist(), pairs, strict=True)), schema.proposition
    question = sa.select(table.c.id, table.c.event_id).order_by(table.c.id)
    events = {row.id: row.event_id for row in connection.execute(question)}
    for each in found:
        proposition, source = each.proposition, each.source
        if each.claim is not None and proposition is None:
            proposition, source = about[each.claim]
        event = each.event if proposition is None else events[proposition]
        yield replace(each, proposition=proposition, source=source, event=event)


def _kept(
    connection: sa.Connection, found: Iterable[Change], claims: pd.DataFrame, chosen: Chosen
) -> list[Change]:
    """The changes that fit the filters."""
    for name in ("event", "proposition", "source"):
        wanted = getattr(chosen, name)
        if wanted is not None:
            found = [each for each in found if getattr(each, name) == wanted]
    if chosen.asks_of_claims and chosen.of_claims.keys() != {"source"}:
        fits = set(claims.loc[fitting(claims, replace(chosen, source=None)), "claim"].tolist())
        found = [each for each in found if each.claim in fits]
    if chosen.contested is not None:
        kept = set(docket(connection, contested=chosen.contested).propositions.index)
        found = [each for each in found if each.proposition in kept]
    return list(found)


def _framed(connection: sa.Connection, found: list[Change], start: int) -> pd.DataFrame:
    entry = schema.entry
    question = sa.select(entry.c.id, entry.c.recorded_at, entry.c.recorded_by, entry.c.message)
    question = question.where(entry.c.id > start).order_by(entry.c.id)
    entries = {row.id: row for row in connection.execute(question)}
    of = [entries[each.entry] for each in found]
    moments = np.array([each.recorded_at.replace(tzinfo=None) for each in of], dtype="M8[s]")
    names = Names(connection)
    values: dict[str, Any] = {
        "entry": whole(each.entry for each in found),
        "recorded_at": pd.Series(moments).dt.tz_localize("UTC"),
        "claim": whole(each.claim for each in found),
    }
    for column in ("recorded_by", "message"):
        values[column] = [getattr(each, column) for each in of]
    for column in ("change", "field", "before", "after", "because", "quote"):
        values[column] = [getattr(each, column) for each in found]
    for table in ("event", "proposition", "source"):
        numbers = [getattr(each, table) for each in found]
        values[table] = [None if each is None else names.of(table, each) for each in numbers]
    told = zip(found, values["source"], values["proposition"], strict=True)
    values["subject"] = [
        f"{each.subject}, {source} on {proposition}" if each.claim else each.subject
        for each, source, proposition in told
    ]
    return built(COLUMNS, values)
