"""The index of names: every source, proposition and event, so that each can be found by reading."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from ledger import schema, views
from ledger.formats import Answer
from ledger.model import WITHDRAWN
from ledger.names import folded
from ledger.web.found import other_names
from ledger.web.links import Links, Stamp, Where
from ledger.web.look import rendered

#: How many names of a kind the page has; all are in the CSV.
MOST_NAMES = 5_000

COLUMNS = {
    "kind": "source, proposition or event",
    "name": "the source's name, or the slug",
    "text": "of a source its kind, or “also” with what it is called otherwise; the sentence in "
    "question; the event's title",
    "claims": "how many claims it has made, or are on it; withdrawn ones left out",
}


def show(connection: sa.Connection, where: Where, links: Links, of: Stamp) -> tuple[str, str]:
    """The page's title and body."""
    kinds: dict[str, list[Sequence[Any]]] = {"source": [], "proposition": [], "event": []}
    for kind, *rest in _rows(connection):
        kinds[kind].append(rest)
    html = rendered("names.html", kinds=kinds, most=MOST_NAMES, links=links, where=where)
    return "Index of names", html


def answer(connection: sa.Connection, where: Where) -> Answer:
    """Every name, by kind, then by name."""
    kinds = {"claims": "whole"}
    return Answer(list(COLUMNS), list(_rows(connection)), kinds, COLUMNS, "Index of names")


def _rows(connection: sa.Connection) -> Iterator[tuple[Any, ...]]:
    yield from _sorted("source", _sources(connection))
    yield from _sorted("proposition", _propositions(connection))
    events = views.EVENTS.table
    question = sa.select(events.c.event, events.c.title, sa.null()).order_by(events.c.id)
    yield from _sorted("event", map(tuple, connection.execute(question)))


def _sorted(kind: str, rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    return ((kind, *row) for row in sorted(rows, key=lambda row: (folded(row[0]), row[0])))


def _counts(connection: sa.Connection, column: str) -> dict[int, int]:
    """How many claims there are by source, or by proposition."""
    claim = schema.claim
    question = (
        sa.select(claim.c[column], sa.func.count())
        .where(claim.c.status != WITHDRAWN)
        .group_by(claim.c[column])
        .order_by(claim.c[column])
    )
    return {row[0]: row[1] for row in connection.execute(question)}


def _sources(connection: sa.Connection) -> Iterator[tuple[Any, ...]]:
    sources, others = views.SOURCES.table, other_names(connection)
    said = _counts(connection, "source_id")
    question = sa.select(sources.c.id, sources.c.source, sources.c.kind).order_by(sources.c.id)
    for number, name, kind in connection.execute(question):
        also = f"also {'; '.join(others[number])}" if number in others else None
        yield name, ", ".join(filter(None, (kind, also))), said.get(number, 0)


def _propositions(connection: sa.Connection) -> Iterator[tuple[Any, ...]]:
    table, said = schema.proposition, _counts(connection, "proposition_id")
    question = sa.select(table.c.id, table.c.slug, table.c.text).order_by(table.c.id)
    for number, slug, text in connection.execute(question):
        yield slug, text, said.get(number, 0)
