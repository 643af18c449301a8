"""Turns the rows of grounds.csv into evidence: what the status of a claim rests on."""

from collections import Counter
from typing import Any

import sqlalchemy as sa

from ledger import rules, schema
from ledger.errors import BadRow
from ledger.exchange.claiming import Claims
from ledger.exchange.describing import Fields
from ledger.exchange.gathering import Gathered, Place, Remark
from ledger.exchange.known import chunks
from ledger.exchange.naming import Naming
from ledger.exchange.tables import GROUNDS

_COLUMN = {column.field: column.name for column in GROUNDS.own}


class Grounds:
    """The grounds of the files: `rows` to be written, `present` those that are there."""

    def __init__(self, gathered: Gathered, naming: Naming, claims: Claims) -> None:
        self.bad: list[BadRow] = []
        self.rows: list[Fields] = []
        self.present = 0
        self._claims = claims
        self._drafts = [self._drafted(remark, naming) for remark in gathered.grounds]

    def _drafted(self, remark: Remark, naming: Naming) -> tuple[int | None, int | None, Fields]:
        """The places of the claim and of the claim that it rests on, and the rest of the row."""
        fields: Fields = dict(remark.values)
        claim, on_claim = self._claims.place_of(remark), fields.pop("on_claim_id", None)
        if "on_document_id" in fields:
            here = Place(remark.place.file, remark.place.line, "on_document")
            name = str(fields["on_document_id"])
            fields["on_document_id"] = naming.reference("on_document_id", name, here, self.bad)
        row = {"claim_id": remark.claim, "on_claim_id": on_claim, **fields}
        for problem in (*rules.text_problems(row), *rules.evidence_problems(row)):
            column = _COLUMN.get(problem.column, problem.column)
            self.bad.append(remark.place.bad(problem.what, problem.allowed, column))
        return claim, None if on_claim is None else self._claims.place_of(remark, on_claim), fields

    def tell_apart(self, connection: sa.Connection) -> None:
        """Number what the grounds point to, and leave out those that are there."""
        rows: list[Fields] = []
        for claim, on_claim, fields in self._drafts:
            if claim is not None:
                on = None if on_claim is None else self._claims.id_at(on_claim)
                rows.append({"claim_id": self._claims.id_at(claim), "on_claim_id": on, **fields})
        there = _there(connection, sorted({row["claim_id"] for row in rows}))
        for row in rows:
            if there[_content(row)]:
                there[_content(row)] -= 1
                self.present += 1
            else:
                self.rows.append(row)


def _there(connection: sa.Connection, claims: list[int]) -> Counter[tuple[Any, ...]]:
    table = schema.evidence
    found: Counter[tuple[Any, ...]] = Counter()
    for some in chunks(claims):
        query = sa.select(table).where(table.c.claim_id.in_(some)).order_by(table.c.id)
        found.update(_content(dict(row)) for row in connection.execute(query).mappings())
    return found


def _content(row: Fields) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in ("claim_id", "on_claim_id", "on_document_id", "note"))
