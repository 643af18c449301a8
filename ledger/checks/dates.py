"""Checks of the four times: when it happened, was said, was published, and was recorded."""

from collections.abc import Iterator
from datetime import date

from ledger.checks.case import Case
from ledger.checks.finding import Check, Found, Severity
from ledger.rules import AHEAD


def before_it_was_said(case: Case) -> Iterator[Found]:
    """Claims recorded, or published, before the day on which they were said."""
    for claim in case.standing:
        said = claim.stated_on
        if said is None:
            continue
        early = []
        recorded = case.recorded_at[claim.id].date()
        if recorded + AHEAD < said:
            early.append(f"recorded on {recorded}")
        if claim.document_id is not None:
            published = case.documents[claim.document_id].published_on
            if published is not None and published < said:
                early.append(f"published on {published}")
        if early:
            yield Found(
                "claim",
                claim.id,
                f"{' and '.join(early)}, yet said on {said} or later",
                "correct the date it was said on, or the document's",
            )


def said_before_event(case: Case) -> Iterator[Found]:
    """Claims said, or published, before the event they are about had begun."""
    begun: dict[int, date] = {}
    for number, proposition in case.propositions.items():
        if proposition.event_id is not None:
            started = case.events[proposition.event_id].started_on
            if started is not None:
                begun[number] = started
    for claim in case.standing:
        started, last = begun.get(claim.proposition_id), case.said(claim)[1]
        # One day's grace: the news of a night may bear the date of the evening, further west.
        if started is not None and last is not None and last + AHEAD < started:
            yield Found(
                "claim",
                claim.id,
                f"said by {last}, before the event began on {started}",
                "correct the date, or set it on a proposition about an earlier event",
            )


def future_date(case: Case) -> Iterator[Found]:
    """Documents and events dated after today."""
    latest = case.today + AHEAD
    for document in case.documents.values():
        if document.published_on is not None and document.published_on > latest:
            yield Found(
                "document",
                document.id,
                f"published on {document.published_on}, which is yet to come",
                "correct the date: `ledger document edit`",
            )
    for event in case.events.values():
        dates = [day for day in (event.started_on, event.ended_on) if day and day > latest]
        if dates:
            yield Found(
                "event",
                event.id,
                f"dated {dates[0]}, which is yet to come",
                "correct the date: `ledger event edit`",
            )


CHECKS = (
    Check(
        "before-it-was-said",
        Severity.FAULT,
        ("claim",),
        "Nothing is published or recorded before it was said: one of the dates is a slip.",
        before_it_was_said,
    ),
    Check(
        "said-before-event",
        Severity.DOUBT,
        ("claim",),
        "A statement on what had not happened yet is on another event, or misdated.",
        said_before_event,
    ),
    Check(
        "future-date",
        Severity.FAULT,
        ("document", "event"),
        "A day that is yet to come has been mistyped, and misleads whatever sorts by date.",
        future_date,
    ),
)
