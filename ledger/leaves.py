"""The leaves of one table in the order of entries, for the trees they were closed over.

Current and past versions run into one stream; what is out of its place, or missing, is faulted.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.canonical import Tree
from ledger.history import Fault
from ledger.stored import lists_of, raw, whole

#: By entry and number: the leaf of a version whose stored one does not fit it.
Recomputed = dict[tuple[object, object], bytes]


class LeafStream:
    """The leaves of one table, current and past, in the order of entry and number."""

    def __init__(
        self, connection: sa.Connection, name: str, since: int, recomputed: Recomputed
    ) -> None:
        self._name, self._recomputed = name, recomputed
        self._chunks = self._leaves(connection, since)
        # Rows that were read and not yet asked for.
        self._ahead: Sequence[tuple[Any, ...]] = next(self._chunks, [])
        self._next_id = _first_after(connection, name, since)
        # Numbers that were passed over, from and to, and the entry and row that passed them.
        self._passed: list[tuple[int, int, int, int]] = []
        # Entries to which rows were added, or of which rows were altered.
        self._touched = {entry for entry, _ in recomputed}

    @property
    def name(self) -> str:
        """The table's name."""
        return self._name

    @property
    def newest(self) -> int:
        """The last number that was given so far."""
        return self._next_id - 1

    def explains(self, entry: int, newest: int) -> bool:
        """Whether a fault of a row tells why an entry does not fit, `newest` being its last."""
        gaps = (entry == by or newest + 1 == first for first, _, by, _ in self._passed)
        return entry in self._touched or any(gaps)

    def _leaves(self, connection: sa.Connection, since: int) -> Iterator[Sequence[tuple[Any, ...]]]:
        """Entry, number and leaf; two streams in the order of an index, run into one."""
        now, then = (
            lists_of(connection, _leaves_of(each, since)) for each in schema.VERSIONED[self._name]
        )
        current, past = next(now, []), next(then, [])
        while current and past:
            if _place(current[-1]) < _place(past[0]):
                yield current
                current = next(now, [])
            elif _place(past[-1]) < _place(current[0]):
                yield past
                past = next(then, [])
            else:
                # What comes after the nearer of the two ends waits for what is not read yet.
                end = min(_place(current[-1]), _place(past[-1]))
                both = _sorted([*current, *past])
                yield both[: bisect_right(both, end, key=_place)]
                current = current[bisect_right(current, end, key=_place) :] or next(now, [])
                past = past[bisect_right(past, end, key=_place) :] or next(then, [])
        while current:
            yield current
            current = next(now, [])
        while past:
            yield past
            past = next(then, [])

    def until(self, entry: int | None, tree: Tree) -> Iterator[Fault]:
        """Grow `tree` by the leaves that `entry` wrote; fault those of no entry before it."""
        while self._ahead:
            if entry is not None and self._at_once(entry):
                tree.extend([leaf for _, _, leaf in self._ahead])
                self._next_id = max(self._next_id, self._ahead[-1][1] + 1)
            else:
                for place, row in enumerate(self._ahead):
                    if entry is not None and _place(row)[0] > entry:
                        self._ahead = self._ahead[place:]
                        return
                    yield from self._one(entry, row, tree)
            self._ahead = next(self._chunks, [])

    def _at_once(self, entry: int) -> bool:
        """Whether the rows ahead are all of `entry` and none is amiss: all new, or none."""
        ahead = self._ahead
        if self._recomputed or self._passed or not ahead[0][0] == entry == ahead[-1][0]:
            return False
        numbers = [number for _, number, _ in ahead]
        if type(numbers[-1]) is not int or type(numbers[0]) is not int:
            return False
        return numbers[-1] < self._next_id or numbers == list(
            range(self._next_id, self._next_id + len(numbers))
        )

    def _one(self, entry: int | None, row: tuple[Any, ...], tree: Tree) -> Iterator[Fault]:
        """One row, no later than `entry`."""
        written_in, number, leaf = row
        if entry is None or written_in != entry or not isinstance(number, int):
            what = "it belongs to no entry"
            yield Fault(whole(written_in), self._name, whole(number), what)
            return
        if number >= self._next_id:
            self._pass(entry, number)
        elif self._passed:
            yield from self._slipped(number)
        tree.append(self._recomputed.get((entry, number), leaf))

    def _pass(self, entry: int, number: int) -> None:
        """Numbers are given without gaps: remember what a new row left out."""
        if number > self._next_id:
            self._passed.append((self._next_id, number - 1, entry, number))
        self._next_id = number + 1

    def _slipped(self, number: int) -> Iterator[Fault]:
        """A number that was passed over comes later: the row that passed it was not first.

        Or it was, and the number's own first version is gone, of which this is a later one.
        """
        for gap in self._passed:
            first, last, entry, row = gap
            if first <= number <= last:
                self._passed.remove(gap)
                self._touched.add(entry)
                what = f"or the first version of {self._name} {number} is missing"
                yield Fault(
                    entry, self._name, row, f"it was added after the entry was closed, {what}"
                )
                return

    def gaps(self) -> Iterator[Fault]:
        """The rows that are missing."""
        for first, last, entry, _ in self._passed:
            many = f": {first} to {last}" if last > first else ""
            yield Fault(entry, self._name, first, f"it is missing{many}")


#: Past every number that a database holds.
_LAST = 2**63


def _place(row: tuple[Any, ...]) -> tuple[int, int]:
    """Where a leaf stands; as the database sorts, what no ledger writes comes after all numbers."""
    entry, number, _ = row
    if type(entry) is int and type(number) is int:
        return entry, number
    return (
        entry if isinstance(entry, int) else _LAST,
        number if isinstance(number, int) else _LAST,
    )


def _sorted(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Leaves by where they stand."""
    entries, numbers, _ = zip(*rows, strict=True)
    if {*map(type, entries), *map(type, numbers)} == {int}:
        return sorted(rows, key=_STAND)
    return sorted(rows, key=_place)


_STAND = itemgetter(0, 1)


@cache
def _leaves_of(table: sa.Table, since: int) -> sa.Select[Any]:
    """Entry, number and leaf of the versions that entries after `since` wrote, in that order."""
    leaves = sa.select(*raw((table.c.entry_id, table.c.id, table.c.leaf)))
    ordered = leaves.order_by(table.c.entry_id, table.c.id)
    return ordered.where(table.c.entry_id > since) if since else ordered


def _first_after(connection: sa.Connection, name: str, since: int) -> int:
    """The number that the first row after entry `since` must have."""
    if not since:
        return 1
    numbers = sa.union_all(
        *(sa.select(each.c.id).where(each.c.entry_id <= since) for each in schema.VERSIONED[name])
    ).subquery()
    newest = connection.execute(sa.select(sa.func.max(numbers.c.id))).scalar()
    return (newest or 0) + 1
