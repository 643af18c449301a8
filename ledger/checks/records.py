"""Checks of the record itself: what stands there twice, hangs loose, or cannot be found again."""

from collections.abc import Iterator

import sqlalchemy as sa

from ledger import quotes, schema
from ledger.checks.case import Case
from ledger.checks.finding import Check, Found, Severity
from ledger.model import WITHDRAWN


def recorded_twice(case: Case) -> Iterator[Found]:
    """Claims that say the same, by the same source on the same day in the same document."""
    first: dict[tuple[object, ...], int] = {}
    for claim in case.standing:
        content = (
            claim.proposition_id,
            claim.source_id,
            claim.stance,
            claim.low,
            claim.high,
            claim.wording,
            claim.document_id,
            claim.via_id,
            claim.answers_id,
            claim.stated_on,
        )
        earlier = first.setdefault(content, claim.id)
        if earlier != claim.id:
            yield Found(
                "claim",
                claim.id,
                f"it says the same as claim {earlier}, in the same place",
                f'if they are one: `ledger withdraw {claim.id} --because "same as {earlier}"`',
            )


def quote_not_in_text(case: Case) -> Iterator[Found]:
    """Claims whose quote does not stand in the text attached to their document."""
    claim, document = schema.claim, schema.document
    rows = case.connection.execute(
        sa.select(
            claim.c.id,
            claim.c.document_id,
            claim.c.quote,
            claim.c.quote_prefix,
            claim.c.quote_suffix,
        )
        .join_from(claim, document, claim.c.document_id == document.c.id)
        .where(
            claim.c.quote.is_not(None), document.c.text.is_not(None), claim.c.status != WITHDRAWN
        )
        .order_by(claim.c.document_id, claim.c.id)
    )
    now, text = None, ""
    for row in rows:
        if row.document_id != now:
            now, text = row.document_id, _text(case.connection, row.document_id)
        around = row.quote_prefix, row.quote_suffix
        if around == (None, None) and row.quote.strip() and row.quote in text:
            continue  # letter by letter, which is found much faster
        if not quotes.occurrences(text, row.quote, *around):
            yield Found(
                "claim",
                row.id,
                "its quote is not in the document's attached text",
                "correct the quote: the words exactly as printed",
            )


def _text(connection: sa.Connection, number: int) -> str:
    document = schema.document
    text = sa.select(document.c.text).where(document.c.id == number)
    return str(connection.execute(text).scalar_one())


def orphan(case: Case) -> Iterator[Found]:
    """Propositions, sources, events and documents that nothing in the ledger refers to."""
    used = _referred_to(case)
    for number in case.propositions:
        if number not in case.on:
            yield Found(
                "proposition", number, "no claim is made on it", "record who says what on it"
            )
    for number, source in case.sources.items():
        if number not in used["source"] and source.merged_into_id is None:
            yield Found(
                "source",
                number,
                "it says, relays and publishes nothing",
                "record what it said, or merge it into the source it is",
            )
    for number in case.events.keys() - used["event"]:
        yield Found("event", number, "no proposition is about it", "record what is in question")
    for number in case.documents.keys() - used["document"]:
        yield Found("document", number, "no claim is taken from it", "record what it says")


def _referred_to(case: Case) -> dict[str, set[int | None]]:
    claims = case.claims.values()
    return {
        "source": {
            *(claim.source_id for claim in claims),
            *(claim.via_id for claim in claims),
            *(source.member_of_id for source in case.sources.values()),
            *(source.merged_into_id for source in case.sources.values()),
            *(document.publisher_id for document in case.documents.values()),
        },
        "event": {proposition.event_id for proposition in case.propositions.values()},
        "document": {
            *(claim.document_id for claim in claims),
            *(ground.on_document_id for some in case.grounds.values() for ground in some),
        },
    }


def event_unplaced(case: Case) -> Iterator[Found]:
    """Events without a place, or without a day."""
    for event in case.events.values():
        missing = [] if event.place or event.latitude else ["place"]
        missing += [] if event.started_on else ["day"]
        if missing:
            yield Found(
                "event",
                event.id,
                f"no {' and no '.join(missing)}",
                "say as much as is known: `ledger event edit`",
            )


def document_unpinned(case: Case) -> Iterator[Found]:
    """Documents of which nothing is kept that outlasts the page: no hash, archive or text."""
    for document in case.documents.values():
        if document.sha256 or document.archive_url or document.attached:
            continue
        link = "a live link is all there is of it" if document.url else "no link, hash or text"
        yield Found(
            "document",
            document.id,
            link,
            "archive it (`ledger document edit --archive-url`), or attach its text",
        )


CHECKS = (
    Check(
        "recorded-twice",
        Severity.DOUBT,
        ("claim",),
        "A statement entered twice is the commonest way in which the dead are counted twice.",
        recorded_twice,
    ),
    Check(
        "quote-not-in-text",
        Severity.FAULT,
        ("claim",),
        "A quote that the document does not hold has been altered, or belongs to another document.",
        quote_not_in_text,
    ),
    Check(
        "orphan",
        Severity.HINT,
        ("proposition", "source", "event", "document"),
        "What nothing refers to was left half recorded, or its claims were entered elsewhere.",
        orphan,
    ),
    Check(
        "event-unplaced",
        Severity.HINT,
        ("event",),
        "An event without a place or day cannot be told from another like it.",
        event_unplaced,
    ),
    Check(
        "document-unpinned",
        Severity.HINT,
        ("document",),
        "Pages change and vanish: without a hash, an archived copy or the text nobody can show "
        "what was printed.",
        document_unpinned,
    ),
)
