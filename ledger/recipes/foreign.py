"""Reads a foreign file as a file of claims: its rows, cooked by a recipe.

What `opening` opens is opened here as well, in any encoding, with any mark between cells, and JSON
besides. A file of rejects that was written of such a file is read as the file itself.
"""

import codecs
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path, PurePath
from typing import Any, BinaryIO

from ledger.errors import BadFileError, BadRow, Problem
from ledger.exchange import opening, tables
from ledger.exchange.batches import Batch, Batches
from ledger.exchange.gathering import Place
from ledger.exchange.opening import Records
from ledger.exchange.reading import Unread
from ledger.exchange.rejecting import REASON
from ledger.exchange.sheets import uneven
from ledger.exchange.spreadsheet import rearm
from ledger.recipes.blocks import LINKS
from ledger.recipes.cooking import Kitchen
from ledger.recipes.folder import Folder
from ledger.recipes.jsonrecords import JsonRecords
from ledger.recipes.language import KEY, WHOLE, Recipe
from ledger.recipes.tomlkeys import unknown

_BYTES = 1 << 16
#: How Parquet and workbooks begin.
_BINARY = (b"PAR1", b"PK\x03\x04")


#: What is said of a claim's number, and what of its id in the foreign table.
_NUMBERED = (
    (re.compile(r"no claim of this file has the number \d+"), "names no claim of this file"),
    (re.compile(r"\d+ is the number of (?=line)"), "is the id of "),
)


class Foreign:
    """The records of a foreign file as rows of claims.csv, each on the line of its foreign row."""

    exact = True
    marked = False

    def __init__(
        self,
        recipe: Recipe,
        stream: BinaryIO,
        name: str,
        bad: list[BadRow],
        folder: Path | None = None,
    ) -> None:
        self.recipe = recipe
        self.first_stands = recipe.first
        self.settled = recipe.settled
        self._name = name
        self._bad = bad
        self._folder = (
            None
            if folder is None
            else Folder(folder, recipe.input.files, partial(opened, recipe), bad)
        )
        self._inner = self._folder or opened(recipe, stream, name, bad)
        self._batches = iter(self._inner)
        first = next((batch for batch in self._batches if batch.rows), None)
        if first is None:
            raise BadFileError(
                f"{name} is empty" if not bad else f"{name} cannot be read; nothing was imported",
                bad,
                "" if bad else "a table begins with a header",
            )
        self.header, self._of_rejects = _without_reason(first.rows[0], recipe)
        _check_header(recipe, self.header, name)
        self._first = Batch(first.rows[1:], first.lines[1:])
        self.kitchen = Kitchen(recipe, self.header, name, bad)

    @property
    def records(self) -> int:
        """How many foreign records were read, the header among them."""
        return self._inner.records

    @property
    def read(self) -> int:
        """How many bytes were read."""
        return self._inner.read

    @property
    def unread(self) -> list[Unread]:
        """The records that could not be read."""
        return self._inner.unread

    def __iter__(self) -> Iterator[Batch]:
        """The header of claims, then what the rows become."""
        yield Batch([self.kitchen.made], [1])
        cook, width = self.kitchen.cook, len(self.header)
        for batch in self.originals():
            rows: list[list[str]] = []
            lines: list[int] = []
            file = PurePath(self._folder.file if self._folder else self._name).name.split(".")[0]
            for line, cells in zip(batch.lines, batch.rows, strict=True):
                if len(cells) != width:
                    self._bad.append(uneven(self._name, line, cells, self.header))
                    continue
                made = cook(line, cells, file)
                rows += made
                lines += [line] * len(made)
            yield Batch(rows, lines)

    def originals(self) -> Iterator[Batch]:
        """The foreign rows as they are, after the header; once."""
        for batch in chain((self._first,), self._batches):
            yield self._bare(batch)

    def links(self) -> Iterator[Batch]:
        """As `originals`: of each claim its number and those that it names, after their columns."""
        yield Batch([["claim", *LINKS]], [1])
        for batch in self.originals() if self.recipe.is_linked else ():
            found = [
                (line, made)
                for line, cells in zip(batch.lines, batch.rows, strict=True)
                if len(cells) == len(self.header)
                for made in self.kitchen.links(cells)
            ]
            yield Batch([made for _, made in found], [line for line, _ in found])

    def _bare(self, batch: Batch) -> Batch:
        """A batch without the reasons and marks that a file of rejects has."""
        if not self._of_rejects:
            return batch
        return Batch([[rearm(cell) for cell in cells[1:]] for cells in batch.rows], batch.lines)

    def told(self, row: BadRow) -> BadRow:
        """A bad row of claims in words of the foreign table."""
        if row.problem.column in self.kitchen.made:
            column, what = self.kitchen.foreign(row.problem.column), row.problem.what
            for number, called in _NUMBERED:
                what = number.sub(called, what)
            problem = Problem(column, what, row.problem.allowed)
            row = BadRow(row.file, row.line, problem)
        return self._folder.told(row) if self._folder else row

    def notes(self) -> list[str]:
        """What was left out or replaced, and which columns were not looked at."""
        ours = {*self.kitchen.used, KEY, WHOLE, ""}
        aside = [name for name in self.header if tables.plain_name(name) not in ours]
        notes = self.kitchen.tally.notes()
        if aside:
            some = ", ".join(aside[:5]) + (" …" if len(aside) > 5 else "")
            many = "1 column" if len(aside) == 1 else f"{len(aside)} columns"
            notes.append(f"{many} that the recipe does not use: {some}")
        return notes


