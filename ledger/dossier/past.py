"""What was judged before: every verdict on propositions and every status of claims, with its entry.

Asked of the rows and their history twins by number, so that it costs what it answers; the public
view `assessments` tells the same of all claims.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.dossier.values import Change
from ledger.model import UNREVIEWED, Range, Verdict
from ledger.neighbours import batches

#: How many rows are asked for by number at once.
_BATCH = 500


def verdicts(connection: sa.Connection, propositions: Sequence[int]) -> dict[int, list[Change]]:
    """Every change of verdict, finding or reason of each proposition, oldest first."""
    table = schema.proposition
    names = ("verdict", "finding_low", "finding_high", "because")
    found: dict[int, list[Change]] = {}
    for number, versions in _versions(connection, "proposition", names, propositions):
        before = (Verdict.OPEN.value, None)
        for row in versions:
            now = (_finding(row), row.because)
            if now != before:
                change = Change(
                    row.entry_id, row.recorded_at, row.recorded_by, table.name, None,
                    before[0], now[0], now[1],
                )  # fmt: skip
                found.setdefault(number, []).append(change)
            before = now
    return found


def statuses(connection: sa.Connection, claims: Sequence[int]) -> dict[int, list[Change]]:
    """Every change of status of each claim, or of the reason for it, oldest first."""
    found: dict[int, list[Change]] = {}
    for number, versions in _versions(connection, "claim", ("status", "because"), claims):
        before: tuple[str, str | None] = (UNREVIEWED, None)
        for row in versions:
            now = (row.status, row.because)
            if now != before:
                change = Change(
                    row.entry_id, row.recorded_at, row.recorded_by, f"claim {number}", number,
                    before[0], *now,
                )  # fmt: skip
                found.setdefault(number, []).append(change)
            before = now
    return found


def _finding(row: Any) -> str:
    if row.finding_low is None and row.finding_high is None:
        return str(row.verdict)
    return f"{row.verdict} {Range(row.finding_low, row.finding_high)}"


def _versions(
    connection: sa.Connection, name: str, columns: Iterable[str], numbers: Sequence[int]
) -> Iterator[tuple[int, Iterator[Any]]]:
    """Each row's number with its versions, oldest first, and the entry that wrote each."""
    entry, wanted = schema.entry, ("id", "entry_id", *columns)
    for some in batches(numbers, _BATCH):
        parts = [
            sa.select(*(each.c[column] for column in wanted)).where(each.c.id.in_(some))
            for each in schema.VERSIONED[name]
        ]
        version = sa.union_all(*parts).subquery()
        question = (
            sa.select(version, entry.c.recorded_at, entry.c.recorded_by)
            .join_from(version, entry, version.c.entry_id == entry.c.id)
            .order_by(version.c.id, version.c.entry_id)
        )
        rows = connection.execute(question).all()
        yield from groupby(rows, key=lambda row: int(row.id))
