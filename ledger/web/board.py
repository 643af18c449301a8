"""The board: who affirms, denies and withholds what; of all propositions, or of one event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ledger import views
from ledger.dossier.gathering import as_event
from ledger.dossier.telling import NAMED
from ledger.dossier.values import Event
from ledger.errors import InvalidError, Problem
from ledger.formats import Answer
from ledger.model import STATUSES, WITHDRAWN
from ledger.reports import REPORTS
from ledger.reports.glance import Glance, chosen, glance
from ledger.rules import shown
from ledger.web.found import one
from ledger.web.links import Links, Stamp, Where
from ledger.web.look import rendered

#: How many propositions a page of the board has.
SIZE = 50

#: How many events a list to choose from has; of more, one is typed.
MOST_EVENTS = 300


@dataclass(frozen=True, slots=True)
class Turn:
    """Which rows of `total` a page has: from `first` up to, not including, `past`; from 0."""

    page: int
    pages: int
    first: int
    past: int
    total: int

    @classmethod
    def of(cls, page: int, total: int, size: int = SIZE) -> "Turn":
        """The page of that number, or the last one."""
        pages = max(1, -(-total // size))
        page = min(page, pages)
        return cls(page, pages, (page - 1) * size, min(page * size, total), total)

    @property
    def near(self) -> list[int | None]:
        """The pages to turn to: the first and last, those around; None where some are left out."""
        shown_ = sorted({1, self.pages, *range(self.page - 2, self.page + 3)})
        found: list[int | None] = []
        for page in shown_:
            if 1 <= page <= self.pages:
                if found and found[-1] != page - 1:
                    found.append(None)
                found.append(page)
        return found


def show(connection: sa.Connection, where: Where, links: Links, of: Stamp) -> tuple[str, str]:
    """The board's title and body."""
    event = None
    if where.kind == "event":
        event = as_event(one(connection, views.EVENTS, "event", where.key))
    numbers = chosen(connection, **_filters(where))
    turn = Turn.of(where.page, len(numbers))
    rows = glance(connection, numbers[turn.first : turn.past], most=NAMED)
    return body(where, rows, turn, events(connection), event, links, of)


def body(
    where: Where,
    rows: Sequence[Glance],
    turn: Turn,
    all_events: Mapping[str, str],
    event: Event | None,
    links: Links,
    of: Stamp,
) -> tuple[str, str]:
    """Title and body of a page of the board with these rows; `all_events`: slug to title."""
    title = event.title if event else name(where)
    html = rendered(
        "board.html",
        where=where,
        links=links,
        of=of,
        event=event,
        title=title,
        rows=rows,
        turn=turn,
        events=all_events,
        most_events=MOST_EVENTS,
        statuses=[status.code for status in STATUSES if status.code != WITHDRAWN],
    )
    return title, html


def answer(connection: sa.Connection, where: Where) -> Answer:
    """The rows of the report `versus`."""
    report = REPORTS["versus"]
    if where.kind == "event":
        one(connection, views.EVENTS, "event", where.key)
    rows, kinds = report.answer(connection, **_filters(where))
    return Answer(list(report.columns), rows, kinds, report.columns, name(where))


def name(where: Where) -> str:
    """What a board is called, as data."""
    if where.kind == "event":
        return f"The board of {where.key}"
    contested = where.turned(1).asked == (("contested", "yes"),)
    return "What is contested" if contested else "The board"


_CONTESTED = {None: None, "yes": True, "no": False}


def _filters(where: Where) -> dict[str, Any]:
    """What the page asks, as filters of reports."""
    contested = where.of("contested")
    if contested not in _CONTESTED:
        problem = Problem("contested", f"{shown(contested)} is no answer", "yes or no")
        raise InvalidError("the board cannot be narrowed to that", [problem])
    return {
        "event": where.key if where.kind == "event" else where.of("event"),
        "side": where.of("side"),
        "status": where.of("status"),
        "contested": _CONTESTED[contested],
    }


def events(connection: sa.Connection) -> dict[str, str]:
    """The title of every event by its slug, as they were recorded."""
    table = views.EVENTS.table
    question = sa.select(table.c.event, table.c.title).order_by(table.c.id)
    return {row.event: row.title for row in connection.execute(question)}
