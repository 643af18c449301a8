"""Opens a file as what it is, by how it begins: CSV, TSV, JSON lines, Parquet, a workbook, gzip.

Whatever it is, its records come in batches of cells of text, the header first, as from CSV. What
is no text in the file is written as a cell of CSV would have it: 7, 2018-02-08, nothing.
"""

import io
import json
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any, BinaryIO, Protocol

from ledger.errors import BadFileError, BadRow, LedgerError, Problem
from ledger.exchange import tables
from ledger.exchange.batches import Batch, Batches
from ledger.exchange.cells import joined, written
from ledger.exchange.kinds import refuse_archive, refuse_other
from ledger.exchange.reading import Unread
from ledger.exchange.rejecting import REASON
from ledger.exchange.scratch import copied
from ledger.exchange.unfolding import Unpacked, bounded, lines
from ledger.rules import shown

_GZIP, _ZIP, _PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"
_AT_ONCE = 2_000
#: How much of a file is looked at to tell what it is.
_LOOKED_AT = 4_096
#: A sheet has no more, https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3.
_MOST_ROWS = 1 << 20
#: What expat calls that it has no memory left (XML_ERROR_NO_MEMORY).
_NO_MEMORY = 1
#: Columns whose presence says something, so that none is thought to be there that is not.
_TELLING = {"source_aliases", "aliases"}


class Records(Protocol):
    """The records of a file, the header first; as `Batches` has them."""

    @property
    def exact(self) -> bool:
        """Whether cells bear no marks of a spreadsheet."""

    @property
    def marked(self) -> bool:
        """Whether a cell of the last batch may bear one."""

    @property
    def read(self) -> int:
        """How many bytes were read."""

    @property
    def records(self) -> int:
        """How many records were handed out, the header among them."""

    @property
    def unread(self) -> list[Unread]:
        """What could not be read."""

    def __iter__(self) -> Iterator[Batch]:
        """Read on to the end."""


class Translated(Records, Protocol):
    """The records of a file of another form, as rows of claims; each has the line of its original.

    Of the things in `first_stands` what is said first stands; `settled` says that names which look
    alike are two. `header` and `originals` are the file as it is, `told` a bad row in its words,
    and `notes` what was left out of it.
    """

    first_stands: frozenset[str]
    settled: bool
    header: list[str]

    def originals(self) -> Iterator[Batch]:
        """The records as they stand in the file; instead of the rows of claims."""

    def links(self) -> Iterator[Batch]:
        """Of each claim that a record could make, its number and those of the claims that it names;
        their columns first. Instead of the rows of claims.
        """

    def told(self, row: BadRow) -> BadRow:
        """A bad row in words of the file."""

    def notes(self) -> list[str]:
        """What was left out or replaced; when all is read."""


#: Opens a stream of bytes of that name, and appends what cannot be read to the list.
Opening = Callable[[BinaryIO, str, list[BadRow]], Records]
Translation = Callable[[BinaryIO, str, list[BadRow]], Translated]


def records(stream: BinaryIO, name: str, bad: list[BadRow]) -> Records:
    """The records of a file by how it begins.

    Raises BadFileError where it is none of these, and LedgerError where a library is missing.
    """
    stream, start = unpacked(stream, name)
    if start.startswith(_PARQUET):
        return _Rows(_wound(_parquet, stream, name), bad, name)
    if start.startswith(_ZIP):
        return _Rows(_wound(_workbook, stream, name), bad, name)
    refuse_other(start, name)
    text = start.removeprefix(b"\xef\xbb\xbf")
    if text.lstrip()[:1] == b"{":
        return _Rows(_json_lines(stream, name, bad), bad, name)
    return Batches(stream, name, bad, mark=_mark(text))


def _mark(text: bytes) -> str:
    """What stands between the cells of a file that begins so.

    Semicolons and bars, which stand within cells too, are taken only where every column between
    them is known and all that a table needs is there.
    """
    line = re.split(rb"[\r\n]", text.lstrip(b"\r\n"), maxsplit=1)[0]
    if b"," in line:
        return ","
    if b"\t" in line:
        return "\t"
    for mark in (";", "|"):
        header = [
            tables.plain_name(cell.strip('"')) for cell in line.decode(errors="replace").split(mark)
        ]
        if any(
            {*table.required} <= {*header} <= {*table.columns, REASON} for table in tables.TABLES
        ):
            return mark
    return ","


def unpacked(stream: BinaryIO, name: str) -> tuple[BinaryIO, bytes]:
    """The stream, or what it holds where it is packed by gzip, and how that begins."""
    stream, start = begun(stream)
    if start.startswith(_GZIP):
        stream, start = begun(io.BufferedReader(Unpacked(stream, name)))
    return stream, start


def begun(stream: BinaryIO) -> tuple[BinaryIO, bytes]:
    """The stream, and how it begins."""
    if stream.seekable():
        at = stream.tell()
        start = stream.read(_LOOKED_AT)
        stream.seek(at)
        return stream, start
    if not isinstance(stream, io.BufferedReader):
        stream = io.BufferedReader(stream)  # type: ignore[type-var]  # all that it asks is readinto
    return stream, stream.peek(_LOOKED_AT)


def _wound(
    rows: Callable[[BinaryIO, str], Iterator[tuple[int, list[str]]]], stream: BinaryIO, name: str
) -> Iterator[tuple[int, list[str]]]:
    """The rows of a file that must be read in any order."""
    if stream.seekable():
        yield from rows(stream, name)
        return
    with copied(stream) as kept:
        yield from rows(kept, name)


