"""Sources: each one's record – what it said, what became of it, and whether its grade fits."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from statistics import median
from typing import TYPE_CHECKING, Any, Unpack

import sqlalchemy as sa

from ledger import schema
from ledger.model import SIDE_OF, Outcome, Precision, Side, Verdict
from ledger.reports.filters import Chosen, Filters, choose
from ledger.reports.record import (
    AFFIRMING,
    DENYING,
    FEWEST,
    Record,
    outcome_in_sql,
    verdict_on,
    wilson,
)
from ledger.reports.tallies import fits, of_few, since, standing, unsought

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = {
    "source": "who speaks",
    "kind": "person, organisation, government, armed-actor, outlet, witness, unnamed",
    "member_of": "the source it belongs to",
    "source_side": "the side it stands on",
    "claims": "how many claims it has made (a whole number)",
    "stances": "how often it took which stance: asserts 12, denies 3",
    "affirms": "how many of the claims affirm",
    "denies": "how many deny",
    "withholds": "how many withhold",
    "reports": "how many relay or question without taking a side",
    "withdraws": "how many take an earlier claim back",
    "repeating": "share of the claims that merely repeat another claim, 0 to 1",
    "borne_out": "on how many propositions a claim of it was borne out by the finding",
    "contradicted": "on how many one was contradicted; a proposition on which it has said both is "
    "in both",
    "undecided": "on how many it affirmed or denied something, and none of it is either",
    "record": "that in words: borne out on 3 of 4 (30–95 %), undecided on 2",
    "share": "share of the decided that are borne out, 0 to 1; missing where nothing is decided",
    "share_low": "low end of its 95 % Wilson interval",
    "share_high": "high end of that interval",
    "shifts": "how often it gave up a denial for another side",
    "days_to_shift": "median days from when a denial was first said to the shift, of those where "
    "both are known to the day",
    "reliability": "its Admiralty grade, A to F; F is “cannot be judged”; missing: never graded",
    "graded": "what the record says of the grade: agrees, better or worse than graded, leaves "
    f"open, too few (less than {FEWEST} decided); missing without a grade, and for F",
}

#: What a table on a screen shows of it, with the headings.
BRIEF = {
    "{source:name}; {kind}; {source_side}": "source",
    "stances": "claims",
    "repeating": "repeats",
    "record": "findings",
    "shifts": "denials left",
    "days_to_shift": "after days",
    "{reliability}; {graded}": "grade",
}

_WHOLE = ("claims", "affirms", "denies", "withholds", "reports", "withdraws", "borne_out",
          "contradicted", "undecided", "shifts")  # fmt: skip
_REAL = ("repeating", "share", "share_low", "share_high", "days_to_shift")
#: What the columns hold that hold no text, as `ledger.formats` names it.
KINDS = dict.fromkeys(_WHOLE, "whole") | dict.fromkeys(_REAL, "real")

#: The digits after the point that a share is told with.
PLACES = 3

Row = tuple[Any, ...]
#: What a claim must be to be counted: not withdrawn, and of the sources asked for.
_Kept = list[sa.ColumnElement[bool]]


def sources(connection: sa.Connection, **filters: Unpack[Filters]) -> "pd.DataFrame":
    """Tell each source's record: its claims, their outcome, its shifts, its grade.

    `filters` as in `ledger.reports.filters.Filters`; they choose the sources that have a claim
    which fits them all, and each record is whole: to see it as it was, read the ledger as of then.

    One row a source that has made a claim, most claims first, then by name. Columns as COLUMNS
    tells: text is str or None, numbers of things Int64, shares (rounded to 3 places) and days
    Float64. What an outcome is `ledger.model.outcome` says, the interval and what is said of a
    grade `ledger.reports.record`. Outcomes count propositions and not claims, since a source that
    says one thing nine times is right or wrong once. Raises NotFoundError for a filter that names
    nothing.
    """
    from ledger.reports.answered import answered

    return answered(COLUMNS, KINDS, rows(connection, **filters))


def rows(connection: sa.Connection, **filters: Unpack[Filters]) -> list[Row]:
    """The rows of `sources` as plain values, without a frame."""
    chosen = choose(connection, **filters)
    stands = standing(connection)
    kept = list(stands)
    if chosen != Chosen():
        only = _chosen(connection, chosen, stands, **filters)
        kept.append(schema.claim.c.source_id.in_(only))
    repeats = of_few(connection, lambda claim: claim.c.repeats_id.is_not(None))
    spoken: dict[int, _Spoken] = {}
    for question, read in (
        (_stances(kept, repeats), _Spoken.stance),
        (_outcomes(kept), _Spoken.outcome),
    ):
        for number, *told in connection.execute(question):
            read(spoken.setdefault(number, _Spoken()), *told)
    after = connection.execute(_again(connection, kept))
    for number, said in groupby(after, key=lambda row: row.source_id):
        spoken[number].spoke_again(said)
    described = _described(connection)
    found = [_row(described[number], each) for number, each in spoken.items()]
    claims, name = (list(COLUMNS).index(column) for column in ("claims", "source"))
    return sorted(found, key=lambda row: (-row[claims], row[name]))


@dataclass(slots=True)
class _Spoken:
    """What is counted of one source; `shifts` holds the days of each, None where unknown.

    `again` are the claims that affirm or deny what the source had affirmed or denied before.
    """

    stances: dict[str, int] = field(default_factory=dict)
    repeats: int = 0
    again: int = 0
    right: int = 0
    wrong: int = 0
    decided: int = 0
    shifts: list[int | None] = field(default_factory=list)

    def stance(self, stance: str, claims: int, repeats: int) -> None:
        self.stances[stance] = claims
        self.repeats += repeats

    def outcome(self, right: int, wrong: int, decided: int) -> None:
        self.right, self.wrong, self.decided = right, wrong, decided

    def spoke_again(self, told: Iterator[sa.Row[Any]]) -> None:
        """Take what `_again` tells of the source."""
        for proposition, rows in groupby(told, key=lambda row: row.proposition_id):
            if proposition is None:
                self.again += sum(row.again for row in rows)
            else:
                self.shifts += _left(rows)

    @property
    def sided(self) -> int:
        """On how many propositions it has affirmed or denied something."""
        return self.on(Side.AFFIRMS) + self.on(Side.DENIES) - self.again

    def on(self, side: Side) -> int:
        return sum(count for stance, count in self.stances.items() if SIDE_OF[stance] is side)


def _row(described: sa.Row[Any], spoken: _Spoken) -> Row:
    claims = sum(spoken.stances.values())
    record = Record(spoken.right, spoken.wrong, spoken.sided - spoken.decided)
    low, high = wilson(record.borne_out, record.decided) or (None, None)
    known = [days for days in spoken.shifts if days is not None]
    order = [stance for stance in SIDE_OF if stance in spoken.stances]
    return (
        described.name,
        described.kind,
        described.member_of,
        described.side,
        claims,
        ", ".join(f"{stance} {spoken.stances[stance]}" for stance in order),
        *(spoken.on(side) for side in Side),
        round(spoken.repeats / claims, PLACES),
        record.borne_out,
        record.contradicted,
        record.undecided,
        str(record) or None,
        _share(record.borne_out / record.decided if record.decided else None),
        _share(low),
        _share(high),
        len(spoken.shifts),
        float(median(known)) if known else None,
        described.reliability,
        verdict_on(described.reliability, record),
    )


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, PLACES)


def _described(connection: sa.Connection) -> dict[int, sa.Row[Any]]:
    source, above = schema.source, schema.source.alias("above")
    question = (
        sa.select(source.c.id, source.c.name, source.c.kind, source.c.side, source.c.reliability)
        .add_columns(above.c.name.label("member_of"))
        .outerjoin_from(source, above, source.c.member_of_id == above.c.id)
        .order_by(source.c.id)
    )
    return {row.id: row for row in connection.execute(question)}


def _chosen(connection: sa.Connection, chosen: Chosen, stands: _Kept, **filters: Any) -> list[int]:
    """The sources with a claim that fits the filters."""
    if chosen.contested is not None:
        from ledger.reports.docket import docket, fitting  # pandas, for what is contested

        found = docket(connection, **filters)
        said = found.claims[fitting(found.claims, chosen)]
        said = said[said["proposition"].isin(found.propositions.index)]
        return sorted(set(said["source"].tolist()))
    claim = schema.claim
    question = sa.select(claim.c.source_id).where(*stands, *fits(chosen, claim)).distinct()
    if (only := chosen.propositions()) is not None:
        question = question.where(claim.c.proposition_id.in_(only))
    return list(connection.execute(question.order_by(claim.c.source_id)).scalars())


def _stances(kept: _Kept, repeats: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """By source and stance: claims, and how many of them are `repeats` of another."""
    claim = schema.claim
    return (
        sa.select(
            claim.c.source_id,
            claim.c.stance,
            sa.func.count(),
            sa.func.sum(sa.case((repeats, 1), else_=0)),
        )
        .where(*kept)
        # In this order, an index that holds all of it is read, and not the rows themselves.
        .group_by(claim.c.stance, claim.c.source_id)
        .order_by(claim.c.stance, claim.c.source_id)
    )


def _outcomes(kept: _Kept) -> sa.Select[Any]:
    """By source: propositions with a claim borne out, with one contradicted, with either."""
    claim, proposition, settled = schema.claim, schema.proposition, schema.proposition.alias()
    verdicts = [Verdict.SUPPORTED.value, Verdict.REFUTED.value]
    decided = sa.select(settled.c.id).where(settled.c.verdict.in_(verdicts))
    outcome = outcome_in_sql(claim.c, proposition.c)
    right, wrong = (
        sa.func.max(sa.case((outcome == word.value, 1), else_=0)).label(word.name)
        for word in (Outcome.BORNE_OUT, Outcome.CONTRADICTED)
    )
    became = (
        sa.select(claim.c.source_id, right, wrong)
        .join_from(claim, proposition, claim.c.proposition_id == proposition.c.id)
        .where(claim.c.proposition_id.in_(decided))
        .where(claim.c.stance.in_([*AFFIRMING, *DENYING]), *kept)
        .group_by(claim.c.proposition_id, claim.c.source_id)
        .subquery()
    )
    source, *either = became.c
    columns = [sa.func.sum(each) for each in either]
    ended = sa.or_(*(each == 1 for each in either))
    question = sa.select(source, *columns, sa.func.sum(sa.case((ended, 1), else_=0)))
    return question.group_by(source).order_by(source)


def _again(connection: sa.Connection, kept: _Kept) -> sa.Select[Any]:
    """By source, of the propositions on which it made several claims: what came after the first.

    How many affirm or deny `again`, in rows without a proposition; and each claim on those on which
    it has denied and not only that, in the order of the view `positions`. In one statement, since
    to find out which these are is most of the work.
    """
    claim = schema.claim
    pair = (claim.c.proposition_id, claim.c.source_id)
    sided, denying = (
        sa.func.sum(sa.case((claim.c.stance.in_(stances), 1), else_=0)).label(name)
        for name, stances in (("sided", [*AFFIRMING, *DENYING]), ("denying", DENYING))
    )
    claims = sa.func.count().label("claims")
    several = (
        sa.select(*pair, sided, denying, claims)
        .where(*kept)
        .group_by(*pair)
        .having(claims > 1)
        .cte("several")
        .prefix_with("MATERIALIZED")  # else it is made anew for each of the two
    )
    beyond = sa.func.sum(several.c.sided - 1)
    no_text = sa.cast(sa.null(), sa.Text)
    no_number = sa.cast(sa.null(), schema.Whole)
    counted = (
        sa.select(
            several.c.source_id,
            no_number.label("proposition_id"),
            no_text.label("since"),
            no_number.label("id"),
            no_text.label("stance"),
            no_text.label("precision"),
            sa.cast(beyond, schema.Whole).label("again"),
        )
        .where(several.c.sided > 1)
        .group_by(several.c.source_id)
    )
    turning = (
        sa.select(
            claim.c.source_id,
            claim.c.proposition_id,
            sa.cast(since(), sa.Text),
            claim.c.id,
            claim.c.stance,
            sa.func.coalesce(claim.c.stated_precision, Precision.DAY.value),
            no_number,
        )
        .join_from(
            several,
            claim,
            sa.and_(
                claim.c.proposition_id == several.c.proposition_id,
                unsought(connection, claim.c.source_id) == several.c.source_id,
            ),
        )
        .where(several.c.denying > 0, several.c.denying < several.c.claims, *kept)
    )
    both = counted.union_all(turning).subquery("again")
    order = (both.c.proposition_id, both.c.since, both.c.id)
    return sa.select(both).order_by(both.c.source_id, *(each.asc().nulls_first() for each in order))


def _left(claims: Iterable[sa.Row[Any]]) -> Iterator[int | None]:
    """Each time that a denial was left: the days since it began, of one source's claims on one.

    A denial begins with the first of the denying claims that no other comes between; days are told
    where both ends are known to the day.
    """
    denied, begun = False, None
    for claim in claims:
        exact = claim.since is not None and claim.precision == Precision.DAY
        said_on = date.fromisoformat(claim.since) if exact else None
        denies_now = SIDE_OF[claim.stance] is Side.DENIES
        if denied and not denies_now:
            yield (said_on - begun).days if said_on and begun else None
        if denies_now and not denied:
            begun = said_on
        denied = denies_now
