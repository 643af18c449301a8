"""How much a file may unfold to: so that a small one of a stranger's takes no whole machine.

What people send each other stays far below all of it. What is above is refused with its place; who
knows that it is meant can unpack it themselves, or save it as CSV, of which any size is read.
"""

import gzip
import io
import re
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from ledger.errors import BadFileError

#: A record, or a line, of so many bytes: some fifty novels.
RECORD = 64 << 20
#: A packed file may unfold to so many bytes whatever its own size is, ...
PLENTY = 1 << 30
#: ... and beyond to so many times its size. Tables that say the same in every row come to some 100;
#: gzip and ZIP end at 1,032.
RATIO = 200
#: What a workbook, a Parquet file or one of JSON may take of memory while its rows are read.
MEMORY = 4 << 30

_MIB = 1 << 20

_BY_HAND = "if it is what you expect, unpack it yourself, and import what was in it"
_AS_CSV = "if it is what you expect, save it as CSV (UTF-8), of which any size is read"

#: The parts of a workbook that are read as a stream, and those that are taken as a whole.
_STREAMED = re.compile(r"xl/(worksheets/[^/]+|sharedStrings)\.xml", re.I)
_WHOLE = re.compile(
    r"\[Content_Types\]\.xml|(.+/)?_rels/.*|docProps/.*|xl/(theme/)?[^/]+\.xml", re.I
)


def lines(stream: BinaryIO, name: str, before: int = 0, longest: int = RECORD) -> Iterator[bytes]:
    """The lines of a file, each with its LF, some with CR together; `before` counts those before.

    Raises BadFileError for a line of more than `longest` bytes.
    """
    number, held = before, b""
    while raw := held if held.endswith(b"\n") else held + stream.readline(longest + 1 - len(held)):
        held = b""
        if len(raw) > longest:
            # A CR that is followed by something ends a line too: an LF after it belongs to it.
            end = raw.rfind(b"\r", 0, -2 if raw.endswith(b"\n") else -1) + 1
            if not end:
                raise BadFileError(
                    f"{name}: line {number + 1} is longer than {_mib(longest)}; nothing was "
                    "imported",
                    hint="look at the file there: a table has a line for a record",
                )
            raw, held = raw[:end], raw[end:]
            number += raw.count(b"\r") - 1
        number += 1
        yield raw


class Unpacked(io.RawIOBase):
    """What a file packed by gzip holds: `plenty`, and beyond it `ratio` times the file's bytes."""

    def __init__(
        self, stream: BinaryIO, name: str, *, plenty: int = PLENTY, ratio: int = RATIO
    ) -> None:
        self._packed = _Counted(stream)
        self._file = gzip.GzipFile(fileobj=self._packed)  # type: ignore[call-overload]  # it reads
        self._name = name
        self._plenty, self._ratio = plenty, ratio
        self._size = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, into: Any) -> int:
        """Read on; BadFileError where the file is cut off or damaged, or unfolds without an end."""
        try:
            data = self._file.read(len(into))
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise BadFileError(
                f"{self._name} is packed by gzip, and cut off or damaged", hint="fetch it again"
            ) from None
        into[: len(data)] = data
        self._size += len(data)
        if self._size > self._plenty and self._size > self._ratio * self._packed.size:
            raise _too_much(self._name, self._size, self._packed.size)
        return len(data)


class _Counted:
    """A stream, of which `size` says how many bytes were read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        data = self._stream.read(size)
        self.size += len(data)
        return data


def hold_archive(
    archive: zipfile.ZipFile, size: int, name: str, *, plenty: int = PLENTY, ratio: int = RATIO
) -> None:
    """Raise BadFileError where the parts of a workbook of `size` bytes unfold to too much.

    The archive says itself to how much; no more than that is read of it.
    """
    total = 0
    for part in archive.infolist():
        streamed = _STREAMED.fullmatch(part.filename)
        if not streamed and not _WHOLE.fullmatch(part.filename):
            continue  # a picture, say: nobody reads it
        if not streamed and part.file_size > RECORD:
            raise BadFileError(
                f"{name}: {part.filename} in it unfolds to more than {_mib(RECORD)}; nothing was "
                "imported",
                hint=_AS_CSV,
            )
        total += part.file_size
    if total > plenty and total > ratio * size:
        raise _too_much(name, total, size)


@contextmanager
def bounded(name: str, most: int = MEMORY) -> Iterator[None]:
    """Raise BadFileError where what is done within takes `most` bytes of memory more than before.

    On systems that tell and bound the memory of a process; elsewhere, where memory ends.
    """
    with _limit(most):
        try:
            yield
        except MemoryError:
            pass
        else:
            return
    # Outside: to tell of it takes memory.
    raise BadFileError(
        f"{name} unfolds to more than {_mib(most)} of memory; nothing was imported", hint=_AS_CSV
    )


@contextmanager
def _limit(most: int) -> Iterator[None]:
    if sys.platform != "linux":
        yield
        return
    from resource import RLIM_INFINITY, RLIMIT_AS, getpagesize, getrlimit, setrlimit

    soft, hard = getrlimit(RLIMIT_AS)
    limit = int(Path("/proc/self/statm").read_text().split()[0]) * getpagesize() + most
    bounds = [each for each in (soft, hard) if each != RLIM_INFINITY]
    with suppress(ValueError, OSError):  # no system need allow it
        setrlimit(RLIMIT_AS, (min([limit, *bounds]), hard))
    try:
        yield
    finally:
        with suppress(ValueError, OSError):
            setrlimit(RLIMIT_AS, (soft, hard))


def _too_much(name: str, size: int, packed: int) -> BadFileError:
    return BadFileError(
        f"{name} unfolds to more than {_mib(size)}, {size // max(packed, 1)} times its own size; "
        "nothing was imported",
        hint=_BY_HAND,
    )


def _mib(size: int) -> str:
    return f"{size // _MIB:,} MiB" if size < PLENTY else f"{size / (1 << 30):.3g} GiB"
