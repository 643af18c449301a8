"""Reads CSV as RFC 4180 has it, strictly: bytes in, records with their line numbers out.

Nothing is guessed and nothing is dropped: what cannot be read as it stands becomes a bad row with
its line, and reading goes on with the next. What the cells mean is for others.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ledger.errors import BadFileError, BadRow, Problem
from ledger.exchange.kinds import guess, refuse_other
from ledger.exchange.unfolding import RECORD
from ledger.rules import shown

BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(r"\r\n|\r|\n")
_LINE = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n)|[^\r\n]++")


def _record(mark: str) -> re.Pattern[str]:
    """A record whose cells have `mark` between them."""
    mark = re.escape(mark)
    cell = rf'(?:"(?:[^"]++|"")*+"|[^"{mark}\r\n]*+)'
    return re.compile(rf"{cell}(?:{mark}{cell})*+(?:\r\n|\r|\n)?")


#: So many lines are no record, however short.
_MOST_LINES = 1_000_000
#: A cell may be as long as a record; a quote that is never closed is found at its end.
csv.field_size_limit(2**31 - 1)


@dataclass(frozen=True, slots=True)
class Record:
    """One record: the 1-based line it begins on, and its cells as text."""

    line: int
    cells: list[str]


def _cells(mark: str) -> re.Pattern[str]:
    """The cells that a record begins with and that are in order, each with the mark after it."""
    mark = re.escape(mark)
    return re.compile(rf'(?:(?:"(?:[^"]++|"")*+"|[^"{mark}\r\n]*+){mark})*+')


class Unread(NamedTuple):
    """A record that could not be read: its lines and its text, with surrogates for wrong bytes."""

    first: int
    last: int
    text: str


class Reader:
    """The records of one file, the header first; blank lines are no records.

    `stream` gives bytes up to each LF; `line` and `offset` tell how many lines and bytes of the
    file came before, `mark` stands between cells. `name` is what errors call the file. Bad rows are
    appended to `bad`; a file that is no CSV at all raises BadFileError, and so does a record of
    more than `longest` characters or a million lines, of which an unclosed quote mark makes one.
    `records` counts the records handed out, the header among them. `unread` are the records that
    could not be read.
    """

    def __init__(
        self,
        stream: Iterable[bytes],
        name: str,
        bad: list[BadRow],
        *,
        line: int = 0,
        offset: int = 0,
        mark: str = ",",
        longest: int = RECORD,
    ) -> None:
        self.name = name
        self._mark = mark
        self._record = _record(mark)
        self._cells = _cells(mark)
        self.records = 0
        self._stream = stream
        self._bad = bad
        self._line = line
        self._offset = offset
        self.unread: list[Unread] = []
        self._read: list[str] = []
        self._spoilt = False
        self._start = self._size = 0
        self._longest = longest

    def __iter__(self) -> Iterator[Record]:
        """Read on to the end."""
        rows = csv.reader(self._lines(), strict=True, delimiter=self._mark)
        while True:
            start = self._start = self._line + 1
            self._read.clear()
            self._size = 0
            self._spoilt = False
            try:
                cells = next(rows)
            except StopIteration:
                break
            except csv.Error as error:
                self._tell_amiss(start, str(error))
                cells = []
            raw = "".join(self._read)
            if cells and '"' in raw and not self._record.fullmatch(raw):
                self._tell_amiss(start, "")
            if self._spoilt:
                self.unread.append(Unread(start, self._line, raw))
            elif any(cells):
                self.records += 1
                yield Record(start, cells)
        if not self._line:
            raise BadFileError(f"{self.name} is empty", hint="a CSV file begins with a header")

    def _lines(self) -> Iterator[str]:
        offset = self._offset
        for number, raw in enumerate(self._stream):
            if number == offset == 0:
                refuse_other(raw, self.name)
                offset = len(BOM) if raw.startswith(BOM) else 0
                raw = raw[offset:]
            text = _decoded(raw)
            spoilt, at = not text.isascii() and _SPOILT.search(text), offset
            for line in _LINE.findall(text):
                self._line += 1
                self._read.append(line)
                self._size += len(line)
                if self._size > self._longest or len(self._read) > _MOST_LINES:
                    raise self._endless()
                if "\0" in line:
                    self._tell(self._line, "holds a NUL character", "text")
                if spoilt:
                    data = line.encode("utf-8", errors="surrogateescape")
                    self._tell_bytes(data, at)
                    at += len(data)
                yield line
            offset += len(raw)

    def _endless(self) -> BadFileError:
        """A record that is longer than any."""
        raw = "".join(self._read)
        matched = self._cells.match(raw)
        if raw.startswith('"', matched.end() if matched else 0):
            self._tell_amiss(self._start, _UNENDED)
        else:
            self._tell(self._start, "has no end", "a line for a record")
        return BadFileError(
            f"{self.name}: a record does not end within {_MOST_LINES:,} lines and "
            f"{RECORD >> 20} MiB; nothing was imported",
            self._bad[-1:],
            "look at the file there",
        )

    def _tell_bytes(self, data: bytes, offset: int) -> None:
        """Say of a line, which begins `offset` bytes into the file, if it is no UTF-8."""
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            meant = guess(data)
            self._tell(
                self._line,
                f"byte {offset + error.start} of the file (0x{data[error.start]:02x}) is no UTF-8"
                + (f"; it looks like {meant}" if meant else ""),
                "UTF-8; save the file as such",
            )

    def _tell_amiss(self, start: int, error: str) -> None:
        """Say which cell of the record that begins in line `start` is not in order.

        `error` is what the csv module says of it, if it does.
        """
        raw = "".join(self._read)
        matched = self._cells.match(raw)
        before = matched[0] if matched else ""
        marks = csv.reader(io.StringIO(before, newline=""), delimiter=self._mark)
        cell = len(next(marks, [""])) if before else 1
        line = start + len(_LINE_END.findall(before))
        if _UNENDED in error:
            self._tell(line, f"a quote mark opens cell {cell} and is never closed", _QUOTING)
        elif "expected after" in error:
            self._tell(line, f"text follows the closing quote mark of cell {cell}", _QUOTING)
        elif error:
            self._tell(start, f"cannot be read: {error}", "CSV as in RFC 4180")
        else:
            what = f"a quote mark stands in cell {cell}, which is not quoted"
            self._tell(line, what, _QUOTING)

    def _tell(self, line: int, what: str, allowed: str) -> None:
        self._spoilt = True
        self._bad.append(BadRow(self.name, line, Problem("row", what, allowed)))


_QUOTING = 'the whole cell in quote marks, those inside it doubled: "say ""so"""'


#: What the csv module says of a quote mark that is never closed.
_UNENDED = "unexpected end of data"
#: What stands for bytes that are no UTF-8.
_SPOILT = re.compile("[\udc80-\udcff]")


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("utf-8", errors="surrogateescape")


def said(cells: list[str]) -> str:
    """A header as an error may quote it."""
    return shown(",".join(cells), longest=80)
