"""The questions that reports ask the database: one function each, and no judgement.

Frames come back with the columns and kinds told in each function; rules for what they mean live
in `ledger.reports.docket`.
"""

from collections.abc import Iterator
from typing import Any

import pandas as pd
import sqlalchemy as sa

from ledger import schema
from ledger.model import WITHDRAWN, Precision
from ledger.neighbours import batches
from ledger.reports.filters import Chosen
from ledger.reports.frames import read
from ledger.reports.kept import DENYING, Kept, kept
from ledger.reports.origins import NOBODY


def propositions(connection: sa.Connection, chosen: Chosen) -> pd.DataFrame:
    """The propositions chosen, those of one event together, as they were recorded.

    Index: the proposition's number. Columns: event, proposition (slugs), text, kind, unit,
    population, verdict, because, and the finding's low and high.
    """
    table, event = schema.proposition, schema.event
    question = sa.select(
        table.c.id,
        event.c.slug,
        table.c.slug,
        table.c.text,
        table.c.kind,
        table.c.unit,
        table.c.population,
        table.c.verdict,
        table.c.because,
        table.c.finding_low,
        table.c.finding_high,
    ).outerjoin_from(table, event, table.c.event_id == event.c.id)
    if (only := chosen.propositions()) is not None:
        question = question.where(table.c.id.in_(only))
    question = question.order_by(table.c.event_id.asc().nulls_last(), table.c.id)
    words = ("event", "proposition", "text", "kind", "unit", "population", "verdict", "because")
    kinds = {"id": "link"} | dict.fromkeys(words, "word")
    return read(connection, question, kinds | {"low": "bound", "high": "bound"}).set_index("id")


def slugs(connection: sa.Connection) -> dict[int, str]:
    """The slug of every proposition, by its number."""
    table = schema.proposition
    question = sa.select(table.c.id, table.c.slug).order_by(table.c.id)
    return {row.id: row.slug for row in connection.execute(question)}


def claims(connection: sa.Connection, chosen: Chosen) -> Kept:
    """Every claim that is not withdrawn on the propositions chosen.

    Also the claims on other propositions that claims answering one chosen are about, or that a
    denial chosen answers: without them a denial of something else is not seen where it was
    expected, nor that its source denies the one and the other. Beside what the claim itself says:
    answered (the proposition whose claim it answers), worded (1: it has number words), since (when
    said, else published), precision (of since).
    """
    claim, document, answered = schema.claim, schema.document, schema.claim.alias("answered")
    # Asked for each row that needs it, where a join would look for every row.
    published = sa.select(document.c.published_on).where(document.c.id == claim.c.document_id)
    about = sa.select(answered.c.proposition_id).where(answered.c.id == claim.c.answers_id)
    since = sa.func.coalesce(claim.c.stated_on, published.scalar_subquery())
    question = (
        sa.select(
            claim.c.id,
            claim.c.proposition_id,
            claim.c.source_id,
            sa.func.coalesce(claim.c.via_id, NOBODY),
            sa.case((claim.c.answers_id.is_(None), NOBODY), else_=about.scalar_subquery()),
            sa.case((claim.c.wording.is_(None), 0), else_=1),
            claim.c.low,
            claim.c.high,
            claim.c.stance,
            claim.c.attribution,
            claim.c.status,
            sa.func.coalesce(claim.c.stated_precision, Precision.DAY.value),
            sa.cast(since, sa.Text),
        )
        .where(claim.c.status != WITHDRAWN, *_within(chosen))
        .order_by(claim.c.id)
    )
    return kept(_chunks(connection, question))


#: How many rows are read at once.
_CHUNK = 20_000


def _chunks(connection: sa.Connection, question: sa.Select[Any]) -> Iterator[list[Any]]:
    """Rows as the driver gives them: numbers and text alone, of which nothing is made meanwhile."""
    cursor = connection.execute(question).cursor
    while cursor is not None and (rows := cursor.fetchmany(_CHUNK)):
        yield list(rows)


def _said_within(chosen: Chosen) -> Iterator[sa.ColumnElement[bool]]:
    """That a claim may have been said (else its document published) within the dates."""
    claim, document = schema.claim, schema.document
    since = sa.func.coalesce(claim.c.stated_on, document.c.published_on)
    precision = sa.func.coalesce(claim.c.stated_precision, Precision.DAY.value)
    if chosen.first is not None:
        yield sa.or_(
            *(
                sa.and_(precision == exact.value, since >= day)
                for exact, day in chosen.earliest.items()
            )
        )
    if chosen.last is not None:
        yield since <= chosen.last


