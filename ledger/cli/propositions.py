"""`ledger proposition`: the things in question."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from ledger import views
from ledger.cli import types
from ledger.cli.nouns import Field, Noun, claims_where, family
from ledger.standing import standing


def _story(connection: sa.Connection, row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "now", str(standing(connection, row["id"]))
    yield from claims_where(connection, "claims", "proposition", row["proposition"])


PROPOSITION = Noun(
    table="proposition",
    view=views.PROPOSITIONS,
    words="text",
    meaning="What is in question: a sentence that can be affirmed or denied, or a count.",
    fields=(
        Field("kind", "kind", "fact (yes or no) or count (how many).", types.KIND),
        Field("unit", "unit", "What is counted, such as “people killed”."),
        Field("population", "population", "Among whom, for a count."),
        Field("event", "event_id", "The event it is about.", types.Name("event"), "event"),
        Field("note", "note", "The analyst's note."),
    ),
    brief={
        "id": "#",
        "proposition": "proposition",
        "kind": "kind",
        "text": "text",
        "event": "event",
        "verdict": "verdict",
    },
    examples={
        "add": 'ledger proposition add "The convoy was warned" --kind fact',
        "list": "ledger proposition list",
        "show": "ledger proposition show progov-killed",
        "edit": 'ledger proposition edit progov-killed --note "figure without origin"',
    },
    story=_story,
)

proposition_command = family(PROPOSITION)
