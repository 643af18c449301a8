"""What agreement asks the database: reports tallied by what they say, summed up in SQL.

No frames: a million claims come back as some tallies a proposition. What counts as a report
and what the measures are, `ledger.reports.agreement` and `ledger.reports.measures` tell.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import sqlalchemy as sa

from ledger import schema
from ledger.model import SIDE_OF, WITHDRAWN, Kind, Precision, Side
from ledger.reports.filters import Chosen
from ledger.reports.measures import Group

#: The variables of every claim, and those of the affirmed figures of a count.
WORDS, NUMBERS = ("side", "stance"), ("low", "high")

_AFFIRMING = [stance for stance, side in SIDE_OF.items() if side is Side.AFFIRMS]


class Of(NamedTuple):
    """What is measured: a thing (its number or word; None: all, or none), a variable, a unit."""

    key: Any
    variable: str
    unit: str | None


#: The groups of each, and how many different values they give together.
Measured = dict[Of, tuple[Sequence[Group], int]]


class Tally(NamedTuple):
    """How many reports of one proposition give each value of one variable."""

    of: Of
    proposition: int
    counts: dict[Any, int]


class _Asked(NamedTuple):
    """What is asked; `within` is what claims must be before it is known which are the newest."""

    chosen: Chosen
    by: str
    each: str
    within: list[sa.ColumnElement[bool]]


def tallies(connection: sa.Connection, chosen: Chosen, by: str, each: str) -> Iterator[Tally]:
    """The tallies of the reports that `chosen` leaves; `contested` is not asked here.

    `by` says what the key is: nothing (`all`), the number of the event or proposition, or the side
    or kind of the source. `each` is `claim` or `position`.
    """
    within = standing(connection)
    if (only := chosen.propositions()) is not None:
        within.append(schema.claim.c.proposition_id.in_(only))
    asked = _Asked(chosen, by, each, within)
    said = connection.execute(_words(asked))
    for (proposition, key), rows in groupby(said, key=itemgetter(0, 1)):
        stances = {stance: reports for _, _, stance, reports in rows}
        sides: dict[str, int] = {}
        for stance, reports in stances.items():
            side = SIDE_OF[stance].value
            sides[side] = sides.get(side, 0) + reports
        yield Tally(Of(key, "stance", None), proposition, stances)
        yield Tally(Of(key, "side", None), proposition, sides)
    figures = connection.execute(_figures(asked))
    for (proposition, key, unit), rows in groupby(figures, key=itemgetter(0, 1, 2)):
        ends: tuple[dict[Any, int], dict[Any, int]] = ({}, {})
        for *_, low, high, reports in rows:
            for counts, value in zip(ends, (low, high), strict=True):
                counts[value] = counts.get(value, 0) + reports
        for variable, counts in zip(NUMBERS, ends, strict=True):
            yield Tally(Of(key, variable, unit), proposition, counts)


def since() -> sa.ColumnElement[Any]:
    """The first day that a claim may have been said, else that its document was published.

    The document is looked up only where the claim has no day, so that an index is all that is read.
    """
    claim, document = schema.claim, schema.document
    published = sa.select(document.c.published_on).where(document.c.id == claim.c.document_id)
    return sa.func.coalesce(claim.c.stated_on, published.scalar_subquery())


def standing(connection: sa.Connection) -> list[sa.ColumnElement[bool]]:
    """That a claim is not withdrawn; nothing where none is.

    To ask it of each of a million claims takes longer than to find that out.
    """
    claim = schema.claim
    withdrawn = sa.select(claim.c.id).where(_withdrawn(claim)).order_by(claim.c.id)
    if connection.execute(withdrawn.limit(1)).first() is None:
        return []
    return [sa.not_(of_few(connection, _withdrawn))]


def _withdrawn(claim: sa.FromClause) -> sa.ColumnElement[bool]:
    return claim.c.status == WITHDRAWN


def of_few(
    connection: sa.Connection, fits: Callable[[sa.FromClause], sa.ColumnElement[bool]]
) -> sa.ColumnElement[bool]:
    """That a claim `fits` what few do, asked so that it is quick to ask it of all claims.

    A file answers much from indexes alone: there, by the index that holds those few. A server reads
    the claims themselves in any case, and sees it as it passes.
    """
    if connection.dialect.name == "postgresql":
        return fits(schema.claim)
    few = schema.claim.alias("few")
    return schema.claim.c.id.in_(sa.select(few.c.id).where(fits(few)))


def unsought(connection: sa.Connection, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """A whole number by which a file is not to look rows up, though it has an index of it.

    That index would have each row read from the table, and another would not. A server knows how
    many rows there are, and chooses by itself.
    """
    return column if connection.dialect.name == "postgresql" else column + 0


def fits(chosen: Chosen, claim: sa.FromClause) -> list[sa.ColumnElement[bool]]:
    """That a claim (a row with id, source_id and stance) is as the filters on claims ask."""
    conditions: list[sa.ColumnElement[bool]] = []
    if chosen.source is not None:
        conditions.append(claim.c.source_id == chosen.source)
    if chosen.stance is not None:
        conditions.append(claim.c.stance == chosen.stance)
    if chosen.side is not None:
        of_side = [stance for stance, side in SIDE_OF.items() if side == chosen.side]
        conditions.append(claim.c.stance.in_(of_side))
    within = list(_said_within(chosen))
    if chosen.status is not None:
        within.append(schema.claim.c.status == chosen.status)
    if within:
        conditions.append(claim.c.id.in_(sa.select(schema.claim.c.id).where(*within)))
    return conditions


def _said_within(chosen: Chosen) -> Iterator[sa.ColumnElement[bool]]:
    precision = sa.func.coalesce(schema.claim.c.stated_precision, Precision.DAY.value)
    if chosen.first is not None:
        yield sa.or_(
            *(
                sa.and_(precision == exact.value, since() >= day)
                for exact, day in chosen.earliest.items()
            )
        )
    if chosen.last is not None:
        yield since() <= chosen.last


def _reports(asked: _Asked, *, counts: bool) -> sa.Subquery:
    """The claims that are compared, with what they say; on counts alone if `counts`."""
    claim, table = schema.claim, schema.proposition
    columns = (claim.c.low, claim.c.high) if counts else ()
    within = list(asked.within)
    if counts:
        kind = sa.select(table.c.id).where(table.c.kind == Kind.COUNT.value)
        within.append(claim.c.proposition_id.in_(kind))
    if asked.each == "claim":
        found = sa.select(*_said(), *columns).where(*within).subquery("said")
        return sa.select(found).where(*fits(asked.chosen, found)).subquery("report")
    found = sa.select(*_said(), *columns, _following()).where(*within).subquery("said")
    newest = found.c.following.is_distinct_from(found.c.source_id)
    return sa.select(found).where(newest, *fits(asked.chosen, found)).subquery("report")


def _said() -> tuple[sa.ColumnElement[Any], ...]:
    claim = schema.claim
    return claim.c.id, claim.c.proposition_id, claim.c.source_id, claim.c.stance


def _following() -> sa.ColumnElement[Any]:
    """Whose claim on the proposition follows: its own source's, unless it is that one's newest."""
    claim = schema.claim
    return (
        sa.func.lead(claim.c.source_id)
        .over(
            partition_by=claim.c.proposition_id,
            order_by=(claim.c.source_id, since().asc().nulls_first(), claim.c.id),
        )
        .label("following")
    )


def _tally(asked: _Asked) -> sa.Subquery:
    """How many reports of each proposition (and side or kind of source) take which stance."""
    of_source = asked.by in ("side", "kind")
    if asked.each == "position" and not of_source and not asked.chosen.asks_of_claims:
        return _newest_tally(asked.within)
    report = _reports(asked, counts=False)
    key, tables = _key(asked.by, report)
    return (
        sa.select(
            report.c.proposition_id,
            key.label("key"),
            report.c.stance,
            sa.func.count().label("reports"),
        )
        .select_from(tables)
        .group_by(report.c.proposition_id, report.c.stance, key)
        .subquery("tally")
    )


def _newest_tally(within: list[sa.ColumnElement[bool]]) -> sa.Subquery:
    """The same of all positions, faster: all claims less those that a newer one supersedes.

    An index holds all claims by proposition and stance, and few are superseded, so that it is only
    these which have to be put in order.
    """
    claim = schema.claim
    pair = (claim.c.proposition_id, claim.c.source_id)
    several = sa.select(*pair).where(*within).group_by(*pair)
    # Else it is made twice, once for each column of the pair.
    again = several.having(sa.func.count() > 1).cte("again").prefix_with("MATERIALIZED")
    found = (
        sa.select(*_said(), _following())
        .where(*within, sa.tuple_(*pair).in_(sa.select(again)))
        .subquery("said")
    )
    old = (
        sa.select(found.c.proposition_id, found.c.stance, (-sa.func.count()).label("reports"))
        .where(found.c.following == found.c.source_id)
        .group_by(found.c.proposition_id, found.c.stance)
    )
    whole = (
        sa.select(claim.c.proposition_id, claim.c.stance, sa.func.count().label("reports"))
        .where(*within)
        .group_by(claim.c.proposition_id, claim.c.stance)
    )
    both = whole.union_all(old).subquery("both")
    return (
        sa.select(
            both.c.proposition_id,
            _NO_KEY.label("key"),
            both.c.stance,
            # A server adds counts up to a number with decimals.
            sa.cast(sa.func.sum(both.c.reports), schema.Whole).label("reports"),
        )
        .group_by(both.c.proposition_id, both.c.stance)
        .having(sa.func.sum(both.c.reports) > 0)
        .subquery("tally")
    )


#: With a type: a server groups by nothing else.
_NO_KEY: sa.ColumnElement[Any] = sa.cast(sa.null(), schema.Whole)


def _key(by: str, report: sa.FromClause) -> tuple[sa.ColumnElement[Any], sa.FromClause]:
    """What of their source the reports are put together by, and the tables that hold it."""
    if by not in ("side", "kind"):
        return _NO_KEY, report
    source = schema.source
    return source.c[by], report.join(source, report.c.source_id == source.c.id)


def _words(asked: _Asked) -> sa.Select[Any]:
    """By proposition and key: how many reports take each stance."""
    table, tally = schema.proposition, _tally(asked)
    keys = {"event": table.c.event_id, "proposition": table.c.id}
    key = keys.get(asked.by, tally.c.key)
    return (
        sa.select(tally.c.proposition_id, key, tally.c.stance, tally.c.reports)
        .join_from(tally, table, tally.c.proposition_id == table.c.id)
        .order_by(tally.c.proposition_id, key.asc().nulls_first(), tally.c.stance)
    )


def _figures(asked: _Asked) -> sa.Select[Any]:
    """By proposition, key and unit: how many reports affirm each range of a count."""
    report, table = _reports(asked, counts=True), schema.proposition
    key, tables = _key(asked.by, report)
    figure = (
        sa.select(
            report.c.proposition_id,
            key.label("key"),
            report.c.low,
            report.c.high,
            sa.func.count().label("reports"),
        )
        .select_from(tables)
        .where(report.c.stance.in_(_AFFIRMING))
        .where(sa.or_(report.c.low.is_not(None), report.c.high.is_not(None)))
        .group_by(report.c.proposition_id, key, report.c.low, report.c.high)
        .subquery("figure")
    )
    keys = {"event": table.c.event_id, "proposition": table.c.id}
    key = keys.get(asked.by, figure.c.key)
    return (
        sa.select(
            figure.c.proposition_id,
            key,
            table.c.unit,
            figure.c.low,
            figure.c.high,
            figure.c.reports,
        )
        .join_from(figure, table, figure.c.proposition_id == table.c.id)
        .order_by(
            figure.c.proposition_id,
            *(each.asc().nulls_first() for each in (key, figure.c.low, figure.c.high)),
        )
    )
