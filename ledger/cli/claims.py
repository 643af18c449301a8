"""`list`: claims in rows."""

from typing import Any

import click
import sqlalchemy as sa

from ledger import views
from ledger.cli.filters import Narrowed, claim_filters
from ledger.cli.options import Reader, reading
from ledger.cli.output import Sheet
from ledger.story import told

#: What a table on a screen shows of a claim.
BRIEF = {
    "claim": "#",
    "stated_on": "said on",
    "source": "source",
    "stance": "stance",
    "proposition": "proposition",
    "says": "count",
    "status": "status",
}

#: The same on a screen too narrow for it.
NARROW = {
    "claim": "#",
    "{source}; {stance}": "source",
    "{proposition}; {says}": "proposition",
    "{status}; {stated_on}": "status",
}

_COLUMNS = [*views.CLAIMS.columns, "says"]


@click.command("list", epilog="Example:  ledger list --side denies")
@claim_filters
@click.option("-n", "--limit", type=click.IntRange(1), help="At most so many, the newest first.")
@reading()
def list_command(desk: Reader, limit: int | None, **given: Any) -> None:
    """List claims, in the order they were recorded.

    Withdrawn ones are left out unless --status withdrawn asks for them. Every format but a table
    carries every column of the public view `claims`.
    """
    claims = views.CLAIMS.table
    with desk.open() as connection:
        narrowed = Narrowed.by(connection, claims, **given).conditions
        order = claims.c.claim.desc() if limit else claims.c.claim
        select = sa.select(claims).where(*narrowed).order_by(order).limit(limit)
        desk.write(sheet(desk, connection.execute(select).mappings(), "no claim fits"))


def sheet(desk: Reader, rows: Any, empty: str) -> Sheet:
    """Claims as a sheet: every public column, and in a table the few that fit a screen."""
    table = desk.format in (None, "table")
    columns = _COLUMNS if table else list(views.CLAIMS.columns)
    values = ([*row.values(), told(row)] if table else list(row.values()) for row in rows)
    if not table:
        view = views.CLAIMS
        return Sheet(columns, values, empty=empty, kinds=view.kinds, meanings=view.columns)
    return Sheet(columns, values, BRIEF, empty, narrow=NARROW)
