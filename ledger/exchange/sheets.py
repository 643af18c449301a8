"""Reads the rows of one CSV file, or of a folder of them, into what is gathered.

Here a header becomes places in a row, and a row becomes descriptions, a claim, or a remark on one.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from ledger import names
from ledger.errors import BadFileError, BadRow, LedgerError
from ledger.exchange import tables
from ledger.exchange.batches import Batch
from ledger.exchange.cells import READ, Value
from ledger.exchange.gathering import POINTS_TO, Acceptance, ClaimRow, Gathered, Place, Remark
from ledger.exchange.opening import Opening, records
from ledger.exchange.reading import Record, Unread
from ledger.exchange.rejecting import REASON
from ledger.exchange.spreadsheet import rearm
from ledger.exchange.tables import Subject, Table
from ledger.rules import shown

_TEXT_PATH = re.compile(r"texts/[^/\\]+")
#: What a row of claims names; a row that names one of them and says no more describes it.
_NAMED = ("proposition", "source", "document")


def read_folder(gathered: Gathered, folder: Path, *, raw: bool = False) -> None:
    """Read every table of a folder.

    Raises BadFileError for a folder without tables, or with a CSV file that is none of them.
    """
    found = {file.name: file for file in sorted(folder.glob("*.csv"))}
    files = [table.file for table in tables.TABLES]
    for stranger in found.keys() - set(files):
        near = names.close(stranger, files, most=1)
        raise BadFileError(
            f"{folder / stranger} is no table of a ledger; nothing was imported",
            hint=f"did you mean {near[0]}?" if near else f"the tables are {', '.join(files)}",
        )
    if not found:
        raise BadFileError(
            f"{folder} holds no table of a ledger", hint=f"the tables are {', '.join(files)}"
        )
    for table in tables.TABLES:
        if table.file in found:
            with found[table.file].open("rb") as stream:
                read(gathered, stream, table.file, table=table, folder=folder, raw=raw)


def read(
    gathered: Gathered,
    stream: BinaryIO,
    name: str,
    *,
    table: Table | None = None,
    folder: Path | None = None,
    raw: bool = False,
) -> None:
    """Read one file of `table` (default: the one that its header shows).

    `name` is what errors call it; `folder` is where documents' texts may be read from; `raw` takes
    cells as they are, where a spreadsheet's mark would be taken off. Raises BadFileError for a
    file that is no CSV, or whose header will not do.
    """
    read_on(
        gathered,
        OpenSheet(gathered, stream, name, table=table, folder=folder),
        name,
        folder=folder,
        raw=raw,
    )


def read_on(
    gathered: Gathered, opened: "OpenSheet", name: str, *, folder: Path | None = None, raw: bool
) -> None:
    """As `read`, for a file whose header was read."""
    sheet = Sheet(gathered, opened.table, name, opened.header, folder)
    for batch in opened.batches():
        for line, cells in zip(batch.lines, batch.rows, strict=True):
            if len(cells) != len(opened.header):
                gathered.bad.append(uneven(name, line, cells, opened.header))
                continue
            sheet.take(
                Record(line, cells if raw or opened.exact else [rearm(cell) for cell in cells])
            )
    gathered.records[name] = opened.records


class OpenSheet:
    """One file whose header was read: its table, its columns, and then its records in batches.

    As for `read`; `opening` is what opens it. `reader` reads it, `aside` is the place of the column
    that says why a row was rejected, if there is one.
    """

    def __init__(
        self,
        gathered: Gathered,
        stream: BinaryIO,
        name: str,
        *,
        table: Table | None = None,
        folder: Path | None = None,
        opening: Opening = records,
    ) -> None:
        self.reader = opening(stream, name, gathered.bad)
        self._batches = iter(self.reader)
        first = next((batch for batch in self._batches if batch.rows), None)
        if first is None and not gathered.bad:
            raise BadFileError(f"{name} is empty", hint="a CSV file begins with a header")
        if first is None:
            raise BadFileError(f"{name} cannot be read; nothing was imported", gathered.bad)
        if any(each.first < first.lines[0] for each in self.reader.unread):
            raise BadFileError(
                f"the header of {name} cannot be read; nothing was imported", gathered.bad
            )
        header = first.rows[0]
        names = [tables.plain_name(cell) for cell in header]
        # A file of rejects says of each row why it was one.
        self.aside = names.index(REASON) if REASON in names else None
        if self.aside is not None:
            header = [*header[: self.aside], *header[self.aside + 1 :]]
        self._first = Batch(first.rows[1:], first.lines[1:])
        self.table = table or tables.recognised([tables.plain_name(cell) for cell in header])
        self.header = tables.checked(header, self.table, name)
        if folder is None and self.table in (
            tables.ASSESSMENTS,
            tables.GROUNDS,
            tables.ACCEPTANCES,
        ):
            raise BadFileError(
                f"{name} holds {self.table.name}, which name claims by the numbers of their own "
                "file",
                hint="import the folder that it belongs to",
            )
        gathered.names_are_settled |= bool({"source_aliases", "aliases"} & set(self.header))

    @property
    def records(self) -> int:
        """How many records were handed out, the header aside."""
        return self.reader.records - 1

    @property
    def marked(self) -> bool:
        """Whether a cell of the last batch may bear the mark of a spreadsheet."""
        return self.reader.marked

    def batches(self) -> Iterator[Batch]:
        """The records after the header."""
        for batch in chain((self._first,), self._batches):
            if self.aside is not None:
                for cells in batch.rows:
                    del cells[self.aside : self.aside + 1]
            yield batch

    @property
    def read(self) -> int:
        """How many bytes of the file were read so far."""
        return self.reader.read

    @property
    def unread(self) -> list[Unread]:
        """The records that could not be read."""
        return self.reader.unread

    @property
    def exact(self) -> bool:
        """Whether cells are what they say, and bear no marks of a spreadsheet."""
        return self.reader.exact


def uneven(file: str, line: int, cells: list[str], header: list[str]) -> BadRow:
    """That a record has more or fewer cells than the header."""
    return Place(file, line, "row").bad(
        f"has {len(cells)} cells where the header has {len(header)}",
        f"{len(header)} cells; quote those that hold a comma",
    )


class Sheet:
    """One file being read: where its columns stand, and what a row of it becomes.

    `subjects` are what its rows describe: with the place of the name, and of each column told.
    `astray` are columns that say something of what no column names.
    """

    def __init__(
        self, gathered: Gathered, table: Table, file: str, header: list[str], folder: Path | None
    ) -> None:
        at = {name: place for place, name in enumerate(header)}
        self._gathered = gathered
        self._table = table
        self._file = file
        self._folder = folder
        self._own = [(column, at[column.name]) for column in table.own if column.name in at]
        self._named = [at[name] for name in _NAMED if name in at]
        # Columns that name a thing which no subject of the table describes.
        self._naming = POINTS_TO if table is tables.ACCEPTANCES else {"via_id", "on_document_id"}
        self._said = [place for _, place in self._own if place not in self._named]
        self.subjects: list[tuple[Subject, int, list[int]]] = []
        self.astray: list[tuple[int, str, str]] = []
        for subject in table.subjects:
            told = [column for column in subject.columns if column.name in at]
            places = [at[column.name] for column in told]
            if subject.name in at:
                present = Subject(subject.table, subject.name, tuple(told))
                self.subjects.append((present, at[subject.name], places))
            else:
                self.astray += [(at[c.name], c.name, subject.name) for c in told]

    def take(self, record: Record) -> None:
        """Take in what a record says."""
        cells, row = record.cells, Place(self._file, record.line, "row")
        for place, column, lacking in self.astray:
            if cells[place]:
                self._gathered.bad.append(
                    row.bad(f"there is no column {lacking} to say of what", lacking, column)
                )
        for subject, name_at, places in self.subjects:
            told = tuple([cells[place] for place in places])
            self._describe(subject, cells[name_at], told, Place(row.file, row.line, subject.name))
        if self._table is tables.CLAIMS:
            named = sum(1 for place in self._named if cells[place])
            if named > 1 or any(cells[place] for place in self._said):
                values, spoilt = self._values(cells, row)
                self._gathered.claims.append(ClaimRow(row.file, row.line, values, spoilt))
        elif self._table in (tables.ASSESSMENTS, tables.GROUNDS):
            self._remark(cells, row)
        elif self._table is tables.ACCEPTANCES:
            values, spoilt = self._values(cells, row)
            if not spoilt:
                self._gathered.acceptances.append(Acceptance(values, row))

    def _describe(self, subject: Subject, name: str, told: tuple[str, ...], place: Place) -> None:
        bad = self._gathered.bad
        if self._table is tables.CLAIMS:
            if name:
                self._gathered.describe(subject, name, told, place)
            for column, cell in zip(subject.columns, told, strict=True):
                if cell and not name and column.name != "event":  # which may be told by itself
                    bad.append(place.bad(f"is missing, though {column.name} is given"))
                    return
            return
        known = self._gathered.things[subject.table].get(name)
        if not name:
            bad.append(place.bad("is missing"))
        elif known and known.declared_at:
            first = known.declared_at.line
            bad.append(place.bad(f"{shown(name)} stands in line {first} already", "once"))
        else:
            self._gathered.describe(subject, name, self._with_text(subject, told, place), place)

    def _with_text(self, subject: Subject, told: tuple[str, ...], place: Place) -> tuple[str, ...]:
        """The cells with the path of a text replaced by the text itself."""
        columns = [column.name for column in subject.columns]
        if tables.TEXT_FILE.name not in columns:
            return told
        at = columns.index(tables.TEXT_FILE.name)
        if not told[at]:
            return told
        here = Place(place.file, place.line, tables.TEXT_FILE.name)
        text = ""
        try:
            data = self._text_bytes(told[at])
            text = data.decode("utf-8")
        except ValueError as error:
            said = "is no UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)
            self._gathered.bad.append(here.bad(f"{shown(told[at])} {said}", "texts/NAME.txt"))
        except OSError as error:
            self._gathered.bad.append(here.bad(f"{shown(told[at])}: {error.strerror}"))
        else:
            digest = told[columns.index("sha256")] if "sha256" in columns else ""
            if digest and sha256(data).hexdigest() != digest:
                self._gathered.bad.append(
                    here.bad(f"{shown(told[at])} is not the text whose SHA-256 is recorded")
                )
        return (*told[:at], text, *told[at + 1 :])

    def _text_bytes(self, path: str) -> bytes:
        """The bytes of a text in the folder, and nowhere else: ValueError says why not."""
        if self._folder is None:
            raise ValueError("stands in a folder, and this is a single file")
        file = self._folder / path
        inside = file.resolve().parent == (self._folder / "texts").resolve()
        if not _TEXT_PATH.fullmatch(path) or not inside:
            raise ValueError("is no file in the folder's texts")
        return file.read_bytes()

    def _remark(self, cells: list[str], row: Place) -> None:
        values, spoilt = self._values(cells, row)
        number = values.pop("claim" if self._table is tables.ASSESSMENTS else "claim_id", None)
        if isinstance(number, int):
            kept = (
                self._gathered.assessments
                if self._table is tables.ASSESSMENTS
                else self._gathered.grounds
            )
            if not spoilt:
                kept.append(Remark(number, values, row))
        elif "claim" not in spoilt:
            self._gathered.bad.append(row.bad("is missing", "a claim's number", "claim"))

    def _values(self, cells: list[str], row: Place) -> tuple[dict[str, Value], set[str]]:
        """The row's own values by field, and the columns whose cells could not be read."""
        values: dict[str, Value] = {}
        spoilt: set[str] = set()
        for column, place in self._own:
            cell = cells[place]
            if cell:
                try:
                    values[column.field] = READ[column.cell](cell)
                except ValueError as error:
                    spoilt.add(column.name)
                    self._gathered.bad.append(row.bad(str(error), column=column.name))
                else:
                    if column.field in self._naming:
                        here = Place(row.file, row.line, column.name)
                        self._gathered.thing(POINTS_TO[column.field], cell, here)
        return values, spoilt


def read_path(gathered: Gathered, path: Path, *, raw: bool = False) -> None:
    """Read a folder or a file by its path; LedgerError where it cannot be opened."""
    with _readable(path):
        if path.is_dir():
            read_folder(gathered, path, raw=raw)
        else:
            with path.open("rb") as stream:
                read(gathered, stream, path.name, raw=raw)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A file by its path; LedgerError where it cannot be opened or read."""
    with _readable(path), path.open("rb") as stream:
        yield stream


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LedgerError(
            f"cannot read {error.filename or path}: {error.strerror}",
            "name a table of claims (CSV, TSV, JSON lines, Parquet, XLSX) or a folder",
        ) from None
