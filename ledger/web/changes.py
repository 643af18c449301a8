"""What changed: the newest entries and what they recorded, or all since a date, entry or head."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ledger import history, log
from ledger.errors import LedgerError
from ledger.formats import Answer
from ledger.reports import REPORTS
from ledger.reports.since import entry_since
from ledger.rules import shown
from ledger.web.found import reported
from ledger.web.links import Links, Stamp, Where
from ledger.web.look import rendered

Row = Mapping[str, Any]

#: How many entries the page goes back where nothing is asked, and how many row versions it tells
#: then; how many it tells at all.
ENTRIES, FEW, MOST_VERSIONS = 10, 1_000, 20_000

#: How many changes, and how many entries that are only counted, a page shows.
MOST_ROWS, MOST_ENTRIES = 500, 50


@dataclass(frozen=True, slots=True)
class Entry:
    """What one entry changed: the entry's own columns are in each of the rows."""

    head: Row
    rows: list[Row]


def show(connection: sa.Connection, where: Where, links: Links, of: Stamp) -> tuple[str, str]:
    """The page's title and body."""
    since = where.of("since")
    start = _start(connection, since, of.entry)
    wrote = history.versions(connection, since=start)
    rows = reported(connection, "changes", since=start) if wrote <= MOST_VERSIONS else []
    newest = log.log(connection, log.Asked(), limit=MOST_ENTRIES, rows=3)
    html = rendered(
        "changes.html",
        since=since,
        start=start,
        wrote=wrote,
        entries=list(_by_entry(rows[:MOST_ROWS])),
        left=max(0, len(rows) - MOST_ROWS),
        too_many=wrote > MOST_VERSIONS,
        newest=list(newest),
        links=links,
        where=where,
        of=of,
    )
    return "What changed", html


def answer(connection: sa.Connection, where: Where) -> Answer:
    """The rows of the report `changes`; LedgerError where they are too many for a page's data."""
    since, newest = where.of("since"), history.head(connection).entry
    start = _start(connection, since, newest)
    wrote = history.versions(connection, since=start)
    if wrote > MOST_VERSIONS:
        raise LedgerError(
            f"since entry {start} {wrote:,} versions of rows were recorded",
            f"name a later entry or date, or ask `ledger report changes --since {start}`",
        )
    report = REPORTS["changes"]
    rows, kinds = report.answer(connection, since=start)
    title = f"Changes since {shown(since)}" if since else f"Changes since entry {start}"
    return Answer(list(report.columns), rows, kinds, report.columns, title)


def _start(connection: sa.Connection, since: str | None, newest: int) -> int:
    """The number of the newest entry that is no news."""
    if since:
        return entry_since(connection, since)
    for back in (ENTRIES, 5, 2, 1):
        start = max(0, newest - back)
        if history.versions(connection, since=start) <= FEW:
            return start
    return newest


def _by_entry(rows: Sequence[Row]) -> Iterator[Entry]:
    """The changes of each entry together, as they come."""
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row["entry"], []).append(row)
    return (Entry(some[0], some) for some in found.values())
