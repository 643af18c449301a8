"""What a report is narrowed to: the filters that all reports share, and what they resolve to.

A filter names an event, proposition or source as `ledger.lookup` understands it (name, slug,
number, unique part), or a word of a vocabulary; a wrong one raises NotFoundError and says what is
close or allowed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypedDict

import sqlalchemy as sa

from ledger import lookup, schema
from ledger.errors import NotFoundError
from ledger.model import SIDE_OF, STATUSES, Side
from ledger.rules import shown


class Filters(TypedDict, total=False):
    """The filters of every report. What is None or left out does not narrow.

    `event`, `proposition`, `source`: text as typed, or the row's number. `side` (of the stance),
    `stance`, `status`: a word of the vocabulary. `contested`: True for propositions in contest
    alone, False for the others alone.
    """

    event: str | int | None
    proposition: str | int | None
    source: str | int | None
    side: str | None
    stance: str | None
    status: str | None
    contested: bool | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters resolved to row numbers and known words."""

    event: int | None = None
    proposition: int | None = None
    source: int | None = None
    side: str | None = None
    stance: str | None = None
    status: str | None = None
    contested: bool | None = None

    @property
    def of_claims(self) -> dict[str, str | int]:
        """What a claim must hold, by column; empty where the filters ask nothing of claims."""
        asked = {name: getattr(self, name) for name in ("source", "side", "stance", "status")}
        return {name: value for name, value in asked.items() if value is not None}

    def propositions(self) -> sa.Select[tuple[int]] | None:
        """The numbers of the propositions that event and proposition leave; None: all."""
        table = schema.proposition
        conditions = []
        if self.event is not None:
            conditions.append(table.c.event_id == self.event)
        if self.proposition is not None:
            conditions.append(table.c.id == self.proposition)
        return sa.select(table.c.id).where(*conditions) if conditions else None


def choose(
    connection: sa.Connection,
    *,
    event: str | int | None = None,
    proposition: str | int | None = None,
    source: str | int | None = None,
    side: str | None = None,
    stance: str | None = None,
    status: str | None = None,
    contested: bool | None = None,
    **unknown: object,
) -> Chosen:
    """Resolve filters against the ledger; NotFoundError (or AmbiguousError) for a wrong one.

    A filter that there is none of is wrong too: a notebook hands on whatever was typed.
    """
    for name in unknown:
        _word("filter", name, Filters.__annotations__)
    return Chosen(
        event=_row(connection, "event", event),
        proposition=_row(connection, "proposition", proposition),
        source=_row(connection, "source", source),
        side=_word("side", side, [word.value for word in Side]),
        stance=_word("stance", stance, SIDE_OF),
        status=_word("status", status, [word.code for word in STATUSES]),
        contested=contested,
    )


def _row(connection: sa.Connection, what: str, named: Any) -> int | None:
    return None if named is None else lookup.FINDERS[what](connection, str(named)).id


def _word(what: str, given: str | None, known: Iterable[str]) -> str | None:
    words = [str(word) for word in known]
    if given is None or given in words:
        return given
    close = get_close_matches(given, words, n=3)
    hint = f"did you mean {', '.join(close)}?" if close else f"one of {', '.join(words)}"
    raise NotFoundError(f"there is no {what} {shown(given)}", hint, close)
