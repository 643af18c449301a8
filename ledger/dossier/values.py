"""What a dossier holds, as plain values: no frame, no format, nothing to look up any more.

All text is as the ledger holds it; who renders it makes it inert.
"""

from dataclasses import dataclass, field
from datetime import datetime

from ledger.model import Side
from ledger.reports.glance import Holder


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, or is said to have; `where` in degrees, `when` as ISO dates."""

    slug: str
    title: str
    place: str | None
    where: str | None
    when: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """Whoever speaks or relays in the dossier; `claims` is how many of its claims are in it."""

    name: str
    kind: str | None
    member_of: str | None
    side: str | None
    reliability: str | None
    note: str | None
    claims: int


@dataclass(frozen=True, slots=True)
class Document:
    """Where claims were published; `number` is what the dossier cites it by, from 1."""

    number: int
    slug: str
    title: str
    url: str | None
    archive_url: str | None
    publisher: str | None
    published_on: str | None
    language: str | None
    sha256: str | None
    retrieved_at: str | None


@dataclass(frozen=True, slots=True)
class Shift:
    """That a claim took its source to another side; `after` in words, if dates tell.

    `before` is the stance before, with the range of a count.
    """

    before: str
    before_range: str | None
    unsure: bool
    after: str | None


@dataclass(frozen=True, slots=True)
class Answered:
    """A claim that is answered: its number, the proposition it is on, and what it does there."""

    claim: int
    proposition: str
    told: str


@dataclass(frozen=True, slots=True)
class Said:
    """One claim: who says what, in which words, where, and how far it is verified.

    `range` is what is said or, of a denial, rejected (all: it names no number); `instead`: the
    proposition whose claim it answers without denying it. `newer`: the source's newest claim on
    the proposition, where it is another; `replaced`: and that one holds another side or figure.
    `origin` counts from 1 within the proposition, None where the source holds it no more.
    """

    claim: int
    source: str
    source_kind: str | None
    source_side: str | None
    member_of: str | None
    stance: str
    side: Side
    range: str | None
    wording: str | None
    quote: str | None
    before: str | None
    after: str | None
    said_on: str | None
    document: Document | None
    via: str | None
    attribution: str
    basis: str
    answers: Answered | None
    instead: str | None
    repeats: int | None
    origin: int | None
    circular: bool
    shift: Shift | None
    newer: int | None
    replaced: bool
    status: str
    because: str | None
    grounds: tuple[str, ...]
    note: str | None

    @property
    def bare(self) -> bool:
        """Whether it merely repeats another claim, and there is nothing else to tell of it."""
        more = (
            self.quote, self.via, self.answers, self.instead, self.shift, self.newer, self.because,
            self.note, self.circular,
        )  # fmt: skip
        return self.repeats is not None and not any(more)

    @property
    def since(self) -> str | None:
        """When it was said, else published: a day, month or year."""
        return self.said_on or (self.document.published_on if self.document else None)


@dataclass(frozen=True, slots=True)
class Camp:
    """The sources on one side now, and how many independent origins they are."""

    side: Side
    origins: int
    held: tuple[Holder, ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a rule makes of the figures, and what the rule is."""

    policy: str
    meaning: str
    estimate: str | None


@dataclass(frozen=True, slots=True)
class Clash:
    """Two figures that cannot both be right."""

    one: str
    other: str
    how: str
    claims: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Figures:
    """A count's figures: what they span and share, each rule's estimate, each conflict."""

    origins: int
    span: str | None
    shared: str | None
    estimates: tuple[Estimate, ...]
    depends: bool
    clashes: tuple[Clash, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """A claim in the chain of origins, `depth` claims under the one it comes from."""

    depth: int
    claim: int
    source: str
    stance: str
    range: str | None
    since: str | None
    link: str | None
    origin: int | None
    circular: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A verdict or status that was given: on what, by whom, when, from and to what, why."""

    entry: int
    at: datetime
    by: str
    on: str
    claim: int | None
    before: str
    after: str
    because: str | None


@dataclass(frozen=True, slots=True)
class Doubt:
    """What `ledger check` finds and nobody has accepted."""

    severity: str
    on: str
    what: str
    to_do: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart as SVG that may stand in a page; `caption` says what it shows."""

    caption: str
    svg: str
    width: int


@dataclass(frozen=True, slots=True)
class Proposition:
    """One thing in question and all that is said on it; claims by side, then date."""

    number: int
    slug: str
    text: str
    kind: str
    unit: str | None
    population: str | None
    note: str | None
    event: Event | None
    verdict: str
    finding: str | None
    because: str | None
    contested: bool
    circular: bool
    answered_by: str | None
    camps: tuple[Camp, ...]
    claims: tuple[Said, ...]
    figures: Figures | None
    chain: tuple[Branch, ...]
    changes: tuple[Change, ...]
    doubts: tuple[Doubt, ...] = ()
    drawings: tuple[Drawing, ...] = ()

    def camp(self, side: Side) -> Camp:
        """Who is on a side now."""
        return next((camp for camp in self.camps if camp.side is side), Camp(side, 0, ()))

    def said(self, side: Side) -> tuple[Said, ...]:
        """The claims that point this way, by date, undated ones last."""
        return tuple(claim for claim in self.claims if claim.side is side)

    @property
    def in_order(self) -> tuple[Said, ...]:
        """The claims that have a date, in its order; of one date as recorded."""
        dated = (claim for claim in self.claims if claim.since)
        return tuple(sorted(dated, key=lambda claim: (claim.since, claim.claim)))

    @property
    def unreviewed(self) -> tuple[int, ...]:
        """The numbers of the claims that nobody has looked at."""
        waiting = (claim.claim for claim in self.claims if claim.status == "unreviewed")
        return tuple(sorted(waiting))


@dataclass(frozen=True, slots=True)
class Stamp:
    """Of which ledger the dossier is, and how to check that: entry 0 has nothing to check.

    `as_of`: what was asked for, or None for the newest; `command` makes the same again.
    """

    entry: int
    head: str
    recorded_at: datetime | None
    as_of: str | None
    made_at: datetime
    command: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """All of it. `event` is set where an event is the subject, else the one proposition is.

    `doubts` are on its event, sources and documents; `notes` tell what was left out, and why.
    """

    event: Event | None
    propositions: tuple[Proposition, ...]
    sources: tuple[Source, ...]
    documents: tuple[Document, ...]
    stamp: Stamp
    doubts: tuple[Doubt, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def title(self) -> str:
        """What it is called."""
        return self.event.title if self.event else self.propositions[0].text

    @property
    def claims(self) -> int:
        """How many claims are in it."""
        return sum(len(each.claims) for each in self.propositions)
