"""The one writer: an entry of the journal, and the row versions it writes.

An entry is one transaction. Rows are checked against `ledger.rules`, given their numbers and their
leaf hashes, and written; when the block ends, the entry itself is written with the Merkle root of
its leaves and the hash of the entry before. What raises inside the block leaves nothing.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from ledger import bulk, fulltext, neighbours, rules, schema
from ledger.canonical import NO_PREVIOUS, Tree, entry_hash, leaf
from ledger.errors import InvalidError, NotFoundError, Problem
from ledger.links import all_there
from ledger.model import UNREVIEWED, WITHDRAWN, Attribution, Basis, Verdict
from ledger.sheaf import Leaves
from ledger.store import Store
from ledger.words import Made

T = TypeVar("T")
Value = str | int | date | datetime | None
Values = Mapping[str, Value]

#: What a column holds where its row does not say.
_DEFAULTS: dict[str, dict[str, Value]] = {
    "claim": {
        "basis": Basis.UNKNOWN.value,
        "attribution": Attribution.NAMED.value,
        "status": UNREVIEWED,
    },
    "proposition": {"verdict": Verdict.OPEN.value},
}

#: How many rows one statement writes; SQLite before 3.32 took 999 parameters.
_AT_ONCE = 500

#: How many leaves are put into the tree at a time.
_LEAVES_AT_ONCE = 4_096

#: Tables whose rows' rules ask for other rows of the table: which may be of the same batch.
_ONE_BY_ONE = ("source",)

#: What a server says of a link that leads nowhere: its SQLSTATE.
_FOREIGN_KEY = "23503"

#: What an update of many calls the number of each row: no column is called so.
_ROW = "row_number"


class Draft:
    """The entry being written. `id` is its number; `rows` counts the versions it has written.

    An entry writes one version of a row at most: say all that changes in one `insert` or `update`.
    Empty text is stored as nothing, so that a file that cannot tell the two apart can be read back.
    """

    def __init__(
        self,
        connection: sa.Connection,
        *,
        recorded_by: str,
        recorded_at: datetime,
        message: str | None = None,
    ) -> None:
        self.connection = connection
        self.recorded_by = recorded_by
        self.message = message
        newest = connection.execute(
            sa.select(schema.entry.c.id, schema.entry.c.hash, schema.entry.c.recorded_at)
            .order_by(schema.entry.c.id.desc())
            .limit(1)
        ).one_or_none()
        self.id = newest.id + 1 if newest else 1
        self.previous = newest.hash if newest else NO_PREVIOUS
        moment = recorded_at.astimezone(UTC).replace(microsecond=0)
        # History has one order. A clock that was set back must not say that it has two.
        self.recorded_at = max(moment, newest.recorded_at) if newest else moment
        self.clock_behind = self.recorded_at - moment
        self._leaves = {name: Leaves() for name in schema.VERSIONED}
        self._worded = 0
        self._named_apart = frozenset[str]()
        self._hash: str | None = None
        # Which row first named each row of a table, to be asked for when the entry is closed.
        self._named: dict[str, dict[int, tuple[str, int, str]]] = {}
        self._next: dict[str, int] = {}
        # The first row of each table of which very many were written at once.
        self._loaded: dict[str, int] = {}
        self._around = neighbours.Around(connection)
        self._ties = neighbours.Ties()

    @property
    def rows(self) -> int:
        """How many row versions this entry has written so far."""
        return sum(len(leaves) for leaves in self._leaves.values())

    def next_id(self, table: str) -> int:
        """The number that the next row of `table` will get."""
        if table not in self._next:
            number = schema.VERSIONED[table][0].c.id
            newest = self.connection.execute(sa.select(sa.func.max(number))).scalar()
            self._next[table] = (newest or 0) + 1
        return self._next[table]

    def insert(self, table: str, values: Values) -> int:
        """Write a new row and return its number; InvalidError lists every rule it breaks."""
        row = self._numbered(table, values)
        self._write(table, row, sa.insert(schema.VERSIONED[table][0]))
        return _number(row)

    def insert_all(self, table: str, rows: Iterable[Values]) -> int:
        """Write many new rows, as `insert` does each, at a fraction of its cost; how many.

        They are numbered from `next_id` on, in their order.
        """
        target = schema.VERSIONED[table][0]
        statement, nothing = sa.insert(target), dict.fromkeys(column.name for column in target.c)
        written = 0
        # Every row of a statement names the same columns, so that it is compiled once.
        for batch in neighbours.batches(rows, _AT_ONCE):
            stored: list[dict[str, Any]] = []
            for values in batch:
                row = self._numbered(table, values, alone=False)
                stored.append({**nothing, **row, "leaf": self._noted(table, row)})
            _refuse(table, [*neighbours.name_problems(self.connection, table, stored)])
            self.connection.execute(statement, stored)
            if table == "source":  # a ring of new sources is one only when they are all there
                rings = (neighbours.ring_problems(self.connection, row) for row in stored)
                _refuse(table, [*chain.from_iterable(rings)])
            written += len(stored)
        return written

    @contextmanager
    def load(self, table: str, expected: int) -> Iterator[Callable[[bulk.Ready], None]]:
        """Write very many new rows, some `expected`: what comes back writes the next of them.

        The rows were made ready by `ledger.bulk`; their numbers run on from `next_id` and their
        entry is this one.
        They must have been held against `ledger.rules`, by themselves and beside their proposition
        and document; links, repeats and retractions are looked at here.
        """
        first = self.next_id(table)
        with bulk.load(
            self.connection, table, entry_id=self.id, first=first, expected=expected
        ) as loading:

            def write(some: bulk.Ready) -> None:
                loading.write(some)
                self._leaves[table].extend(some.first, some.leaves)
                self._next[table] += len(some.leaves)

            yield write
        if loading.written:
            self._loaded[table] = first
        if table == "claim" and loading.written:
            self._ties.note_from(first)

    def take_words(self, path: Path, made: Iterator[Made], named: Collection[str] = ()) -> None:
        """Take the index of new claims' words over from a file (see `fulltext.take_over`).

        With them come the words of all new rows of the tables `named`. Nothing more can be written:
        the entry is closed over what was while the words are still being made. Raises as `close`.
        """
        self._record()
        self._worded = fulltext.take_over(self.connection, path, made)
        self._named_apart = frozenset(named)

    def update(self, table: str, number: int, changes: Values) -> bool:
        """Write a new version of a row with `changes`; whether there was anything to change.

        A change to None empties the column. Raises NotFoundError where there is no such row and
        InvalidError where the new version breaks a rule.
        """
        current = self.row(table, number)
        revised = self._revised(table, number, current, changes)
        if revised is None:
            return False
        row, changed = revised
        self._check(table, row, changed)
        target = schema.VERSIONED[table][0]
        statement = sa.update(target).where(target.c.id == number)
        self._write(table, row, statement, only=changed, before=current)
        return True

    def update_all(self, table: str, changes: Iterable[tuple[int, Values]]) -> int:
        """Write new versions of many rows, as `update` does each, at a fraction of its cost.

        `changes` are pairs of a row's number and its changes; returns how many there were to
        change. Raises as `update` does, and may have written the rows before the one that it is
        raised for.
        """
        written = 0
        for batch in neighbours.batches(changes, _AT_ONCE):
            if table in _ONE_BY_ONE or len({number for number, _ in batch}) < len(batch):
                written += sum(self.update(table, *each) for each in batch)
            else:
                written += self._update_batch(table, batch)
        return written

    def _update_batch(self, table: str, batch: Sequence[tuple[int, Values]]) -> int:
        """New versions of rows that are all different, by one statement."""
        current = self._rows(table, [number for number, _ in batch])
        revised: list[tuple[dict[str, Value], Values]] = []
        columns: set[str] = set()
        for number, changes in batch:
            before: Values = current.get(number) or self.row(table, number)
            if found := self._revised(table, number, before, changes):
                row, changed = found
                self._check(table, row, changed, alone=False)
                revised.append((row, before))
                columns.update(changed)
        if [*neighbours.name_problems(self.connection, table, [row for row, _ in revised])]:
            # One row may give up the name that the next one takes: in their order they may do.
            return sum(self.update(table, *each) for each in batch)
        stored: list[dict[str, Any]] = []
        for row, before in revised:
            row["entry_id"] = self.id
            new = {name: row.get(name) for name in columns}
            leaf_hash = self._noted(table, row, before)
            stored.append({**new, "entry_id": self.id, "leaf": leaf_hash, _ROW: row["id"]})
        if stored:
            target = schema.VERSIONED[table][0]
            statement = sa.update(target).where(target.c.id == sa.bindparam(_ROW))
            self.connection.execute(statement, stored)
        return len(stored)

    def _revised(
        self, table: str, number: int, current: Values, changes: Values
    ) -> tuple[dict[str, Value], Values] | None:
        """A row with its changes, whole, and what of it changed; None where nothing did."""
        wanted: dict[str, Value] = {**dict.fromkeys(changes), **_present(changes)}
        changed = {
            name: value
            for name, value in wanted.items()
            if name not in current or current[name] != value
        }
        if not changed:
            return None
        if number in self._leaves[table]:
            twice = Problem("id", "the entry has written it already", "all its changes at once")
            raise InvalidError(f"{table} {number} cannot be written twice in one entry", [twice])
        revised: dict[str, Value] = _present({**current, **changed})
        return revised, changed

    def row(self, table: str, number: int) -> dict[str, Value]:
        """The current version of a row, without its entry and leaf; NotFoundError if none."""
        row = self._rows(table, [number]).get(number)
        if row is None:
            raise NotFoundError(f"there is no {table} {number}", f"`ledger {_listing(table)}`")
        return row

    def _rows(self, table: str, numbers: Sequence[int]) -> dict[int, dict[str, Value]]:
        """The current versions of rows that are there, by number."""
        target = schema.VERSIONED[table][0]
        columns = [column for column in target.c if column.name not in ("entry_id", "leaf")]
        query = sa.select(*columns).where(target.c.id.in_(numbers)).order_by(target.c.id)
        return {row["id"]: dict(row) for row in self.connection.execute(query).mappings()}

    def _numbered(self, table: str, values: Values, *, alone: bool = True) -> dict[str, Value]:
        """A new row, whole: defaults, number, entry; InvalidError if it breaks a rule."""
        row: dict[str, Value] = {**_DEFAULTS.get(table, {}), **_present(values)}
        row["id"] = self.next_id(table)
        row["entry_id"] = self.id
        self._check(table, row, alone=alone)
        self._next[table] += 1
        return row

    def _write(
        self,
        table: str,
        row: dict[str, Value],
        statement: sa.Insert | sa.Update,
        only: Iterable[str] | None = None,
        before: Values | None = None,
    ) -> None:
        row["entry_id"] = self.id
        digest = self._noted(table, row, before)
        columns = row if only is None else {*only, "entry_id"}
        stored = {name: row.get(name) for name in columns}
        self.connection.execute(statement.values(**stored, leaf=digest))

    def _noted(self, table: str, row: Values, before: Values | None = None) -> bytes:
        """The leaf of a version that is about to be written; what it names is remembered."""
        number, digest = _number(row), leaf(table, row)
        self._leaves[table].add(number, digest)
        self._around.forget(table, number)
        if table == "claim":
            self._ties.note(row, before)
        for column, target in neighbours.LINKS[table].items():
            if isinstance(linked := row.get(column), int):
                self._named.setdefault(target, {}).setdefault(linked, (table, number, column))
        return digest

    def _check(
        self, table: str, row: Values, changed: Iterable[str] = (), *, alone: bool = True
    ) -> None:
        """Hold a version against every rule; `changed` names what differs from the one before.

        A row that is not written `alone` has its name looked up with its neighbours' names.
        """
        changed = frozenset(changed)
        problems = [*neighbours.type_problems(table, row, changed), *rules.text_problems(row)]
        if not problems:  # the rules take for granted that a date is a date
            problems += rules.ahead_problems(row, self.recorded_at.date(), changed)
            if table == "claim":
                problems += self._around.claim_problems(row)
            else:
                problems += rules.PROBLEMS[table](row)
            if alone:
                problems += neighbours.name_problems(self.connection, table, [row])
            if table == "source" and alone:
                problems += neighbours.ring_problems(self.connection, row)
            if table == "proposition" and "kind" in changed:
                problems += neighbours.kind_problems(self.connection, row)
            if table == "document":
                problems += neighbours.attached_problems(self.connection, row)
        _refuse(table, problems)

    def close(self) -> str | None:
        """Write the entry over the versions it wrote; its hash, or None where it wrote none.

        Raises InvalidError where a row names another that is not there, and where a claim repeats
        or retracts what it cannot.
        """
        if not self.rows:
            return None
        digest = self._hash or self._record()
        written = [
            table
            for table, leaves in self._leaves.items()
            if len(leaves) and table not in self._named_apart
        ]
        if self._worded == len(self._leaves["claim"]) > 0:
            written.remove("claim")
        fulltext.write(self.connection, self.id, written, some_are_there=self._worded > 0)
        return digest

    def _record(self) -> str:
        """Write the entry, once what it wrote was looked at; its hash."""
        problems = [*neighbours.link_problems(self.connection, self._named)]
        if problems := problems or [*self._ties.problems(self.connection)]:
            raise InvalidError("this entry cannot be recorded", problems)
        tree = Tree()
        for table in sorted(self._leaves):
            for leaf_hashes in self._leaves[table].batches(_LEAVES_AT_ONCE):
                tree.extend(leaf_hashes)
        said: dict[str, Any] = {
            "id": self.id,
            "recorded_at": self.recorded_at,
            "recorded_by": self.recorded_by,
            "message": self.message,
            "root": tree.root().hex(),
            "previous": self.previous,
        }
        digest = entry_hash(**said)
        closing = sa.insert(schema.entry).values(**said, hash=digest)
        try:
            self.connection.execute(closing)
        except sa.exc.IntegrityError as error:  # a server looks at what claims name here
            if getattr(error.orig, "sqlstate", None) != _FOREIGN_KEY:
                raise
            problem = Problem("id", "a claim names a row that is not there")
            raise InvalidError("this entry cannot be recorded", [problem]) from error
        # A server has looked at every link itself, at claims' as it took the entry.
        looked_at = {} if bulk.is_sent(self.connection) else self._loaded
        for table, first in looked_at.items():
            if not all_there(self.connection, [table], since=first):
                problem = Problem("id", f"a {table} from {first} on names a row that is not there")
                raise InvalidError("this entry cannot be recorded", [problem])
        self._hash = digest
        return digest


class Transaction:
    """Entries that are recorded together or not at all; made by `transaction`."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection

    @contextmanager
    def entry(
        self,
        *,
        recorded_by: str,
        message: str | None = None,
        recorded_at: datetime | None = None,
    ) -> Iterator[Draft]:
        """The next entry; as `journal.entry`, but kept only if the whole transaction is."""
        problems = [*rules.text_problems({"recorded_by": recorded_by, "message": message})]
        if rules.blank(recorded_by):
            problems.append(
                Problem("recorded_by", "is missing", "a name, with --as or LEDGER_ANALYST")
            )
        if recorded_at is not None and recorded_at.tzinfo is None:
            problems.append(Problem("recorded_at", f"{recorded_at} has no time zone", "UTC"))
        if problems:
            raise InvalidError("this entry cannot be recorded", problems)
        draft = Draft(
            self.connection,
            recorded_by=recorded_by,
            recorded_at=recorded_at or datetime.now(UTC),
            message=message or None,
        )
        yield draft
        draft.close()