def reader(
    recipe: Recipe, folder: Path | None = None
) -> Callable[[BinaryIO, str, list[BadRow]], Foreign]:
    """What opens a file by a recipe, or a folder, as `opening.records` opens one of ours."""
    return lambda stream, name, bad: Foreign(recipe, stream, name, bad, folder)


def opened(recipe: Recipe, stream: BinaryIO, name: str, bad: list[BadRow]) -> Records:
    """The foreign records, the header first."""
    given = recipe.input
    stream, start = opening.unpacked(stream, name)
    if codecs.lookup(given.encoding).name not in ("utf-8", "utf-8-sig"):
        decoded = _Decoded(stream, given.encoding, name)
        stream, start = opening.begun(io.BufferedReader(decoded))
    text = start.removeprefix(codecs.BOM_UTF8).lstrip()
    remark = bool(given.remarks) and text.startswith(given.remarks.encode())
    if remark or text[:1] in (b"{", b"["):
        if text[:1] == b"[":
            given = replace(given, records=())
        return JsonRecords(stream, name, bad, given, rest=recipe.takes_the_rest)
    header = text.split(b"\n", 1)[0]
    parted = b";" in header and not any(mark in header for mark in (b",", b"\t"))
    if given.delimiter or (parted and not start.startswith(_BINARY)):
        return Batches(stream, name, bad, mark=given.delimiter or ";")
    return opening.records(stream, name, bad)


class _Decoded(io.RawIOBase):
    """A file in another encoding, as UTF-8."""

    def __init__(self, stream: BinaryIO, encoding: str, name: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._encoding, self._name = encoding, name
        self._held = b""
        self._read = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, into: Any) -> int:
        """Read on; BadFileError where a byte is none of the encoding."""
        while not self._held:
            raw = self._stream.read(_BYTES)
            try:
                self._held = self._decoder.decode(raw, final=not raw).encode()
            except UnicodeDecodeError as error:
                raise BadFileError(
                    f"{self._name} is not in {self._encoding}: byte {self._read + error.start} "
                    "is none of it",
                    hint="name another encoding in [input] of the recipe",
                ) from None
            self._read += len(raw)
            if not raw:
                break
        some, self._held = self._held[: len(into)], self._held[len(into) :]
        into[: len(some)] = some
        return len(some)


def _without_reason(header: list[str], recipe: Recipe) -> tuple[list[str], bool]:
    """The header without the column of reasons; whether it had one, as a file of rejects has."""
    names = [tables.plain_name(name) for name in header]
    ours = {*recipe.input.columns, *recipe.input.optional}
    if names[:1] == [REASON] and (REASON not in ours or REASON in names[1:]):
        return header[1:], True
    return header, False


def _check_header(recipe: Recipe, header: list[str], name: str) -> None:
    found = [tables.plain_name(column) for column in header]
    place = Place(name, 1, "header")
    bad: list[BadRow] = []
    for column in recipe.input.columns:
        if column not in found:
            strangers = [each for each in found if each not in recipe.input.columns]
            meant = unknown(column, strangers)[1] if strangers else ""
            meant = meant if meant.startswith("did you") else ""
            bad.append(place.bad("this column is missing", meant, column))
    used = {*recipe.input.columns, *recipe.input.optional}
    twice: Iterable[str] = dict.fromkeys(each for each in found if found.count(each) > 1)
    bad += [place.bad("the header names this column twice", "once", each)
            for each in twice if each in used]  # fmt: skip
    if bad:
        raise BadFileError(
            f"{name} is no table that “{recipe.title}” is of; nothing was imported",
            bad,
            f"its columns are {', '.join(header[:30])}{' …' if len(header) > 30 else ''}",
        )
