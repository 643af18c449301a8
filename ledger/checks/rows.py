"""The ledger's rows as values: of each table the columns that checks look at."""

from collections.abc import Iterator
from datetime import date
from math import inf
from typing import NamedTuple

from ledger.model import SIDE_OF, Range, Side


class Claim(NamedTuple):
    """A claim as it stands, without its quote."""

    id: int
    proposition_id: int
    source_id: int
    stance: str
    low: int | None
    high: int | None
    wording: str | None
    document_id: int | None
    via_id: int | None
    attribution: str
    answers_id: int | None
    repeats_id: int | None
    stated_on: date | None
    stated_precision: str | None
    status: str
    because: str | None
    entry_id: int

    @property
    def side(self) -> Side:
        """The way its stance points."""
        return SIDE_OF[self.stance]

    @property
    def range(self) -> Range | None:
        """The numbers it says or rejects; None where it gives none."""
        if self.low is None and self.high is None:
            return None
        return Range(self.low, self.high)

    @property
    def ends(self) -> tuple[int, float]:
        """Its lowest and highest number, an open end as far as it goes."""
        return self.low or 0, inf if self.high is None else self.high

    @property
    def links(self) -> Iterator[tuple[str, int]]:
        """The claims that it answers and repeats, each with the word for it."""
        if self.answers_id is not None:
            yield "answers", self.answers_id
        if self.repeats_id is not None:
            yield "repeats", self.repeats_id


class Source(NamedTuple):
    """A source; one that was merged into another speaks no more."""

    id: int
    name: str
    kind: str | None
    member_of_id: int | None
    side: str | None
    reliability: str | None
    merged_into_id: int | None


class Proposition(NamedTuple):
    """A proposition and the finding on it."""

    id: int
    slug: str
    kind: str
    event_id: int | None
    verdict: str
    finding_low: int | None
    finding_high: int | None
    because: str | None

    @property
    def finding(self) -> Range | None:
        """The range found; None where none is given."""
        if self.finding_low is None and self.finding_high is None:
            return None
        return Range(self.finding_low, self.finding_high)


class Event(NamedTuple):
    """An event: where and when."""

    id: int
    slug: str
    place: str | None
    latitude: str | None
    started_on: date | None
    ended_on: date | None


class Document(NamedTuple):
    """A document without its text; `attached` is 1 where the ledger holds that."""

    id: int
    slug: str
    url: str | None
    publisher_id: int | None
    published_on: date | None
    sha256: str | None
    archive_url: str | None
    attached: int


class Ground(NamedTuple):
    """What the status of a claim rests on: a claim or a document."""

    claim_id: int
    on_claim_id: int | None
    on_document_id: int | None
