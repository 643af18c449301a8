"""The words of the ledger: vocabularies, and the range of a count with its relations.

Nothing here knows a database, a file or a screen. The vocabularies are the ones that the first
migration writes into the reference tables; a test holds the two together.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

#: The largest whole number that JSON readers agree on (RFC 8785 writes numbers as IEEE 754
#: doubles), so the largest count that can be hashed the same way everywhere.
LARGEST_COUNT = 2**53 - 1


class Side(StrEnum):
    """Which way a stance points."""

    AFFIRMS = "affirms"
    DENIES = "denies"
    WITHHOLDS = "withholds"
    REPORTS = "reports"
    WITHDRAWS = "withdraws"


class Kind(StrEnum):
    """What a proposition asks: yes or no, or how many."""

    FACT = "fact"
    COUNT = "count"


class SourceKind(StrEnum):
    """What a source is."""

    PERSON = "person"
    ORGANISATION = "organisation"
    GOVERNMENT = "government"
    ARMED_ACTOR = "armed-actor"
    OUTLET = "outlet"
    WITNESS = "witness"
    UNNAMED = "unnamed"


class Basis(StrEnum):
    """How a source knows what it says."""

    WITNESSED = "witnessed"
    TOLD = "told"
    INDUCED = "induced"
    DEDUCED = "deduced"
    UNKNOWN = "unknown"


class Attribution(StrEnum):
    """How plainly the document says who spoke."""

    NAMED = "named"
    UNNAMED = "unnamed"
    UNCERTAIN = "uncertain"


class Precision(StrEnum):
    """How exactly a date is known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class Verdict(StrEnum):
    """The analyst's conclusion on a proposition."""

    OPEN = "open"
    SUPPORTED = "supported"
    REFUTED = "refuted"
    MIXED = "mixed"
    UNPROVABLE = "unprovable"


class Outcome(StrEnum):
    """What became of a claim, derived from its stance and the finding on its proposition."""

    BORNE_OUT = "borne out"
    CONTRADICTED = "contradicted"
    UNDECIDED = "undecided"


#: Admiralty (NATO STANAG 2511) grades of a source's reliability. F is "cannot be judged", not the
#: worst grade, and is never averaged.
RELIABILITIES = ("A", "B", "C", "D", "E", "F")


@dataclass(frozen=True, slots=True)
class Stance:
    """What a source does with a proposition; `side` is the way it points."""

    code: str
    side: Side
    meaning: str
    example: str


STANCES: tuple[Stance, ...] = (
    Stance("asserts", Side.AFFIRMS, "says that it is so", "“More than 100 fighters died”"),
    Stance(
        "concedes",
        Side.AFFIRMS,
        "says that it is so, against its own interest",
        "a government admits its own losses",
    ),
    Stance("denies", Side.DENIES, "says that it is not so", "“No such strike took place”"),
    Stance(
        "disputes",
        Side.DENIES,
        "accepts the event, rejects the figure or the blame",
        "“There was a strike, but not dozens of dead”",
    ),
    Stance(
        "cannot-confirm",
        Side.WITHHOLDS,
        "says that it has no information to confirm it",
        "“We have seen no such reports”",
    ),
    Stance(
        "cannot-rule-out",
        Side.WITHHOLDS,
        "says that it may be so",
        "“It is possible that our citizens were there”",
    ),
    Stance(
        "neither-confirms-nor-denies",
        Side.WITHHOLDS,
        "refuses both in so many words",
        "“We neither confirm nor deny it”",
    ),
    Stance("no-comment", Side.WITHHOLDS, "declines to speak", "“We do not comment on that”"),
    Stance("no-response", Side.WITHHOLDS, "was asked and stayed silent", "did not answer a mail"),
    Stance("deflects", Side.WITHHOLDS, "refers elsewhere", "“Ask the defence ministry”"),
    Stance(
        "relays",
        Side.REPORTS,
        "passes on what another said, without endorsing it",
        "a wire story quotes a ministry",
    ),
    Stance("questions", Side.REPORTS, "raises doubt without denying", "“Where are the bodies?”"),
    Stance(
        "retracts",
        Side.WITHDRAWS,
        "takes back its own earlier claim",
        "a correction withdraws a figure",
    ),
)

SIDE_OF: dict[str, Side] = {stance.code: stance.side for stance in STANCES}


@dataclass(frozen=True, slots=True)
class Status:
    """How far a claim is verified, with its counterpart in four other schemes (or None)."""

    code: str
    meaning: str
    admiralty: str | None
    airwars: str | None
    averitec: str | None
    rumour: str | None


STATUSES: tuple[Status, ...] = (
    Status("unreviewed", "nobody has looked", None, "not yet assessed", None, None),
    Status(
        "confirmed",
        "established by independent origins, or conceded against interest",
        "1",
        "Confirmed",
        "Supported",
        "true",
    ),
    Status(
        "corroborated", "a second independent origin supports it", "2", "Fair", "Supported", "true"
    ),
    Status(
        "unverified",
        "looked at, could not be established",
        "3",
        "Weak",
        "Not Enough Evidence",
        "unverified",
    ),
    Status(
        "contested",
        "credible origins on both sides",
        None,
        "Contested",
        "Conflicting Evidence/Cherrypicking",
        "unverified",
    ),
    Status("doubtful", "evidence leans against", "4", None, None, "unverified"),
    Status("refuted", "established to be untrue", "5", "Discounted", "Refuted", "false"),
    Status(
        "unverifiable",
        "cannot be judged from what can be had",
        "6",
        None,
        "Not Enough Evidence",
        "unverified",
    ),
    Status(
        "withdrawn",
        "entered in error; kept, and left out of reports",
        None,
        "duplicate",
        None,
        None,
    ),
)

