"""Rows that were read and wait to be written: in a file without a name, not in memory.

Two processes may read it at once.
"""

import marshal
from array import array
from collections.abc import Callable, Iterator
from struct import Struct
from typing import Any

from ledger.exchange.scratch import Scratch

#: How long a batch is stands before it.
_LENGTH = Struct(">Q")

#: What is done to a row of another spool when it is read here.
Change = Callable[[Any], Any]


class Spool:
    """Batches of tuples of text, whole numbers, True, False and None, read back in their order."""

    def __init__(self) -> None:
        self._scratch = Scratch()
        self.ends = array("q", [0])
        self._after: tuple[Spool, Change] | None = None

    def add(self, batch: list[Any]) -> int:
        """Put a batch down; the byte where it begins."""
        data, start = marshal.dumps(batch), self._scratch.size
        self._scratch.add(_LENGTH.pack(len(data)) + data)
        self.ends.append(self._scratch.size)
        return start

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
        (length,) = _LENGTH.unpack(self._scratch.read(start, _LENGTH.size))
        data = self._scratch.read(start + _LENGTH.size, length)
        # Nobody else can reach the file, which marshal asks for.
        return marshal.loads(data)  # type: ignore[no-any-return]  # noqa: S302

    def __iter__(self) -> Iterator[list[Any]]:
        """The batches, from the first."""
        return map(self.__getitem__, range(len(self)))

    def close(self) -> None:
        """Give the room back."""
        self._scratch.close()
        if self._after is not None:
            self._after[0].close()
