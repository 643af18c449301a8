"""Reading the chain: the head, the entry that a date means, and whether all of it still holds.

Only reads. What an entry's hash covers is told in docs/hash.md.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from itertools import chain, islice
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.canonical import NO_PREVIOUS, Tree, entry_hash, json_leaves, stored_leaf
from ledger.errors import NotFoundError
from ledger.model import STANCES, STATUSES
from ledger.rules import shown
from ledger.sqlite import canonical_rows
from ledger.store import READING_ERRORS, take_any_text


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry: its number, its hash, and when it was recorded; 0 in an empty ledger."""

    entry: int
    hash: str
    recorded_at: datetime | None


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not hold: in which entry, on which row, and what."""

    entry: int | None
    table: str | None
    row: int | None
    what: str


def head(connection: sa.Connection) -> Head:
    """The newest entry of the ledger (or of the ledger as it stood, on a narrowed reader)."""
    newest = connection.execute(
        sa.select(schema.entry.c.id, schema.entry.c.hash, schema.entry.c.recorded_at)
        .order_by(schema.entry.c.id.desc())
        .limit(1)
    ).one_or_none()
    return Head(*newest) if newest else Head(0, NO_PREVIOUS, None)


def entry_as_of(connection: sa.Connection, moment: int | date | datetime) -> int:
    """The number of the newest entry at `moment`; 0 where none was recorded by then.

    `moment` is an entry's number, a day (to its end, UTC), or a moment with a time zone. Raises
    NotFoundError for a number past the newest entry.
    """
    newest = head(connection).entry
    if isinstance(moment, int):
        if not 0 <= moment <= newest:
            raise NotFoundError(
                f"there is no entry {moment}", f"the newest entry is {newest}; name it or a date"
            )
        return moment
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            raise ValueError("a moment without a time zone is no moment")
        end = moment.astimezone(UTC)
    else:
        end = datetime(moment.year, moment.month, moment.day, 23, 59, 59, tzinfo=UTC)
    found = connection.execute(
        sa.select(sa.func.max(schema.entry.c.id)).where(schema.entry.c.recorded_at <= end)
    ).scalar()
    return found or 0


def verify(
    connection: sa.Connection,
    *,
    since: int = 0,
    told: Callable[[int], None] = lambda _: None,
) -> Iterator[Fault]:
    """Recompute every leaf, root and link; yield what does not hold.

    First the reference tables, then each row version against its leaf, then entry by entry the
    leaves against its root, then the joints of the history: a version ends where the next one
    begins. Values are hashed as the table itself holds them, not as an index repeats them, so that
    a date spelt in another way is found too. What was cut off at the end is not found: only a head
    that somebody kept can tell. Streams, so memory does not grow with the ledger.

    Only entries after number `since` are recomputed, and the link to it; `told` is called now and
    then with the number of row versions read since the last call.
    """
    yield from _vocabulary_faults(connection)
    streams = []
    for name, tables in schema.VERSIONED.items():
        recomputed: Recomputed = {}
        for table in tables:
            yield from _row_faults(connection, name, table, since, recomputed, told)
        streams.append(_Stream(connection, name, since, recomputed))
    entries = _rows(connection, _all_of(schema.entry, "id").where(schema.entry.c.id >= since))
    previous, expected = NO_PREVIOUS, max(since, 1)
    before: Any = None
    unfit: list[_Unfit] = []
    for row in entries:
        entry = dict(zip(_ENTRY, row, strict=True))
        number, moment = entry["id"], entry["recorded_at"]
        if number > expected:
            missing = f"{expected}" + (f" to {number - 1}" if number - 1 > expected else "")
            yield Fault(expected, None, None, f"the entry is missing: {missing}")
        if number > since:
            yield from _entry_faults(entry, streams, unfit)
            if entry["previous"] != previous:
                yield Fault(number, None, None, "it does not follow the entry before it")
        if _rehashed(entry) != entry["hash"]:
            yield Fault(number, None, None, "it was altered: its hash does not fit what it says")
        if isinstance(moment, type(before)) and moment < before:
            yield Fault(number, None, None, "it says it was recorded before the entry before it")
        previous, before, expected = entry["hash"], moment, number + 1
    for stream in streams:
        yield from stream.until(None, Tree())
        yield from stream.gaps()
    broken = False
    for name in schema.VERSIONED:
        for fault in _joint_faults(connection, name):
            broken = True
            yield fault
    if not broken:
        yield from _cut_off(unfit, streams)


@dataclass(frozen=True, slots=True)
class _Unfit:
    """An entry that was closed over other rows: how many it has, and each table's last row then."""

    entry: int
    rows: int
    newest: tuple[int, ...]


