"""A claim's page: its whole story, and its versions as they differ."""

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from ledger import lookup, views
from ledger.errors import NotFoundError
from ledger.formats import Answer
from ledger.reports.record import Record, record_before
from ledger.rules import shown
from ledger.standing import Standing, standing
from ledger.story import Story, story
from ledger.web.found import one
from ledger.web.links import Links, Stamp, Where
from ledger.web.look import rendered
from ledger.web.pages import Told

Row = Mapping[str, Any]

#: The columns of a claim's CSV: what each version changed, as `ledger log CLAIM` tells it.
COLUMNS = {
    "version": "which version of the claim it is, from 1",
    "entry": "number of the entry that wrote it",
    "recorded_at": "when, UTC",
    "recorded_by": "the analyst who did",
    "message": "what the entry was for, if the analyst said",
    "field": "what it says that none before it did",
    "before": "what was said there before",
    "after": "what it says",
}
KINDS = {"version": "whole", "entry": "whole", "recorded_at": "moment"}


def show(connection: sa.Connection, where: Where, links: Links, of: Stamp) -> tuple[str, str]:
    """The page's title and body."""
    found = story(connection, _number(connection, where))
    slug = found.row["document"]
    document = one(connection, views.DOCUMENTS, "document", slug) if slug else None
    about = lookup.proposition(connection, found.row["proposition"]).id
    return body(
        found,
        document,
        record_before(connection, found.row["claim"]),
        standing(connection, about),
        links,
    )


def body(
    found: Story, document: Row | None, record: Record, stands: Standing, links: Links
) -> tuple[str, str]:
    """Title and body of the page of a claim whose story was read."""
    row = found.row
    html = rendered(
        "claim.html",
        story=found,
        row=row,
        document=document,
        record=record,
        standing=stands,
        links=links,
    )
    return f"Claim {row['claim']}: {row['source']} {row['stance']} {row['proposition']}", html


def answer(connection: sa.Connection, where: Where) -> Answer:
    """What each of its versions changed; with the claim's own row."""
    return table(story(connection, _number(connection, where)))


def table(found: Story) -> Answer:
    """A claim's versions as they are written to files."""
    title = f"Versions of claim {found.row['claim']}"
    return Told(list(COLUMNS), list(_rows(found)), KINDS, COLUMNS, title, about=found.row)


def _rows(found: Story) -> Iterator[tuple[Any, ...]]:
    for version in found.versions:
        entry = (version.entry, version.at, version.by, version.message)
        for each in version.differences:
            yield version.place, *entry, each.field, each.before, each.after


def _number(connection: sa.Connection, where: Where) -> int:
    if not (where.key.isascii() and where.key.isdecimal()):
        raise NotFoundError(f"{shown(where.key)} is no claim", "a claim is named by its number")
    try:
        return lookup.claim(connection, where.key)
    except NotFoundError as error:
        hint = "it may have been recorded later; the search above finds claims by their words"
        raise NotFoundError(error.message, hint) from None
