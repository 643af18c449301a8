"""The leaves of an entry that is being written: few in memory, a million in a file without a name.

They wait until the entry is closed, and its tree is grown of them in the order of tables and rows.
"""

import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import islice
from tempfile import SpooledTemporaryFile

#: A leaf's hash takes so many bytes.
_SIZE = 32
#: So many bytes of them are held in memory.
_HELD = 1 << 20


class Leaves:
    """The leaf hashes of one table's rows in an entry, by number.

    Most rows come in the order of their numbers; those that do not are kept apart.
    """

    def __init__(self) -> None:
        self._hashes = SpooledTemporaryFile[bytes](_HELD)
        # Where numbers begin that follow on one another, and how many do.
        self._starts: list[int] = []
        self._lengths: list[int] = []
        self._late: dict[int, bytes] = {}

    def __del__(self) -> None:
        """Give the room back."""
        self._hashes.close()

    def add(self, number: int, leaf_hash: bytes) -> None:
        """Take in a row's leaf; its number must be new."""
        if self._starts and number < self._starts[-1] + self._lengths[-1]:
            self._late[number] = leaf_hash
        else:
            self._append(number, [leaf_hash])

    def extend(self, first: int, leaf_hashes: Sequence[bytes]) -> None:
        """Take in the leaves of rows numbered from `first` on, past all that are there."""
        if self._starts and leaf_hashes and first < self._starts[-1] + self._lengths[-1]:
            raise ValueError(f"row {first} comes too late")
        if leaf_hashes:
            self._append(first, leaf_hashes)

    def _append(self, first: int, leaf_hashes: Sequence[bytes]) -> None:
        self._hashes.seek(0, os.SEEK_END)
        self._hashes.write(b"".join(leaf_hashes))
        if self._starts and first == self._starts[-1] + self._lengths[-1]:
            self._lengths[-1] += len(leaf_hashes)
        else:
            self._starts.append(first)
            self._lengths.append(len(leaf_hashes))

    def __contains__(self, number: int) -> bool:
        """Whether the leaf of that row is there."""
        run = bisect_right(self._starts, number) - 1
        return number in self._late or (
            run >= 0 and number < self._starts[run] + self._lengths[run]
        )

    def __len__(self) -> int:
        """How many rows there are."""
        return sum(self._lengths) + len(self._late)

    def batches(self, size: int) -> Iterator[Sequence[bytes]]:
        """The leaves, in the order of the rows' numbers, `size` at a time."""
        if self._late:
            remaining = iter(self)
            while batch := list(islice(remaining, size)):
                yield batch
            return
        self._hashes.seek(0)
        while some := self._hashes.read(_SIZE * size):
            yield [some[at : at + _SIZE] for at in range(0, len(some), _SIZE)]

    def __iter__(self) -> Iterator[bytes]:
        """The leaves, in the order of the rows' numbers."""
        for _, leaf_hash in merge(self._in_order(), sorted(self._late.items())):
            yield leaf_hash

    def _in_order(self) -> Iterator[tuple[int, bytes]]:
        self._hashes.seek(0)
        for start, length in zip(self._starts, self._lengths, strict=True):
            for number in range(start, start + length):
                yield number, self._hashes.read(_SIZE)
