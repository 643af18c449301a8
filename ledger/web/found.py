"""The one row that an address names, and nothing that is merely like it."""

from typing import Any

import sqlalchemy as sa

from ledger.errors import NotFoundError
from ledger.rules import shown
from ledger.views import View


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
