"""The pages as a folder of files, to be read from a disk or any web server.

What a page says is its room's to say; here many are made of few questions. The pages of one site
are of one moment: who records meanwhile is not in it. Where there is a core for it, two processes
share the work.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ledger import history, schema, views
from ledger.ahead import ahead
from ledger.dossier.drawings import missing
from ledger.dossier.gathering import gathered
from ledger.dossier.telling import NAMED
from ledger.errors import LedgerError
from ledger.formats import Answer
from ledger.model import Kind
from ledger.neighbours import batches
from ledger.placing import renewed_folder
from ledger.reports import REPORTS
from ledger.reports.glance import Glance, glance
from ledger.reports.record import Record, record_before
from ledger.standing import standing
from ledger.store import Store
from ledger.story import Story, stories
from ledger.web import board, changes, claim, names, pages, proposition, source
from ledger.web.links import Filed, Stamp, Where, file
from ledger.web.look import document, stylesheet
from ledger.web.pages import Page

#: What says that a folder is a site, and what the site is of.
MARK = "site.json"

#: Claims have pages of their own up to so many, unless it is said otherwise.
MOST_CLAIMS = 20_000

#: How many propositions have their positions over time drawn, and how many counts their figures.
MOST_OVER_TIME, MOST_DRAWN = 100, 300

#: About how many claims are gathered at once, and how many have their stories read.
_BUNDLE, _BATCH = 10_000, 500

_OURS = re.compile(
    r"(index|board|contested|names|changes)(-[0-9]+)?\.(html|csv|json)|style\.css|site\.json"
    r"|event|proposition|source|claim"
)

Row = Mapping[str, Any]


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


@dataclass(frozen=True, slots=True)
class Done:
    """How many pages were written, how many bytes in all, of what; and what is to be told."""

    pages: int
    size: int
    of: Stamp
    notes: tuple[str, ...]


#: What a share of the work comes to: pages and bytes.
_Count = tuple[int, int]


def write_site(
    store: Store,
    folder: Path,
    *,
    as_of: int | None = None,
    asked: str | None = None,
    title: str = "The ledger",
    charts: bool = True,
    claims: bool | None = None,
    force: bool = False,
) -> Done:
    """Write the pages of a ledger, as of entry `as_of`, as files into a folder: all or none.

    `asked` is the as-of as it was asked for. `claims`: whether each claim has a page; None: up to
    MOST_CLAIMS. A folder that is there is refused unless it is empty or a site, or if `force`; of
    it only what a site is made of is replaced. Raises LedgerError where it cannot be written.
    """
    _must_be_ours(folder, force=force)
    with store.reader(as_of=as_of) as connection:
        of = pages.stamp(connection, asked)
        sizes, counts = _sizes(connection), _counts(connection)
    total = sum(sizes.values())
    with_claims = total <= MOST_CLAIMS if claims is None else claims
    notes = []
    if not with_claims:
        notes.append("claims have no pages of their own; each is told on its proposition's")
    drawn: frozenset[int] = frozenset()
    over_time = len(sizes) <= MOST_OVER_TIME
    if charts:
        notes += (missing_ := missing())
        if not missing_:
            drawn = frozenset(sizes if over_time else counts[:MOST_DRAWN])
    try:
        with renewed_folder(folder, lambda name: bool(_OURS.fullmatch(name))) as part:
            plan = Plan(store, part, as_of, of, title, with_claims, sizes, drawn, over_time)
            pages_, size = _written(plan)
    except OSError as error:
        raise LedgerError(
            f"cannot write {error.filename or folder}: {error.strerror}", "name another folder"
        ) from None
    return Done(pages_, size, of, tuple(notes))


def _must_be_ours(folder: Path, *, force: bool) -> None:
    """Refuse a folder with something in it that is no site, or a file."""
    if folder.exists() and not folder.is_dir():
        raise LedgerError(f"{folder} is a file", "name a folder, or a new one")
    try:
        told = json.loads((folder / MARK).read_text(encoding="utf-8"))
        is_site = isinstance(told, dict) and told.get("made_by") == "claim-ledger"
    except (OSError, ValueError):
        is_site = False
    if not (force or is_site) and folder.is_dir() and any(folder.iterdir()):
        raise LedgerError(
            f"{folder} is there, and it is no site that ledger made",
            "name a new folder; --force writes into this one, and replaces pages of the same names",
        )


def _sizes(connection: sa.Connection) -> dict[int, int]:
    """How many claims each proposition has, in the order of reports."""
    table, stated = schema.proposition, schema.claim
    counted = sa.select(stated.c.proposition_id, sa.func.count()).group_by(stated.c.proposition_id)
    counts: dict[int, int] = dict(
        connection.execute(counted.order_by(stated.c.proposition_id)).tuples().all()
    )
    order = sa.select(table.c.id).order_by(table.c.event_id.asc().nulls_last(), table.c.id)
    return {number: counts.get(number, 0) for number in connection.execute(order).scalars()}


def _counts(connection: sa.Connection) -> list[int]:
    """The propositions that ask how many."""
    table = schema.proposition
    question = sa.select(table.c.id).where(table.c.kind == Kind.COUNT.value).order_by(table.c.id)
    return list(connection.execute(question).scalars())


@dataclass(slots=True)
class _Files:
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


#: A share of the work: what writes some of the pages.
_Task = Callable[[sa.Connection, _Files], None]


def _written(plan: Plan) -> _Count:
    """Write everything, by two processes if there are two cores."""
    for kind in ("event", "proposition", "source", *(["claim"] if plan.claims else [])):
        (plan.folder / kind).mkdir()
    tasks = _tasks(plan)
    ours, theirs = tasks[::2], tasks[1::2]
    total = [0, 0]
    with ahead(_share(plan, theirs)) as others:
        for shares in (_share(plan, ours), others):
            for share in shares:
                total = [sum(pair) for pair in zip(total, share, strict=True)]
    files = _Files(plan)
    files.put("style.css", stylesheet())
    of = plan.of
    mark = {"made_by": "claim-ledger", "title": plan.title, "entry": of.entry, "head": of.head}
    files.put(MARK, json.dumps(mark, ensure_ascii=False, indent=1) + "\n")
    return total[0], total[1] + files.size


def _share(plan: Plan, tasks: Sequence[_Task]) -> Iterator[_Count]:
    """Do some of the work, on a reader of one's own."""
    with _reader(plan) as connection:
        for task in tasks:
            files = _Files(plan)
            task(connection, files)
            yield files.pages, files.size


