"""The pages: what each is called, who makes it, and what it is as a table.

`show` gives a page to read, `answer` its rows for CSV and JSON, of the ledger as the connection
shows it. Whoever serves or files them asks here, and opens the `reader`. Where a page is drawn, its
room reads first, and gives what draws it.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import IO, Any, cast

import sqlalchemy as sa

from ledger import history
from ledger.errors import InvalidError, LedgerError, Problem
from ledger.formats import FORMATS, Answer
from ledger.formats.lines import jsonable
from ledger.formats.values import plain
from ledger.rules import shown
from ledger.store import Store
from ledger.web.links import Links, Stamp, Where

#: Who makes the pages of a kind: a module with `show` and `answer`.
_ROOMS = {
    "board": "board",
    "event": "board",
    "proposition": "proposition",
    "source": "source",
    "claim": "claim",
    "changes": "changes",
    "search": "searching",
    "names": "names",
}


#: The title and body of a page.
_Made = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """A page to read: which it is, its title (plain text), what stands in its `main`, its ledger.

    `body` is HTML and safe to put into a page; the title is not, until it is escaped. Where `found`
    is false it only says that there is none: it has no rows, and nothing that lasts.
    """

    where: Where
    title: str
    body: str
    stamp: Stamp
    found: bool = True


@dataclass(frozen=True, slots=True)
class Told(Answer):
    """Rows, and the one row that they are about: of a proposition, source or claim."""

    about: Mapping[str, Any] = field(default_factory=dict)


def entry_as_of(connection: sa.Connection, as_of: str | None) -> int | None:
    """The number of the entry that is meant by an entry's number, a day or a moment; None: now.

    Of an empty text it is now, too. Raises InvalidError for any other text, NotFoundError for a
    number past the newest entry.
    """
    if not as_of:
        return None
    try:
        moment = history.moment(as_of)
    except ValueError:
        what = f"{shown(as_of)} is neither an entry's number nor a date"
        problem = Problem("as-of", what, "7, 2018-02-20, 2018-02-20T09:00:00Z")
        raise InvalidError("the ledger cannot be shown as of then", [problem]) from None
    return history.entry_as_of(connection, moment)


@contextmanager
def reader(store: Store, as_of: str | None) -> Iterator[sa.Connection]:
    """The ledger as it stood at what was asked for, or stands now; raises as `entry_as_of`."""
    entry = None
    if as_of:
        with store.reader() as connection:
            entry = entry_as_of(connection, as_of)
    with store.reader(as_of=entry) as connection:
        yield connection


def stamp(connection: sa.Connection, as_of: str | None = None, head: str | None = None) -> Stamp:
    """Of which ledger the pages are that are made of `connection`.

    `as_of` is what was asked for, `head` the hash that an address names: the first digits will do.
    """
    newest = history.head(connection)
    held = newest.hash.startswith(head.lower()) if head else None
    return Stamp(newest.entry, newest.hash, newest.recorded_at, as_of or None, held)


def show(connection: sa.Connection, where: Where, links: Links, of: Stamp) -> Page:
    """A page to read. Raises NotFoundError for what is not there, InvalidError for a wrong word."""
    return prepared(connection, where, links, of)()


def prepared(
    connection: sa.Connection, where: Where, links: Links, of: Stamp
) -> Callable[[], Page]:
    """What makes the page, as `show` does, and no longer reads: the ledger can be let go of."""
    maker: Callable[..., _Made | Callable[[], _Made]] = _maker(where.kind, "show")
    made = maker(connection, where, links, of)

    def page() -> Page:
        title, body = made() if callable(made) else made
        return Page(where, title, body, of)

    return page


def answer(connection: sa.Connection, where: Where) -> Answer:
    """All rows that a page tells of, on however many pages it does; raises as `show` does."""
    maker: Callable[..., Answer] = _maker(where.kind, "answer")
    return maker(connection, where)


def load() -> None:
    """Load whoever makes pages, so that the first page need not wait for it."""
    for room in _ROOMS.values():
        import_module(f"ledger.web.{room}")


def _maker(kind: str, name: str) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(import_module(f"ledger.web.{_ROOMS[kind]}"), name)
    return found


class Bounded:
    """A stream for `write`, of `most` characters; LedgerError past it says what to do `instead`."""

    def __init__(self, stream: IO[str], most: int, instead: str) -> None:
        self._stream = stream
        self._most = self._left = most
        self._instead = instead

    def write(self, text: str) -> int:
        """Write on."""
        self._left -= len(text)
        if self._left < 0:
            raise LedgerError(
                f"this answer is larger than {self._most:,} characters", self._instead
            )
        return self._stream.write(text)


def write(stream: "IO[str] | Bounded", answered: Answer, ending: str, of: Stamp) -> None:
    """Write rows as `csv` (RFC 4180, formulas disarmed) or as `json`: an object, see docs/web.md.

    The object has `title`, `as_of` (what was asked for), `entry`, `head`, `recorded_at`, `columns`
    (name → meaning), `about` (the row that the page is of, if it is of one) and `rows`.
    """
    text = cast("IO[str]", stream)  # what formats write to is asked for nothing else
    if ending == "csv":
        FORMATS["csv"].write(text, answered)
        return
    told = {
        "title": answered.title,
        "as_of": of.as_of,
        "entry": of.entry,
        "head": of.head,
        "recorded_at": plain(of.recorded_at) or None,
        "columns": dict(answered.meanings),
    }
    if isinstance(answered, Told):
        told["about"] = {name: jsonable(value) for name, value in answered.about.items()}
    for name, value in told.items():
        opened = "{" if name == "title" else ","
        stream.write(f'{opened}\n "{name}": {json.dumps(value, ensure_ascii=False)}')
    stream.write(',\n "rows": ')
    FORMATS["json"].write(text, answered)
    stream.write("}\n")
