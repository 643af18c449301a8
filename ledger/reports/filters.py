"""What a report is narrowed to: the filters that all reports share, and what they resolve to.

A filter names an event, proposition or source as `ledger.lookup` understands it (name, slug,
number, unique part), or a word of a vocabulary; a wrong one raises NotFoundError and says what is
close or allowed.
"""

import calendar
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any, TypedDict

import sqlalchemy as sa

from ledger import lookup, schema
from ledger.errors import InvalidError, NotFoundError, Problem
from ledger.model import SIDE_OF, STATUSES, Precision, Side
from ledger.rules import shown, stated


class Filters(TypedDict, total=False):
    """The filters of every report. What is None or left out does not narrow.

    `event`, `proposition`, `source`: text as typed, or the row's number. `side` (of the stance),
    `stance`, `status`: a word of the vocabulary. `first` and `last`: what was said (else published)
    on or after, and on or before: a day, or 2018-02 or 2018 as text; a claim known to the month or
    year fits while any day of it may. `contested`: True for propositions in contest alone, False
    for the others alone. `among`: the numbers of the propositions it is about at all, for who turns
    the pages of a long list.
    """

    event: str | int | None
    proposition: str | int | None
    source: str | int | None
    side: str | None
    stance: str | None
    status: str | None
    first: str | date | None
    last: str | date | None
    contested: bool | None
    among: Collection[int] | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters resolved to row numbers and known words.

    `kind` (of propositions) and `among` are no filters: they are what a report is about at all.
    """

    event: int | None = None
    proposition: int | None = None
    source: int | None = None
    side: str | None = None
    stance: str | None = None
    status: str | None = None
    first: date | None = None
    last: date | None = None
    contested: bool | None = None
    kind: str | None = None
    among: tuple[int, ...] | None = None

    @property
    def asks_of_claims(self) -> bool:
        """Whether any filter asks something of a claim itself."""
        return bool(self.of_claims) or self.first is not None or self.last is not None

    @property
    def earliest(self) -> dict[Precision, date]:
        """The first day of a claim's date from which it may lie on or after `first`, by precision.

        A month is held by its first day, so it must not begin before the month of `first` does.
        """
        if self.first is None:
            return {}
        month = self.first.replace(day=1)
        return {
            Precision.DAY: self.first,
            Precision.MONTH: month,
            Precision.YEAR: month.replace(month=1),
        }

    @property
    def of_claims(self) -> dict[str, str | int]:
        """The values that a claim must hold, by column; `first` and `last` apart."""
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
        if self.kind is not None:
            conditions.append(table.c.kind == self.kind)
        if self.among is not None:
            conditions.append(table.c.id.in_(self.among))
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
    first: str | date | None = None,
    last: str | date | None = None,
    contested: bool | None = None,
    among: Collection[int] | None = None,
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
        first=_day("first", first),
        last=_day("last", last),
        contested=contested,
        among=None if among is None else tuple(among),
    )


def _row(connection: sa.Connection, what: str, named: Any) -> int | None:
    return None if named is None else lookup.FINDERS[what](connection, str(named)).id


def _day(which: str, given: str | date | None) -> date | None:
    """The day that a bound means: of a month or year the first, or for `last` the last."""
    if given is None or isinstance(given, date):
        return given
    try:
        begins, precision = stated(given)
    except ValueError as error:
        problem = Problem(which, str(error), "2018-02-08, 2018-02 or 2018")
        raise InvalidError("the report cannot be narrowed to that", [problem]) from None
    if which == "first" or precision is Precision.DAY:
        return begins
    month = 12 if precision is Precision.YEAR else begins.month
    return date(begins.year, month, calendar.monthrange(begins.year, month)[1])


def _word(what: str, given: str | None, known: Iterable[str]) -> str | None:
    words = [str(word) for word in known]
    if given is None or given in words:
        return given
    close = get_close_matches(given, words, n=3)
    hint = f"did you mean {', '.join(close)}?" if close else f"one of {', '.join(words)}"
    raise NotFoundError(f"there is no {what} {shown(given)}", hint, close)
