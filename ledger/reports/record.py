"""A source's record: how what it affirmed and denied stands against what was found.

No frames, and no judgement of its own: what an outcome is, `ledger.model.outcome` says; here the
same is asked in SQL, counted, and given the interval that so few trials allow. A record never knows
what was found later, nor the claim beside which it is shown.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.model import SIDE_OF, WITHDRAWN, Kind, Outcome, Side, Verdict

AFFIRMING, DENYING = (
    [stance for stance, side in SIDE_OF.items() if side is asked]
    for asked in (Side.AFFIRMS, Side.DENIES)
)

#: The normal quantile of a two-sided 95 % interval.
Z = 1.959963984540054

#: With fewer decided propositions a record says nothing of a grade.
FEWEST = 5

#: What a record says of a grade.
AGREES, BETTER, WORSE, LEAVES_OPEN, TOO_FEW = "agrees", "better", "worse", "leaves open", "too few"


@dataclass(frozen=True, slots=True)
class Record:
    """How many propositions a source was right, wrong and undecided on.

    `borne_out`: at least one of its claims on them was. `contradicted`: one was; a source that has
    said both is in both. `undecided`: it affirmed or denied something, and none of it is either.
    """

    borne_out: int
    contradicted: int
    undecided: int

    @property
    def decided(self) -> int:
        """How many trials there were: times it was right, and times it was wrong."""
        return self.borne_out + self.contradicted

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % Wilson interval of the share borne out; None where nothing is decided."""
        return wilson(self.borne_out, self.decided)

    def __str__(self) -> str:
        """In one line: borne out on 3 of 4 (30–95 %), undecided on 2; empty if there is nothing."""
        parts = []
        if interval := self.interval:
            low, high = (round(100 * end) for end in interval)
            parts.append(f"borne out on {self.borne_out} of {self.decided} ({low}–{high} %)")
        if self.undecided:
            parts.append(f"undecided on {self.undecided}")
        return ", ".join(parts)


def wilson(right: int, trials: int) -> tuple[float, float] | None:
    """The 95 % score interval of a share: `right` of `trials`, 0 to 1; None for no trial.

    E. B. Wilson, “Probable Inference, the Law of Succession, and Statistical Inference”, Journal of
    the American Statistical Association 22 (1927), 209–212; without continuity correction, as
    Brown, Cai and DasGupta recommend for few trials (Statistical Science 16, 2001, 101–133).
    """
    if not trials:
        return None
    share, square = right / trials, Z * Z
    middle = share + square / (2 * trials)
    half = Z * math.sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    low, high = ((middle + end) / (1 + square / trials) for end in (-half, half))
    # At the ends they are 0 and 1, but for what doubles leave.
    return (0.0 if right == 0 else low, 1.0 if right == trials else high)


def verdict_on(grade: str | None, record: Record) -> str | None:
    """What a record says of a reliability grade; None where there is no grade to speak of.

    The Admiralty scale has words and no numbers, so only what the words say plainly is asked: of A
    and B, that the source is right more often than not; of D and E, that it is wrong more often; of
    C, neither. Where the whole interval lies on one side of a half, the record agrees with the
    grade, or is `better` or `worse`; where it does not, it agrees with C and leaves the others
    open. Fewer than FEWEST decided propositions are `too few`. F says that the source cannot be
    judged: it is no place on the scale, and no record is held against it.
    """
    if grade in (None, "F"):
        return None
    if record.decided < FEWEST or (interval := record.interval) is None:
        return TOO_FEW
    low, high = interval
    found = 1 if low > 0.5 else -1 if high < 0.5 else 0
    meant = {"A": 1, "B": 1, "C": 0, "D": -1, "E": -1}[str(grade)]
    if found == meant:
        return AGREES
    if not found:
        return LEAVES_OPEN
    return BETTER if found > meant else WORSE


