"""Search: the claims that hold the words asked for, the best first, with the words marked."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa

from ledger import views
from ledger.errors import QueryError
from ledger.formats import Answer
from ledger.marking import COLUMNS, Marked, marked
from ledger.model import WITHDRAWN
from ledger.search import Search, unshown
from ledger.searchwords import Term, read, terms
from ledger.story import told
from ledger.web.board import SIZE
from ledger.web.links import Links, Stamp, Where
from ledger.web.look import rendered

#: How many pages there are of what was found, and how many rows its CSV has.
MOST_PAGES, MOST_ROWS = 20, 5_000

#: What a found word stands between: no text of a ledger holds half a pair.
_MARKS = ("\ud800", "\udc00")

#: What the CSV has after the columns of the view `claims`.
FOUND = {
    "hit": "the columns that hold what was looked for, that of the snippet first; also alias, "
    "event_title, place",
    "snippet": "the words around the hit, those that were looked for in square brackets",
}


def show(connection: sa.Connection, where: Where, links: Links, of: Stamp) -> tuple[str, str]:
    """The page's title and body; a question that cannot be read is told on the page."""
    asked, page = where.of("q"), min(where.page, MOST_PAGES)
    problem: QueryError | None = None
    some: list[dict[str, Any]] = []
    ranked = True
    if asked:
        try:
            found, looked_for = _search(connection, asked)
            ranked = found.ranked
            rows = islice(found, (page - 1) * SIZE, page * SIZE + 1)
            some = [_hit(connection, row, looked_for) for row in rows]
        except QueryError as error:
            problem = error
    html = rendered(
        "search.html",
        asked=asked,
        problem=problem,
        found=some[:SIZE],
        more=len(some) > SIZE and page < MOST_PAGES,
        page=page,
        first=(page - 1) * SIZE + 1,
        ranked=ranked,
        where=where,
        links=links,
        of=of,
    )
    return f"Search: {asked}" if asked else "Search", html


def answer(connection: sa.Connection, where: Where) -> Answer:
    """What `ledger search` finds, the first MOST_ROWS; QueryError for what cannot be read."""
    asked = where.of("q") or ""
    found, looked_for = _search(connection, asked)
    meanings = {**views.CLAIMS.columns, **FOUND}
    rows = _rows(connection, islice(found, MOST_ROWS), looked_for)
    return Answer(list(meanings), rows, views.CLAIMS.kinds, meanings, f"Search: {asked}")


def _search(connection: sa.Connection, asked: str) -> tuple[Search, Sequence[Term]]:
    question = read(asked)
    claims = views.CLAIMS.table
    standing = [claims.c.status != WITHDRAWN]
    return Search(connection, question, claims, standing, narrow=False), list(terms(question))


def _hit(connection: sa.Connection, row: Sequence[Any], looked_for: Sequence[Term]) -> Any:
    """A claim that was found: its row, its count, where the words are and what is around them."""
    named = dict(zip(views.CLAIMS.columns, row, strict=True))
    mark = _marked(connection, named, looked_for, _MARKS)
    where = mark.hit[0].removesuffix("_text").replace("_", " ") if mark.hit else ""
    return {"row": named, "count": told(named), "where": where, "parts": parted(mark.snippet)}


def parted(snippet: str) -> list[tuple[str, bool]]:
    """A snippet in parts, each with whether it was looked for."""
    found = []
    for place, part in enumerate(snippet.split(_MARKS[0])):
        inside, _, after = part.partition(_MARKS[1]) if place else ("", "", part)
        found += [(text, is_hit) for text, is_hit in ((inside, True), (after, False)) if text]
    return found


def _rows(
    connection: sa.Connection, rows: Iterator[Sequence[Any]], looked_for: Sequence[Term]
) -> Iterator[list[Any]]:
    for row in rows:
        named = dict(zip(views.CLAIMS.columns, row, strict=True))
        mark = _marked(connection, named, looked_for)
        yield [*row, ", ".join(mark.hit), mark.snippet]


def _marked(
    connection: sa.Connection,
    row: dict[str, Any],
    looked_for: Sequence[Term],
    marks: tuple[str, str] | None = None,
) -> Marked:
    how = {} if marks is None else {"marks": marks}
    mark = marked({column: row.get(column) for column in COLUMNS}, looked_for, **how)
    return mark if mark.hit else marked(unshown(connection, row["claim"]), looked_for, **how)
