"""`ledger event`: what happened, or is said to have."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from ledger import lookup, views
from ledger.cli import types
from ledger.cli.nouns import Field, Noun, family
from ledger.standing import standing


def _story(connection: sa.Connection, row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    propositions = views.PROPOSITIONS.table
    heading = "in question"
    for each in connection.execute(
        sa.select(propositions)
        .where(propositions.c.event == row["event"])
        .order_by(propositions.c.id)
    ):
        number = lookup.proposition(connection, each.proposition).id
        yield heading, f"{each.proposition}: {standing(connection, number)}"
        heading = ""


EVENT = Noun(
    table="event",
    view=views.EVENTS,
    words="title",
    meaning="What happened, or is said to have, at a place and time.",
    fields=(
        Field("place", "place", "Where."),
        Field("latitude", "latitude", "Decimal degrees north, such as 35.42."),
        Field("longitude", "longitude", "Decimal degrees east, such as 40.31."),
        Field("started-on", "started_on", "First day.", types.Day()),
        Field("ended-on", "ended_on", "Last day.", types.Day()),
        Field("note", "note", "The analyst's note."),
    ),
    brief={
        "id": "#",
        "event": "event",
        "title": "title",
        "place": "place",
        "started_on": "from",
        "ended_on": "to",
    },
    examples={
        "add": 'ledger event add "Shelling of the market" --started-on 2018-02-20',
        "list": "ledger event list",
        "show": "ledger event show khasham",
        "edit": 'ledger event edit khasham --note "place as the article gives it"',
    },
    story=_story,
)

event_command = family(EVENT)
