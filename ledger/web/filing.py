"""The files of a site: many pages made of few questions, each with its CSV and JSON beside it.

What a page says is its room's to say. `boards`, `propositions`, `sources`, `claims` and `rest` are
shares of the work: whoever writes a site does each once, on a reader of the same moment.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from math import inf
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ledger import schema, views
from ledger.changes import Names
from ledger.dossier.drawings import Sketches
from ledger.dossier.gathering import as_event, gathered
from ledger.dossier.telling import NAMED
from ledger.dossier.values import Event
from ledger.formats import Answer
from ledger.model import Verdict
from ledger.neighbours import batches
from ledger.reports import REPORTS
from ledger.reports.glance import Glance, glance
from ledger.reports.record import Record, record_before
from ledger.standing import standing
from ledger.store import Store
from ledger.story import Story, stories
from ledger.web import board, changes, claim, names, pages, proposition, source
from ledger.web.links import Filed, Stamp, Where, file
from ledger.web.look import document
from ledger.web.pages import Page

Row = Mapping[str, Any]

#: About how many claims are gathered at once, and how many rows are asked for by number.
_BUNDLE, _BATCH = 2_500, 500


@dataclass(frozen=True, slots=True)
class Plan:
    """What a site is to be: of which moment, called what, with or without charts and claims."""

    store: Store
    folder: Path
    as_of: int | None
    of: Stamp
    title: str
    claims: bool
    sizes: Mapping[int, int]
    drawn: frozenset[int]
    over_time: bool


@dataclass(slots=True)
class Files:
    """The files of a site as they are written, and how much they come to."""

    plan: Plan
    pages: int = 0
    size: int = 0

    def links(self, where: Where) -> Filed:
        """The addresses on a page."""
        name = file(where, claims=self.plan.claims) or ""
        return Filed(name.count("/"), self.plan.claims)

    def page(self, where: Where, made: tuple[str, str], answered: Answer | None) -> None:
        """Write a page, and its rows beside it."""
        title, body = made
        html = document(
            Page(where, title, body, self.plan.of), self.links(where), ledger=self.plan.title
        )
        self.put(file(where, claims=self.plan.claims), html)
        self.pages += 1
        if answered is not None:
            rows = list(answered.rows)
            for ending in ("csv", "json"):
                stream = StringIO()
                pages.write(stream, replace(answered, rows=rows), ending, self.plan.of)
                self.put(file(where, ending, claims=self.plan.claims), stream.getvalue())

    def put(self, name: str | None, text: str) -> None:
        """Write a file."""
        data = text.encode()
        (self.plan.folder / str(name)).write_bytes(data)
        self.size += len(data)


def bundles(sizes: Mapping[int, int]) -> Iterator[list[int]]:
    """Propositions in lists of some thousand claims each."""
    bundle: list[int] = []
    size = 0
    for number, claims in sizes.items():
        if bundle and size + claims > _BUNDLE:
            yield bundle
            bundle, size = [], 0
        bundle.append(number)
        size += claims
    if bundle:
        yield bundle


def boards(connection: sa.Connection, files: Files) -> None:
    """The board, that of what is contested, and that of each event."""
    found = [
        row
        for bundle in bundles(files.plan.sizes)
        for row in glance(connection, bundle, most=NAMED)
    ]
    report = REPORTS["versus"]
    rows, kinds = report.answer(connection)
    columns = list(report.columns)
    slug = columns.index("proposition")
    versus = {row[slug]: row for row in rows}
    titles = board.events(connection)

    def put(where: Where, event: Event | None, fitting: Sequence[Glance]) -> None:
        told = [versus[row.slug] for row in fitting]
        answered = Answer(columns, told, kinds, report.columns, board.name(where))
        for page in range(1, board.Turn.of(1, len(fitting)).pages + 1):
            turn, turned = board.Turn.of(page, len(fitting)), where.turned(page)
            some = fitting[turn.first : turn.past]
            made = board.body(turned, some, turn, titles, event, files.links(turned), files.plan.of)
            files.page(turned, made, answered if page == 1 else None)

    put(Where("board"), None, found)
    contested = [row for row in found if row.contested]
    put(Where("board", "", (("contested", "yes"),)), None, contested)
    by_event: dict[str | None, list[Glance]] = {}
    for row in found:
        by_event.setdefault(row.event, []).append(row)
    events = views.EVENTS.table
    for event in connection.execute(sa.select(events).order_by(events.c.id)).mappings():
        put(Where("event", event["event"]), as_event(dict(event)), by_event.get(event["event"], []))


def propositions(numbers: Sequence[int], connection: sa.Connection, files: Files) -> None:
    """The pages of some propositions."""
    told, claims = gathered(connection, numbers)
    view = views.PROPOSITIONS.table
    rows = {
        row["proposition"]: dict(row)
        for some in batches(numbers, _BATCH)
        for row in connection.execute(
            sa.select(view).where(view.c.id.in_(some)).order_by(view.c.id)
        ).mappings()
    }
    for about in told:
        where = Where("proposition", about.slug)
        charts = Sketches()
        if about.number in files.plan.drawn:
            charts = proposition.charts(connection, about, over_time=files.plan.over_time)
        made = proposition.body(about, charts, files.links(where))
        said = [tuple(row.values()) for row in claims[about.slug]]
        files.page(where, made, proposition.table(rows[about.slug], said))


def sources(connection: sa.Connection, files: Files) -> None:
    """The pages of all sources."""
    report = REPORTS["positions"]
    columns = list(report.columns)
    name = columns.index("source")
    steps: dict[str, list[tuple[Any, ...]]] = {}
    for row in report.answer(connection)[0]:
        steps.setdefault(row[name], []).append(row)
    for about in source.everybody(connection):
        held = steps.get(about.row["source"], [])
        where = Where("source", about.row["source"])
        answered = source.table(about, held)
        for turned, turn, some in source.turned(where, columns, held):
            made = source.body(about, some, turn, turned, files.links(turned))
            files.page(turned, made, answered if turn.page == 1 else None)


def claims(propositions: Sequence[int], connection: sa.Connection, files: Files) -> None:
    """The pages of the claims on some propositions."""
    stated = schema.claim
    records: dict[tuple[str, int], Record] = {}
    decided, called = _first_decided(connection), Names(connection)
    for some in batches(propositions, _BATCH):
        on = sa.select(stated.c.id, stated.c.proposition_id).where(
            stated.c.proposition_id.in_(some)
        )
        about = {row.id: row.proposition_id for row in connection.execute(on.order_by(stated.c.id))}
        stands = {number: standing(connection, number) for number in sorted({*about.values()})}
        for batch in batches(about, _BATCH):
            told = stories(connection, batch, called)
            documents = _documents(connection, told)
            for each in told:
                number = each.row["claim"]
                first = each.versions[0].entry
                key = (each.row["source"], first)
                if key not in records:  # the same for all that a source said in one entry
                    records[key] = (
                        record_before(connection, number) if decided < first else Record(0, 0, 0)
                    )
                where = Where("claim", str(number))
                document_ = documents.get(each.row["document"])
                made = claim.body(
                    each, document_, records[key], stands[about[number]], files.links(where)
                )
                files.page(where, made, claim.table(each))


def _first_decided(connection: sa.Connection) -> float:
    """The number of the entry that first settled anything; infinity where none did.

    A record before it is of nothing decided.
    """
    settled = [Verdict.SUPPORTED.value, Verdict.REFUTED.value]
    found = [
        connection.execute(
            sa.select(sa.func.min(each.c.entry_id)).where(each.c.verdict.in_(settled))
        )
        for each in schema.VERSIONED["proposition"]
    ]
    numbers = [number for each in found if (number := each.scalar()) is not None]
    return min(numbers, default=inf)


def _documents(connection: sa.Connection, told: Sequence[Story]) -> dict[str, Row]:
    """The documents of claims, by slug."""
    view = views.DOCUMENTS.table
    slugs = sorted({each.row["document"] for each in told} - {None})
    question = sa.select(view).where(view.c.document.in_(slugs)).order_by(view.c.id)
    return {row["document"]: dict(row) for row in connection.execute(question).mappings()}


def rest(connection: sa.Connection, files: Files) -> None:
    """What changed, and the index of names."""
    for where, room in ((Where("changes"), changes), (Where("names"), names)):
        made = room.show(connection, where, files.links(where), files.plan.of)
        files.page(where, made, room.answer(connection, where))
