"""Reads CSV in batches, as `reading.Reader` does record by record, at a fifth of the cost.

What is well formed is parsed some thousand records at a time; from the first place on that is not,
or that cannot be told to be, the Reader takes over, and says what is wrong. Every record is counted
in and out: what is here called well formed was matched to its last character.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO

from ledger.errors import BadRow
from ledger.exchange.kinds import refuse_other
from ledger.exchange.reading import BOM, Reader, Unread
from ledger.exchange.unfolding import lines

#: How many bytes are looked at together: some thousand records.
_CHUNK = 1 << 20
#: A record that is longer than this many chunks is left to the Reader.
_LONGEST = 8


def _sound(mark: str) -> re.Pattern[str]:
    """Text in which quote marks stand around whole cells alone, up to where they no longer do."""
    mark = re.escape(mark)
    return re.compile(rf'[^"]*+(?:(?<![^{mark}\n\r])"(?:[^"]++|"")*+"(?=[{mark}\r\n])[^"]*+)*+')


@dataclass(frozen=True, slots=True)
class Batch:
    """Records that stand together: their cells, and the 1-based line each begins on."""

    rows: list[list[str]]
    lines: list[int]


class Batches:
    """The records of one CSV file, the header first; as a Reader's.

    `marked` tells of each batch as it is handed out whether a cell in it may begin with an
    apostrophe. `mark` stands between cells. `read` is how many bytes were read so far, `lines` how
    many lines, `unread` what could not be read; `straight` tells that all was well formed up to
    here. `begun` says that the stream begins within the file, after the end of a record.
    """

    exact = False

    def __init__(
        self,
        stream: BinaryIO,
        name: str,
        bad: list[BadRow],
        *,
        mark: str = ",",
        begun: bool = False,
    ) -> None:
        self.name = name
        self.mark = mark
        self.stream = stream
        self.straight = True
        self._begun = begun
        self._pattern = _sound(mark)
        self.records = 0
        self.read = 0
        self.marked = True
        self._bad = bad
        self.unread: list[Unread] = []
        self.lines = 0
        self._offset = 0

    def __iter__(self) -> Iterator[Batch]:
        """Read on to the end."""
        held, more = b"", self._more()
        if not self._begun:
            refuse_other(more, self.name)
        if not self._begun and more.startswith(BOM):
            more, self._offset = more[len(BOM) :], len(BOM)
        while len(held) < _LONGEST * _CHUNK:
            held += more
            if sound := self._sound(held, ended=not more):
                size = len(sound.encode())
                held, self._offset = held[size:], self._offset + size
                yield self._parsed(sound)
            if not more:
                break
            more = self._more()
        else:
            held += more
        if held or not self.lines:
            yield from self._left_over(held)

    def _more(self) -> bytes:
        found = self.stream.read(_CHUNK)
        self.read += len(found)
        return found

    def _sound(self, held: bytes, *, ended: bool) -> str:
        """The whole records that `held` begins with and that are surely well formed."""
        end = len(held) if ended else held.rfind(b"\n") + 1
        try:
            text = held[:end].decode()
        except UnicodeDecodeError as error:
            end = held.rfind(b"\n", 0, error.start) + 1
            text = held[:end].decode()
        if (nul := text.find("\0")) >= 0:
            text = text[: text.rfind("\n", 0, nul) + 1]
        if ended and text and text[-1] not in "\r\n":
            # A last line without an end is a record too; a line end makes it one of many.
            matched = self._pattern.match(text + "\n")
            if matched and matched.end() == len(text) + 1:
                return text
        matched = self._pattern.match(text)
        reached = matched.end() if matched else 0
        return text if reached == len(text) else text[: _last_end(text, reached)]

    def _parsed(self, text: str) -> Batch:
        records = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=self.mark)
        first = self.lines + 1
        if "\r" in text or text.count("\n") != len(rows := list(records)):
            # Records of several lines: each is asked where it ends.
            records = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=self.mark)
            rows, ends = [], [0]
            for cells in records:
                rows.append(cells)
                ends.append(records.line_num)
            lines = [first + end for end in ends[:-1]]
            self.lines += ends[-1]
        else:
            lines = [*range(first, first + len(rows))]
            self.lines += len(rows)
        if not all(map(any, rows)):  # blank lines are no records
            kept = [(cells, line) for cells, line in zip(rows, lines, strict=True) if any(cells)]
            rows, lines = [cells for cells, _ in kept], [line for _, line in kept]
        self.records += len(rows)
        self.marked = (
            f"{self.mark}'" in text
            or "\"'" in text
            or "\n'" in text
            or "\r'" in text
            or (text[0] == "'")
        )
        return Batch(rows, lines)

    def _left_over(self, held: bytes) -> Iterator[Batch]:
        """The rest of the file, record by record."""
        self.marked, self.straight = True, False
        following = lines(self.stream, self.name, self.lines + held.count(b"\n"))
        begun = b"" if held.endswith(b"\n") else next(following, b"")
        whole = chain(io.BytesIO(held + begun), following)
        rest = Reader(
            whole, self.name, self._bad, line=self.lines, offset=self._offset, mark=self.mark
        )
        self.unread = rest.unread
        remaining = iter(rest)
        while records := list(islice(remaining, 1_000 if self.records else 1)):
            self.records += len(records)
            yield Batch([each.cells for each in records], [each.line for each in records])


def _last_end(text: str, reached: int) -> int:
    """Where the last whole record ends before `reached`; quote marks are in order up to there."""
    while (end := text.rfind("\n", 0, reached) + 1) and text.count('"', 0, end) % 2:
        reached = text.rfind('"', 0, end)  # that line end stands in a quoted cell
    return end