def _cut_off(unfit: list[_Unfit], streams: list["_Stream"]) -> Iterator[Fault]:
    """Where rows may be missing that leave no gap: those with the last numbers of a table.

    Only of entries of which no row shows why they do not fit.
    """
    for each in unfit:
        ends = list(zip(streams, each.newest, strict=True))
        if any(stream.explains(each.entry, newest) for stream, newest in ends):
            continue
        if not each.rows:
            yield Fault(each.entry, None, None, "all its rows are missing: no entry has none")
            continue
        after = [
            f"after {stream.name} {newest}" if newest else f"as the first {stream.name}"
            for stream, newest in ends
            if newest == stream.newest
        ]
        if after:
            what = f"a row may be missing {' or '.join(after)}"
            other = "or one of its rows was altered together with its leaf"
            yield Fault(each.entry, None, None, f"{what}; {other}")


def _entry_faults(
    entry: dict[str, Any], streams: list["_Stream"], unfit: list[_Unfit]
) -> Iterator[Fault]:
    """Whether the leaves of one entry are those that it was closed over; if not, also `unfit`."""
    number, tree = entry["id"], Tree()
    for stream in streams:
        yield from stream.until(number, tree)
    if tree.root().hex() != entry["root"]:
        yield Fault(number, None, None, "its rows are not the ones it was closed over")
        unfit.append(_Unfit(number, tree.size, tuple(stream.newest for stream in streams)))


def versions(connection: sa.Connection, *, since: int = 0) -> int:
    """How many row versions, current and past, the entries after number `since` wrote."""
    found = 0
    for table in chain.from_iterable(schema.VERSIONED.values()):
        query = sa.select(sa.func.count()).select_from(table)
        if since:
            query = query.where(table.c.entry_id > since)
        found += connection.execute(query).scalar_one()
    return found


def must_be_there(connection: sa.Connection, entry: int) -> None:
    """Refuse the number of an entry that is not there: NotFoundError, with the newest one's."""
    newest = head(connection).entry
    if not 1 <= entry <= newest:
        raise NotFoundError(
            f"there is no entry {entry}", f"the newest is {newest}; `ledger log` shows them"
        )


_ENTRY = [column.name for column in schema.entry.c]


def _rehashed(entry: dict[str, Any]) -> str | None:
    try:
        return entry_hash(**{name: value for name, value in entry.items() if name != "hash"})
    except (TypeError, ValueError):  # a value that no ledger writes
        return None


def _vocabulary_faults(connection: sa.Connection) -> Iterator[Fault]:
    """Reference rows that are not the program's: no hash covers them, yet reports turn on them."""
    for table, words in ((schema.stance, STANCES), (schema.status, STATUSES)):
        unindexed = sa.select(*_raw(table.c)).order_by(table.c.code + "")
        found = {row[0]: row for row in _rows(connection, unindexed)}
        for word in words:
            known = tuple(getattr(word, column.name) for column in table.c)
            if found.pop(word.code, None) != known:
                yield Fault(None, table.name, None, f"{word.code} is not what the program says")
        for code in found:
            yield Fault(None, table.name, None, f"{shown(code)} is no word of the program")


