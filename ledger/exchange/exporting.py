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
    parts = _Parts(things, quoted if raw else safe)
    before, after = _arranged(connection, things)
    stream.write(line(tables.CLAIMS.columns))
    for row in before:
        stream.write(parts.description(*row))
    count = 0
    for records in _records(connection, parts):
        stream.write("".join(records))
        count += len(records)
    for row in after:
        stream.write(parts.description(*row))
    rows = {"claims": count, "descriptions": len(before) + len(after)}
    return Exported(rows, tuple(not_in_claims(connection)))


_SUBJECTS = {subject.table: subject for subject in tables.CLAIMS.subjects}
_OWN = [column.name for column in tables.CLAIM]
#: The place of an event's name in what is told of its proposition.
_EVENT_AT = [column.name for column in _SUBJECTS["proposition"].columns].index("event")


class _Parts:
    """The parts of a record as they stand in it, each made once: names, and what is told of them.

    `text` makes a cell of a text. By number (or None: nothing, or as many empty cells).
    """

    def __init__(self, things: Things, text: Callable[[str], str]) -> None:
        self.text = text
        self._things = things
        self.names = {table: Kept[Any](self._namer(table)) for table in _SUBJECTS}
        self.told = {table: Kept[Any](self._teller(_SUBJECTS[table])) for table in _SUBJECTS}
        propositions = things.rows["proposition"]
        proposition, event = self.told["proposition"], self.told["event"]
        #: What is told of a proposition and of its event.
        self.matter = Kept[int](
            lambda number: f"{proposition[number]},{event[propositions[number]['event_id']]}"
        )

    def _namer(self, table: str) -> Callable[[Any], str]:
        name = self._things.name
        return lambda number: "" if number is None else self.text(name(table, number))

    def _teller(self, subject: Subject) -> Callable[[Any], str]:
        nothing = "," * (len(subject.columns) - 1)

        def told(number: int | None) -> str:
            if number is None:
                return nothing
            cells = self._things.cells(subject, number, merged_names=True)
            return ",".join(map(self.text, cells))

        return told

    def description(self, table: str, number: int) -> str:
        """A record that describes one thing, and a proposition's event with it."""
        nothing = {each: told[None] for each, told in self.told.items()}
        own, name = "," * (len(_OWN) - 1), self.names[table][number]
        told = {**nothing, table: self.told[table][number]}
        if table == "event":
            told["proposition"] = _placed(name, _EVENT_AT, nothing["proposition"])
        else:
            own = _placed(name, _OWN.index(_SUBJECTS[table].name), own)
        if table == "proposition":
            told["event"] = self.told["event"][self._things.rows[table][number]["event_id"]]
        return ",".join((own, *told.values())) + "\n"


def _placed(cell: str, at: int, empty: str) -> str:
    """Empty cells, one of them filled."""
    return empty[:at] + cell + empty[at:]


#: What a record of a claim is made of, in the order in which `_records` takes it.
_FIELDS = (*(column.field for column in tables.CLAIM), "stated_precision")


def _records(connection: sa.Connection, parts: _Parts) -> Iterator[list[str]]:
    """The records of the claims, some at a time."""
    text = parts.text
    named, source, document = parts.names, parts.told["source"], parts.told["document"]
    proposition_name, source_name = named["proposition"], named["source"]
    document_name, matter = named["document"], parts.matter
    word = Kept[Any](lambda value: text(written(value)))  # of a vocabulary, a date, a number
    stated = Kept[tuple[Any, Any]](lambda key: text(written(key[0])[: LENGTHS[Precision(key[1])]]))
    table = schema.claim
    query = sa.select(*as_stored(table.c[name] for name in _FIELDS)).order_by(table.c.id)
    for rows in lists_of(connection, query):
        yield [
            f"{number},{proposition_name[on]},{source_name[by]},{word[stance]},{word[basis]},"
            f"{(words and _open(low, high, words)) or word[low]},{word[high]},"
            f"{text(words) if words else ''},{text(quote) if quote else ''},"
            f"{text(prefix) if prefix else ''},{text(suffix) if suffix else ''},"
            f"{document_name[where]},{source_name[via]},"
            f"{word[attribution]},{word[answers] if answers else ''},"
            f"{word[repeats] if repeats else ''},{stated[day, precision] if day else ''},"
            f"{word[status]},{text(because) if because else ''},{text(note) if note else ''},"
            f"{matter[on]},{source[by]},{document[where]}\n"
            for (
                number, on, by, stance, basis, low, high, words, quote, prefix, suffix, where, via,
                attribution, answers, repeats, day, status, because, note, precision,
            ) in rows
        ]  # fmt: skip


def _open(low: int | None, high: int | None, words: str) -> str:
    """What says that the analyst left open what the convention would not; else nothing."""
    return OPEN if low is None and high is None and wording.parse(words) else ""


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


def not_in_claims(connection: sa.Connection) -> list[str]:
    """What the ledger holds and claims have no place for."""
    texts = sa.select(sa.func.count()).where(schema.document.c.text.is_not(None))
    grounds = sa.select(sa.func.count(schema.evidence.c.id))
    accepted = sa.select(sa.func.count(schema.acceptance.c.id))
    receipts = sa.select(sa.func.count(schema.receipt.c.id))
    instead = "export a folder to keep them"
    return left_out(
        (_count(connection, texts), "attached text", instead),
        (_earlier_assessments(connection), "earlier assessment", instead),
        (_count(connection, grounds), "ground", instead),
        (_count(connection, accepted), "accepted finding", instead),
        (_count(connection, receipts), "receipt", instead),
    )


def left_out(*each: tuple[int, str, str]) -> list[str]:
    """A note for each kind of thing that an export could not carry: how many, of what, and why."""
    return [
        f"left out: {_many(number, what)}{'; ' if why else ''}{why}"
        for number, what, why in each
        if number
    ]


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
    first, _, rest = what.partition(" that ")
    told = f"{number} {first}{'s' if number > 1 else ''}"
    return f"{told} that {rest}" if rest else told
