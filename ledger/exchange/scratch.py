"""Bytes put aside in a file without a name, and read back by where they stand.

The file is gone with the process, however that ends. Nothing waits in this process to be written,
so that a copy of it, or the process that it is a copy of, reads what the other has put down.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import BinaryIO

from ledger.errors import LedgerError

#: How much of a stream is put aside at once.
_AT_ONCE = 1 << 20


@contextmanager
def copied(stream: BinaryIO) -> Iterator[BinaryIO]:
    """What is left of a stream that cannot be wound back, in a file without a name that can be.

    Raises LedgerError where there is no room for it.
    """
    with _in_words():
        kept = TemporaryFile()  # noqa: SIM115 - closed below
    with kept:
        while data := stream.read(_AT_ONCE):
            with _in_words():
                kept.write(data)
                kept.flush()
        kept.seek(0)
        yield kept


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LedgerError(
            f"what was read cannot be put aside in {_folder()}: {error.strerror}",
            "nothing was recorded; free some space there, or name another folder with TMPDIR",
        ) from None


def _folder() -> str:
    try:
        return tempfile.gettempdir()
    except OSError:  # no folder is to be had at all
        return "a temporary folder"


class Scratch:
    """A file that is written at its end; `size` is how many bytes it has.

    Raises LedgerError where there is no room for it.
    """

    def __init__(self) -> None:
        with _in_words():
            self._file = TemporaryFile(buffering=0)  # noqa: SIM115 - it lives as long as this does
        self.size = 0

    def add(self, data: bytes) -> None:
        """Put bytes down."""
        left = memoryview(data)
        with _in_words():
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
