"""What agreement asks the database: reports tallied by what they say, summed up in SQL.

No frames: a million claims come back as one row a proposition and variable. What counts as a report
and what the measures are, `ledger.reports.agreement` and `ledger.reports.measures` tell.
"""

from collections.abc import Iterator, Sequence
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
    """What the reports of one proposition say in one variable; or, of no proposition, of all.

    Of all that share a `key` and `unit` only `values` is told: how many different values they give.
    `squares` is the sum of the squared deviations from the mean.
    """

    variable: str
    key: Any
    unit: str | None
    proposition: int | None
    reports: int
    values: int
    known: int
    modal: int | None
    squares: float | None
    spread: int | None


class _Asked(NamedTuple):
    """What is asked; `within` is what claims must be before it is known which are the newest."""

    chosen: Chosen
    by: str
    each: str
    within: list[sa.ColumnElement[bool]]


def tallies(connection: sa.Connection, chosen: Chosen, by: str, each: str) -> Iterator[Tally]:
    """The tallies of the reports that `chosen` leaves; `contested` is not asked here.

    `by` says what `key` is: nothing (`all`), the number of the event or proposition, or the side or
    kind of the source. `each` is `claim` or `position`.
    """
    within = standing(connection)
    if (only := chosen.propositions()) is not None:
        within.append(schema.claim.c.proposition_id.in_(only))
    asked = _Asked(chosen, by, each, within)
    for question in (_words(asked), _numbers(asked)):
        for row in connection.execute(question):
            yield Tally(*row)


def since() -> sa.ColumnElement[Any]:
    """The first day that a claim may have been said, else that its document was published.

    The document is looked up only where the claim has no day, so that an index is all that is read.
    """
    claim, document = schema.claim, schema.document
    published = sa.select(document.c.published_on).where(document.c.id == claim.c.document_id)
    return sa.func.coalesce(claim.c.stated_on, published.scalar_subquery())


def standing(connection: sa.Connection) -> list[sa.ColumnElement[bool]]:
    """That a claim is not withdrawn, asked so that an index answers it for all at once.

    Nothing where none is: to ask it of each of a million claims takes longer than to find that out.
    """
    claim, other = schema.claim, schema.claim.alias("withdrawn")
    withdrawn = sa.select(other.c.id).where(other.c.status == WITHDRAWN)
    if connection.execute(withdrawn.order_by(other.c.id).limit(1)).first() is None:
        return []
    return [claim.c.id.not_in(withdrawn)]


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


def _tally(asked: _Asked) -> sa.CTE:
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
        .cte("tally")
    )


def _newest_tally(within: list[sa.ColumnElement[bool]]) -> sa.CTE:
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
            sa.null().label("key"),
            both.c.stance,
            sa.func.sum(both.c.reports).label("reports"),
        )
        .group_by(both.c.proposition_id, both.c.stance)
        .having(sa.func.sum(both.c.reports) > 0)
        .cte("tally")
    )


def _key(by: str, report: sa.FromClause) -> tuple[sa.ColumnElement[Any], sa.FromClause]:
    """What the reports are put together by, and the tables that hold it."""
    if by in ("side", "kind"):
        source = schema.source
        return source.c[by], report.join(source, report.c.source_id == source.c.id)
    if by == "proposition":
        return report.c.proposition_id, report
    return sa.null(), report


def _of_event(by: str, tally: sa.CTE) -> tuple[sa.ColumnElement[Any], sa.FromClause]:
    """The key of a tally: its own, or the event of its proposition."""
    if by == "proposition":
        return tally.c.proposition_id, tally
    if by != "event":
        return tally.c.key, tally
    table = schema.proposition
    return table.c.event_id, tally.join(table, tally.c.proposition_id == table.c.id)


