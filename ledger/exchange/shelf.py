"""The things that a file of claims names, in a tenth of the room that a Thing takes.

Most are described by one row, and by every other that names them alike: of those only the cells are
kept, and not in memory. Whether a row says the same again is told by a hash of 64 bits, which
Python keys anew for each run: what differs is taken for the same once in 10**19 times. One that is
described in two ways becomes a Thing, and is told of as all Things are.
"""

import re
from array import array
from collections.abc import Iterator
from datetime import date

from ledger import rules
from ledger.exchange.cellar import Cellar, Cells
from ledger.exchange.cells import READ, Cell, Value
from ledger.exchange.gathering import POINTS_TO, Gathered, Place
from ledger.exchange.tables import Subject

_SLUG = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
#: A letter that everybody sees.
_SEEN = re.compile(r"[A-Za-z0-9]")
#: What surely obeys the rules, and is stored as it stands; what is not like it is asked of them.
_SOUND = {
    "url": re.compile(r"https?://[!-~]+"),
    "archive_url": re.compile(r"https?://[!-~]+"),
    "language": re.compile(r"[a-z]{2,3}"),
    "sha256": re.compile(r"[0-9a-f]{64}"),
    "retrieved_at": re.compile(r"[0-9T:-]+Z"),
}

#: How many readable cells are remembered.
_MANY = 100_000


class Shelf:
    """Things of a table by index, in the order in which they are named first.

    `index` has the index of each name; `cells` what is said of it in the columns of `subject`, None
    where that is more than one thing, and then it is among the Things of `gathered`. `pointing` are
    the fields that name others.
    """

    def __init__(self, gathered: Gathered, subject: Subject, file: str) -> None:
        self.index: dict[str, int] = {}
        self.names: list[str] = []
        self.cells = Cellar()
        self.subject = subject
        self._gathered = gathered
        self._file = file
        self._lines = array("l")
        self._hashes = array("q")
        self._fields = [column.field for column in subject.columns]
        self._reading = [(column.field, READ[column.cell]) for column in subject.columns]
        self._pointing = [
            (place, column.name, POINTS_TO[column.field])
            for place, column in enumerate(subject.columns)
            if column.field in POINTS_TO
        ]
        self.pointing = tuple(field for field in self._fields if field in POINTS_TO)
        self._read: set[tuple[Cell, str]] = set()
        gathered.shelves[subject.table] = self

    def tell(self, name: str, told: Cells, line: int) -> bool:
        """Take in what a row says of a thing; whether that is sound."""
        at = self.index.get(name)
        if at is None:
            at = self.index[name] = len(self.names)
            self.names.append(name)
            self._lines.append(line)
            self._hashes.append(hash(told))
            if self._readable(told):
                self.cells.append(told)
                for place, column, table in self._pointing:
                    if told[place]:
                        self._gathered.point_to(table, told[place], self._at(line, column))
                return True
            self.cells.append(None)
        elif self.says(at, told):
            return True
        self.open(at)
        bad = len(self._gathered.bad)
        self._gathered.learn(self.subject, name, told, self._at(line, self.subject.name))
        return len(self._gathered.bad) == bad

    def says(self, at: int, told: Cells) -> bool:
        """Whether that, and no more than that, is said of a thing so far."""
        return self._hashes[at] == hash(told) and not self.cells.is_gone(at)

    def open(self, at: int) -> None:
        """Make a Thing of it."""
        told, self.cells[at] = self.cells[at], None
        if told is not None:
            place = self._at(self._lines[at], self.subject.name)
            self._gathered.learn(self.subject, self.names[at], told, place)

    def put_in_order(self) -> None:
        """Give the Things the order in which they were named, whenever they became so."""
        things = self._gathered.things[self.subject.table]
        for name in sorted(things, key=self.index.__getitem__):
            things[name] = things.pop(name)

    def named(self, needed: str) -> Iterator[tuple[str, bool]]:
        """The names in their order, and whether the field `needed` is told."""
        things = self._gathered.things[self.subject.table]
        place = self._fields.index(needed) if needed in self._fields else None
        for name, told in zip(self.names, self.cells, strict=True):
            if told is None:
                yield name, needed in things[name].values
            else:
                yield name, place is not None and told[place] != ""

    def place(self, name: str) -> Place:
        """Where a thing is first named."""
        return self._at(self._lines[self.index[name]], self.subject.name)

    def fields(self, at: int, told: Cells, latest: date) -> dict[str, str] | None:
        """What is `told` of a document by the stored row's fields, all of it text and sound.

        None where it takes the rules to tell whether it is sound; `latest` is the last day on which
        it can have been published.
        """
        if not _SLUG.fullmatch(slug := self.names[at]) or slug.isdecimal():
            return None
        found = self.said(told)
        sound = _SEEN.search(found.get("title", "")) is not None and all(
            pattern.fullmatch(found[field]) for field, pattern in _SOUND.items() if field in found
        )
        day = found.get("published_on", "")
        in_time = not day or rules.EARLIEST.isoformat() <= day <= latest.isoformat()
        return found if sound and in_time else None

    def said(self, told: Cells) -> dict[str, str]:
        """The cells that tell something, by the stored row's fields."""
        return {field: cell for field, cell in zip(self._fields, told, strict=True) if cell}

    def values(self, told: Cells) -> dict[str, Value]:
        """What those cells say, by the stored row's fields; names are left as they are."""
        return {
            field: read(cell)
            for (field, read), cell in zip(self._reading, told, strict=True)
            if cell
        }

    def close(self) -> None:
        """Forget what is said of the things, but for their names, and give the room back."""
        self.cells.close()
        self._read.clear()

    def _readable(self, told: Cells) -> bool:
        """Whether every cell can be read; what it says is looked at later."""
        for column, cell in zip(self.subject.columns, told, strict=True):
            if cell and column.cell is not Cell.TEXT and (column.cell, cell) not in self._read:
                try:
                    READ[column.cell](cell)
                except ValueError:
                    return False
                if len(self._read) < _MANY:
                    self._read.add((column.cell, cell))
        return True

    def _at(self, line: int, column: str) -> Place:
        return Place(self._file, line, column)