@contextmanager
def _reader(plan: Plan) -> Iterator[sa.Connection]:
    """A reader of the ledger as it was when the site was planned, whoever has recorded since."""
    with plan.store.reader(as_of=plan.as_of) as connection:
        if history.head(connection).entry == plan.of.entry:
            yield connection
            return
    with plan.store.reader(as_of=plan.of.entry) as connection:
        yield connection


def _tasks(plan: Plan) -> list[_Task]:
    """The work in shares of about the same size, the largest first."""
    bundles = list(_bundles(plan.sizes))
    tasks: list[_Task] = [_sources, _boards]
    for bundle in bundles:
        tasks.append(partial(_propositions, bundle))
    if plan.claims:
        tasks += [partial(_claims, bundle) for bundle in bundles]
    return [*tasks, _rest]


def _bundles(sizes: Mapping[int, int]) -> Iterator[list[int]]:
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


def _boards(connection: sa.Connection, files: _Files) -> None:
    """The board, that of what is contested, and that of each event."""
    found = [
        row
        for bundle in _bundles(files.plan.sizes)
        for row in glance(connection, bundle, most=NAMED)
    ]
    report = REPORTS["versus"]
    rows, kinds = report.answer(connection)
    columns = list(report.columns)
    slug = columns.index("proposition")
    versus = {row[slug]: row for row in rows}
    titles = board.events(connection)

    def put(where: Where, event: Row | None, fitting: Sequence[Glance]) -> None:
        told = [versus[row.slug] for row in fitting]
        title = f"The board of {where.key}" if event else "The board"
        answered = Answer(columns, told, kinds, report.columns, title)
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
        put(Where("event", event["event"]), dict(event), by_event.get(event["event"], []))


def _propositions(numbers: Sequence[int], connection: sa.Connection, files: _Files) -> None:
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
        charts = proposition.Charts()
        if about.number in files.plan.drawn:
            charts = proposition.charts(connection, about, over_time=files.plan.over_time)
        made = proposition.body(about, charts, files.links(where))
        said = [tuple(row.values()) for row in claims[about.slug]]
        files.page(where, made, proposition.table(rows[about.slug], said))


def _sources(connection: sa.Connection, files: _Files) -> None:
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


def _claims(propositions: Sequence[int], connection: sa.Connection, files: _Files) -> None:
    """The pages of the claims on some propositions."""
    stated = schema.claim
    records: dict[tuple[str, int], Record] = {}
    for some in batches(propositions, _BATCH):
        on = sa.select(stated.c.id, stated.c.proposition_id).where(
            stated.c.proposition_id.in_(some)
        )
        about = {row.id: row.proposition_id for row in connection.execute(on.order_by(stated.c.id))}
        stands = {number: standing(connection, number) for number in sorted({*about.values()})}
        for batch in batches(about, _BATCH):
            told = stories(connection, batch)
            documents = _documents(connection, told)
            for each in told:
                number = each.row["claim"]
                key = (each.row["source"], each.versions[0].entry)
                if key not in records:  # the same for all that a source said in one entry
                    records[key] = record_before(connection, number)
                where = Where("claim", str(number))
                document_ = documents.get(each.row["document"])
                made = claim.body(
                    each, document_, records[key], stands[about[number]], files.links(where)
                )
                files.page(where, made, claim.table(each))


def _documents(connection: sa.Connection, told: Sequence[Story]) -> dict[str, Row]:
    """The documents of claims, by slug."""
    view = views.DOCUMENTS.table
    slugs = sorted({each.row["document"] for each in told} - {None})
    question = sa.select(view).where(view.c.document.in_(slugs)).order_by(view.c.id)
    return {row["document"]: dict(row) for row in connection.execute(question).mappings()}


def _rest(connection: sa.Connection, files: _Files) -> None:
    """What changed, and the index of names."""
    for where, room in ((Where("changes"), changes), (Where("names"), names)):
        made = room.show(connection, where, files.links(where), files.plan.of)
        files.page(where, made, room.answer(connection, where))
