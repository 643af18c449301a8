"""The documents that a file of claims names, in a tenth of the room that a Thing takes.

Most are described by one row, and by every other that names them alike: of those only the cells are
kept. One that is described in two ways becomes a Thing, and is told of as all Things are.
"""

import re
from array import array
from collections.abc import Iterator
from datetime import date

from ledger import rules
from ledger.exchange.cells import READ, Cell
from ledger.exchange.gathering import Gathered, Place
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

Cells = tuple[str, ...]


class Shelf:
    """Documents by index, in the order in which they are named first.

    `index` has the index of each name; `cells` what is said of it in the columns of `subject`, None
    where that is more than one thing, and then the document is among the Things of `gathered`.
    """

    def __init__(self, gathered: Gathered, subject: Subject, file: str) -> None:
        self.index: dict[str, int] = {}
        self.names: list[str] = []
        self.cells: list[Cells | None] = []
        self.subject = subject
        self._gathered = gathered
        self._file = file
        self._lines = array("q")
        self._fields = [column.field for column in subject.columns]
        self._title = self._fields.index("title") if "title" in self._fields else None
        self._publisher = (
            self._fields.index("publisher_id") if "publisher_id" in self._fields else None
        )
        self._read: set[tuple[Cell, str]] = set()
        # A cell like those of other documents is kept once, and read once.
        self._shared: dict[str, str] = {}
        gathered.shelf = self

    def tell(self, name: str, told: Cells, line: int) -> bool:
        """Take in what a row says of a document; whether that is sound."""
        at = self.index.get(name)
        if at is None:
            at = self.index[name] = len(self.names)
            self.names.append(name)
            self._lines.append(line)
            if self._readable(told):
                self.cells.append(tuple([self._once(cell) for cell in told]))
                if self._publisher is not None and (publisher := told[self._publisher]):
                    self._gathered.thing("source", publisher, self._at(line, "publisher"))
                return True
            self.cells.append(None)
        elif self.cells[at] == told:
            return True
        self.open(at)
        bad = len(self._gathered.bad)
        self._gathered.learn(self.subject, name, told, self._at(line, self.subject.name))
        return len(self._gathered.bad) == bad

    def open(self, at: int) -> None:
        """Make a Thing of a document."""
        told, self.cells[at] = self.cells[at], None
        if told is not None:
            place = self._at(self._lines[at], self.subject.name)
            self._gathered.learn(self.subject, self.names[at], told, place)

    def put_in_order(self) -> None:
        """Give the Things the order in which the documents were named, whenever they became so."""
        things = self._gathered.things["document"]
        for name in sorted(things, key=self.index.__getitem__):
            things[name] = things.pop(name)

    def clear(self) -> None:
        """Forget what is said of the documents, but for their names."""
        self.cells.clear()
        self._read.clear()
        self._shared.clear()

    def named(self) -> Iterator[tuple[str, bool]]:
        """The names in their order, and whether the title is told."""
        things = self._gathered.things["document"]
        for name, told in zip(self.names, self.cells, strict=True):
            if told is None:
                yield name, "title" in things[name].values
            else:
                yield name, self._title is not None and told[self._title] != ""

    def place(self, name: str) -> Place:
        """Where a document is first named."""
        return self._at(self._lines[self.index[name]], self.subject.name)

    def fields(self, at: int, latest: date) -> dict[str, str] | None:
        """What is said of a document by the stored row's fields, all of it text and sound.

        None where it is a Thing, or where it takes the rules to tell whether it is sound; `latest`
        is the last day on which it can have been published.
        """
        told = self.cells[at]
        if told is None or not _SLUG.fullmatch(slug := self.names[at]) or slug.isdecimal():
            return None
        found = self.said(at)
        sound = _SEEN.search(found.get("title", "")) is not None and all(
            pattern.fullmatch(found[field]) for field, pattern in _SOUND.items() if field in found
        )
        day = found.get("published_on", "")
        in_time = not day or rules.EARLIEST.isoformat() <= day <= latest.isoformat()
        return found if sound and in_time else None

    def said(self, at: int) -> dict[str, str]:
        """The cells that tell something of a document, by the stored row's fields."""
        told = self.cells[at] or ()
        return {field: cell for field, cell in zip(self._fields, told, strict=False) if cell}

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

    def _once(self, cell: str) -> str:
        if len(cell) > 12 or not cell:
            return cell
        return self._shared.setdefault(cell, cell)

    def _at(self, line: int, column: str) -> Place:
        return Place(self._file, line, column)