@contextmanager
def transaction(store: Store, *, loading: bool = False) -> Iterator[Transaction]:
    """Hold the write lock for several entries; what raises inside the block leaves none of them.

    Where it is for `loading`, an entry's links are looked at once, when it is whole.
    """
    with store.writer(unlinked=loading) as connection:
        yield Transaction(connection)


@contextmanager
def entry(
    store: Store,
    *,
    recorded_by: str,
    message: str | None = None,
    recorded_at: datetime | None = None,
) -> Iterator[Draft]:
    """One entry by the analyst `recorded_by` at `recorded_at` (a moment with a zone; default now).

    The block's Draft holds the write lock from the first line. If the block writes nothing, no
    entry is made. Raises InvalidError for a nameless analyst.
    """
    with (
        transaction(store) as opened,
        opened.entry(recorded_by=recorded_by, message=message, recorded_at=recorded_at) as draft,
    ):
        yield draft


def assess(draft: Draft, claim_id: int, status: str, because: str | None) -> bool:
    """Give a claim a verification status and the reason; whether that changed anything."""
    return draft.update("claim", claim_id, {"status": status, "because": because})


def withdraw(draft: Draft, claim_id: int, because: str) -> bool:
    """Mark a claim as entered in error: kept, and left out of reports."""
    return assess(draft, claim_id, WITHDRAWN, because)


