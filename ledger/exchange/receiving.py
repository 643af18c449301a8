"""Names the origin of what a merge brings: which entry of which ledger recorded it first.

A receipt stands for rows of one entry that follow on one another there and here, so that a ledger
of a million claims recorded at once takes one. What their ledger has itself from another one keeps
that one's entry: the first is the origin.
"""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.exchange.kinship import Run
from ledger.exchange.meeting import LEFT, Meeting
from ledger.stored import raw as as_stored
from ledger.stored import rows_of

_KINDS = tuple(name for name in schema.VERSIONED if name != "receipt")

NEW, SAME = "new", "same"


def receipts(theirs: sa.Connection, meeting: Meeting, seen: int, runs: dict[str, list[Run]],
             known: dict[str, Any]) -> Iterator[dict[str, Any]]:  # fmt: skip
    """The receipts of what their entries after `seen` brought, and of what they have from others.

    `runs` are their own receipts by table; `known` has the numbers of rows that need none, since
    it is known where they come from.
    """
    entries = _Entries(theirs)
    named: set[str] = set()
    for kind in _KINDS:
        for run in _runs(theirs, kind, meeting, runs.get(kind, []), known[kind], entries):
            named.add(run.hash)
            yield _row(run)
    # Every entry is named that was looked at, so that nothing of it is news the next time.
    for run in entries.after(seen):
        if run.hash not in named:
            yield _row(run)


def _row(run: Run) -> dict[str, Any]:
    rows = {
        "kind": run.kind,
        "how": run.how,
        "first": run.first,
        "their_first": run.their_first,
    }
    return {
        "their_entry": run.entry,
        "their_hash": run.hash,
        "their_recorded_at": run.at,
        "their_recorded_by": run.by,
        "many": run.many,
        **(rows if run.many else {}),
    }


def _runs(
    theirs: sa.Connection,
    kind: str,
    meeting: Meeting,
    received: list[Run],
    known: Any,
    entries: "_Entries",
) -> Iterator[Run]:
    """The rows of a table that were met or are new, gathered to runs."""
    ids = meeting.ids[kind]
    covering = _Covering(received)
    open_runs: dict[tuple[str, str], Run] = {}
    for number, entry in _first_recorded(theirs, kind):
        here = ids[number]
        if here in (0, LEFT) or known[number]:
            continue
        how = NEW if meeting.is_new(kind, number) else SAME
        origins = covering.of(number)
        first = next((run for run in origins if run.how == NEW), None)
        pieces = [(run, number - run.first + run.their_first, SAME)
                  for run in origins if run.how == SAME]  # fmt: skip
        if first is None:
            pieces.append((entries.run(entry), number, how))
        else:
            pieces.append((first, number - first.first + first.their_first, how))
        for run, there, of in pieces:
            before = open_runs.get((run.hash, of))
            if (
                before is not None
                and before.their_first + before.many == there
                and before.first + before.many == here
            ):
                open_runs[run.hash, of] = before._replace(many=before.many + 1)
                continue
            if before is not None:
                yield before
            open_runs[run.hash, of] = run._replace(
                kind=kind, how=of, first=here, their_first=there, many=1
            )
    yield from open_runs.values()


class _Covering:
    """Which of their receipts a row of theirs came with."""

    def __init__(self, runs: list[Run]) -> None:
        self._by_how = {
            how: [run for run in runs if run.how == how and run.many] for how in (NEW, SAME)
        }
        self._starts = {how: [run.first for run in runs] for how, runs in self._by_how.items()}

    def of(self, number: int) -> list[Run]:
        """The receipts of a row, at most one of each sort."""
        found = []
        for how, runs in self._by_how.items():
            at = bisect_right(self._starts[how], number) - 1
            if at >= 0 and number < runs[at].first + runs[at].many:
                found.append(runs[at])
        return found


class _Entries:
    """The entries of a ledger, as runs without rows."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._last: Run | None = None

    def run(self, entry: int) -> Run:
        """One entry; asked for in a row, it is read once."""
        if self._last is None or self._last.entry != entry:
            self._last = next(self._read(schema.entry.c.id == entry))
        return self._last

    def after(self, entry: int) -> Iterator[Run]:
        """The entries after one."""
        return self._read(schema.entry.c.id > entry)

    def _read(self, which: sa.ColumnElement[bool]) -> Iterator[Run]:
        table = schema.entry.c
        query = (
            sa.select(table.id, table.hash, table.recorded_at, table.recorded_by)
            .where(which)
            .order_by(table.id)
        )
        for row in self._connection.execute(query):
            yield Run(*row, None, None, 0, 0, 0)


def _first_recorded(connection: sa.Connection, table: str) -> Iterator[tuple[int, int]]:
    """The rows of a table in the order of their numbers, each with the entry that recorded it."""
    now, then = schema.VERSIONED[table]
    older = rows_of(
        connection,
        sa.select(*as_stored((then.c.id,)), sa.func.min(then.c.entry_id))
        .group_by(then.c.id)
        .order_by(then.c.id),
    )
    ahead = next(older, None)
    query = sa.select(*as_stored((now.c.id, now.c.entry_id))).order_by(now.c.id)
    for number, entry in rows_of(connection, query):
        while ahead is not None and ahead[0] < number:
            ahead = next(older, None)
        yield number, entry if ahead is None or ahead[0] != number else ahead[1]
