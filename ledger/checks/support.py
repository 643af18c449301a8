"""What supports a claim, counted in origins as the reports count them.

The positions on its proposition that point its way and, in a count, share a number with it; and the
grounds that its status rests on, but for the document it stands in. A source stands for its origin
there, and for its side: its own, or that of what it belongs to.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ledger.checks.case import Case
from ledger.checks.rows import Claim
from ledger.model import WITHDRAWN, Range, Side

CONCEDES = "concedes"


@dataclass(frozen=True, slots=True)
class Support:
    """The origins that support a claim, the sides they stand on, and if one of them concedes.

    A side of None is that of a source that stands on none. `sources` speak for the claim; `roots`
    are the sources at the top of where they have it from.
    """

    origins: frozenset[object]
    sides: frozenset[str | None]
    conceded: bool
    sources: frozenset[int]
    roots: frozenset[int]


class Supports:
    """The support of claims. What positions give is the same for claims that say the same."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._known: dict[tuple[object, ...], Support] = {}

    def of(self, claim: Claim) -> Support:
        """All that supports a claim; always something, the claim itself if nothing else."""
        case, found = self._case, self._positions(claim)
        origins, sides = set(found.origins), set(found.sides)
        if claim.source_id not in found.sources:  # its source holds to it no more
            origins.add("itself")
            sides.add(case.side_of(claim.source_id))
        for ground in case.grounds.get(claim.id, ()):
            on = self._ground(claim, ground.on_claim_id, ground.on_document_id)
            if on is not None and on not in found.roots:
                origins.add(("ground", on))
                sides.add(None if on < 0 else case.side_of(on))
        conceded = found.conceded or claim.stance == CONCEDES
        return Support(frozenset(origins), frozenset(sides), conceded, found.sources, found.roots)

    def _positions(self, claim: Claim) -> Support:
        key = (claim.proposition_id, claim.side, claim.low, claim.high)
        if key not in self._known:
            first, last = claim.ends
            standing = self._by_side[claim.proposition_id, claim.side]
            self._known[key] = _joined(
                [each for low, high, each in standing if low <= last and first <= high]
            )
        return self._known[key]

    @cached_property
    def _by_side(self) -> dict[tuple[int, Side], list[tuple[int, float, "_Voice"]]]:
        """The positions by proposition and side: the ends of each one's range, and its voice."""
        from ledger.reports.docket import docket  # pandas, for the few checks that ask

        case, frame = self._case, docket(self._case.connection).positions
        found: dict[tuple[int, Side], list[tuple[int, float, _Voice]]] = defaultdict(list)
        names = ("claim", "origin", "root")
        for number, origin, root in zip(*(frame[name].tolist() for name in names), strict=True):
            claim = case.claims[number]
            side = case.side_of(root) or case.side_of(claim.source_id)
            voice = _Voice(origin, root, claim.source_id, side, claim.stance == CONCEDES)
            found[claim.proposition_id, claim.side].append((*claim.ends, voice))
        return found

    def _ground(self, claim: Claim, on_claim: int | None, document: int | None) -> int | None:
        """The source at the top of a ground; for a document that names none, its number below 0."""
        if on_claim is not None:
            other = self._case.claims[on_claim]
            return None if other.status == WITHDRAWN else self._top(other.source_id)
        if document is None or document == claim.document_id:
            return None  # the claim's own document says no more than the claim
        publisher = self._case.documents[document].publisher_id
        return -document if publisher is None else self._top(publisher)

    def _top(self, source: int) -> int:
        return [source, *self._case.above(source)][-1]


class _Voice(NamedTuple):
    """What a position lends to the claims that it supports."""

    origin: int
    root: int
    source: int
    side: str | None
    concedes: bool


def _joined(voices: Sequence[_Voice]) -> Support:
    return Support(
        origins=frozenset([voice.origin for voice in voices]),
        sides=frozenset([voice.side for voice in voices]),
        conceded=any(voice.concedes for voice in voices),
        sources=frozenset([voice.source for voice in voices]),
        roots=frozenset([voice.root for voice in voices]),
    )


def share(one: Range | None, other: Range | None) -> bool:
    """Whether two ranges share a number; no range is any."""
    return one is None or other is None or one.meets(other)
