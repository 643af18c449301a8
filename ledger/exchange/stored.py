"""The ledger's rows as the cells of a file: numbers become names, values become text."""

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from ledger import schema, wording
from ledger.exchange.cells import OPEN, joined, written
from ledger.exchange.gathering import POINTS_TO
from ledger.exchange.tables import CLAIM, TEXT_FILE, Column, Subject
from ledger.model import Precision
from ledger.stored import raw as as_stored
from ledger.stored import rows_of

Fields = Mapping[Any, Any]

#: How many rows the database hands over at a time.
_AT_ONCE = 1000
#: Read where it is wanted, one at a time.
_LONG = schema.document.c.text
#: How much of a date is said, by how exactly it is known.
LENGTHS = {Precision.YEAR: 4, Precision.MONTH: 7, Precision.DAY: 10}


class Things:
    """Every source, event, proposition and document of a ledger, without texts, by number."""

    def __init__(self, connection: sa.Connection) -> None:
        self.rows: dict[str, dict[int, Fields]] = {
            table: _by_number(connection, table)
            for table in ("source", "event", "proposition", "document")
        }
        self._aliases: dict[int, list[str]] = {}
        alias = schema.source_alias
        for number, name in connection.execute(
            sa.select(alias.c.source_id, alias.c.name).order_by(alias.c.id)
        ):
            self._aliases.setdefault(number, []).append(name)
        self._merged: dict[int, list[str]] = {}
        for row in self.rows["source"].values():
            if row["merged_into_id"] is not None:
                self._merged.setdefault(row["merged_into_id"], []).append(row["name"])

    def name(self, table: str, number: int) -> str:
        """What a thing goes by: a source's name, another thing's slug."""
        return str(self.rows[table][number]["name" if table == "source" else "slug"])

    def cells(
        self,
        subject: Subject,
        number: int,
        *,
        merged_names: bool = False,
        texts: Mapping[int, str] | None = None,
    ) -> list[str]:
        """The cells of a thing in its subject's columns, its own name aside.

        `merged_names` counts the sources merged into a source among its other names; `texts` says
        in which file a document's text is.
        """
        row = self.rows[subject.table][number]
        cells = []
        for column in subject.columns:
            if column.field == "aliases":
                more = self._merged.get(number, []) if merged_names else []
                cells.append(joined([*self._aliases.get(number, []), *more]))
            elif column is TEXT_FILE:
                cells.append((texts or {}).get(number, ""))
            else:
                cells.append(self.value(row, column))
        return cells

    def value(self, row: Fields, column: Column) -> str:
        """One cell of a row: the name of what it points to, or the value as text."""
        value = row[column.field]
        if value is not None and column.field in POINTS_TO:
            return self.name(POINTS_TO[column.field], value)
        return written(value)


def claims(connection: sa.Connection) -> Iterator[Fields]:
    """Every claim in the order of their numbers, a thousand at a time."""
    table = schema.claim
    columns = [table.c[name] for name in (*(c.field for c in CLAIM), "stated_precision")]
    query = sa.select(*columns).order_by(table.c.id).execution_options(yield_per=_AT_ONCE)
    return iter(connection.execute(query).mappings())


def claim_cells(things: Things, claim: Fields) -> list[str]:
    """The cells of a claim in its own columns."""
    cells = {column.name: things.value(claim, column) for column in CLAIM}
    if claim["stated_on"] is not None:
        cells["stated_on"] = cells["stated_on"][: LENGTHS[claim["stated_precision"]]]
    words = claim["wording"]
    if words is not None and not cells["low"] and not cells["high"] and wording.parse(words):
        cells["low"] = OPEN  # the analyst left open what the convention would not
    return list(cells.values())


def _by_number(connection: sa.Connection, name: str) -> dict[int, Fields]:
    table = schema.VERSIONED[name][0]
    columns = [c for c in table.c if c.name not in ("entry_id", "leaf") and c is not _LONG]
    names = [column.name for column in columns]
    rows = rows_of(connection, sa.select(*as_stored(columns)).order_by(table.c.id))
    return {row[0]: dict(zip(names, row, strict=True)) for row in rows}
