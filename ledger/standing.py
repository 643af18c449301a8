"""How a proposition stands right now: who affirms, denies, withholds; small and without pandas.

What `add` says when it is done and `show` says of a claim's neighbours. Counted in sources, one
position each; independence, which is counted in origins, is the reports' to tell.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from ledger import schema
from ledger.model import SIDE_OF, WITHDRAWN, Side


@dataclass(frozen=True, slots=True)
class Standing:
    """Sources by the side of their newest stance."""

    affirmed: int
    denied: int
    withheld: int

    def __str__(self) -> str:
        """In one line: affirmed by 4 sources, denied by 2, withheld by 3."""
        sources = "source" if self.affirmed == 1 else "sources"
        return (
            f"affirmed by {self.affirmed} {sources}, denied by {self.denied}, "
            f"withheld by {self.withheld}"
        )


def standing(connection: sa.Connection, proposition_id: int) -> Standing:
    """How many sources affirm, deny and withhold a proposition, by their newest stance."""
    sides = [SIDE_OF[stance] for _, stance in positions(connection, proposition_id).values()]
    return Standing(
        sides.count(Side.AFFIRMS), sides.count(Side.DENIES), sides.count(Side.WITHHOLDS)
    )


def positions(connection: sa.Connection, proposition_id: int) -> dict[int, tuple[int, str]]:
    """Each source's position on a proposition: the number and stance of its newest claim.

    Newest is by the day it was said, or else published, then by number; a claim without either
    counts as the oldest, since nothing shows that it came after one that has a day.
    """
    claim, document = schema.claim, schema.document
    rows = connection.execute(
        sa.select(claim.c.source_id, claim.c.id, claim.c.stance)
        .outerjoin_from(claim, document, claim.c.document_id == document.c.id)
        .where(claim.c.proposition_id == proposition_id, claim.c.status != WITHDRAWN)
        .order_by(
            sa.func.coalesce(claim.c.stated_on, document.c.published_on).asc().nulls_first(),
            claim.c.id,
        )
    )
    return {row.source_id: (row.id, row.stance) for row in rows}
