"""Claims event by event, as rows of the public view: for formats that keep them apart."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from ledger.exchange.uncarried import not_in_claims
from ledger.views import CLAIMS, EVENTS

#: The columns of a part: all but the event's, which names the part.
COLUMNS = tuple(name for name in CLAIMS.columns if name != "event")

_AT_ONCE = 2_000

Rows = Iterator[Sequence[Any]]


def parts(connection: sa.Connection, counts: dict[str, int]) -> Iterator[tuple[str | None, Rows]]:
    """Each event that has claims, then what is of no event (None): its claims in their order.

    The rows must be taken before the next event is asked for; they stream, and `counts` counts
    them. What is no claim is not in them.
    """
    event, claim = EVENTS.table, CLAIMS.table
    counts["claims"] = 0

    def counted(rows: Rows) -> Rows:
        for row in rows:
            counts["claims"] += 1
            yield row

    slugs = connection.execute(sa.select(event.c.event).order_by(event.c.event)).scalars().all()
    for slug in (*slugs, None):
        # An event is looked up by its slug, its claims by its propositions: nothing is sorted.
        query = (
            sa.select(*(claim.c[name] for name in COLUMNS))
            .where(claim.c.event == slug if slug is not None else claim.c.event.is_(None))
            .order_by(claim.c.claim)
            .execution_options(yield_per=_AT_ONCE)
        )
        rows = iter(connection.execute(query))
        if (first := next(rows, None)) is not None:
            yield slug, counted(_again(first, rows))


def untold(connection: sa.Connection) -> tuple[str, ...]:
    """What claims alone do not say of the ledger, in sentences."""
    return tuple(not_in_claims(connection))


def _again(first: Sequence[Any], rows: Rows) -> Rows:
    yield first
    yield from rows