def _joint_faults(connection: sa.Connection, name: str) -> Iterator[Fault]:
    """Old versions that do not end where the next version of their row begins."""
    for entry, row in _rows(connection, _broken_joints(name)):
        yield Fault(_whole(entry), name, _whole(row), "it does not end where the next one begins")


@cache
def _broken_joints(name: str) -> sa.Select[Any]:
    now, then = schema.VERSIONED[name]
    next_one, between = then.alias(), then.alias()
    ends_then = sa.exists().where(
        next_one.c.id == then.c.id, next_one.c.entry_id == then.c.until_entry_id
    )
    ends_now = sa.exists().where(now.c.id == then.c.id, now.c.entry_id == then.c.until_entry_id)
    skips = sa.exists().where(
        between.c.id == then.c.id,
        between.c.entry_id > then.c.entry_id,
        between.c.entry_id < then.c.until_entry_id,
    )
    newer = sa.exists().where(now.c.id == then.c.id, now.c.entry_id <= then.c.entry_id)
    broken = sa.or_(~sa.or_(ends_then, ends_now), skips, newer)
    found = sa.select(*_raw((then.c.entry_id, then.c.id))).where(broken)
    return found.order_by(then.c.entry_id, then.c.id)


def _raw(columns: Iterable[sa.ColumnElement[Any]]) -> list[sa.ColumnElement[Any]]:
    """The columns as the driver gives them: no reading of dates that may be none."""
    return [sa.type_coerce(column, sa.types.NullType()).label(column.key) for column in columns]


@cache
def _all_of(table: sa.Table, *order: str) -> sa.Select[Any]:
    """Every row of a table as it is stored: the columns that a hash covers, then the leaf."""
    hashed = [column for column in table.c if column.name not in schema.NOT_HASHED]
    leaves = [table.c.leaf] if "leaf" in table.c else []
    return sa.select(*_raw([*hashed, *leaves])).order_by(*(table.c[name] for name in order))


