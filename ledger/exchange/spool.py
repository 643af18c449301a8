"""Rows that were read and wait to be written: in a file without a name, not in memory.

The file is gone with the process, however that ends. Two processes may read it at once.
"""

import marshal
import os
from array import array
from collections.abc import Callable, Iterator
from struct import Struct
from tempfile import TemporaryFile
from typing import Any

#: How long a batch is stands before it.
_LENGTH = Struct(">Q")

#: What is done to a row of another spool when it is read here.
Change = Callable[[Any], Any]


class Spool:
    """Batches of tuples of text, whole numbers, True, False and None, read back in their order."""

    def __init__(self) -> None:
        # Nothing waits in this process to be written: a copy of it would not have it.
        self._file = TemporaryFile(buffering=0)  # noqa: SIM115 - it lives as long as the spool
        self.ends = array("q", [0])
        self._after: tuple[Spool, Change] | None = None

    def add(self, batch: list[Any]) -> None:
        """Put a batch down."""
        data = memoryview(_LENGTH.pack(len(body := marshal.dumps(batch))) + body)
        self.ends.append(self.ends[-1] + len(data))
        while data:
            data = data[self._file.write(data) :]

    def follow(self, other: "Spool", change: Change) -> None:
        """Have the batches of another after these, each row of them as `change` makes it."""
        self._after = other, change

    def __len__(self) -> int:
        """How many batches there are."""
        return len(self.ends) - 1 + (len(self._after[0]) if self._after else 0)

    def __getitem__(self, index: int) -> list[Any]:
        """The batch at a place, from 0."""
        own = len(self.ends) - 1
        if index >= own:
            if self._after is None:
                raise IndexError(index)
            other, change = self._after
            return [None if row is None else change(row) for row in other[index - own]]
        return self.at(self.ends[index])

    def at(self, start: int) -> list[Any]:
        """The batch from that byte on, whichever process put it down."""
        (length,) = _LENGTH.unpack(self._bytes(start, _LENGTH.size))
        # Nobody else can reach the file, which marshal asks for.
        return marshal.loads(self._bytes(start + _LENGTH.size, length))  # type: ignore[no-any-return]  # noqa: S302

    def _bytes(self, start: int, many: int) -> bytearray:
        data = bytearray()
        while len(data) < many:
            # By its place, not by where the file stands: that is shared with whoever reads too.
            some = os.pread(self._file.fileno(), many - len(data), start + len(data))
            if not some:
                raise EOFError("the spool is shorter than what was put into it")
            data += some
        return data

    def __iter__(self) -> Iterator[list[Any]]:
        """The batches, from the first."""
        return map(self.__getitem__, range(len(self)))

    def close(self) -> None:
        """Give the room back."""
        self._file.close()
        if self._after is not None:
            self._after[0].close()
