"""The board of some propositions: who stands where on each, the first few of every camp.

What is contested, and one origin, is the docket's to say. The whole of every proposition is told by
`ledger.reports.versus`; this is for who looks at a page of very many.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import sqlalchemy as sa

from ledger import schema
from ledger.model import Kind, Side
from ledger.neighbours import batches
from ledger.reports.docket import Docket, docket, instead
from ledger.reports.filters import Filters, choose
from ledger.reports.frames import ranged
from ledger.reports.tallies import fits, standing
from ledger.reports.versus import answered_by, denied_range, findings

#: How many claims are asked for by number at once.
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Holder:
    """What one source holds: its newest claim's stance, its range and number words.

    `instead`: slug of the proposition whose claim it answers by denying only this one.
    """

    claim: int
    source: str
    stance: str
    range: str | None
    wording: str | None
    instead: str | None


@dataclass(frozen=True, slots=True)
class Glance:
    """A proposition and who stands where on it.

    `held`: how many sources hold each side; `first`: the first of them by date, then name, undated
    last; `origins`: independent ones of those who affirm, deny and withhold.
    """

    number: int
    slug: str
    event: str | None
    text: str
    kind: str
    verdict: str
    finding: str | None
    contested: bool
    circular: bool
    answered_by: str | None
    claims: int
    origins: Mapping[Side, int]
    held: Mapping[Side, int]
    first: Mapping[Side, Sequence[Holder]]


#: Which column of the report `versus` counts a side's origins.
ORIGINS = {
    Side.AFFIRMS: "affirmed_origins",
    Side.DENIES: "denied_origins",
    Side.WITHHOLDS: "withheld_origins",
}


def chosen(connection: sa.Connection, **filters: Any) -> list[int]:
    """The numbers of the propositions that the filters choose, in the order of every report.

    `filters` as in `ledger.reports.filters.Filters`. Only `contested` has the claims read and
    judged. Raises NotFoundError for a filter that names nothing.
    """
    if filters.get("contested") is not None:
        return [int(number) for number in docket(connection, **filters).propositions.index]
    asked, table, claim = choose(connection, **filters), schema.proposition, schema.claim
    question = sa.select(table.c.id)
    if (only := asked.propositions()) is not None:
        question = question.where(table.c.id.in_(only))
    if asked.asks_of_claims:
        said = sa.select(claim.c.proposition_id).where(*standing(connection), *fits(asked, claim))
        question = question.where(table.c.id.in_(said))
    question = question.order_by(table.c.event_id.asc().nulls_last(), table.c.id)
    return list(connection.execute(question).scalars())


def glance(connection: sa.Connection, numbers: Collection[int], *, most: int) -> list[Glance]:
    """The propositions of these numbers, in the order of every report; of a camp `most` are named.

    One row a proposition.
    """
    asked: Filters = {"among": numbers}
    read = docket(connection, **asked)
    positions = read.positions[read.positions["proposition"].isin(read.propositions.index)]
    by = ["proposition", "side"]
    held: dict[Any, int] = dict(positions.groupby(by).size().items())
    said: dict[Any, int] = dict(read.claims.groupby("proposition").size().items())
    first = _holders(connection, read, positions.groupby(by, sort=False).head(most))
    answered = answered_by(read)
    told: Any = zip(
        read.propositions.index.tolist(),
        read.propositions.to_dict("records"),
        findings(read.propositions),
        strict=True,
    )
    return [
        Glance(
            number=number,
            slug=row["proposition"],
            event=row["event"],
            text=row["text"],
            kind=row["kind"],
            verdict=row["verdict"],
            finding=finding,
            contested=bool(row["contested"]),
            circular=bool(row["circular"]),
            answered_by=answered.get(number),
            claims=int(said.get(number, 0)),
            origins={side: int(row[column]) for side, column in ORIGINS.items()},
            held={side: int(held.get((number, side.value), 0)) for side in Side},
            first={side: first.get((number, side.value), ()) for side in Side},
        )
        for number, row, finding in told
    ]


def _holders(
    connection: sa.Connection, read: Docket, positions: pd.DataFrame
) -> dict[tuple[int, str], list[Holder]]:
    """The positions given as holders, by proposition and side."""
    kinds: dict[Any, str] = read.propositions["kind"].to_dict()
    words = _wordings(connection, positions["claim"].tolist())
    columns = ("proposition", "side", "claim", "name", "stance", "low", "high", "worded")
    rows = zip(
        *(positions[name].tolist() for name in columns),
        instead(positions, read.positions).tolist(),
        positions["answered"].tolist(),
        strict=True,
    )
    found: dict[tuple[int, str], list[Holder]] = {}
    for proposition, side, claim, name, stance, low, high, worded, other, answered in rows:
        range_ = None
        if kinds[proposition] == Kind.COUNT.value:
            if side == Side.DENIES.value:
                range_ = denied_range(stance, low, high, worded)
            elif low == low or high == high:
                range_ = str(ranged(low, high))
        holder = Holder(
            claim, name, stance, range_, words.get(claim), read.slugs[answered] if other else None
        )
        found.setdefault((proposition, side), []).append(holder)
    return found


def _wordings(connection: sa.Connection, claims: Sequence[int]) -> dict[int, str]:
    """The number words of claims that have them, by the claim's number."""
    claim = schema.claim
    found: dict[int, str] = {}
    for some in batches(sorted(claims), _BATCH):
        question = sa.select(claim.c.id, claim.c.wording).where(
            claim.c.id.in_(some), claim.c.wording.is_not(None)
        )
        found |= {row.id: row.wording for row in connection.execute(question.order_by(claim.c.id))}
    return found
