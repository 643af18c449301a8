"""Rows that were read and wait to be written: in a file without a name, not in memory.

The file is gone with the process, however that ends.
"""

import marshal
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import Any

_LENGTH = 8


class Spool:
    """Batches of tuples of text, whole numbers, True, False and None, read back in their order."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - it lives as long as the spool

    def add(self, batch: list[Any]) -> None:
        """Put a batch down."""
        data = marshal.dumps(batch)
        self._file.write(len(data).to_bytes(_LENGTH, "big") + data)

    def __iter__(self) -> Iterator[list[Any]]:
        """The batches, from the first; nothing may be put down meanwhile."""
        self._file.seek(0)
        while length := self._file.read(_LENGTH):
            # Nobody else can reach the file, which marshal asks for.
            yield marshal.loads(self._file.read(int.from_bytes(length, "big")))  # noqa: S302

    def close(self) -> None:
        """Give the room back."""
        self._file.close()