class _Rows:
    """Records that are not text in the file: the header, then rows, each with its number."""

    exact = True
    marked = False

    def __init__(self, rows: Iterator[tuple[int, list[str]]], bad: list[BadRow], name: str) -> None:
        self.read = 0
        self.records = 0
        self.unread: list[Unread] = []
        self._rows = rows
        self._bad = bad
        self._name = name
        self._place = name

    def __iter__(self) -> Iterator[Batch]:
        while some := self._more():
            sound = [(line, cells) for line, cells in some if self._is_text(line, cells)]
            self.records += len(sound)
            yield Batch([cells for _, cells in sound], [line for line, _ in sound])

    def _more(self) -> list[tuple[int, list[str]]]:
        with bounded(self._place):
            some = list(islice(self._rows, _AT_ONCE if self.records else 1))
        if some:
            self._place = f"{self._name}, after row {some[-1][0]}:"
        return some

    def _is_text(self, line: int, cells: list[str]) -> bool:
        """Whether a database and UTF-8 can hold the cells, which of CSV goes without saying."""
        whole = "".join(cells)
        what = "holds a NUL character" if "\0" in whole else ""
        try:
            whole.encode()
        except UnicodeEncodeError:
            what = "holds half a character"
        if what:
            self._bad.append(BadRow(self._name, line, Problem("row", what, "text")))
        return not what


def _json_lines(stream: BinaryIO, name: str, bad: list[BadRow]) -> Iterator[tuple[int, list[str]]]:
    """Objects, one a line; the first says by its keys what table it is."""
    header: list[str] = []
    for line, raw in enumerate(lines(stream, name), start=1):
        if not raw.strip():
            continue
        try:
            found = json.loads(
                raw.decode("utf-8-sig"), parse_int=str, parse_float=_digits, object_pairs_hook=once
            )
            if not isinstance(found, dict):
                raise ValueError("is no object")
            cells = {tables.plain_name(key): _cell(value) for key, value in found.items()}
        except (ValueError, RecursionError) as error:
            said = "is no JSON" if isinstance(error, json.JSONDecodeError) else str(error)
            said = "is no UTF-8" if isinstance(error, UnicodeDecodeError) else said
            bad.append(BadRow(name, line, Problem("row", said, "one object a line: {…}")))
            continue
        if not header:
            table = tables.recognised(list(cells))
            rest = [key for key in table.columns if key not in cells and key not in _TELLING]
            header = [*cells, *rest]
            yield 1, header
        if strange := [key for key in cells if key not in header]:
            bad.append(
                BadRow(name, line, Problem(strange[0], "is no column of the first line", ""))
            )
        else:
            yield line, [cells.get(key, "") for key in header]


def _digits(number: str) -> str:
    """A number as it stands, but that 7.0 is 7."""
    whole, _, rest = number.partition(".")
    return number if rest.strip("0") else whole


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object of its pairs; ValueError where it names a key twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("names a key twice")
    return found


def _cell(value: Any) -> str:
    """A value as a cell; ValueError where it is none."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return written(value if value.tzinfo else value.replace(tzinfo=UTC))
    if isinstance(value, int | date):
        return written(value)
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return joined(value)
    raise ValueError("holds what is no cell: text, a number or a list of names")


def _parquet(stream: BinaryIO, name: str) -> Iterator[tuple[int, list[str]]]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise _lacking("Parquet", "pyarrow", "parquet") from None
    try:
        file = parquet.ParquetFile(stream)
        yield 1, list(file.schema_arrow.names)
        line = 1
        for batch in file.iter_batches(batch_size=_AT_ONCE):
            columns: Iterable[list[str]] = (
                [_cell(value) for value in column.to_pylist()] for column in batch.columns
            )
            for cells in zip(*columns, strict=True):
                line += 1
                yield line, list(cells)
    except MemoryError:
        raise
    except (pa.ArrowException, ValueError) as error:
        raise BadFileError(f"{name} is Parquet that cannot be read: {error}") from None


def _workbook(stream: BinaryIO, name: str) -> Iterator[tuple[int, list[str]]]:
    """The sheet “claims” of a workbook, or its first."""
    refuse_archive(stream, name)
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise _lacking("a workbook", "openpyxl", "xlsx") from None
    width = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and the like, which say nothing here
        try:
            book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
            sheet = book["claims"] if "claims" in book.sheetnames else book.worksheets[0]
            sheet.reset_dimensions()  # which a file says of itself, and may have wrong
            for line, values in enumerate(sheet.iter_rows(values_only=True), start=1):
                if line > _MOST_ROWS:
                    raise ValueError(f"it has more than {_MOST_ROWS:,} rows, which no sheet has")
                cells = [_of_sheet(value) for value in values]
                while cells and not cells[-1] and len(cells) != width:
                    cells.pop()
                if any(cells):
                    width = width or len(cells)
                    yield line, [*cells, *[""] * (width - len(cells))]
            book.close()
        except MemoryError:
            raise
        except Exception as error:  # whatever XML and ZIP have to say
            if getattr(error, "code", None) == _NO_MEMORY:
                raise MemoryError from None
            said = next(iter(str(error).splitlines()), type(error).__name__)
            raise BadFileError(
                f"{name} is no workbook that can be read: {shown(said, 200)}",
                hint="save it as .xlsx or CSV",
            ) from None


def _of_sheet(value: Any) -> str:
    """A cell of a workbook, where a day is a moment at midnight and a whole number may be 7.0."""
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date().isoformat()
    try:
        return _cell(value)
    except ValueError:
        return str(value)


def _lacking(what: str, library: str, extra: str) -> LedgerError:
    return LedgerError(
        f"{what} needs the {library} library, which is not installed",
        f'pip install "claim-ledger[{extra}]"',
    )
