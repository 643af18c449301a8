"""Excel's xlsx: text stays text, whatever it looks like; numbers are numbers.

Nothing is a formula, a link or a date: days and moments are ISO 8601 text, as in csv, since Excel
knows no time zone, no month without a day and nothing before 1900. Whole numbers of more than 15
digits are text, since Excel would round them. A control character that XML cannot hold stands as
its picture (␛). Rows are written to disk as they come.
"""

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import IO, Any

from ledger.errors import LedgerError
from ledger.formats import Answer
from ledger.formats.values import plain
from ledger.visible import visible

#: What an Excel sheet holds: rows below the header, and UTF-16 units in a cell.
MOST_ROWS = 1_048_575
LONGEST = 32_767

#: Excel keeps 15 digits of a number.
_EXACT = 10**15

_UNHELD = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]")

#: How wide a column may grow, in characters, and how many rows are measured for it.
_WIDEST, _MEASURED = 60, 1_000


def write_xlsx(stream: IO[bytes], answer: Answer) -> list[str]:
    """Write an answer as the first sheet of a workbook; the columns' meanings as a second.

    A text that no cell holds is cut, says so in its cell, and is told in the notes that come back.
    LedgerError for more rows than a sheet holds, or where XlsxWriter is missing.
    """
    with _workbook(stream) as book:
        sheet = _Sheet(book, "ledger", answer.columns)
        for row in answer.rows:
            sheet.write(row)
        sheet.end()
        told = {name: answer.meanings[name] for name in answer.columns if name in answer.meanings}
        if told:
            _explain(book, told)
        book.set_properties({"title": visible(answer.title)})
        return list(sheet.notes())


def _explain(book: Any, told: Mapping[str, str]) -> None:
    meanings = _Sheet(book, "columns", ("column", "meaning"))
    for pair in told.items():
        meanings.write(pair)
    meanings.end()


@contextmanager
def _workbook(stream: IO[bytes]) -> Iterator[Any]:
    try:
        import xlsxwriter
    except ImportError:
        raise LedgerError(
            "xlsx needs the XlsxWriter library, which is not installed",
            'pip install "claim-ledger[xlsx]"',
        ) from None
    with TemporaryDirectory(prefix="ledger-") as folder:
        book = xlsxwriter.Workbook(
            stream,
            {
                "constant_memory": True,
                "tmpdir": folder,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        try:
            yield book
        except BaseException:
            for sheet in book.worksheets():  # given up: it would warn of files left open
                sheet.row_data_fh.close()
            raise
        book.close()


class _Sheet:
    """One sheet being filled, row by row, and how wide its columns must be."""

    def __init__(self, book: Any, name: str, columns: Sequence[str]) -> None:
        layout = {"text_wrap": True, "valign": "top"}
        # Of the format “text” nothing is read anew when a cell is edited. What is longer than 255
        # characters some spreadsheets show as ### then; there a quote prefix does the same.
        self._text = book.add_format({**layout, "num_format": "@"})
        self._long = book.add_format({**layout, "quote_prefix": True})
        self._whole = book.add_format({"num_format": "0", "valign": "top"})
        self._other = book.add_format({"valign": "top"})
        self._head = book.add_format({**layout, "num_format": "@", "bold": True, "bottom": 1})
        self._part = book.add_format({"bold": False})
        self._sheet = book.add_worksheet(name)
        self._sheet.freeze_panes(1, 0)
        self._columns = columns
        self._rows = 0
        self._cut: list[tuple[int, str]] = []
        self._widths = [0] * len(columns)
        for place, column in enumerate(columns):
            self._write_text(0, place, column, self._head)

    def write(self, row: Sequence[Any]) -> None:
        """Write the next row; LedgerError where the sheet is full."""
        if self._rows == MOST_ROWS:
            raise LedgerError(
                f"an Excel sheet holds {MOST_ROWS:,} rows, and there are more",
                "narrow it, or write parquet or csv; nothing was written",
            )
        self._rows += 1
        for place, value in enumerate(row):
            if value is not None and value != "":
                self._write_value(self._rows, place, value)

    def end(self) -> None:
        """Set the columns' widths, and filters on the header."""
        for place, width in enumerate(self._widths):
            self._sheet.set_column(place, place, min(max(width, 6), _WIDEST) + 2)
        if self._columns:
            self._sheet.autofilter(0, 0, self._rows, len(self._columns) - 1)

    def notes(self) -> Iterator[str]:
        """What was cut, and where the first of it stands."""
        if self._cut:
            row, column = self._cut[0]
            cells = "1 cell" if len(self._cut) == 1 else f"{len(self._cut):,} cells"
            yield (
                f"{cells} cut, and marked: Excel holds {LONGEST:,} characters in one "
                f"(the first in row {row + 1}, column {visible(column)}); other formats have all"
            )

    def _write_value(self, row: int, place: int, value: Any) -> None:
        if isinstance(value, bool):
            self._sheet.write_boolean(row, place, value, self._other)
        elif isinstance(value, int) and abs(value) < _EXACT:
            self._sheet.write_number(row, place, value, self._whole)
        elif isinstance(value, float) and math.isfinite(value):
            self._sheet.write_number(row, place, value, self._other)
        else:
            self._write_text(row, place, plain(value), None)
            return
        self._measure(row, place, plain(value))

    def _write_text(self, row: int, place: int, text: str, format_: Any) -> None:
        held = _UNHELD.sub(lambda found: visible(found[0]), text)
        if _units(held) > LONGEST:
            held = _cut(held, len(text))
            self._cut.append((row, self._columns[place]))
        chosen = format_ or (self._text if len(held) <= 255 else self._long)
        if held.startswith("<r>") and held.endswith("</r>"):
            # XlsxWriter takes such a text for markup of its own and would not escape it.
            self._sheet.write_rich_string(row, place, "<", self._part, held[1:], chosen)
        else:
            self._sheet.write_string(row, place, held, chosen)
        self._measure(row, place, held)

    def _measure(self, row: int, place: int, text: str) -> None:
        if row < _MEASURED and self._widths[place] < _WIDEST:
            widest = max((_width(line) for line in text[:2_000].split("\n")), default=0)
            self._widths[place] = max(self._widths[place], widest)


def _width(line: str) -> int:
    if line.isascii():
        return len(line)
    return sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in line)


def _units(text: str) -> int:
    """How long Excel finds a text: in units of UTF-16."""
    return len(text) + (0 if text.isascii() else sum(char > "\uffff" for char in text))


def _cut(text: str, length: int) -> str:
    mark = f"… ({length:,} characters; other formats have all)"
    body = text.encode("utf-16-le")[: 2 * (LONGEST - len(mark))]
    return body.decode("utf-16-le", "ignore") + mark
