"""A source's page: who it is, what it holds and held on what, its shifts of side, its record."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from ledger import schema, views
from ledger.errors import NotFoundError
from ledger.formats import Answer
from ledger.model import WITHDRAWN
from ledger.reports import REPORTS
from ledger.reports.sources import COLUMNS as RECORD
from ledger.reports.sources import rows as records
from ledger.web.board import Turn
from ledger.web.found import one, other_names, reported
from ledger.web.links import Links, Stamp, Where
from ledger.web.look import rendered
from ledger.web.pages import Told

Row = Mapping[str, Any]

#: How many of its members, and of its shifts, a page names.
MOST_NAMED = 100


@dataclass(frozen=True, slots=True)
class About:
    """Who a source is: its row of the view `sources`, other names, members, and its record."""

    row: Row
    aliases: Sequence[str] = ()
    members: Sequence[str] = ()
    record: Row | None = None


def show(connection: sa.Connection, where: Where, links: Links, of: Stamp) -> tuple[str, str]:
    """The page's title and body."""
    about = _about(connection, where.key)
    numbers = _spoken_on(connection, about.row["id"])
    turn = Turn.of(where.page, len(numbers))
    some = numbers[turn.first : turn.past]
    steps = _steps(connection, about.row["source"], some)
    return body(about, steps, turn, Where("source", about.row["source"], where.asked), links)


def body(
    about: About, steps: Sequence[Row], turn: Turn, where: Where, links: Links
) -> tuple[str, str]:
    """Title and body of a source's page; `steps` are rows of the report `positions`."""
    html = rendered(
        "source.html",
        about=about,
        row=about.row,
        held=list(_by_proposition(steps)),
        shifts=[step for step in steps if step["shift"]],
        turn=turn,
        where=where,
        links=links,
        most=MOST_NAMED,
    )
    return about.row["source"], html


def answer(connection: sa.Connection, where: Where) -> Answer:
    """Its positions over time, as the report has them; with its own row and its record."""
    about = _about(connection, where.key)
    numbers = _spoken_on(connection, about.row["id"])
    return table(
        about, [tuple(step.values()) for step in _steps(connection, about.row["source"], numbers)]
    )


def table(about: About, rows: Sequence[Sequence[Any]]) -> Answer:
    """A source's positions as they are written to files."""
    columns = REPORTS["positions"].columns
    title = f"Positions of {about.row['source']}"
    told = {**about.row, **(about.record or {})}
    return Told(list(columns), rows, _KINDS, columns, title, about=told)


_KINDS = dict.fromkeys(("step", "days", "days_least", "days_most"), "whole") | dict.fromkeys(
    ("published", "shift", "unsure"), "flag"
)


def _about(connection: sa.Connection, name: str) -> About:
    """Who goes by a name, or by another one that means the same source."""
    aliases, sources = views.ALIASES.table, views.SOURCES.table
    try:
        row = one(connection, views.SOURCES, "source", name)
    except NotFoundError:
        meant = sa.select(aliases.c.source).where(aliases.c.alias == name)
        own = connection.execute(meant.order_by(aliases.c.source)).scalar()
        if own is None:
            raise
        row = one(connection, views.SOURCES, "source", own)
    others = sa.select(aliases.c.alias).where(aliases.c.id == row["id"]).order_by(aliases.c.alias)
    members = sa.select(sources.c.source).where(sources.c.member_of == row["source"])
    return About(
        row,
        list(connection.execute(others).scalars()),
        list(connection.execute(members.order_by(sources.c.source)).scalars()),
        next(recorded(records(connection, source=row["source"])), None),
    )


def everybody(connection: sa.Connection) -> Iterator[About]:
    """Every source, by number."""
    sources, others = views.SOURCES.table, other_names(connection)
    rows = [
        dict(row)
        for row in connection.execute(sa.select(sources).order_by(sources.c.id)).mappings()
    ]
    members: dict[str, list[str]] = {}
    for each in sorted(rows, key=itemgetter("source")):
        members.setdefault(each["member_of"], []).append(each["source"])
    told = {each["source"]: each for each in recorded(records(connection))}
    for each in rows:
        name = each["source"]
        yield About(each, others.get(each["id"], ()), members.get(name, ()), told.get(name))


def turned(
    where: Where, columns: Sequence[str], steps: Sequence[Sequence[Any]]
) -> Iterator[tuple[Where, Turn, list[Row]]]:
    """The pages of a source, each with its steps: of so many propositions as a page has."""
    at = list(columns).index("proposition")
    some = [list(group) for _, group in groupby(steps, key=itemgetter(at))]
    for page in range(1, Turn.of(1, len(some)).pages + 1):
        turn = Turn.of(page, len(some))
        rows = chain.from_iterable(some[turn.first : turn.past])
        yield where.turned(page), turn, [dict(zip(columns, row, strict=True)) for row in rows]


def recorded(rows: Iterable[Sequence[Any]]) -> Iterator[Row]:
    """Rows of the report `sources` by column."""
    return (dict(zip(RECORD, row, strict=True)) for row in rows)


def _spoken_on(connection: sa.Connection, source: int) -> list[int]:
    """The propositions on which a source speaks, in the order of reports."""
    claim, proposition = schema.claim, schema.proposition
    spoken = sa.select(claim.c.proposition_id).where(
        claim.c.source_id == source, claim.c.status != WITHDRAWN
    )
    question = (
        sa.select(proposition.c.id)
        .where(proposition.c.id.in_(spoken))
        .order_by(proposition.c.event_id.asc().nulls_last(), proposition.c.id)
    )
    return list(connection.execute(question).scalars())


def _steps(
    connection: sa.Connection, source: str, propositions: Sequence[int]
) -> list[dict[str, Any]]:
    """What a source held on these propositions, step by step."""
    return reported(connection, "positions", source=source, among=propositions)


def _by_proposition(steps: Iterable[Row]) -> Iterable[tuple[Row, list[Row]]]:
    """The steps on each proposition, with the first of them."""
    found: dict[str, list[Row]] = {}
    for step in steps:
        found.setdefault(step["proposition"], []).append(step)
    return ((some[0], some) for some in found.values())
