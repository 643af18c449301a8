"""Gathers what files say: the things they describe and the claims they make. Knows no ledger.

Each row is read by itself; what several rows say of one thing is put together, and a row that
says otherwise than one before it is bad.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from ledger.errors import BadRow, Problem
from ledger.exchange.cells import READ, Value
from ledger.exchange.tables import Column, Subject
from ledger.rules import shown


@dataclass(frozen=True, slots=True)
class Place:
    """A cell of a file: its 1-based line (where its record begins) and its column."""

    file: str
    line: int
    column: str

    def bad(self, what: str, allowed: str = "", column: str | None = None) -> BadRow:
        """What is wrong here."""
        return BadRow(self.file, self.line, Problem(column or self.column, what, allowed))


@dataclass(slots=True)
class Thing:
    """A source, event, proposition or document that rows name, and all that they say of it.

    `place` is where it is first named; `values` are by the stored row's fields, things that are
    pointed to by their names. `declared_at` is the row that is about it, if one is: others only
    point to it. What that row says stands in its columns; what others added, in `elsewhere`.
    """

    table: str
    name: str
    place: Place
    values: dict[str, Value] = field(default_factory=dict)
    declared_at: Place | None = None
    columns: dict[str, str] = field(default_factory=dict)
    elsewhere: dict[str, Place] | None = None

    def at(self, name: str) -> Place | None:
        """Where a field of it was first told; None where it was not."""
        if self.elsewhere is not None and name in self.elsewhere:
            return self.elsewhere[name]
        if name not in self.values or self.declared_at is None:
            return None
        return Place(self.declared_at.file, self.declared_at.line, self.columns[name])

    def keep(self, name: str, place: Place) -> None:
        """Keep where a field was first told, unless that is the row that is about it."""
        declared = self.declared_at
        if declared is None or (place.line, place.file) != (declared.line, declared.file):
            self.elsewhere = {**(self.elsewhere or {}), name: place}

    def told_at(self, name: str) -> Place:
        """Where a field of it was first told, or else where it is named."""
        return self.at(name) or self.place

    @property
    def aliases(self) -> tuple[str, ...]:
        """The other names that a source is said to go by."""
        found = self.values.get("aliases", ())
        return tuple(str(name) for name in found) if isinstance(found, tuple) else ()

    @property
    def in_own_table(self) -> bool:
        """Whether it has a row of a table of its own kind, not only of claims."""
        return self.declared_at is not None and self.declared_at.column in ("name", "slug")


@dataclass(slots=True)
class ClaimRow:
    """A row that makes a claim: its values by field, what it points to by name or number.

    `spoilt` holds the columns whose cells could not be read.
    """

    file: str
    line: int
    values: dict[str, Value]
    spoilt: set[str]

    def place(self, column: str) -> Place:
        """A cell of this row."""
        return Place(self.file, self.line, column)


@dataclass(frozen=True, slots=True)
class Remark:
    """A row on a claim of the same files: an assessment, or a ground."""

    claim: int
    values: dict[str, Value]
    place: Place


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A row that accepts a finding: its values by field, what it points to by name or number."""

    values: dict[str, Value]
    place: Place

    def at(self, column: str) -> Place:
        """A cell of this row."""
        return Place(self.place.file, self.place.line, column)


#: Fields that point to another thing, and that thing's table.
POINTS_TO = {
    "member_of_id": "source",
    "merged_into_id": "source",
    "publisher_id": "source",
    "source_id": "source",
    "via_id": "source",
    "event_id": "event",
    "proposition_id": "proposition",
    "document_id": "document",
    "on_document_id": "document",
}


@lru_cache
def _columns(subject: Subject) -> dict[str, str]:
    """The columns of a subject by the fields that they fill."""
    return {column.field: column.name for column in subject.columns}


class Shelf(Protocol):
    """Things that are kept in less room than a Thing takes; see `ledger.exchange.shelf`.

    `index` has the index of each name, from 0 in their order.
    """

    index: dict[str, int]

    def named(self, needed: str) -> Iterator[tuple[str, bool]]:
        """The names in their order, and whether the field `needed` is told."""

    def place(self, name: str) -> Place:
        """Where a thing is first named."""

    def tell(self, name: str, told: tuple[str, ...], line: int) -> bool:
        """Take in what a row says of a thing; whether that is sound."""


