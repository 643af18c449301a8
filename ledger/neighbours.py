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
from ledger.rules import Row, shown

T = TypeVar("T")

#: Per table, the numbers that were named, and by which table, row and column first.
Links = Mapping[str, Mapping[int, tuple[str, int, str]]]

#: How many numbers or names one query asks for; SQLite before 3.32 took 999 parameters.
_ASKED_AT_ONCE = 500

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


def batches(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """The rows in lists of `size`, the last perhaps shorter."""
    remaining = iter(rows)
    while batch := list(islice(remaining, size)):
        yield batch
