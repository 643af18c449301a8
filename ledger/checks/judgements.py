"""Checks of what analysts concluded: statuses, verdicts, and what they rest on."""

import re
from collections.abc import Iterator
from itertools import product

from ledger.checks.case import Case, listed
from ledger.checks.finding import Check, Found, Severity
from ledger.checks.rows import Claim, Proposition
from ledger.checks.support import Support, share
from ledger.model import UNREVIEWED, WITHDRAWN, Range, Side, Verdict

CONFIRMED, CORROBORATED, REFUTED, DOUBTFUL = "confirmed", "corroborated", "refuted", "doubtful"
_TAKES_A_SIDE = (Side.AFFIRMS, Side.DENIES)


def _judged(case: Case, status: str) -> Iterator[tuple[Claim, Support]]:
    for claim in case.standing:
        if claim.status == status and claim.side in _TAKES_A_SIDE:
            yield claim, case.supports.of(claim)


def _one_origin(case: Case, status: str) -> Iterator[Found]:
    for claim, support in _judged(case, status):
        if len(support.origins) < 2 and not support.conceded:
            yield Found(
                "claim",
                claim.id,
                "one origin supports it, and nobody concedes it",
                "find a second origin, record what it rests on (`ledger assess --rests-on`), or "
                "assess it as unverified",
            )


def confirmed_with_one_origin(case: Case) -> Iterator[Found]:
    """Confirmed claims with fewer than two independent origins and no concession."""
    return _one_origin(case, CONFIRMED)


def corroborated_with_one_origin(case: Case) -> Iterator[Found]:
    """Corroborated claims that no second independent origin supports."""
    return _one_origin(case, CORROBORATED)


def interested_support(case: Case) -> Iterator[Found]:
    """Confirmed claims all of whose support stands on one and the same side of the conflict."""
    for claim, support in _judged(case, CONFIRMED):
        side = next(iter(support.sides))
        if len(support.sides) == 1 and side is not None and not support.conceded:
            yield Found(
                "claim",
                claim.id,
                f"all that supports it stands on one side: {side}",
                "look for a source of another side, or of none",
            )


#: Words that fill the place of a reason and give none.
_PLACEHOLDERS = frozenset(
    {"ok", "okay", "yes", "no", "none", "nothing", "na", "n", "a", "tbd", "tba", "todo", "tbc"}
    | {"see", "above", "below", "same", "ditto", "as", "before", "x", "xx", "xxx", "test"}
    | {"reason", "because", "done", "checked"}
)


def status_without_reason(case: Case) -> Iterator[Found]:
    """Statuses and verdicts whose reason is missing, a placeholder, or the judgement said again."""
    for claim in case.claims.values():
        if claim.status != UNREVIEWED and _says_nothing(claim.because, claim.status):
            yield Found(
                "claim",
                claim.id,
                _unreasoned("status", claim.because),
                "assess it again, and say in a sentence what it rests on",
            )
    for proposition in case.propositions.values():
        verdict = proposition.verdict
        if verdict != Verdict.OPEN and _says_nothing(proposition.because, verdict):
            yield Found(
                "proposition",
                proposition.id,
                _unreasoned("verdict", proposition.because),
                "settle it again, and say in a sentence what it rests on",
            )


def _says_nothing(because: str | None, judgement: str) -> bool:
    words = re.findall(r"\w+", (because or "").casefold())
    return set(words) <= {*_PLACEHOLDERS, judgement.casefold()}


def _unreasoned(what: str, because: str | None) -> str:
    if because is None or not because.strip():
        return f"the {what} has no reason"
    return f"“{because.strip()[:30]}” is no reason for the {what}"


def confirmed_both_ways(case: Case) -> Iterator[Found]:
    """Propositions with two confirmed claims that cannot both be right."""
    for number, claims in case.on.items():
        confirmed = [claim for claim in claims if claim.status == CONFIRMED]
        affirmed = [claim for claim in confirmed if claim.side is Side.AFFIRMS]
        denied = [claim for claim in confirmed if claim.side is Side.DENIES]
        clashing = next(_clashing(affirmed, denied), None)
        if clashing:
            yield Found(
                "proposition",
                number,
                f"{listed(sorted(clashing))} are both confirmed, and cannot both be right",
                "assess one of them again, or both as contested",
            )


def _clashing(affirmed: list[Claim], denied: list[Claim]) -> Iterator[tuple[int, int]]:
    # Ranges all meet one another unless the highest begins after the lowest has ended.
    counted = [claim for claim in affirmed if claim.range is not None]
    if counted:
        highest = max(counted, key=lambda claim: claim.ends[0])
        lowest = min(counted, key=lambda claim: claim.ends[1])
        if not share(highest.range, lowest.range):
            yield highest.id, lowest.id
    for one, other in product(affirmed, denied):
        if _rejects(other.range, one.range):
            yield one.id, other.id


