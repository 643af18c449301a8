"""Letting a finding stand, with a reason that is kept in the ledger; and taking that back.

An acceptance is of one finding in its words: what the row says as it stands, and what the check
says of it. While the check finds it in the same words it is accepted. When the row comes to say
something else, or the check finds something else on it, the finding is open again, whoever changed
it. (The words are stored, so that this holds in a copy or an import of the ledger too, where
entries have other numbers.) Taking back is a new version of the acceptance; nothing is deleted.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from ledger import schema
from ledger.checks.finding import Check, Finding
from ledger.errors import InvalidError, Problem
from ledger.journal import Draft, Value

Key = tuple[str, str, int]


class State(StrEnum):
    """How a finding stands: open, accepted, or accepted in other words than it now has."""

    OPEN = "open"
    ACCEPTED = "accepted"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """That a finding was let stand: in which words, why, by whom and when."""

    id: int
    finding: str
    because: str
    accepted_by: str
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class Weighed:
    """A finding with its state, and the acceptance that stands behind that."""

    finding: Finding
    state: State
    acceptance: Acceptance | None


def weighed(connection: sa.Connection, findings: Iterable[Finding]) -> Iterator[Weighed]:
    """The findings, in their order, held against what was accepted and not taken back."""
    accepted = dict(_accepted(connection))
    for finding in findings:
        acceptance = accepted.get((finding.check.name, finding.table, finding.id))
        if acceptance is None:
            yield Weighed(finding, State.OPEN, None)
        else:
            same = acceptance.finding == finding.words
            yield Weighed(finding, State.ACCEPTED if same else State.CHANGED, acceptance)


def _accepted(connection: sa.Connection) -> Iterator[tuple[Key, Acceptance]]:
    table, entry = schema.acceptance, schema.entry
    subjects = [table.c[f"{subject}_id"] for subject in schema.SUBJECTS]
    rows = connection.execute(
        sa.select(table, entry.c.recorded_by, entry.c.recorded_at)
        .join_from(table, entry, table.c.entry_id == entry.c.id)
        .where(table.c.taken_back.is_(None))
        .order_by(table.c.id)
    )
    for row in rows:
        values = row._mapping
        for subject, column in zip(schema.SUBJECTS, subjects, strict=True):
            if values[column] is not None:
                told = (row.id, row.finding, row.because, row.recorded_by, row.recorded_at)
                yield (row.check_name, subject, values[column]), Acceptance(*told)


def accept(draft: Draft, finding: Finding, because: str) -> bool:
    """Let a finding stand as it is; whether that changed anything."""
    key = (finding.check.name, finding.table, finding.id)
    values: dict[str, Value] = {"finding": finding.words, "because": because, "taken_back": None}
    if known := _rows(draft.connection, *key):
        return _update(draft, known, values)
    values |= {"check_name": finding.check.name, f"{finding.table}_id": finding.id}
    draft.insert("acceptance", values)
    return True


def take_back(draft: Draft, check: Check, table: str, number: int, because: str) -> bool:
    """Let a finding stand no more; False where none is accepted. InvalidError without a reason."""
    if not because.strip():
        raise InvalidError(
            "this acceptance cannot be taken back", [Problem("because", "is missing")]
        )
    standing = _rows(draft.connection, check.name, table, number, standing=True)
    return _update(draft, standing, {"taken_back": because})


def _update(draft: Draft, numbers: Iterable[int], values: dict[str, Value]) -> bool:
    changed = [draft.update("acceptance", number, values) for number in numbers]
    return any(changed)


def _rows(
    connection: sa.Connection, check: str, table: str, number: int, *, standing: bool = False
) -> list[int]:
    """The acceptances of a check's finding on a row: one, or none."""
    acceptance = schema.acceptance
    query = sa.select(acceptance.c.id).where(
        acceptance.c.check_name == check, acceptance.c[f"{table}_id"] == number
    )
    if standing:
        query = query.where(acceptance.c.taken_back.is_(None))
    return list(connection.execute(query.order_by(acceptance.c.id)).scalars())
