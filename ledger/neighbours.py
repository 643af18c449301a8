"""What is wrong with a row among the rows that there are: names taken, rings, missing links.

What a row must satisfy by itself is `ledger.rules`; here are the rules that need a look into the
database. They yield problems, raise nothing and write nothing; `ledger.journal` asks them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any, TypeVar, cast

import sqlalchemy as sa

from ledger import quotes, schema
from ledger.errors import Problem
from ledger.model import LARGEST_COUNT
from ledger.rules import (
    REPEATABLE,
    SPEAKING,
    WITHDRAWING,
    Row,
    claim_problems,
    comes_after,
    no_repeat,
    nothing_retracted,
    shown,
)

T = TypeVar("T")

#: Per table, the numbers that were named, and by which table, row and column first.
Links = Mapping[str, Mapping[int, tuple[str, int, str]]]

#: How many numbers or names one query asks for; SQLite before 3.32 took 999 parameters.
_ASKED_AT_ONCE = 500

#: How many documents' texts are held at hand while quotes are checked.
_TEXTS_KEPT = 100

#: The columns of each table that name rows of another, and which table that is.
LINKS: dict[str, dict[str, str]] = {
    name: {
        key.parent.name: key.column.table.name
        for key in table.foreign_keys
        if key.column.table.name in schema.VERSIONED
    }
    for name, (table, _) in schema.VERSIONED.items()
}


def type_problems(table: str, row: Row, changed: frozenset[str]) -> Iterator[Problem]:
    """Values of another type than their column's: SQLite would store them, under another leaf."""
    kinds = _KINDS[table]
    if "id" in changed:
        yield Problem("id", "a row's number never changes")
    for name, value in row.items():
        if name not in kinds:
            yield Problem(name, f"is no column of {table}", ", ".join(kinds))
        elif not kinds[name](value):
            yield Problem(name, f"{shown(value)} is of the wrong type")


def _is_moment(value: object) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None


