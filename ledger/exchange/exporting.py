"""Writes a ledger's claims as one wide table: every claim with all that describes what it names.

UTF-8, cells quoted as RFC 4180 has it, lines that end in LF. Order is that of the numbers, so the
same ledger gives the same bytes. What a row says of a proposition, a source or a document is made
once for each of them, and rows come as the driver gives them: a million claims take seconds.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TextIO

import sqlalchemy as sa

from ledger import schema, wording
from ledger.exchange import tables
from ledger.exchange.cells import OPEN, written
from ledger.exchange.lines import Kept, line, quoted, safe
from ledger.exchange.stored import LENGTHS, Things
from ledger.exchange.tables import Subject
from ledger.model import UNREVIEWED, Precision
from ledger.stored import lists_of
from ledger.stored import raw as as_stored


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote: `rows` by table, and what it could not carry.

    In the wide form the tables are `claims`, and `descriptions`: rows that make no claim, for what
    no claim describes.
    """

    rows: dict[str, int]
    notes: tuple[str, ...] = ()


def export_claims(connection: sa.Connection, stream: TextIO, *, raw: bool = False) -> Exported:
    """Write every claim with all that describes what it names, in the order of their numbers.

    What no claim speaks for has a row of its own, which has no stance: before the claims where an
    import must see it first to give all things the order that they have here, after them where it
    comes last. A source that was merged is written as another name of the one that is left. Texts
    attached to documents, the grounds of statuses and accepted findings are not in this form, and
    of a claim's statuses only the last is. The stream must not change line ends (newline="").
    """
    things = Things(connection)
    before, after = _arranged(connection, things)
    stream.write(line(tables.CLAIMS.columns))
    for table, number in before:
        stream.write(line(_description(things, table, number), raw=raw))
    count = 0
    for records in _records(connection, things, raw=raw):
        stream.write("".join(records))
        count += len(records)
    for table, number in after:
        stream.write(line(_description(things, table, number), raw=raw))
    rows = {"claims": count, "descriptions": len(before) + len(after)}
    return Exported(rows, tuple(_left_out(connection)))


#: What a record of a claim is made of, in the order in which `_records` takes it.
_FIELDS = (*(column.field for column in tables.CLAIM), "stated_precision")

_SUBJECTS = {subject.table: subject for subject in tables.CLAIMS.subjects}


def _records(connection: sa.Connection, things: Things, *, raw: bool) -> Iterator[list[str]]:
    """The records of the claims, some at a time."""
    text = quoted if raw else safe
    details = {table: _details(things, subject, text) for table, subject in _SUBJECTS.items()}
    event_of = {number: row["event_id"] for number, row in things.rows["proposition"].items()}
    about = Kept[int](
        lambda number: f"{details['proposition'][number]},{details['event'][event_of[number]]}"
    )
    source, document = details["source"], details["document"]
    named = {
        table: Kept[Any](_namer(things, table, text))
        for table in ("proposition", "source", "document")
    }
    proposition_name, source_name, document_name = named.values()
    word = Kept[Any](lambda value: text(written(value)))  # of a vocabulary, a date, a number

    def long(value: str | None) -> str:
        return "" if value is None else text(value)

    stated = Kept[tuple[Any, Any]](lambda key: text(written(key[0])[: LENGTHS[Precision(key[1])]]))
    table = schema.claim
    query = sa.select(*as_stored(table.c[name] for name in _FIELDS)).order_by(table.c.id)
    for rows in lists_of(connection, query):
        yield [
            f"{number},{proposition_name[on]},{source_name[by]},{word[stance]},{word[basis]},"
            f"{word[low] or _open(low, high, words)},{word[high]},{long(words)},{long(quote)},"
            f"{long(prefix)},{long(suffix)},{document_name[where]},{source_name[via]},"
            f"{word[attribution]},{word[answers]},{word[repeats]},"
            f"{stated[day, precision] if day else ''},{word[status]},{long(because)},{long(note)},"
            f"{about[on]},{source[by]},{document[where]}\n"
            for (
                number, on, by, stance, basis, low, high, words, quote, prefix, suffix, where, via,
                attribution, answers, repeats, day, status, because, note, precision,
            ) in rows
        ]  # fmt: skip


def _open(low: int | None, high: int | None, words: str | None) -> str:
    """What says that the analyst left open what the convention would not."""
    left_open = words is not None and low is None and high is None and wording.parse(words)
    return OPEN if left_open else ""


def _namer(things: Things, table: str, text: Callable[[str], str]) -> Callable[[Any], str]:
    return lambda number: "" if number is None else text(things.name(table, number))


def _details(things: Things, subject: Subject, text: Callable[[str], str]) -> Kept[Any]:
    """The cells that describe a thing as they stand in a record; of no thing, as many empty."""
    nothing = "," * (len(subject.columns) - 1)

    def made(number: int | None) -> str:
        if number is None:
            return nothing
        return ",".join(map(text, things.cells(subject, number, merged_names=True)))

    return Kept[Any](made)