def _words(asked: _Asked) -> sa.Select[Any]:
    """Side and stance: what every claim has."""
    stance, tally = schema.stance, _tally(asked)
    key, tables = _of_event(asked.by, tally)
    word = (
        sa.select(
            sa.literal("stance").label("variable"),
            key.label("key"),
            tally.c.proposition_id,
            tally.c.stance.label("value"),
            tally.c.reports,
        )
        .select_from(tables)
        .union_all(
            sa.select(
                sa.literal("side"),
                key,
                tally.c.proposition_id,
                stance.c.side,
                sa.func.sum(tally.c.reports),
            )
            .select_from(tables.join(stance, tally.c.stance == stance.c.code))
            .group_by(tally.c.proposition_id, stance.c.side, key)
        )
        .cte("word")
    )
    nothing = sa.null()
    parts = [
        sa.select(
            word.c.variable,
            word.c.key,
            nothing.label("unit"),
            word.c.proposition_id,
            sa.func.sum(word.c.reports).label("reports"),
            sa.func.count(),
            sa.func.sum(word.c.reports),
            sa.func.max(word.c.reports),
            nothing,
            nothing,
        ).group_by(word.c.variable, word.c.key, word.c.proposition_id),
        sa.select(
            word.c.variable,
            word.c.key,
            nothing,
            nothing,
            sa.literal(0),
            sa.func.count(word.c.value.distinct()),
            sa.literal(0),
            *[nothing] * 3,
        ).group_by(word.c.variable, word.c.key),
    ]
    return _ordered(parts)


def _numbers(asked: _Asked) -> sa.Select[Any]:
    """Low and high of the figures that are affirmed of counts, unit by unit."""
    report, table = _reports(asked, counts=True), schema.proposition
    key, tables = _key(asked.by, report)
    if asked.by == "event":
        key = table.c.event_id
    figure = (
        sa.select(report.c.proposition_id, key.label("key"), table.c.unit)
        .add_columns(report.c.low, report.c.high)
        .select_from(tables.join(table, report.c.proposition_id == table.c.id))
        .where(report.c.stance.in_(_AFFIRMING))
        .where(sa.or_(report.c.low.is_not(None), report.c.high.is_not(None)))
        .cte("figure")
    )
    group: tuple[Any, ...] = (figure.c.key, figure.c.unit, figure.c.proposition_id)
    told = [
        sa.select(
            sa.literal(name).label("variable"),
            *group,
            figure.c[name].label("value"),
            sa.func.count().label("reports"),
        ).group_by(*group, figure.c[name])
        for name in NUMBERS
    ]
    number = sa.union_all(*told).cte("number")
    group = (number.c.variable, number.c.key, number.c.unit, number.c.proposition_id)
    known = sa.case((number.c.value.is_not(None), number.c.reports), else_=0)
    # Sums of whole numbers could pass what SQLite holds in one; a double cannot.
    value = sa.cast(number.c.value, sa.Double)
    same = (number.c.variable, number.c.proposition_id, number.c.key)
    mean = (
        sa.select(*same, (sa.func.sum(known * value) / sa.func.sum(known)).label("mean"))
        .group_by(*same)
        .cte("mean")
    )
    apart = (value - mean.c.mean) * (value - mean.c.mean)
    nothing = sa.null()
    parts = [
        sa.select(
            *group,
            sa.func.sum(number.c.reports).label("reports"),
            sa.func.count(),
            sa.func.sum(known),
            sa.func.max(known),
            sa.func.sum(known * apart),
            sa.func.max(number.c.value) - sa.func.min(number.c.value),
        )
        .join_from(
            number,
            mean,
            sa.and_(
                *(number.c[name] == mean.c[name] for name in ("variable", "proposition_id")),
                number.c.key.is_not_distinct_from(mean.c.key),
            ),
        )
        .group_by(*group),
        sa.select(
            *group[:3],
            nothing,
            sa.literal(0),
            sa.func.count(number.c.value.distinct())
            + sa.func.max(sa.case((number.c.value.is_(None), 1), else_=0)),
            sa.literal(0),
            *[nothing] * 3,
        ).group_by(*group[:3]),
    ]
    return _ordered(parts)


def _ordered(parts: list[sa.Select[Any]]) -> sa.Select[Any]:
    found = sa.union_all(*parts).subquery("found")
    columns = list(found.c)
    return sa.select(*columns).order_by(*columns[:4])