def _is_day(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _is_whole(value: object) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return whole and abs(cast(int, value)) <= LARGEST_COUNT


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _test_of(kind: sa.types.TypeEngine[Any]) -> Callable[[object], bool]:
    if isinstance(kind, schema.Moment):
        return _is_moment
    if isinstance(kind, sa.Date):
        return _is_day
    return _is_whole if isinstance(kind, sa.Integer) else _is_text


#: What a value of each column must be.
_KINDS: dict[str, dict[str, Callable[[object], bool]]] = {
    name: {column.name: _test_of(column.type) for column in table.c if column.name != "leaf"}
    for name, (table, _) in schema.VERSIONED.items()
}


def name_problems(connection: sa.Connection, table: str, rows: Sequence[Row]) -> Iterator[Problem]:
    """Names and slugs that another row goes by; sources and aliases share their names."""
    column = schema.NATURAL_KEYS.get(table)
    if column is None:
        return
    wanted: dict[str, object] = {}
    for row in rows:
        if isinstance(name := row.get(column), str):
            if name in wanted:
                yield Problem(column, f"{shown(name)} is there twice", "a name of its own")
            wanted[name] = row["id"]
    for other in ("source", "source_alias") if column == "name" else (table,):
        target = schema.VERSIONED[other][0]
        for some in batches(wanted, _ASKED_AT_ONCE):
            query = sa.select(target.c.id, target.c[column]).where(target.c[column].in_(some))
            for number, name in connection.execute(query.order_by(target.c.id)):
                if other != table or number != wanted[name]:
                    what = f"the name of {other.replace('_', ' ')} {number}"
                    yield Problem(column, f"{shown(name)} is {what}", "another")


def ring_problems(connection: sa.Connection, row: Row) -> Iterator[Problem]:
    """A source that would be a member of itself through those it is a member of."""
    table, above = schema.source, row.get("member_of_id")
    seen = {row["id"]}
    if above in seen:
        return  # its own member: the rule on the row itself says so
    while above is not None and above not in seen:
        seen.add(above)
        above = connection.execute(
            sa.select(table.c.member_of_id).where(table.c.id == above)
        ).scalar()
    if above is not None:
        yield Problem("member_of_id", "the source would be a member of itself, through others")


def kind_problems(connection: sa.Connection, row: Row) -> Iterator[Problem]:
    """A new kind for a proposition that claims were recorded on."""
    table = schema.claim
    standing = connection.execute(
        sa.select(sa.func.count()).where(table.c.proposition_id == row["id"])
    ).scalar_one()
    if standing:
        what = f"{standing} recorded claims answer the proposition as it is"
        yield Problem("kind", what, "a new proposition")


class Around:
    """What a claim is checked against, read once: its proposition's kind, its document's text."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._kinds: dict[int, str | None] = {}
        self._texts: dict[int, str] = {}
        self._textless: set[int] = set()

    def claim_problems(self, row: Row) -> Iterator[Problem]:
        """What is wrong with a claim, by itself and beside its proposition and its document."""
        number = row.get("proposition_id")
        kind = self._kind(number)
        if kind is None and number is not None:
            yield Problem("proposition_id", f"there is no proposition {number}")
        yield from claim_problems(row, kind)
        quote, document = row.get("quote"), row.get("document_id")
        if not isinstance(quote, str) or not isinstance(document, int):
            return
        around = (_text(row.get("quote_prefix")), _text(row.get("quote_suffix")))
        text = self._text_of(document)
        if text is not None and not quotes.occurrences(text, quote, *around):
            what = f"{shown(quote)} is not in the document's attached text"
            yield Problem("quote", what, "the words exactly as printed")

    def forget(self, table: str, number: int) -> None:
        """Read anew what hangs on a row of `table` that is written now."""
        if table == "document":
            self._texts.pop(number, None)
            self._textless.discard(number)
        if table == "proposition":
            self._kinds.pop(number, None)

    def _kind(self, number: object) -> str | None:
        if not isinstance(number, int):
            return None
        if number not in self._kinds:
            table = schema.proposition
            query = sa.select(table.c.kind).where(table.c.id == number)
            self._kinds[number] = self._connection.execute(query).scalar()
        return self._kinds[number]

    def _text_of(self, document: int) -> str | None:
        if document not in self._texts and document not in self._textless:
            table = schema.document
            query = sa.select(table.c.text).where(table.c.id == document)
            text = self._connection.execute(query).scalar()
            if text is None:
                self._textless.add(document)
                return None
            if len(self._texts) >= _TEXTS_KEPT:
                self._texts.clear()
            self._texts[document] = text
        return self._texts.get(document)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def attached_problems(connection: sa.Connection, row: Row) -> Iterator[Problem]:
    """Quotes that claims took from the document and that its attached text does not hold."""
    table, text = schema.claim, row.get("text")
    if not isinstance(text, str):
        return
    for claim in connection.execute(
        sa.select(table.c.id, table.c.quote, table.c.quote_prefix, table.c.quote_suffix)
        .where(table.c.document_id == row["id"], table.c.quote.is_not(None))
        .order_by(table.c.id)
    ):
        if not quotes.occurrences(text, claim.quote, claim.quote_prefix, claim.quote_suffix):
            what = f"the quote {shown(claim.quote)} of claim {claim.id} is not in it"
            yield Problem("text", what, "the text as published, or the claim corrected first")


def link_problems(connection: sa.Connection, links: Links) -> Iterator[Problem]:
    """Links to rows that are not there: asked at the end, so that rows come in any order."""
    for target, named in sorted(links.items()):
        number = schema.VERSIONED[target][0].c.id
        missing = set(named)
        for some in batches(sorted(named), _ASKED_AT_ONCE):
            query = sa.select(number).where(number.in_(some)).order_by(number)
            missing.difference_update(connection.execute(query).scalars())
        for absent in sorted(missing):
            table, row, column = named[absent]
            what = f"{table.replace('_', ' ')} {row} names {target} {absent}"
            yield Problem(column, f"{what}, which is not there")


class Ties:
    """What one entry does to claims that repeat or retract others; asked at its end, as links are.

    A claim that is only assessed, or whose quote is mended, is not looked at again.
    """

    def __init__(self) -> None:
        self._tied: set[int] = set()
        self._moved: set[int] = set()
        self._left: set[tuple[object, object]] = set()
        self._from: int | None = None

    def note_from(self, number: int) -> None:
        """Take in every claim from that number on: all of them new."""
        self._from = number

    def note(self, claim: Row, before: Row | None) -> None:
        """Take in a version of a claim, and the version `before` it (None: a new claim)."""
        number = cast(int, claim["id"])
        if before is None:
            if claim.get("repeats_id") is not None or claim.get("stance") in WITHDRAWING:
                self._tied.add(number)
        elif any(claim.get(name) != before.get(name) for name in _TYING):
            self._tied.add(number)
            self._moved.add(number)
            self._left.add((before["proposition_id"], before["source_id"]))

    def problems(self, connection: sa.Connection) -> Iterator[Problem]:
        """Claims that repeat what they cannot, then retractions of nothing, by number."""
        table, repeating = schema.claim, dict[int, Problem]()
        if self._from is not None:
            new = table.c.id >= self._from
            repeating |= _repeating(connection, sa.and_(new, table.c.repeats_id.is_not(None)))
            taken_back = sa.select(table.c.id).where(new, table.c.stance.in_(WITHDRAWING))
            self._tied.update(connection.execute(taken_back.order_by(table.c.id)).scalars())
        for column, numbers in ((table.c.id, self._tied), (table.c.repeats_id, self._moved)):
            for some in batches(sorted(numbers), _ASKED_AT_ONCE):
                repeating |= _repeating(connection, column.in_(some))
        yield from (problem for _, problem in sorted(repeating.items(), key=lambda pair: pair[0]))
        asked = self._tied | self._bereft(connection)
        for some in batches(sorted(asked), _ASKED_AT_ONCE):
            yield from _retracting(connection, some)

    def _bereft(self, connection: sa.Connection) -> set[int]:
        """Retractions that may have lost what they take back, since a claim has moved away."""
        table, found = schema.claim, set[int]()
        on = sorted({cast(int, proposition) for proposition, _ in self._left})
        for some in batches(on, _ASKED_AT_ONCE):
            query = sa.select(table.c.id, table.c.proposition_id, table.c.source_id).where(
                table.c.proposition_id.in_(some), table.c.stance.in_(WITHDRAWING)
            )
            found.update(
                number
                for number, *pair in connection.execute(query.order_by(table.c.id))
                if tuple(pair) in self._left
            )
        return found


#: The columns of a claim that what it repeats, or what it retracts, hangs on.
_TYING = (
    "proposition_id",
    "source_id",
    "stance",
    "repeats_id",
    "stated_on",
    "stated_precision",
)


def _repeating(connection: sa.Connection, which: sa.ColumnElement[bool]) -> dict[int, Problem]:
    """Of the claims `which`, those that repeat what they cannot, by number."""
    claim, other = schema.claim, schema.claim.alias("other")
    names = ("id", "proposition_id", "stance")
    query = (
        sa.select(*(table.c[name] for table in (claim, other) for name in names))
        .join_from(claim, other, claim.c.repeats_id == other.c.id)
        # Most repeat a claim of their own stance; those need not come here at all.
        .where(
            which,
            sa.or_(
                claim.c.proposition_id != other.c.proposition_id, claim.c.stance != other.c.stance
            ),
        )
        .order_by(claim.c.id)
    )
    found = {}
    for row in connection.execute(query):
        own, others = (dict(zip(names, each, strict=True)) for each in (row[:3], row[3:]))
        if why := no_repeat(own, others):
            what = f"claim {own['id']} repeats claim {others['id']}, {why}"
            found[row[0]] = Problem("repeats_id", what, REPEATABLE)
    return found


def _retracting(connection: sa.Connection, numbers: Sequence[int]) -> Iterator[Problem]:
    """Of the claims of those numbers, the retractions that have nothing to take back."""
    claim, earlier = schema.claim, schema.claim.alias("earlier")
    same = sa.and_(
        earlier.c.proposition_id == claim.c.proposition_id,
        earlier.c.stance.in_(SPEAKING),
        earlier.c.source_id == claim.c.source_id,
    )
    query = (
        sa.select(
            claim.c.id,
            claim.c.stated_on,
            claim.c.stated_precision,
            sa.func.count(earlier.c.id).label("said"),
            sa.func.count(earlier.c.stated_on).label("dated"),
            sa.func.min(earlier.c.stated_on, type_=sa.Date).label("first"),
        )
        .outerjoin_from(claim, earlier, same)
        .where(claim.c.id.in_(numbers), claim.c.stance.in_(WITHDRAWING))
        .group_by(claim.c.id, claim.c.stated_on, claim.c.stated_precision)
        .order_by(claim.c.id)
    )
    for row in connection.execute(query).mappings():
        first = row["first"] if row["said"] == row["dated"] else None
        if not row["said"] or not comes_after(dict(row), first):
            yield nothing_retracted(f"claim {row['id']}")


def batches(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """The rows in lists of `size`, the last perhaps shorter."""
    remaining = iter(rows)
    while batch := list(islice(remaining, size)):
        yield batch
