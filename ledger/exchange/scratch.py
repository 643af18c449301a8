"""Bytes put aside in a file without a name, and read back by where they stand.

The file is gone with the process, however that ends. Nothing waits in this process to be written,
so that a copy of it, or the process that it is a copy of, reads what the other has put down.
"""

import os
from tempfile import TemporaryFile


class Scratch:
    """A file that is written at its end; `size` is how many bytes it has."""

    def __init__(self) -> None:
        self._file = TemporaryFile(buffering=0)  # noqa: SIM115 - it lives as long as this does
        self.size = 0

    def add(self, data: bytes) -> None:
        """Put bytes down."""
        left = memoryview(data)
        while left:
            left = left[self._file.write(left) :]
        self.size += len(data)

    def read(self, start: int, many: int) -> bytearray:
        """So many bytes from a place on, whichever process put them down; EOFError if too few."""
        data = bytearray()
        while len(data) < many:
            # By its place, not by where the file stands: that is shared with whoever reads too.
            some = os.pread(self._file.fileno(), many - len(data), start + len(data))
            if not some:
                raise EOFError("the file is shorter than what was put into it")
            data += some
        return data

    def close(self) -> None:
        """Give the room back."""
        self._file.close()
