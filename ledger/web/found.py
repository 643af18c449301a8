"""What several pages look up: the one row that an address names, a report's rows, other names."""

from typing import Any

import sqlalchemy as sa

from ledger.errors import NotFoundError
from ledger.reports import REPORTS
from ledger.rules import shown
from ledger.views import ALIASES, View


def one(connection: sa.Connection, view: View, column: str, key: Any) -> dict[str, Any]:
    """The row of a public view whose `column` is `key`; NotFoundError where there is none."""
    table = view.table
    found = connection.execute(sa.select(table).where(table.c[column] == key).order_by(column))
    row = found.mappings().first()
    if row is None:
        what = view.name.removesuffix("s")
        raise NotFoundError(
            f"there is no {what} {shown(str(key))}",
            "it may have been recorded later, or have another name: see the index of names",
        )
    return dict(row)


def reported(connection: sa.Connection, name: str, **filters: Any) -> list[dict[str, Any]]:
    """The rows of a report by column."""
    report = REPORTS[name]
    rows, _ = report.answer(connection, **filters)
    return [dict(zip(report.columns, row, strict=True)) for row in rows]


def other_names(connection: sa.Connection) -> dict[int, list[str]]:
    """What sources are called otherwise, by the source's number; in the order of the alphabet."""
    table = ALIASES.table
    found: dict[int, list[str]] = {}
    for row in connection.execute(sa.select(table).order_by(table.c.alias)):
        found.setdefault(row.id, []).append(row.alias)
    return found
