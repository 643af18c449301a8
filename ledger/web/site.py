"""The pages as a folder of files, to be read from a disk or any web server.

What a page says is its room's to say; here many are made of few questions. The pages of one site
are of one moment: who records meanwhile is not in it. Where there is a core for it, two processes
share the work.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ledger import history, schema
from ledger.ahead import ahead
from ledger.dossier.drawings import missing
from ledger.errors import LedgerError
from ledger.model import Kind
from ledger.placing import is_part, renewed_folder
from ledger.reports.glance import chosen
from ledger.store import Store
from ledger.uncollected import uncollected
from ledger.web import pages
from ledger.web.filing import Files, Plan, boards, bundles, claims, propositions, rest, sources
from ledger.web.links import Stamp
from ledger.web.look import stylesheet

#: What says that a folder is a site, and what the site is of.
MARK = "site.json"

#: Claims have pages of their own up to so many, unless it is said otherwise.
MOST_CLAIMS = 5_000

#: Of so many propositions everything is drawn that can be; of more, only the figures of so many
#: counts with so many claims together, for a large chart takes a second.
MOST_OVER_TIME, MOST_DRAWN, MOST_ROWS = 100, 8, 200

#: From so many claims on a second process is worth its start.
_SHARED = 1_000

_OURS = re.compile(
    r"(index|board|contested|names|changes)(-[0-9]+)?\.(html|csv|json)|style\.css|site\.json"
    r"|event|proposition|source|claim"
)

Row = Mapping[str, Any]


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
        sizes = _sizes(connection)
        over_time = len(sizes) <= MOST_OVER_TIME
        notes = missing() if charts else []
        drawn = frozenset(sizes)
        if notes or not charts:
            drawn = frozenset()
        elif not over_time:
            drawn = _drawn(connection, sizes, notes)
    total = sum(sizes.values())
    with_claims = total <= MOST_CLAIMS if claims is None else claims
    if not with_claims:
        notes.append("claims have no pages of their own; each is told on its proposition's")
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
    if folder.is_symlink() and not folder.exists():
        raise LedgerError(f"{folder} leads nowhere", "make the folder that it leads to")
    try:
        told = json.loads((folder / MARK).read_text(encoding="utf-8"))
        is_site = isinstance(told, dict) and told.get("made_by") == "claim-ledger"
    except (OSError, ValueError):
        is_site = False
    others = folder.iterdir() if folder.is_dir() else ()
    if not (force or is_site) and any(not is_part(each.name, folder) for each in others):
        raise LedgerError(
            f"{folder} is there, and it is no site that ledger made",
            "name a new folder; --force writes into this one, and replaces pages of the same names",
        )


def _sizes(connection: sa.Connection) -> dict[int, int]:
    """How many claims each proposition has, in the order of reports."""
    table, stated = schema.proposition, schema.claim
    counted = sa.select(stated.c.proposition_id, sa.func.count()).group_by(stated.c.proposition_id)
    counted = counted.order_by(stated.c.proposition_id)
    counts: dict[int, int] = {row[0]: row[1] for row in connection.execute(counted)}
    order = sa.select(table.c.id).order_by(table.c.event_id.asc().nulls_last(), table.c.id)
    return {number: counts.get(number, 0) for number in connection.execute(order).scalars()}


def _drawn(connection: sa.Connection, sizes: Mapping[int, int], notes: list[str]) -> frozenset[int]:
    """The counts that are drawn where not all can be, contested ones first; a note says so."""
    table = schema.proposition
    question = sa.select(table.c.id).where(table.c.kind == Kind.COUNT.value).order_by(table.c.id)
    counts = list(connection.execute(question).scalars())
    contested = set(chosen(connection, contested=True)) if counts else set()
    drawn: set[int] = set()
    rows = 0
    for number in sorted(counts, key=lambda number: number not in contested):
        if len(drawn) < MOST_DRAWN and sizes[number] and rows + sizes[number] <= MOST_ROWS:
            drawn.add(number)
            rows += sizes[number]
    notes.append(
        f"of {len(counts):,} counts {len(drawn)} are drawn, contested ones first, and no positions "
        "over time: there are many propositions; `ledger dossier PROPOSITION` draws both"
    )
    return frozenset(drawn)


#: A share of the work: what writes some of the pages.
_Task = Callable[[sa.Connection, Files], None]


def _written(plan: Plan) -> _Count:
    """Write everything, by two processes if there are two cores."""
    for kind in ("event", "proposition", "source", *(["claim"] if plan.claims else [])):
        (plan.folder / kind).mkdir()
    tasks = _tasks(plan)
    alone = sum(plan.sizes.values()) < _SHARED
    ours, theirs = (tasks, []) if alone else (tasks[::2], tasks[1::2])
    total = [0, 0]
    with nullcontext(()) if alone else ahead(_share(plan, theirs)) as others:
        for shares in (_share(plan, ours), others):
            for share in shares:
                total = [sum(pair) for pair in zip(total, share, strict=True)]
    files = Files(plan)
    files.put("style.css", stylesheet())
    of = plan.of
    mark = {"made_by": "claim-ledger", "title": plan.title, "entry": of.entry, "head": of.head}
    files.put(MARK, json.dumps(mark, ensure_ascii=False, indent=1) + "\n")
    return total[0], total[1] + files.size


def _share(plan: Plan, tasks: Sequence[_Task]) -> Iterator[_Count]:
    """Do some of the work, each task on a reader of its own: who waits to record comes between."""
    for task in tasks:
        files = Files(plan)
        # A task leaves no circles to speak of, and looking for them takes a fifth.
        with _reader(plan) as connection, uncollected():
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
    parts = list(bundles(plan.sizes))
    tasks: list[_Task] = [sources, boards]
    tasks += [partial(propositions, part) for part in parts]
    if plan.claims:
        tasks += [partial(claims, part) for part in parts]
    return [*tasks, rest]