def _rows(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[tuple[Any, ...]]:
    """The rows of an ordered query, streamed; text that is no UTF-8 does not stop it."""
    given = 0
    try:
        for chunk in _chunks(connection, query):
            yield from chunk
            given += len(chunk)
    except READING_ERRORS as error:
        if not take_any_text(connection, error):
            raise
        for chunk in _chunks(connection, query.offset(given)):
            yield from chunk


def _lists(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of an ordered query, streamed some at a time."""
    rows = _rows(connection, query)
    while chunk := list(islice(rows, _AT_A_TIME)):
        yield chunk


#: How many rows are read at once; a power of two makes full subtrees of them.
_AT_A_TIME = 2_048


def _chunks(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[Sequence[Any]]:
    """The rows as the driver gives them, some at a time: nothing is made of a row meanwhile."""
    cursor = connection.execute(query).cursor
    while cursor is not None and (chunk := cursor.fetchmany(_AT_A_TIME)):
        yield chunk


#: Past every number that a database holds.
_LAST = 2**63


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


#: By entry and number: the leaf of a version whose stored one does not fit it.
Recomputed = dict[tuple[object, object], bytes]


def _row_faults(
    connection: sa.Connection,
    name: str,
    table: sa.Table,
    since: int,
    recomputed: Recomputed,
    told: Callable[[int], None],
) -> Iterator[Fault]:
    """Row versions that are not what their leaf was made of, in the order of the table itself.

    What their leaf would be goes into `recomputed`: an entry's root is over what its rows say.
    """
    # In the order of their names, as canonical JSON has them: so nothing is sorted per row.
    columns = sorted({"table", *(str(column.name) for column in table.c)} - schema.NOT_HASHED)
    entry, number = columns.index("entry_id"), columns.index("id")
    agreed = 0
    for rows in _agreeing(connection, name, table, columns, since):
        agreed += rows
        told(rows)
    read = 0
    for row in _rows(connection, _versions_of(table, name, *columns, since=since).offset(agreed)):
        digest = stored_leaf(columns, row)
        if digest != row[-1]:
            recomputed[row[entry], row[number]] = digest
            what = "it was altered after it was recorded"
            yield Fault(_whole(row[entry]), name, _whole(row[number]), what)
        read += 1
        if read == _TOLD:
            told(read)
            read = 0
    told(read)


def _agreeing(
    connection: sa.Connection, name: str, table: sa.Table, columns: Sequence[str], since: int
) -> Iterator[int]:
    """How many rows hold, some thousand at a time, up to the first that may not.

    The quick way, by the JSON that the database itself writes; what it cannot tell, down to which
    row it is, is left to be read value by value.
    """
    try:
        for batch in canonical_rows(connection, table, name, columns, since=since):
            if json_leaves(hashed for hashed, _ in batch) != [leaf for _, leaf in batch]:
                return
            yield len(batch)
    except READING_ERRORS:  # a value that JSON cannot hold
        return


class _Stream:
    """The leaves of one table, current and past, in the order of entry and number."""

    def __init__(
        self, connection: sa.Connection, name: str, since: int, recomputed: Recomputed
    ) -> None:
        self._name, self._recomputed = name, recomputed
        self._chunks = self._leaves(connection, since)
        # Rows that were read and not yet asked for.
        self._ahead: list[tuple[Any, ...]] = next(self._chunks, [])
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

    def _leaves(self, connection: sa.Connection, since: int) -> Iterator[list[tuple[Any, ...]]]:
        """Entry, number and leaf; two streams in the order of an index, run into one."""
        now, then = (
            _lists(connection, _leaves_of(each, since)) for each in schema.VERSIONED[self._name]
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
                both = sorted((*current, *past), key=_place)
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
            yield Fault(_whole(written_in), self._name, _whole(number), what)
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


#: How many row versions are read between two words on progress.
_TOLD = 5_000


def _place(row: tuple[Any, ...]) -> tuple[int, int]:
    """Where a leaf stands; as the database sorts, what no ledger writes comes after all numbers."""
    entry, number, _ = row
    if type(entry) is int and type(number) is int:
        return entry, number
    return (
        entry if isinstance(entry, int) else _LAST,
        number if isinstance(number, int) else _LAST,
    )


@cache
def _leaves_of(table: sa.Table, since: int) -> sa.Select[Any]:
    """Entry, number and leaf of the versions that entries after `since` wrote, in that order."""
    leaves = sa.select(*_raw((table.c.entry_id, table.c.id, table.c.leaf)))
    ordered = leaves.order_by(table.c.entry_id, table.c.id)
    return ordered.where(table.c.entry_id > since) if since else ordered


@cache
def _versions_of(table: sa.Table, name: str, *columns: str, since: int) -> sa.Select[Any]:
    """The versions that entries after `since` wrote: `columns`, then the leaf, by primary key.

    The order and the sum keep the database at the table itself: what an index repeats of a row
    is not what is to be checked.
    """
    label: sa.ColumnElement[Any] = sa.literal_column(f"'{name}'").label("table")
    chosen = [label if each == "table" else _raw([table.c[each]])[0] for each in columns]
    chosen += _raw([table.c.leaf])
    versions = sa.select(*chosen).order_by(*table.primary_key)
    return versions.where(table.c.entry_id + 0 > since) if since else versions


def _first_after(connection: sa.Connection, name: str, since: int) -> int:
    """The number that the first row after entry `since` must have."""
    if not since:
        return 1
    numbers = sa.union_all(
        *(sa.select(each.c.id).where(each.c.entry_id <= since) for each in schema.VERSIONED[name])
    ).subquery()
    newest = connection.execute(sa.select(sa.func.max(numbers.c.id))).scalar()
    return (newest or 0) + 1