def outcome_in_sql(claim: Any, proposition: Any) -> sa.ColumnElement[Any]:
    """`ledger.model.outcome` as SQL, of the columns of a claim and of its proposition.

    A test holds the two together.
    """
    right, wrong = sa.literal(Outcome.BORNE_OUT.value), sa.literal(Outcome.CONTRADICTED.value)
    undecided = sa.literal(Outcome.UNDECIDED.value)
    affirms = claim.stance.in_(AFFIRMING)
    bounded = sa.or_(claim.low.is_not(None), claim.high.is_not(None))
    # A denial without a number says that there was not even one.
    none_at_all = sa.and_(claim.stance == "denies", claim.wording.is_(None))
    low = sa.case((bounded, sa.func.coalesce(claim.low, 0)), else_=1)
    found_low = sa.func.coalesce(proposition.finding_low, 0)
    found_high, found = proposition.finding_high, _found(proposition)
    covers = sa.and_(
        low <= found_low,
        sa.or_(claim.high.is_(None), sa.func.coalesce(found_high <= claim.high, sa.false())),
    )
    meets = sa.and_(
        sa.or_(found_high.is_(None), low <= found_high),
        sa.or_(claim.high.is_(None), found_low <= claim.high),
    )
    supported = proposition.verdict == Verdict.SUPPORTED.value
    return sa.case(
        (claim.stance.not_in([*AFFIRMING, *DENYING]), undecided),
        (
            proposition.verdict.not_in([Verdict.SUPPORTED.value, Verdict.REFUTED.value]),
            undecided,
        ),
        (
            proposition.kind == Kind.FACT.value,
            sa.case((affirms == supported, right), else_=wrong),
        ),
        (sa.not_(sa.or_(bounded, none_at_all)), undecided),
        (sa.and_(found, covers), sa.case((affirms, right), else_=wrong)),
        (sa.and_(found, meets), undecided),
        (found, sa.case((affirms, wrong), else_=right)),
        (sa.or_(supported, low == 0), undecided),
        else_=sa.case((affirms, wrong), else_=right),
    )


def _found(proposition: Any) -> sa.ColumnElement[bool]:
    return sa.or_(proposition.finding_low.is_not(None), proposition.finding_high.is_not(None))


def record_before(connection: sa.Connection, claim: int) -> Record:
    """The record that its source had when a claim was first recorded: `claim` is its number.

    Only claims, statuses and findings of earlier entries: neither the claim itself, nor what was
    found since. Sources that were merged into its source since then count as that one. Raises
    nothing for a claim that is not there: nothing came before it.
    """
    table, twin = schema.claim, schema.claim_history
    versions = sa.union_all(
        *(sa.select(each.c.entry_id).where(each.c.id == claim) for each in (table, twin))
    ).subquery()
    first = connection.execute(sa.select(sa.func.min(versions.c.entry_id))).scalar()
    speaks = connection.execute(sa.select(table.c.source_id).where(table.c.id == claim)).scalar()
    source = schema.source
    merged = sa.select(source.c.id).where(source.c.merged_into_id == speaks).order_by(source.c.id)
    same = [speaks, *connection.execute(merged).scalars()]
    claims = _stood(schema.claim, schema.claim_history, first, _OF_CLAIM)
    propositions = _stood(schema.proposition, schema.proposition_history, first, _OF_PROPOSITION)
    outcome = outcome_in_sql(claims.c, propositions.c)
    question = (
        sa.select(claims.c.proposition_id, outcome)
        .join_from(claims, propositions, claims.c.proposition_id == propositions.c.id)
        .where(claims.c.source_id.in_(same), claims.c.status != WITHDRAWN)
        .where(claims.c.stance.in_([*AFFIRMING, *DENYING]))
        .order_by(claims.c.proposition_id)
    )
    return _counted({(row[0], row[1]) for row in connection.execute(question)})


_OF_CLAIM = (
    "id", "proposition_id", "source_id", "stance", "low", "high", "wording", "status"
)  # fmt: skip
_OF_PROPOSITION = ("id", "kind", "verdict", "finding_low", "finding_high")


def _stood(
    table: sa.Table, twin: sa.Table, entry: int | None, columns: Collection[str]
) -> sa.Subquery:
    """The rows of a table as they stood before an entry was recorded."""
    now = sa.select(*(table.c[name] for name in columns)).where(table.c.entry_id < entry)
    then = sa.select(*(twin.c[name] for name in columns)).where(
        twin.c.entry_id < entry, twin.c.until_entry_id >= entry
    )
    return now.union_all(then).subquery()


def _counted(outcomes: Collection[tuple[int, str]]) -> Record:
    on = {
        word: {proposition for proposition, outcome in outcomes if outcome == word.value}
        for word in Outcome
    }
    decided = on[Outcome.BORNE_OUT] | on[Outcome.CONTRADICTED]
    return Record(
        len(on[Outcome.BORNE_OUT]),
        len(on[Outcome.CONTRADICTED]),
        len(on[Outcome.UNDECIDED] - decided),
    )