#: Something that a row describes: its table and number.
_Row = tuple[str, int]


def _arranged(connection: sa.Connection, things: Things) -> tuple[list[_Row], list[_Row]]:
    """The things that need a row of their own, before the claims and after them.

    An import numbers things in the order in which rows describe them, so these rows see to it that
    this is the order of their numbers; no more of them come first than that takes.
    """
    told = {
        table: _as_told(connection, column)
        for table, column in (
            ("proposition", schema.claim.c.proposition_id),
            ("source", schema.claim.c.source_id),
            ("document", schema.claim.c.document_id),
        )
    }
    parted = {table: _parted(_standing(things, table), told[table]) for table in told}
    first, last = parted["proposition"]
    events = (
        things.rows["proposition"][number]["event_id"]
        for number in (*first, *told["proposition"], *last)
    )
    known = dict.fromkeys(number for number in events if number is not None)
    parted["event"] = _parted(_standing(things, "event"), known)
    # A proposition's row tells its event too, so those that must come first are told before.
    order = ("event", "source", "document", "proposition")
    before = [(table, number) for table in order for number in parted[table][0]]
    after = [(table, number) for table in reversed(order) for number in parted[table][1]]
    return before, after


def _as_told(connection: sa.Connection, column: sa.Column[int]) -> list[int]:
    """The things that claims name, in the order in which claims first name them."""
    first = sa.func.min(schema.claim.c.id)
    query = sa.select(column).where(column.is_not(None)).group_by(column).order_by(first)
    return [*connection.execute(query).scalars()]


def _standing(things: Things, table: str) -> list[int]:
    rows = things.rows[table].items()
    return [number for number, row in rows if row.get("merged_into_id") is None]


def _parted(order: list[int], told: Iterable[int]) -> tuple[list[int], list[int]]:
    """Of the numbers in `order`, those that must be told before the ones in `told`, and after."""
    place = {number: at for at, number in enumerate(told)}
    last = len(order)
    while last and order[last - 1] not in place:
        last -= 1
    first = last
    while first and order[first - 1] in place:
        if first < last and place[order[first - 1]] > place[order[first]]:
            break
        first -= 1
    return order[:first], order[last:]


def _description(things: Things, table: str, number: int) -> list[str]:
    """A row that describes one thing, and a proposition's event with it."""
    subject = _SUBJECTS[table]
    told = {subject.name: things.name(table, number), **_told(things, subject, number)}
    event = things.rows[table][number].get("event_id")
    if event is not None:
        told |= _told(things, _SUBJECTS["event"], event)
    return [told.get(column, "") for column in tables.CLAIMS.columns]


def _told(things: Things, subject: Subject, number: int) -> dict[str, str]:
    cells = things.cells(subject, number, merged_names=True)
    return dict(zip((column.name for column in subject.columns), cells, strict=True))


def _left_out(connection: sa.Connection) -> Iterator[str]:
    """What the ledger holds and the wide form has no place for."""
    texts = sa.select(sa.func.count()).where(schema.document.c.text.is_not(None))
    for number, what in (
        (_count(connection, texts), "attached text"),
        (_earlier_assessments(connection), "earlier assessment"),
        (_count(connection, sa.select(sa.func.count(schema.evidence.c.id))), "ground"),
        (_count(connection, sa.select(sa.func.count(schema.acceptance.c.id))), "accepted finding"),
    ):
        if number:
            yield f"left out: {_many(number, what)}; export a folder to keep them"


def _earlier_assessments(connection: sa.Connection) -> int:
    """How many assessments were made of claims, but for those that still stand.

    Only a claim with an older version can have one, so no other is looked at: this is the view
    `assessments`, narrowed.
    """
    now, then = schema.claim, schema.claim_history
    changed = sa.select(then.c.id)
    columns = ("id", "entry_id", "status", "because")
    version = sa.union_all(
        sa.select(*(now.c[name] for name in columns)).where(now.c.id.in_(changed)),
        sa.select(*(then.c[name] for name in columns)),
    ).subquery()

    def before(column: sa.ColumnElement[Any], otherwise: str) -> sa.ColumnElement[Any]:
        lagging = sa.func.lag(column).over(partition_by=version.c.id, order_by=version.c.entry_id)
        return sa.func.coalesce(lagging, otherwise)

    step = sa.select(
        sa.or_(
            version.c.status != before(version.c.status, UNREVIEWED),
            sa.func.coalesce(version.c.because, "") != before(version.c.because, ""),
        ).label("assessed")
    ).subquery()
    assessed = sa.select(sa.func.count()).select_from(step).where(step.c.assessed)
    standing = sa.select(sa.func.count()).where(
        now.c.id.in_(changed), sa.or_(now.c.status != UNREVIEWED, now.c.because.is_not(None))
    )
    return _count(connection, assessed) - _count(connection, standing)


def _count(connection: sa.Connection, query: sa.Executable) -> int:
    return int(connection.execute(query).scalar_one())


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number > 1 else ''}"