def _within(chosen: Chosen) -> list[sa.ColumnElement[bool]]:
    only = chosen.propositions()
    if only is None:
        return []
    claim, answering, answered = schema.claim, schema.claim.alias(), schema.claim.alias()
    elsewhere = (
        sa.select(answering.c.proposition_id)
        .join_from(answering, answered, answering.c.answers_id == answered.c.id)
        .where(answered.c.proposition_id.in_(only))
    )
    asked = (
        sa.select(answered.c.proposition_id)
        .join_from(answering, answered, answering.c.answers_id == answered.c.id)
        .where(answering.c.proposition_id.in_(only), answering.c.stance.in_(DENYING))
    )
    return [sa.or_(*(claim.c.proposition_id.in_(each) for each in (only, elsewhere, asked)))]


def wordings(connection: sa.Connection) -> dict[int, str]:
    """The number words of every claim that has them, by the claim's number."""
    claim = schema.claim
    question = sa.select(claim.c.id, claim.c.wording).where(claim.c.wording.is_not(None))
    return {row.id: row.wording for row in connection.execute(question.order_by(claim.c.id))}


def chains(connection: sa.Connection, chosen: Chosen | None = None) -> pd.DataFrame:
    """Every claim that repeats another or is repeated, withdrawn or not, in order of number.

    With `chosen` only what `claims` reads of them, and what those repeat, to the chains' ends.
    Columns: claim, proposition, source, repeats, low, high.
    """
    claim, other = schema.claim, schema.claim.alias("other")
    repeating = other.c.repeats_id.is_not(None)
    if chosen is None or not (narrowing := _within(chosen)):
        # By number, from the index of those that repeat: most claims are neither.
        either = sa.union(
            sa.select(other.c.id).where(repeating), sa.select(other.c.repeats_id).where(repeating)
        )
        return _links(connection, claim.c.id.in_(either))
    parts = [_links(connection, *narrowing, claim.c.repeats_id.is_not(None))]
    known = set(parts[0]["claim"].tolist())
    while wanted := sorted({*parts[-1]["repeats"].tolist()} - known - {NOBODY}):
        found = [_links(connection, claim.c.id.in_(some)) for some in batches(wanted, _BATCH)]
        parts.append(pd.concat(found))
        known |= {*wanted}
    return pd.concat(parts).sort_values("claim", ignore_index=True)


#: How many claims are asked for by number at once.
_BATCH = 500


def _links(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> pd.DataFrame:
    claim = schema.claim
    question = (
        sa.select(
            claim.c.id,
            claim.c.proposition_id,
            claim.c.source_id,
            claim.c.repeats_id,
            claim.c.low,
            claim.c.high,
        )
        .where(*conditions)
        .order_by(claim.c.id)
    )
    kinds = dict.fromkeys(("claim", "proposition", "source", "repeats"), "link")
    return read(connection, question, kinds | {"low": "bound", "high": "bound"})


def sources(connection: sa.Connection) -> pd.DataFrame:
    """Every source, in order of number. Columns: source (its number), name, member_of."""
    table = schema.source
    question = sa.select(table.c.id, table.c.name, table.c.member_of_id).order_by(table.c.id)
    return read(connection, question, {"source": "link", "name": "word", "member_of": "link"})


def grades(connection: sa.Connection) -> dict[int, str | None]:
    """The reliability of every source, A to F, by its number; None where it has no grade."""
    table = schema.source
    question = sa.select(table.c.id, table.c.reliability).order_by(table.c.id)
    return {row.id: row.reliability for row in connection.execute(question)}


def tallies(connection: sa.Connection, chosen: Chosen) -> pd.DataFrame:
    """How many claims that fit the filters (but for contested) each proposition has by status.

    Withdrawn ones too. Columns: proposition, status, claims.
    """
    claim, stance, document = schema.claim, schema.stance, schema.document
    question = sa.select(claim.c.proposition_id, claim.c.status, sa.func.count()).join_from(
        claim, stance, claim.c.stance == stance.c.code
    )
    if chosen.first is not None or chosen.last is not None:
        question = question.outerjoin(document, claim.c.document_id == document.c.id)
        question = question.where(*_said_within(chosen))
    asked = {
        "source": claim.c.source_id,
        "side": stance.c.side,
        "stance": claim.c.stance,
        "status": claim.c.status,
    }
    question = question.where(*(asked[name] == value for name, value in chosen.of_claims.items()))
    if (only := chosen.propositions()) is not None:
        question = question.where(claim.c.proposition_id.in_(only))
    question = question.group_by(claim.c.proposition_id, claim.c.status)
    question = question.order_by(claim.c.proposition_id, claim.c.status)
    return read(connection, question, {"proposition": "link", "status": "word", "claims": "link"})