#: The status of a claim that nobody has looked at; the only one that needs no reason.
UNREVIEWED = "unreviewed"
#: The status of a claim that was entered in error.
WITHDRAWN = "withdrawn"


class Relation(StrEnum):
    """How two affirmed ranges of one proposition stand to one another."""

    AGREE = "agree"
    NEST = "nest"
    OVERLAP = "overlap"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Range:
    """Whole numbers from `low` to `high`, both inclusive; None leaves an end open.

    Counts are never negative, so an open low end compares like 0.

    >>> Range(101, None).relation(Range(24, 99)).value
    'conflict'
    """

    low: int | None = None
    high: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is no range of counts: ValueError."""
        for bound in (self.low, self.high):
            if bound is not None and not 0 <= bound <= LARGEST_COUNT:
                raise ValueError(f"a count lies between 0 and {LARGEST_COUNT}, not {bound}")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"low ({self.low}) is above high ({self.high})")

    @property
    def _ends(self) -> tuple[int, float]:
        return (self.low or 0, float("inf") if self.high is None else self.high)

    def covers(self, other: Self) -> bool:
        """Whether every number of `other` lies in this range."""
        (low, high), (other_low, other_high) = self._ends, other._ends
        return low <= other_low and other_high <= high

    def meets(self, other: Self) -> bool:
        """Whether the two share a number."""
        (low, high), (other_low, other_high) = self._ends, other._ends
        return low <= other_high and other_low <= high

    def relation(self, other: Self) -> Relation:
        """Agree (equal), nest (one within the other), overlap, or conflict (disjoint)."""
        if not self.meets(other):
            return Relation.CONFLICT
        if self._ends == other._ends:
            return Relation.AGREE
        if self.covers(other) or other.covers(self):
            return Relation.NEST
        return Relation.OVERLAP

    def rejected_by(self, denied: Self) -> bool:
        """Whether a denial of the range `denied` rejects this affirmed one: it contains it."""
        return denied.covers(self)

    def span(self, other: Self) -> Self:
        """The narrowest range that covers both."""
        low = None if self.low is None or other.low is None else min(self.low, other.low)
        high = None if self.high is None or other.high is None else max(self.high, other.high)
        return type(self)(low, high)

    def shared(self, other: Self) -> Self | None:
        """The numbers that lie in both, or None where there are none."""
        if not self.meets(other):
            return None
        lows = [bound for bound in (self.low, other.low) if bound is not None]
        highs = [bound for bound in (self.high, other.high) if bound is not None]
        return type(self)(max(lows, default=None), min(highs, default=None))

    def __str__(self) -> str:
        """As an analyst writes it: `5`, `5–14`, `101+`, `≤ 14`, `any`."""
        match self.low, self.high:
            case None, None:
                return "any"
            case low, None:
                return f"{low}+"
            case None, high:
                return f"≤ {high}"
            case low, high if low == high:
                return str(low)
            case low, high:
                return f"{low}–{high}"
        raise AssertionError  # every pair of ends is one of the five above


def outcome(
    stance: str,
    said: Range | None,
    kind: str,
    verdict: str,
    found: Range | None,
    *,
    worded: bool = False,
) -> Outcome:
    """What became of a claim with `stance` and the range `said`, its proposition being judged.

    Only a claim that affirms or denies, on a proposition that is supported or refuted, is ever
    decided. Of a fact the verdict tells which. Of a count it takes a range, and certainty: an
    affirmed range is borne out if it holds every number found, contradicted if it holds none of
    them, and undecided in between; a denied range the other way round. A denial without a number
    says that there was not even one; that of a figure given in words (`worded`) or merely disputed
    says of no number that it is wrong. Refuted without a range means that there were none, which
    decides nothing of ranges that hold 0: it may be another figure that was refuted.
    """
    side = SIDE_OF[stance]
    if side not in (Side.AFFIRMS, Side.DENIES):
        return Outcome.UNDECIDED
    if verdict not in (Verdict.SUPPORTED, Verdict.REFUTED):
        return Outcome.UNDECIDED
    affirms = side is Side.AFFIRMS
    right, wrong = Outcome.BORNE_OUT, Outcome.CONTRADICTED
    if kind == Kind.FACT:
        return right if affirms == (verdict == Verdict.SUPPORTED) else wrong
    if said is None and stance == "denies" and not worded:
        said = Range(1, None)
    if said is None:
        return Outcome.UNDECIDED
    if found is None:
        nothing = Range(0, 0)
        if verdict == Verdict.SUPPORTED or said.meets(nothing):
            return Outcome.UNDECIDED
        return wrong if affirms else right
    if said.covers(found):
        return right if affirms else wrong
    if said.meets(found):
        return Outcome.UNDECIDED
    return wrong if affirms else right
