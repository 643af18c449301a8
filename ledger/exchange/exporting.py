"""Writes a ledger's claims as one wide table: every claim with all that describes what it names.

UTF-8, cells quoted as RFC 4180 has it, lines that end in LF. Order is that of the numbers, so the
same ledger gives the same bytes. What a row says of a proposition, a source or a document is made
once for each of them, and rows come as the driver gives them: a million claims take seconds.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TextIO

import sqlalchemy as sa

from ledger.exchange import tables
from ledger.exchange.lines import Kept, Text, line, texts
from ledger.exchange.recital import TOLD, Said, recite
from ledger.exchange.stored import Things
from ledger.exchange.tables import Subject


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote: `rows` by table, and what it could not carry.

    In the wide form the tables are `claims`, and `descriptions`: rows that make no claim, for what
    no claim describes.
    """

    rows: dict[str, int]
    notes: tuple[str, ...] = ()


def export_claims(
    connection: sa.Connection,
    stream: TextIO,
    *,
    raw: bool = False,
    beside: Iterator[Any] | None = None,
) -> Exported:
    """Write every claim with all that describes what it names, in the order of their numbers.

    What no claim speaks for has a row of its own, which has no stance: before the claims where an
    import must see it first to give all things the order that they have here, after them where it
    comes last. A source that was merged is written as another name of the one that is left. Texts
    attached to documents, the grounds of statuses and accepted findings are not in this form, and
    of a claim's statuses only the last is. The stream must not change line ends (newline="").

    `beside` is what `recital.beside` gives, as `raw` as this: the claims as another process reads
    them.
    """
    recital = recite(connection, raw=raw) if beside is None else beside
    things = Things(connection)
    parts = _Parts(things, texts(raw=raw))
    before, after = _arranged({table: next(recital) for table in TOLD}, things)
    stream.write(line(tables.CLAIMS.columns))
    for row in before:
        stream.write(parts.description(*row))
    count = 0
    for records in _records(iter(recital.__next__, None), parts):
        stream.write("".join(records))
        count += len(records)
    for row in after:
        stream.write(parts.description(*row))
    rows = {"claims": count, "descriptions": len(before) + len(after)}
    return Exported(rows, tuple(next(recital)))


_SUBJECTS = {subject.table: subject for subject in tables.CLAIMS.subjects}
_OWN = [column.name for column in tables.CLAIM]
#: The place of an event's name in what is told of its proposition.
_EVENT_AT = [column.name for column in _SUBJECTS["proposition"].columns].index("event")


class _Parts:
    """The parts of a record as they stand in it, each made once: names, and what is told of them.

    `text` makes a cell of a text. By number (or None: nothing, or as many empty cells).
    """

    def __init__(self, things: Things, text: Text) -> None:
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


def _records(claims: Iterable[list[Said]], parts: _Parts) -> Iterator[list[str]]:
    """The records of the claims, some at a time."""
    named, source, document = parts.names, parts.told["source"], parts.told["document"]
    proposition_name, source_name = named["proposition"], named["source"]
    document_name, matter = named["document"], parts.matter
    for told in claims:
        yield [
            f"{number},{proposition_name[on]},{source_name[by]},{said},"
            f"{document_name[where]},{source_name[via]},{rest},"
            f"{matter[on]},{source[by]},{document[where]}\n"
            for number, on, by, said, where, via, rest in told
        ]


#: Something that a row describes: its table and number.
_Row = tuple[str, int]


def _arranged(told: dict[str, list[int]], things: Things) -> tuple[list[_Row], list[_Row]]:
    """The things that need a row of their own, before the claims and after them.

    An import numbers things in the order in which rows describe them, so these rows see to it that
    this is the order of their numbers; no more of them come first than that takes. `told` are the
    things that claims name.
    """
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
