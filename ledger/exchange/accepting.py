"""Turns the rows of acceptances.csv into acceptances: findings that an analyst lets stand, and why.

A finding is accepted in its words, and they may name claims by number: in a ledger where those
claims have other numbers it is open again.
"""

from typing import Any

import sqlalchemy as sa

from ledger import rules, schema
from ledger.errors import BadRow
from ledger.exchange.claiming import Claims
from ledger.exchange.describing import Fields
from ledger.exchange.gathering import POINTS_TO, Acceptance, Gathered, Remark
from ledger.exchange.naming import Naming
from ledger.exchange.tables import ACCEPTANCES
from ledger.rules import shown

_COLUMN = {column.field: column.name for column in ACCEPTANCES.own}
_SUBJECTS = tuple(f"{subject}_id" for subject in schema.SUBJECTS)


class Acceptances:
    """The acceptances of the files: `rows` to be written, `present` those that are there.

    An acceptance of the same check's finding on the same row is there, whatever it says; where it
    says something else, that is noted.
    """

    def __init__(self, gathered: Gathered, naming: Naming, claims: Claims) -> None:
        self.bad: list[BadRow] = []
        self.notes: list[str] = []
        self.rows: list[Fields] = []
        self.present = 0
        self._gathered = gathered
        self._naming = naming
        self._claims = claims
        self._drafts = [self._drafted(each) for each in gathered.acceptances]

    def _drafted(self, given: Acceptance) -> tuple[int | None, Acceptance, Fields]:
        """The place of the claim that it is on, if it is on one, and the row to be written."""
        fields: Fields = dict(given.values)
        for field in _SUBJECTS:
            if field in POINTS_TO and field in fields:
                fields[field] = self._number(field, str(fields[field]), given)
        for problem in (*rules.text_problems(fields), *rules.acceptance_problems(fields)):
            column = _COLUMN.get(problem.column, problem.column)
            self.bad.append(given.place.bad(problem.what, problem.allowed, column))
        claim = fields.get("claim_id")
        if claim is None:
            return None, given, fields
        return self._claims.place_of(Remark(claim, {}, given.place)), given, fields

    def _number(self, field: str, name: str, given: Acceptance) -> int:
        """The number of the row of that name: of a source that was merged, its own."""
        number = self._naming.reference(field, name, given.at(_COLUMN[field]), self.bad)
        if number is not None and field == "source_id":
            number = self._naming.row_number(self._gathered.things["source"][name])
        # Minus one keeps a refused name from being told as a missing one too.
        return -1 if number is None else number

    def tell_apart(self, connection: sa.Connection) -> None:
        """Number what the acceptances are on, and leave out those that are there."""
        there = _there(connection) if self._drafts else {}
        for place, given, fields in self._drafts:
            row = {**fields, "claim_id": None if place is None else self._claims.id_at(place)}
            known = there.get(_key(row))
            if known is None:
                self.rows.append(row)
                continue
            self.present += 1
            said = {field: row.get(field) for field in ("finding", "because", "taken_back")}
            if said != {field: known[field] for field in said}:
                self.notes.append(
                    f"{given.place.file}, line {given.place.line}: the finding of "
                    f"{shown(row['check_name'])} is accepted otherwise in the ledger; not changed"
                )


def _there(connection: sa.Connection) -> dict[tuple[Any, ...], Any]:
    table = schema.acceptance
    rows = connection.execute(sa.select(table).order_by(table.c.id)).mappings()
    return {_key(dict(row)): row for row in rows}


def _key(row: Fields) -> tuple[Any, ...]:
    return (row["check_name"], *(row.get(subject) for subject in _SUBJECTS))
