"""Reads a large file of claims in two halves at once, the second in a process of its own.

The same comes of it as of one reading from beginning to end. Where that is not sure, because a
record is not well formed or a row takes more than a glance, nothing is kept of it, and the file is
to be read in one.
"""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

from ledger.ahead import ahead, is_worth_it
from ledger.errors import BadFileError
from ledger.exchange import tables
from ledger.exchange.batches import Batches
from ledger.exchange.flat import Flat
from ledger.exchange.gathering import Gathered
from ledger.exchange.sheets import OpenSheet
from ledger.exchange.spool import Spool

#: A smaller file is read before a process has begun.
_LARGE = 16 << 20
_CHUNK = 1 << 20
#: Every byte that is no quote mark.
_TEXT = bytes(range(256)).replace(b'"', b"")
#: The first part is the larger one: the other process begins later, and what it read is taken in.
_FIRST = 0.53
#: So far beyond the middle the end of a record is looked for.
_BEYOND = 8


def read(
    descriptor: int, name: str, *, raw: bool, progress: Callable[[str, int, int], None]
) -> Flat | None:
    """The claims of the file that `descriptor` has open, or None where it is to be read in one.

    `name` is what errors call it, `raw` takes its cells as they are. How many records there are is
    in `gathered`, of which nothing is bad. It is to be closed.
    """
    size = os.fstat(descriptor).st_size
    if not is_worth_it() or size < _LARGE or (middle := _middle(descriptor, size)) is None:
        return None
    gathered = Gathered()
    begin = _part(descriptor, 0, middle)
    try:
        opened = OpenSheet(gathered, begin, name)
    except BadFileError:  # which the whole file may not be: half a packed one is damaged
        return None
    reader = opened.reader
    if (
        not isinstance(reader, Batches)
        or reader.stream is not begin
        or opened.table is not tables.CLAIMS
        or opened.aside is not None
    ):
        return None
    flat = Flat(gathered, name, opened.header)
    other = Flat(Gathered(), name, opened.header, log=(log := Spool()))

    ending = Batches(
        _part(descriptor, middle, size), name, other.gathered.bad, mark=reader.mark, begun=True
    )
    with ExitStack() as unless_whole, ahead(_read(ending, other, raw=raw)) as second:
        unless_whole.callback(flat.close)
        unless_whole.callback(other.close)
        for batch in opened.batches():
            flat.take(batch, marked=opened.marked and not raw)
            progress("read", min(opened.read * size // middle, size), size)
        if not (reader.straight and flat.is_plain) or (records := next(second)) is None:
            return None
        if not flat.follow(other.spool, log, second, reader.lines):
            return None
        gathered.records[name] = opened.records + records
        unless_whole.pop_all()
    log.close()
    other.clear()  # of which all is in the first
    flat.forget()
    return flat


def _read(batches: Batches, flat: Flat, *, raw: bool) -> Iterator[Any]:
    """Read on to the end. Then the count of records and the rest, or None if that is not all."""
    try:
        for batch in batches:
            flat.take(batch, marked=batches.marked and not raw)
    except BadFileError:  # whose lines are not counted from the file's beginning
        yield None
        return
    if not (batches.straight and flat.is_plain):
        yield None
        return
    yield batches.records
    yield from flat.rest()


class _Part(io.RawIOBase):
    """The bytes of an open file from one place to another, wherever others read it."""

    def __init__(self, descriptor: int, start: int, end: int) -> None:
        self._descriptor, self._at, self._end = descriptor, start, end

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, into: Any) -> int:
        """Read on."""
        data = os.pread(self._descriptor, min(len(into), self._end - self._at), self._at)
        into[: len(data)] = data
        self._at += len(data)
        return len(data)


def _part(descriptor: int, start: int, end: int) -> io.BufferedReader:
    return io.BufferedReader(_Part(descriptor, start, end), _CHUNK)


def _middle(descriptor: int, size: int) -> int | None:
    """The end of a record near the middle of a CSV file, if one is found.

    A line end is one of a record where as many quote marks open before it as close, in a file that
    is well formed: inside a cell a quote mark is doubled.
    """
    marks, half = 0, int(size * _FIRST)
    for start in range(0, half, _CHUNK):
        # To take all else away is twice as quick as to count them.
        marks += len(os.pread(descriptor, min(_CHUNK, half - start), start).translate(None, _TEXT))
    after = os.pread(descriptor, _BEYOND * _CHUNK, half)
    end = -1
    while (end := after.find(b"\n", end + 1)) >= 0:
        if (marks + after.count(b'"', 0, end)) % 2 == 0:
            return half + end + 1 if half + end + 1 < size else None
    return None
