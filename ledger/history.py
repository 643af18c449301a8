"""Reading the history: the head, the entry that a date means, how many versions there are.

Only reads. Whether all of it still holds is `ledger.chain`'s to say.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain

import sqlalchemy as sa

from ledger import schema
from ledger.canonical import NO_PREVIOUS
from ledger.errors import NotFoundError


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

    def __str__(self) -> str:
        """The fault in one line: `entry 3, claim 7, it was altered after it was recorded`."""
        where = (
            f"entry {self.entry}" if self.entry else "",
            f"{self.table} {self.row or ''}".strip() if self.table else "",
        )
        return ", ".join(part for part in (*where, self.what) if part)


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


def moment(text: str) -> int | date | datetime:
    """What `entry_as_of` takes, from text: `7`, `2018-02-20`, `2018-02-20T09:00:00Z`.

    A moment without a time zone is in UTC. Raises ValueError for any other text.
    """
    if len(text) == 10 and not text.isdecimal():
        return date.fromisoformat(text)
    if text.isdecimal() and text.isascii():
        return int(text)
    found = datetime.fromisoformat(text)
    try:
        found.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text} is beyond the years 1 to 9999 in UTC") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


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