def _rejects(denied: Range | None, affirmed: Range | None) -> bool:
    """Whether a denial rejects what is affirmed: without figures, it rejects all of it."""
    return denied is None or affirmed is None or affirmed.rejected_by(denied)


def verdict_against_claims(case: Case) -> Iterator[Found]:
    """Verdicts that the claims judged confirmed or refuted contradict."""
    for number, claims in case.on.items():
        proposition = case.propositions[number]
        if proposition.verdict == Verdict.OPEN:
            continue
        against = [claim for claim in claims if _contradicts(claim, proposition)]
        if against:
            states = " and ".join(sorted({claim.status for claim in against}))
            yield Found(
                "proposition",
                number,
                f"the verdict contradicts {listed([claim.id for claim in against])} ({states})",
                "settle it anew, or assess the claim anew",
            )


def _contradicts(claim: Claim, proposition: Proposition) -> bool:
    if claim.side not in _TAKES_A_SIDE or claim.status not in (CONFIRMED, REFUTED):
        return False
    verdict, finding = proposition.verdict, proposition.finding
    if verdict == Verdict.UNPROVABLE:
        return True  # something is established, one way or the other
    affirmed = (claim.side is Side.AFFIRMS) == (claim.status == CONFIRMED)
    if affirmed and claim.side is Side.DENIES:
        return verdict == Verdict.REFUTED and finding is None  # a denial that proved untrue
    if affirmed:
        if finding is not None and claim.range is not None:
            return not finding.meets(claim.range)
        return verdict == Verdict.REFUTED
    if claim.range is not None:
        return finding is not None and finding.rejected_by(claim.range)
    return verdict == Verdict.SUPPORTED


def finding_outside_claims(case: Case) -> Iterator[Found]:
    """Counts whose finding shares no number with any figure that was claimed."""
    for number, claims in case.on.items():
        finding = case.propositions[number].finding
        ranges = {c.range for c in claims if c.side is Side.AFFIRMS} - {None}
        if finding is not None and ranges and not any(share(finding, each) for each in ranges):
            yield Found(
                "proposition",
                number,
                "the range found lies outside every figure claimed",
                "record the source that the finding rests on, or settle it anew",
            )


def rests_on_fallen(case: Case) -> Iterator[Found]:
    """Confirmed and corroborated claims that repeat, or rest on, one that has fallen."""
    for claim in case.standing:
        if claim.status not in (CONFIRMED, CORROBORATED):
            continue
        under = [claim.repeats_id, *(g.on_claim_id for g in case.grounds.get(claim.id, ()))]
        fallen = [(number, why) for number in under if number and (why := _fallen(case, number))]
        if fallen:
            told = " and ".join(f"claim {number}, which is {why}" for number, why in fallen)
            yield Found(
                "claim", claim.id, f"it rests on {told}", "assess it again without that support"
            )


def _fallen(case: Case, number: int) -> str:
    status = case.claims[number].status
    if status in (REFUTED, DOUBTFUL, WITHDRAWN):
        return status
    return "retracted" if number in case.retracted else ""


CHECKS = (
    Check(
        "confirmed-with-one-origin",
        Severity.FAULT,
        ("claim",),
        "A claim is confirmed by two independent origins or by a concession. Ten outlets with one "
        "story are one origin.",
        confirmed_with_one_origin,
    ),
    Check(
        "corroborated-with-one-origin",
        Severity.FAULT,
        ("claim",),
        "Corroborated means that a second independent origin supports it.",
        corroborated_with_one_origin,
    ),
    Check(
        "interested-support",
        Severity.DOUBT,
        ("claim",),
        "A party to a conflict is no witness in its own cause: support from one side alone "
        "confirms little.",
        interested_support,
    ),
    Check(
        "status-without-reason",
        Severity.FAULT,
        ("claim", "proposition"),
        "A judgement that gives no reason cannot be examined, or defended.",
        status_without_reason,
    ),
    Check(
        "confirmed-both-ways",
        Severity.FAULT,
        ("proposition",),
        "Two confirmed claims that exclude one another cannot both have been established.",
        confirmed_both_ways,
    ),
    Check(
        "verdict-against-claims",
        Severity.FAULT,
        ("proposition",),
        "A finding that the confirmed claims contradict, or that refuted ones carry, is one that "
        "was not brought up to date.",
        verdict_against_claims,
    ),
    Check(
        "finding-outside-claims",
        Severity.DOUBT,
        ("proposition",),
        "A figure that no source has given is the analyst's own, and needs its source recorded.",
        finding_outside_claims,
    ),
    Check(
        "rests-on-fallen",
        Severity.FAULT,
        ("claim",),
        "A retraction or refutation must reach what was built on it.",
        rests_on_fallen,
    ),
)
