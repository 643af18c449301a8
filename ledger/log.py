"""The log: entries, newest first, and what each wrote.

An entry may have written a million rows: they are counted, and only the first few are read and
named. Only reads.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa

from ledger import schema
from ledger.changes import Names, described, noun
from ledger.versions import Version, Where, Written, counts, written

#: What analysts look for comes first where an entry's rows are named.
_FIRST = ("claim", "evidence", "proposition", "source", "source_alias", "event", "document")
_ORDER = tuple(dict.fromkeys([*_FIRST, *schema.VERSIONED]))

#: How many entries are read at once.
_PAGE = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entries are asked for: those that fit all that is given.

    `claim` is a claim's number: entries that wrote a version of it or of a ground of it. `sources`
    are sources' numbers: entries that wrote a version of one of them, of its names, or of a claim
    that it makes or relays. `recorded_by` is an analyst's name, exactly. `first` and `last` are
    days of recording, both inclusive, UTC. `entry` is one entry's number.
    """

    claim: int | None = None
    sources: Sequence[int] = ()
    recorded_by: str | None = None
    first: date | None = None
    last: date | None = None
    entry: int | None = None


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry, how much it wrote to each table, and its rows in words.

    `rows` names no more rows than were asked for, those first that the question was about.
    """

    entry: int
    recorded_at: datetime
    recorded_by: str
    message: str | None
    counts: dict[str, Written] = field(repr=False)
    rows: list[str] = field(repr=False)

    @property
    def total(self) -> int:
        """How many row versions the entry wrote."""
        return sum(each.added + each.changed for each in self.counts.values())

    @property
    def counted(self) -> str:
        """How much it wrote, in words: `39 claims added, 1 source changed`."""
        parts = []
        for name in _ORDER:
            wrote = self.counts.get(name, Written(0, 0))
            for count, done in ((wrote.added, "added"), (wrote.changed, "changed")):
                if count:
                    parts.append(f"{count:,} {noun(name, count)} {done}")
        return ", ".join(parts)


def log(
    connection: sa.Connection, asked: Asked, *, limit: int | None, rows: int
) -> Iterator[Logged]:
    """The entries that fit `asked`, newest first, `limit` at most (None: all).

    Of each, up to `rows` rows are named.
    """
    names, left, before = Names(connection), limit, None
    query = _entries(asked).order_by(schema.entry.c.id.desc())
    while left is None or left > 0:
        page = query.limit(_PAGE if left is None else min(left, _PAGE))
        if before is not None:
            page = page.where(schema.entry.c.id < before)
        found = connection.execute(page).all()
        if not found:
            return
        wrote = counts(connection, [row.id for row in found])
        for row in found:
            versions = _named(connection, asked, row.id, wrote[row.id], rows)
            told = [described(names, version) for version in versions]
            yield Logged(row.id, row.recorded_at, row.recorded_by, row.message, wrote[row.id], told)
        before = found[-1].id
        left = None if left is None else left - len(found)


def count(connection: sa.Connection, asked: Asked) -> int:
    """How many entries fit `asked`."""
    fitting = _entries(asked).with_only_columns(sa.func.count(schema.entry.c.id))
    return connection.execute(fitting).scalar_one()


def wrote(connection: sa.Connection, entry: int, *, rows: int) -> tuple[str, list[str]]:
    """What one entry wrote: counted, and up to `rows` of its rows named.

    For an entry that is being written, too.
    """
    found = counts(connection, [entry])[entry]
    versions = _named(connection, Asked(), entry, found, rows)
    names = Names(connection)
    counted = Logged(entry, datetime.now(UTC), "", None, found, []).counted
    return counted, [described(names, version) for version in versions]


def _entries(asked: Asked) -> sa.Select[tuple[int, datetime, str, str | None]]:
    entry = schema.entry
    query = sa.select(entry.c.id, entry.c.recorded_at, entry.c.recorded_by, entry.c.message)
    if asked.recorded_by is not None:
        query = query.where(entry.c.recorded_by == asked.recorded_by)
    if asked.entry is not None:
        query = query.where(entry.c.id == asked.entry)
    if asked.first is not None:
        query = query.where(entry.c.recorded_at >= _midnight(asked.first))
    if asked.last is not None and asked.last < date.max:
        query = query.where(entry.c.recorded_at < _midnight(asked.last + timedelta(days=1)))
    for concerns in _concerns(asked):
        wrote_one = [
            sa.select(each.c.entry_id).where(*where(each))
            for name, where in concerns.items()
            for each in schema.VERSIONED[name]
        ]
        query = query.where(entry.c.id.in_(sa.union(*wrote_one)))
    return query


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _any_of(values: Sequence[int], *columns: str) -> Where:
    """The condition that one of `columns` holds one of `values`."""

    def condition(table: sa.Table) -> list[sa.ColumnElement[bool]]:
        return [sa.or_(*(table.c[column].in_(values) for column in columns))]

    return condition


def _concerns(asked: Asked) -> Iterator[dict[str, Where]]:
    """What each filter is about: by table, the condition on its rows."""
    if asked.claim is not None:
        one = [asked.claim]
        yield {"claim": _any_of(one, "id"), "evidence": _any_of(one, "claim_id")}
    if asked.sources:
        yield {
            "source": _any_of(asked.sources, "id"),
            "source_alias": _any_of(asked.sources, "source_id"),
            "claim": _any_of(asked.sources, "source_id", "via_id"),
        }


def _named(
    connection: sa.Connection, asked: Asked, entry: int, wrote: dict[str, Written], limit: int
) -> list[Version]:
    """The rows of an entry to name: those that the question is about, or else the first."""
    found: list[Version] = []
    concerns = list(_concerns(asked))
    for name in _ORDER:
        left = limit - len(found)
        if name not in wrote or left <= 0:
            continue
        if not concerns:
            found += written(connection, entry, name, limit=left)
        for concern in concerns:
            if name in concern:
                known = {version.id for version in found if version.table == name}
                more = written(connection, entry, name, where=concern[name], limit=left)
                found += [version for version in more if version.id not in known]
    return found[:limit]
