"""What a ledger holds and a form of export cannot carry: counted, and said."""

from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.model import UNREVIEWED


def not_in_claims(connection: sa.Connection) -> list[str]:
    """What the ledger holds and claims have no place for."""
    texts = sa.select(sa.func.count()).where(schema.document.c.text.is_not(None))
    grounds = sa.select(sa.func.count(schema.evidence.c.id))
    accepted = sa.select(sa.func.count(schema.acceptance.c.id))
    receipts = sa.select(sa.func.count(schema.receipt.c.id))
    instead = "export a folder to keep them"
    return left_out(
        (_count(connection, texts), "attached text", instead),
        (_earlier_assessments(connection), "earlier assessment", instead),
        (_count(connection, grounds), "ground", instead),
        (_count(connection, accepted), "accepted finding", instead),
        (_count(connection, receipts), "receipt", instead),
    )


def left_out(*each: tuple[int, str, str]) -> list[str]:
    """A note for each kind of thing that an export could not carry: how many, of what, and why."""
    return [
        f"left out: {_many(number, what)}{'; ' if why else ''}{why}"
        for number, what, why in each
        if number
    ]


def _earlier_assessments(connection: sa.Connection) -> int:
    """How many assessments were made of claims, but for those that still stand.

    Only a claim with an older version can have one, so no other is looked at: this is the view
    `assessments`, narrowed.
    """
    now, then = schema.claim, schema.claim_history
    changed = sa.select(then.c.id)
    columns = ("id", "entry_id", "status", "because")
    version = sa.union_all(
        sa.select(*(now.c[name] for name in columns)).where(now.c.id.in_(changed)),
        sa.select(*(then.c[name] for name in columns)),
    ).subquery()

    def before(column: sa.ColumnElement[Any], otherwise: str) -> sa.ColumnElement[Any]:
        lagging = sa.func.lag(column).over(partition_by=version.c.id, order_by=version.c.entry_id)
        return sa.func.coalesce(lagging, otherwise)

    step = sa.select(
        sa.or_(
            version.c.status != before(version.c.status, UNREVIEWED),
            sa.func.coalesce(version.c.because, "") != before(version.c.because, ""),
        ).label("assessed")
    ).subquery()
    assessed = sa.select(sa.func.count()).select_from(step).where(step.c.assessed)
    standing = sa.select(sa.func.count()).where(
        now.c.id.in_(changed), sa.or_(now.c.status != UNREVIEWED, now.c.because.is_not(None))
    )
    return _count(connection, assessed) - _count(connection, standing)


def _count(connection: sa.Connection, query: sa.Executable) -> int:
    return int(connection.execute(query).scalar_one())


def _many(number: int, what: str) -> str:
    first, _, rest = what.partition(" that ")
    told = f"{number} {first}{'s' if number > 1 else ''}"
    return f"{told} that {rest}" if rest else told