def correct(draft: Draft, claim_id: int, changes: Values) -> bool:
    """Mend what was recorded of a claim; the old version is kept in its history.

    Its status is not mended but assessed: InvalidError if `changes` names it.
    """
    if "status" in changes:
        raise InvalidError(
            f"claim {claim_id} cannot be corrected so",
            [Problem("status", "is a judgement, not a slip", "`ledger assess`")],
        )
    return draft.update("claim", claim_id, changes)


def settle(
    draft: Draft,
    proposition_id: int,
    verdict: str,
    *,
    because: str | None,
    low: int | None = None,
    high: int | None = None,
) -> bool:
    """Record the finding on a proposition: verdict, reason, and for a count the range found."""
    changes: Values = {
        "verdict": verdict,
        "because": because,
        "finding_low": low,
        "finding_high": high,
    }
    return draft.update("proposition", proposition_id, changes)


def merge_sources(draft: Draft, source_id: int, into_id: int) -> dict[str, int]:
    """Make one source of two: all that names `source_id` names `into_id` from now on.

    The merged source's row and name stay, the name as another name of the one that is left; what
    was said before the merger is in the history. Returns how many rows of each table changed.
    Raises InvalidError where the two are one already, where one of them was merged before, or where
    a claim would then be relayed by its own source or an organisation be a member of itself.
    """
    if problems := [*_merger_problems(draft, source_id, into_id)]:
        raise InvalidError("these cannot be merged", problems)
    counts = {"source": 0, "document": 0, "claim": 0, "source_alias": 0}
    links = {
        "claim": ("source_id", "via_id"),
        "document": ("publisher_id",),
        "source_alias": ("source_id",),
        "source": ("member_of_id", "merged_into_id"),
    }
    for table, columns in links.items():
        target = schema.VERSIONED[table][0]
        touched = draft.connection.execute(
            sa.select(target.c.id, *(target.c[column] for column in columns))
            .where(sa.or_(*(target.c[column] == source_id for column in columns)))
            .order_by(target.c.id)
        ).mappings()
        for row in touched.all():
            if table == "source" and row["id"] == into_id:
                continue  # the one that is left cannot be a member of itself; mended below
            changes = {column: into_id for column in columns if row[column] == source_id}
            counts[table] += draft.update(table, row["id"], changes)
    kept = draft.row("source", into_id)
    if kept["member_of_id"] == source_id:
        draft.update("source", into_id, {"member_of_id": None})
    draft.update("source", source_id, {"merged_into_id": into_id})
    return counts


def _merger_problems(draft: Draft, source_id: int, into_id: int) -> Iterator[Problem]:
    if source_id == into_id:
        yield Problem("source", "a source cannot be merged into itself", "another source")
        return
    for number in (source_id, into_id):
        row = draft.row("source", number)
        if row["merged_into_id"] is not None:
            gone = f"{rules.shown(row['name'])} was merged into source {row['merged_into_id']}"
            yield Problem("source", gone, "a source that stands for itself")


def _refuse(table: str, problems: Sequence[Problem]) -> None:
    if problems:
        raise InvalidError(f"this {table.replace('_', ' ')} cannot be recorded", problems)


def _present(values: Values) -> dict[str, Value]:
    """Without what is empty (None, and text of no length), times in whole seconds."""
    return {
        name: value.astimezone(UTC).replace(microsecond=0)
        if isinstance(value, datetime) and value.tzinfo is not None
        else value
        for name, value in values.items()
        if value is not None and value != ""
    }


def _number(row: Mapping[str, Any]) -> int:
    return int(row["id"])


def _listing(table: str) -> str:
    return "list" if table == "claim" else f"{table} list"