class Gathered:
    """All that the files say. `bad` lists what could not be read; `records` counts rows by file.

    `names_are_settled` tells that a file says which names are one source's (it has a column of
    aliases), so that its own names need not be held against one another. Of the tables in
    `first_stands` what a row says first of a thing stands; `differing` counts the rows that say
    otherwise, by table, and tells of the first. A table with one of the `shelves` has Things there
    only of what is described in two ways; what it describes is named nowhere else.
    """

    def __init__(self) -> None:
        self.things: dict[str, dict[str, Thing]] = {
            "event": {},
            "source": {},
            "document": {},
            "proposition": {},
        }
        self.claims: list[ClaimRow] = []
        self.assessments: list[Remark] = []
        self.grounds: list[Remark] = []
        self.acceptances: list[Acceptance] = []
        self.bad: list[BadRow] = []
        self.records: dict[str, int] = {}
        self.names_are_settled = False
        self.first_stands: frozenset[str] = frozenset()
        self.differing: dict[str, tuple[int, str]] = {}
        self._differed: dict[str, tuple[str, int]] = {}
        self.shelves: dict[str, Shelf] = {}
        self._said: dict[tuple[str, str], tuple[str, ...]] = {}

    def thing(self, table: str, name: str, place: Place) -> Thing:
        """The thing of that name, from here on named."""
        known = self.things[table]
        if name not in known:
            known[name] = Thing(table, name, place)
        return known[name]

    def describe(self, subject: Subject, name: str, cells: tuple[str, ...], place: Place) -> None:
        """Take in what a row says of a thing; the same said again costs nothing."""
        if (shelf := self.shelves.get(subject.table)) is not None:
            shelf.tell(name, cells, place.line)
        else:
            self.learn(subject, name, cells, place)

    def learn(self, subject: Subject, name: str, cells: tuple[str, ...], place: Place) -> None:
        """Take in what a row says of what is, or becomes, a Thing."""
        if self._said.get((subject.table, name)) == cells:
            return
        bad = len(self.bad)
        thing = self.thing(subject.table, name, place)
        if thing.declared_at is None:
            thing.declared_at = place
            thing.columns = _columns(subject)
            # Numbers follow the order of the rows, whoever pointed here before.
            self.things[subject.table][name] = self.things[subject.table].pop(name)
        elif subject.table in self.first_stands and thing.values:
            self._let_stand(thing, subject, cells, place)
            return
        for column, cell in zip(subject.columns, cells, strict=True):
            if cell:
                self._learn(thing, column, cell, Place(place.file, place.line, column.name))
        if len(self.bad) == bad:
            # What is said wrongly is told of every row that says it.
            self._said[subject.table, name] = cells

    def _let_stand(
        self, thing: Thing, subject: Subject, cells: tuple[str, ...], place: Place
    ) -> None:
        """Count a row that says otherwise of a thing than the first, which stands."""
        for column, cell in zip(subject.columns, cells, strict=True):
            if not cell:
                continue
            try:
                value = READ[column.cell](cell)
            except ValueError as error:
                self.bad.append(Place(place.file, place.line, column.name).bad(str(error)))
                continue
            if thing.values.get(column.field) != value:
                if self._differed.get(thing.table) == (place.file, place.line):
                    return  # a row that is read fast, and then slowly after all, is one row
                self._differed[thing.table] = place.file, place.line
                count, example = self.differing.get(thing.table, (0, ""))
                first = thing.told_at(column.field).line
                example = example or (
                    f"line {place.line}: {column.name} {shown(cell)} of {shown(thing.name)}, "
                    f"not as line {first}"
                )
                self.differing[thing.table] = count + 1, example
                return

    def named(self, table: str, needed: str) -> Iterator[tuple[str, bool]]:
        """The names of a table's things in their order, and whether the field `needed` is told."""
        if (shelf := self.shelves.get(table)) is not None:
            yield from shelf.named(needed)
        else:
            for name, thing in self.things[table].items():
                yield name, needed in thing.values

    def place_of(self, table: str, name: str) -> Place:
        """Where a thing is first named."""
        if (shelf := self.shelves.get(table)) is not None:
            return shelf.place(name)
        return self.things[table][name].place

    def _learn(self, thing: Thing, column: Column, cell: str, place: Place) -> None:
        try:
            value = READ[column.cell](cell)
        except ValueError as error:
            self.bad.append(place.bad(str(error)))
            return
        if column.field not in thing.values:
            thing.values[column.field] = value
            thing.keep(column.field, place)
        if thing.values[column.field] != value:
            first = thing.told_at(column.field)
            self.bad.append(
                place.bad(
                    f"{shown(cell)} contradicts line {first.line} of {first.file} on "
                    f"{shown(thing.name)}",
                    "the same in every row",
                )
            )
        elif column.field in POINTS_TO and isinstance(value, str):
            self.point_to(POINTS_TO[column.field], value, place)

    def point_to(self, table: str, name: str, place: Place) -> None:
        """Name what something points to; what stands on a shelf is described by that row too."""
        if table not in self.shelves:
            self.thing(table, name, place)
