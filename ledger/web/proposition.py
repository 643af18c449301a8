"""A proposition's page: what its dossier tells, with everything in it leading on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from ledger import views
from ledger.dossier.drawings import Sketches, sketched
from ledger.dossier.gathering import gathered
from ledger.dossier.values import Document, Proposition, Said
from ledger.formats import Answer
from ledger.model import WITHDRAWN
from ledger.web.found import one
from ledger.web.links import Links, Stamp, Where
from ledger.web.look import rendered
from ledger.web.pages import Told

#: How many claims a page tells; the rest is counted, and in the CSV.
MOST_CLAIMS = 500

#: How many positions a chart on a page has at most.
MOST_HELD = 40

Row = Mapping[str, Any]


def show(
    connection: sa.Connection, where: Where, links: Links, of: Stamp
) -> Callable[[], tuple[str, str]]:
    """What draws the page's charts, which takes seconds, and gives its title and body."""
    row = one(connection, views.PROPOSITIONS, "proposition", where.key)
    ((about,), _) = gathered(connection, [row["id"]])
    found = charts(connection, about)
    return lambda: body(about, found, links)


def charts(connection: sa.Connection, about: Proposition, *, over_time: bool = True) -> Sketches:
    """The charts of a proposition, positions `over_time` too if that is wanted.

    Of more than MOST_HELD positions there are none: they take seconds, and cannot be read.
    """
    positions = sum(len(camp.held) for camp in about.camps)
    if positions > MOST_HELD:
        told = f"{positions:,} positions are too many for a chart here"
        return Sketches(notes=(f"{told}; `ledger dossier {about.slug}` draws what can be drawn.",))
    return sketched(connection, about, over_time=over_time)


def body(about: Proposition, sketches: Sketches, links: Links) -> tuple[str, str]:
    """Title and body of the page on a proposition that was gathered, with its charts drawn."""
    drawings, notes = sketches.drawn()
    shortened = _shortened(about)
    told, documents = _renumbered(shortened)
    html = rendered(
        "told.html",
        about=replace(told, drawings=drawings),
        documents=documents,
        left=len(about.claims) - len(told.claims),
        notes=notes,
        links=links,
        where=Where("proposition", about.slug),
    )
    return about.text, html


def answer(connection: sa.Connection, where: Where) -> Answer:
    """Its claims, as the public view has them, withdrawn ones left out; and its own row."""
    about = one(connection, views.PROPOSITIONS, "proposition", where.key)
    claims = views.CLAIMS.table
    question = (
        sa.select(claims)
        .where(claims.c.proposition == where.key, claims.c.status != WITHDRAWN)
        .order_by(claims.c.claim)
    )
    return table(about, [tuple(row) for row in connection.execute(question)])


def table(about: Row, rows: Sequence[Sequence[Any]]) -> Answer:
    """Claims on a proposition as they are written to files."""
    view = views.CLAIMS
    columns = list(view.columns)
    title = f"Claims on {about['proposition']}"
    return Told(columns, rows, view.kinds, view.columns, title, about=about)


def _shortened(about: Proposition) -> Proposition:
    """The proposition with no more claims than a page tells: those that are held first."""
    if len(about.claims) <= MOST_CLAIMS:
        return about
    held = sorted(about.claims, key=lambda claim: (claim.newer is not None, claim.bare))
    kept = {claim.claim for claim in held[:MOST_CLAIMS]}
    return replace(
        about,
        claims=tuple(claim for claim in about.claims if claim.claim in kept),
        chain=tuple(branch for branch in about.chain if branch.claim in kept),
        changes=about.changes[-MOST_CLAIMS:],
    )


def _renumbered(about: Proposition) -> tuple[Proposition, list[Document]]:
    """The proposition with the documents that its claims cite numbered from 1, and those."""
    cited = {claim.document.number: claim.document for claim in about.claims if claim.document}
    own = {
        number: replace(document, number=place)
        for place, (number, document) in enumerate(sorted(cited.items()), 1)
    }
    claims = tuple(_citing(claim, own) for claim in about.claims)
    return replace(about, claims=claims), list(own.values())


def _citing(claim: Said, own: Mapping[int, Document]) -> Said:
    document = claim.document
    if document is None or own[document.number] == document:
        return claim
    return replace(claim, document=own[document.number])
