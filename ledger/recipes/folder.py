"""Reads the files of a folder as one table: their lines are numbered on from file to file.

`place` tells of such a line which file and which line of it are meant.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from ledger.errors import BadFileError, BadRow
from ledger.exchange import tables
from ledger.exchange.batches import Batch
from ledger.exchange.opening import Records
from ledger.exchange.reading import Unread

Opened = Callable[[BinaryIO, str, list[BadRow]], Records]


class Folder:
    """The records of the files of a folder that fit a pattern, by name; as `Batches` has them.

    `file` is the name of the one that is being read. Raises BadFileError where there is none, or
    where one has another header than the first.
    """

    exact = True
    marked = False

    def __init__(self, folder: Path, pattern: str, opened: Opened, bad: list[BadRow]) -> None:
        self.name = folder.name
        self.file = ""
        self.records = 0
        self.unread: list[Unread] = []
        self._read = 0
        self._inner: Records | None = None
        self._opened = opened
        self._bad = bad
        self._ends: list[int] = []
        self._folder = folder
        self._files = sorted(path for path in folder.rglob(pattern) if path.is_file())
        if not self._files:
            raise BadFileError(
                f"{folder} holds no file that is called as {pattern}", hint="[input] files"
            )

    @property
    def read(self) -> int:
        """How many bytes were read."""
        return self._read + (self._inner.read if self._inner else 0)

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return sum(path.stat().st_size for path in self._files)

    def __iter__(self) -> Iterator[Batch]:
        """The header of the first file, then the records of all."""
        header: list[str] = []
        for path in self._files:
            self.file = path.relative_to(self._folder).as_posix()
            with path.open("rb") as stream:
                for batch in self._of(stream):
                    if not header:
                        header = batch.rows[0]
                        yield Batch([header], [1])
                    yield batch if self._started else self._after_header(batch, header)
            self._read += self._inner.read if self._inner else 0
            self._inner = None

    def _of(self, stream: BinaryIO) -> Iterator[Batch]:
        before = self._ends[-1] if self._ends else 0
        bad: list[BadRow] = []
        self._started = False
        self._inner = inner = self._opened(stream, self.file, bad)
        last = 1
        for batch in inner:
            if not batch.rows:
                continue
            last = max(last, batch.lines[-1])
            yield Batch(batch.rows, [before + line for line in batch.lines])
            self._started = True
            self._tell(bad, before)
        self._tell(bad, before)
        self.unread += [Unread(each.first + before, each.last + before, each.text)
                        for each in inner.unread]  # fmt: skip
        last = max([last, *(each.last for each in inner.unread)])
        self.records += inner.records - bool(self._ends)
        self._ends.append(before + last)

    def _tell(self, bad: list[BadRow], before: int) -> None:
        self._bad += [BadRow(self.name, row.line + before, row.problem) for row in bad]
        bad.clear()

    def _after_header(self, batch: Batch, header: list[str]) -> Batch:
        found = [tables.plain_name(name) for name in batch.rows[0]]
        if found != [tables.plain_name(name) for name in header]:
            raise BadFileError(
                f"{self.file} has not the columns of {self._files[0].name}; nothing was imported",
                hint=f"those are {', '.join(header[:30])}",
            )
        return Batch(batch.rows[1:], batch.lines[1:])

    def place(self, line: int) -> tuple[str, int]:
        """The file that a line is in, and its line there."""
        at = min(bisect_left(self._ends, line), len(self._files) - 1)
        name = self._files[at].relative_to(self._folder).as_posix()
        return name, line - (self._ends[at - 1] if at else 0)

    def told(self, row: BadRow) -> BadRow:
        """A bad row by its own file, and what it says of other lines too."""

        def meant(found: re.Match[str]) -> str:
            file, line = self.place(int(found[1]))
            return f"line {line} of {file}"

        what = re.sub(rf"line (\d+) of {re.escape(self.name)}(?!\w)", meant, row.problem.what)
        file, line = self.place(row.line)
        return BadRow(file, line, type(row.problem)(row.problem.column, what, row.problem.allowed))
