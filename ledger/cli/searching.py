"""`search`: claims by the words in them."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from ledger import views
from ledger.cli import claims as listing
from ledger.cli.filters import Narrowed, claim_filters
from ledger.cli.options import Reader, reading, words
from ledger.cli.output import Sheet, counted
from ledger.story import told

if TYPE_CHECKING:
    import sqlalchemy as sa

    from ledger.search import Search
    from ledger.searchwords import Term

#: So many claims a table shows, unless it is told otherwise.
SCREENFUL = 50

#: What a table on a screen shows of a claim that was found: not its status, but the words.
BRIEF = {name: head for name, head in listing.BRIEF.items() if name != "status"} | {
    "found": "found"
}

#: The same on a screen too narrow for it.
NARROW = {name: head for name, head in listing.NARROW.items() if head != "status"} | {
    "found": "found"
}

#: What every format but a table has after the columns of the view `claims`.
FOUND = {
    "hit": "the columns that hold what was looked for, that of the snippet first; also alias, "
    "event_title, place",
    "snippet": "the words around the hit, those that were looked for in square brackets",
}


@click.command("search", epilog="Example:  ledger search mercenaries OR contractors")
@click.argument("words_", metavar="WORDS...", nargs=-1, required=True)
@claim_filters
@click.option("-n", "--limit", type=click.IntRange(1), help="At most so many, the best first.")
@reading()
def search_command(desk: Reader, words_: Sequence[str], limit: int | None, **given: Any) -> None:
    """Find claims by words: in the quote, wording, note and reason, and in what the claim names.

    That is its proposition (the sentence too), source, document and event. All the WORDS must be
    there; an argument of several words is a phrase. flee* is any word that begins so; OR, AND, NOT
    and parentheses do as usual; quote:river looks there alone, and so do wording:, note:, because:,
    proposition:, source:, document: and event: (docs/search.md).

    Case and accents do not matter, in any script; Chinese, Japanese and Thai are found within a
    sentence. The best come first, those found by a name last; of very many the newest. A table
    shows 50 unless --limit says otherwise. Withdrawn claims are left out unless --status withdrawn
    asks for them.
    """
    from ledger.search import Search
    from ledger.searchwords import joined, read, terms

    asked = joined(words_)
    question = read(asked)
    looked_for = list(terms(question))
    table = desk.format in (None, "table")
    most = limit or (SCREENFUL if table else None)
    with desk.open() as connection:
        claims = views.CLAIMS.table
        narrowed = Narrowed.by(connection, claims, **given).conditions
        found = Search(connection, question, claims, narrowed, narrow=any(given.values()))
        empty = f"no claim holds {asked}" + _begins(looked_for)
        if not table:
            columns = [*views.CLAIMS.columns, *FOUND]
            meanings = {**views.CLAIMS.columns, **FOUND}
            rows = _rows(connection, found, looked_for, most, table=False)
            desk.write(
                Sheet(columns, rows, empty=empty, kinds=views.CLAIMS.kinds, meanings=meanings)
            )
            return
        wanted = None if most is None else most + 1
        some = list(_rows(connection, found, looked_for, wanted, table=True))
    more = most is not None and len(some) > most
    shown = some[:most]
    columns = [*views.CLAIMS.columns, "says", "found"]
    desk.write(Sheet(columns, shown, BRIEF, empty, narrow=NARROW))
    if shown:
        _tell(found, len(shown), more=more)


def _rows(
    connection: "sa.Connection",
    found: "Search",
    looked_for: "Sequence[Term]",
    most: int | None,
    *,
    table: bool,
) -> Iterator[list[Any]]:
    from ledger.marking import COLUMNS, marked
    from ledger.search import unshown

    columns = list(views.CLAIMS.columns)
    searched = [(column, columns.index(column)) for column in COLUMNS if column in columns]
    for row in islice(found, most):
        mark = marked({column: row[place] for column, place in searched}, looked_for)
        if not mark.hit:
            mark = marked(unshown(connection, row[0]), looked_for)
        if table:
            where = f"{mark.hit[0].removesuffix('_text')}: " if mark.hit else ""
            yield [*row, told(dict(zip(columns, row, strict=True))), f"{where}{mark.snippet}"]
        else:
            yield [*row, ", ".join(mark.hit), mark.snippet]


def _begins(looked_for: "Sequence[Term]") -> str:
    """What else to try where nothing was found."""
    word = next((term.words[-1] for term in looked_for if not term.beginning), "")
    return f"; {word}* finds words that begin so" if word.isascii() and word else ""


def _tell(found: "Search", number: int, *, more: bool) -> None:
    order = "the best first" if found.ranked else "the newest first, for they are very many"
    if more:
        words(f"the first {number} found, {order}; -n shows more, -o FILE.csv has them all")
    else:
        words(f"{counted(number, 'claim')} found; `ledger show N` tells the whole of one")
