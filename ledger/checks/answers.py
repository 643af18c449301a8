"""Checks of who answers, repeats, relays and retracts whom."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import date

from ledger.checks.case import Case, listed
from ledger.checks.finding import Check, Found, Severity
from ledger.checks.rows import Claim
from ledger.model import WITHDRAWN, Side


def denial_answers_nothing(case: Case) -> Iterator[Found]:
    """Denials linked to no claim, though another source affirmed the same before."""
    for claims in case.on.values():
        affirmed = [claim for claim in claims if claim.side is Side.AFFIRMS]
        if not affirmed:
            continue
        begun = [(claim, case.said(claim)[0]) for claim in affirmed]
        for claim in claims:
            if claim.side is not Side.DENIES or claim.answers_id is not None:
                continue
            last = case.said(claim)[1]
            open_to = [
                other.id
                for other, first in begun
                if other.source_id != claim.source_id and not _after(first, last)
            ]
            if open_to:
                yield Found(
                    "claim",
                    claim.id,
                    f"it answers no claim, while {listed(open_to)} "
                    f"{'affirms' if len(open_to) == 1 else 'affirm'} the same",
                    "say which it answers: `ledger correct --answers`",
                )


def _after(one: date | None, other: date | None) -> bool:
    return one is not None and other is not None and one > other


def answers_withdrawn(case: Case) -> Iterator[Found]:
    """Claims that answer or repeat one that was entered in error."""
    for claim in case.standing:
        gone = [
            f"{word} claim {number}"
            for word, number in claim.links
            if case.claims[number].status == WITHDRAWN
        ]
        if gone:
            yield Found(
                "claim",
                claim.id,
                f"it {' and '.join(gone)}, which is withdrawn",
                "link it to the claim that took its place, or clear the link",
            )


def answer_before_claim(case: Case) -> Iterator[Found]:
    """Claims said before the claim that they answer or repeat."""
    for claim in case.standing:
        for word, number in claim.links:
            last, first = case.said(claim)[1], case.said(case.claims[number])[0]
            if _after(first, last):
                yield Found(
                    "claim",
                    claim.id,
                    f"said by {last}, yet it {word} claim {number}, said on {first} or later",
                    "correct one of the dates, or the link",
                )
                break


def circular_reporting(case: Case) -> Iterator[Found]:
    """Claims that have it from one another, by `repeats` or by `via`."""
    onward: dict[Hashable, list[Hashable]] = defaultdict(list)
    for claim in case.standing:
        if claim.repeats_id is not None:
            onward[claim.id].append(claim.repeats_id)
        if claim.via_id is not None:
            # What a relay says on the proposition is a step of its own, so that links stay few.
            onward[claim.id] += [(claim.proposition_id, claim.via_id, s) for s in _alike(claim)]
        if claim.id in onward:
            onward[claim.proposition_id, claim.source_id, claim.side].append(claim.id)
    for circle in circles(onward):
        numbers = [step for step in circle if isinstance(step, int)]
        first = numbers.index(min(numbers))
        order = numbers[first:] + numbers[:first]
        names = " ← ".join(
            f"{case.sources[case.claims[number].source_id].name} ({number})"
            for number in (*order, order[0])
        )
        yield Found(
            "claim",
            order[0],
            f"a circle: {names}",
            "find who said it first, and correct that claim's `repeats` or `via`",
        )


def _alike(claim: Claim) -> Iterable[Side]:
    """The sides that a claim may pass on: its own, or that of one who only reports."""
    return Side if claim.side is Side.REPORTS else {claim.side: None, Side.REPORTS: None}


def circles(onward: Mapping[Hashable, Iterable[Hashable]]) -> Iterator[list[Hashable]]:
    """Circles in a directed graph, no step in two of them; each found by walking it once.

    Depth first without recursion: a step back to one on the present path closes a circle, whose
    steps are then taken out. Linear in the number of steps and links.
    """
    done: set[Hashable] = set()
    for start in onward:
        path: list[Hashable] = []
        place: dict[Hashable, int] = {}
        ways: list[Iterator[Hashable]] = []
        step: Hashable | None = start
        while step is not None:
            if step not in done and step in onward and step not in place:
                place[step] = len(path)
                path.append(step)
                ways.append(iter(onward[step]))
            elif step in place:
                circle = path[place[step] :]
                yield circle
                done.update(circle)
                for each in circle:
                    del place[each]
                del path[-len(circle) :], ways[-len(circle) :]
            step = None
            while ways and step is None:
                step = next(ways[-1], None)
                if step is None:
                    done.add(path[-1])
                    del place[path.pop()]
                    ways.pop()


def retracts_nothing(case: Case) -> Iterator[Found]:
    """Retractions by sources of whom no earlier claim on the proposition is recorded."""
    for claim in case.standing:
        if claim.side is Side.WITHDRAWS and claim.id not in case.retractions:
            yield Found(
                "claim",
                claim.id,
                "it takes back a claim that is not recorded",
                "record what the source had said before",
            )


def relayed_by_its_own(case: Case) -> Iterator[Found]:
    """Claims relayed by an organisation that the speaker belongs to."""
    for claim in case.standing:
        if claim.via_id is not None and claim.via_id in case.above(claim.source_id):
            name = case.sources[claim.via_id].name
            yield Found(
                "claim",
                claim.id,
                f"relayed by {name}, to which the speaker belongs",
                "name the outlet that carried it, or nobody",
            )


CHECKS = (
    Check(
        "circular-reporting",
        Severity.FAULT,
        ("claim",),
        "Sources that have it from one another are one origin without a beginning: nobody in the "
        "circle knows it at first hand.",
        circular_reporting,
    ),
    Check(
        "denial-answers-nothing",
        Severity.DOUBT,
        ("claim",),
        "Unless a denial is linked to the claim it answers, nobody sees whether it denies that or "
        "something else.",
        denial_answers_nothing,
    ),
    Check(
        "answers-withdrawn",
        Severity.DOUBT,
        ("claim",),
        "A claim that answers or repeats one entered in error hangs in the air.",
        answers_withdrawn,
    ),
    Check(
        "answer-before-claim",
        Severity.FAULT,
        ("claim",),
        "Nobody answers or repeats what has not been said yet.",
        answer_before_claim,
    ),
    Check(
        "retracts-nothing",
        Severity.DOUBT,
        ("claim",),
        "A retraction without the claim it takes back hides a shift of position.",
        retracts_nothing,
    ),
    Check(
        "relayed-by-its-own",
        Severity.HINT,
        ("claim",),
        "A speaker's own organisation is no second party: a relay is there to say who carried it "
        "out of the house.",
        relayed_by_its_own,
    ),
)
