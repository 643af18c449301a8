"""The claims of a dossier: each with its words, where they stand, and what they rest on."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from ledger import views
from ledger.dossier.values import Answered, Branch, Document, Said, Shift
from ledger.model import WITHDRAWN, Side
from ledger.neighbours import batches
from ledger.reports.filters import Filters
from ledger.reports.frames import plain_rows
from ledger.reports.lineage import lineage
from ledger.reports.positions import positions

Row = dict[str, Any]

#: How many rows are asked for by number at once.
_BATCH = 500


def rows_of(frame: Any) -> Iterator[Row]:
    """The rows of a report's frame by column, None for what is missing."""
    names = list(frame.columns)
    return (dict(zip(names, row, strict=True)) for row in plain_rows(frame))


def claims_on(connection: sa.Connection, column: str, slugs: Collection[str]) -> list[Row]:
    """The rows of the view `claims` where `column` (event or proposition) is one of `slugs`.

    Withdrawn ones are left out; by number.
    """
    claims = views.CLAIMS.table
    found: list[Row] = []
    for some in batches(sorted(slugs), _BATCH):
        question = (
            sa.select(claims)
            .where(claims.c[column].in_(some), claims.c.status != WITHDRAWN)
            .order_by(claims.c.claim)
        )
        found += [dict(row) for row in connection.execute(question).mappings()]
    return sorted(found, key=itemgetter("claim"))


def said(
    connection: sa.Connection,
    rows: Sequence[Row],
    documents: Mapping[str, Document],
    asked: Filters,
) -> tuple[dict[str, list[Said]], dict[str, list[Branch]]]:
    """The claims of each proposition by side, then date; and their chain of origins."""
    chains = {row["claim"]: row for row in rows_of(lineage(connection, **asked))}
    shifts = dict(_shifts(rows_of(positions(connection, **asked))))
    answered = _answered(connection, rows)
    grounds = _grounds(connection, [row["claim"] for row in rows])
    by_number = {row["claim"]: row for row in rows}
    claims: dict[str, list[Said]] = {}
    for row in rows:
        number, chain = row["claim"], chains[row["claim"]]
        document = documents.get(row["document"])
        newer = by_number.get(chain["newer"])
        claims.setdefault(row["proposition"], []).append(
            Said(
                claim=number,
                **{name: row[name] for name in _SAME},
                side=Side(row["side"]),
                range=chain["range"],
                before=row["quote_prefix"],
                after=row["quote_suffix"],
                said_on=row["stated_on"],
                document=document,
                answers=answered.get(row["answers"]),
                instead=row["non_denial_of"],
                origin=chain["origin"],
                circular=chain["circular"],
                shift=shifts.get(number),
                newer=chain["newer"],
                replaced=newer is not None and _stance(newer) != _stance(row),
                grounds=tuple(grounds.get(number, ())),
            )
        )
    order = {side: place for place, side in enumerate(Side)}
    for found in claims.values():
        found.sort(key=lambda claim: (order[claim.side], claim.since or "~", claim.claim))
    trees: dict[str, list[Branch]] = {}
    for row in chains.values():
        values = {name: row[name] for name in _BRANCH}
        trees.setdefault(row["proposition"], []).append(Branch(**values))
    return claims, trees


_SAME = (
    "source", "source_kind", "source_side", "member_of", "stance", "wording", "quote", "via",
    "attribution", "basis", "repeats", "status", "because", "note",
)  # fmt: skip
_BRANCH = (
    "depth", "claim", "source", "stance", "range", "since", "link", "origin", "circular",
)  # fmt: skip


def _stance(row: Row) -> tuple[Any, ...]:
    return row["side"], row["low"], row["high"], row["wording"]


def _shifts(steps: Iterable[Row]) -> Iterator[tuple[int, Shift]]:
    """The claims by which a source changed sides."""
    for step in steps:
        if step["shift"]:
            first = int(step["claims"].split(", ")[0])
            after = None if step["unsure"] else step["after"]
            yield first, Shift(step["before"], step["before_range"], step["unsure"], after)


def _answered(connection: sa.Connection, rows: Sequence[Row]) -> dict[int, Answered]:
    """The claims that are answered, by number."""
    claims = views.CLAIMS.table
    told = {}
    numbers = sorted({row["answers"] for row in rows} - {None})
    columns = (claims.c.claim, claims.c.source, claims.c.stance, claims.c.proposition)
    for some in batches(numbers, _BATCH):
        question = sa.select(*columns, claims.c.status).where(claims.c.claim.in_(some))
        for row in connection.execute(question.order_by(claims.c.claim)):
            gone = " (withdrawn)" if row.status == WITHDRAWN else ""
            line = f"{row.source} {row.stance} {row.proposition}{gone}"
            told[row.claim] = Answered(row.claim, row.proposition, line)
    return told


def _grounds(connection: sa.Connection, numbers: Sequence[int]) -> dict[int, list[str]]:
    """What each claim's status rests on, in words."""
    grounds = views.GROUNDS.table
    found: dict[int, list[str]] = {}
    for some in batches(numbers, _BATCH):
        question = sa.select(grounds).where(grounds.c.claim.in_(some))
        question = question.order_by(grounds.c.claim, grounds.c.entry, grounds.c.on_claim)
        for row in connection.execute(question):
            on = f"claim {row.on_claim}" if row.on_claim is not None else row.on_document
            note = f" – {row.note}" if row.note else ""
            found.setdefault(row.claim, []).append(f"{on}{note}")
    return found
