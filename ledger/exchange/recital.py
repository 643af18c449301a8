"""Reads a ledger's claims out for an export: of many, in a process of its own.

To read a million rows and write down what they say themselves takes as long as to spell out what
they name, so two processes take half the time. The other one opens the ledger for itself; that both
read one state is told by the head.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import Any

import sqlalchemy as sa

from ledger import history, schema, wording
from ledger.ahead import ahead, is_worth_it
from ledger.errors import BusyError
from ledger.exchange import tables
from ledger.exchange.cells import OPEN, written
from ledger.exchange.lines import Kept, Text, texts
from ledger.exchange.spool import Spool
from ledger.exchange.stored import LENGTHS
from ledger.exchange.uncarried import not_in_claims
from ledger.model import Precision
from ledger.store import SQLiteStore, Store
from ledger.stored import lists_of
from ledger.stored import raw as as_stored

#: Fewer claims are read before a process has begun.
_MANY = 50_000
#: Seconds that one of two readers waits for a writer.
_PATIENCE = 0.5

#: The tables of things that claims name, in the order in which a recital tells them.
TOLD = {
    "proposition": schema.claim.c.proposition_id,
    "source": schema.claim.c.source_id,
    "document": schema.claim.c.document_id,
}

#: What is read of a claim.
FIELDS = (*(column.field for column in tables.CLAIM), "stated_precision")

#: A claim's record in parts: its number; its proposition and source, by number; the cells from
#: stance to quote_suffix; its document and relay, by number or None; the cells from attribution on.
Said = tuple[int, int, int, str, int | None, int | None, str]


def recite(connection: sa.Connection, *, raw: bool) -> Iterator[Any]:
    """For each table of TOLD the numbers that claims name, in the order in which they first do.

    Then the claims (Said) in the order of their numbers, some at a time; None; and the notes on
    what a table of claims cannot carry. Cells are disarmed unless `raw`.
    """
    for column in TOLD.values():
        first = sa.func.min(schema.claim.c.id)
        query = sa.select(column).where(column.is_not(None)).group_by(column).order_by(first)
        yield [*connection.execute(query).scalars()]
    claim = schema.claim
    query = sa.select(*as_stored(claim.c[name] for name in FIELDS)).order_by(claim.c.id)
    yield from _said(lists_of(connection, query), texts(raw=raw))
    yield None
    yield not_in_claims(connection)


def _said(claims: Iterator[Sequence[tuple[Any, ...]]], text: Text) -> Iterator[list[Said]]:
    """Claims, of each what FIELDS names as it is stored, with the cells that are their own."""
    word = Kept[Any](lambda value: text(written(value)))  # of a vocabulary, a date, a number
    stated = Kept[tuple[Any, Any]](lambda key: text(written(key[0])[: LENGTHS[Precision(key[1])]]))
    for rows in claims:
        yield [
            (
                number, on, by, (
                f"{word[stance]},{word[basis]},"
                f"{(words and _open(low, high, words)) or word[low]},{word[high]},"
                f"{text(words) if words else ''},{text(quote) if quote else ''},"
                f"{text(prefix) if prefix else ''},{text(suffix) if suffix else ''}"
                ), where, via, (
                f"{word[attribution]},{word[answers] if answers else ''},"
                f"{word[repeats] if repeats else ''},{stated[day, precision] if day else ''},"
                f"{word[status]},{text(because) if because else ''},{text(note) if note else ''}"
                ),
            )
            for (
                number, on, by, stance, basis, low, high, words, quote, prefix, suffix, where, via,
                attribution, answers, repeats, day, status, because, note, precision,
            ) in rows
        ]  # fmt: skip


def _open(low: int | None, high: int | None, words: str) -> str:
    """What says that the analyst left open what the convention would not; else nothing."""
    return OPEN if low is None and high is None and wording.parse(words) else ""


@contextmanager
def beside(
    store: Store, as_of: int | None, *, raw: bool = False
) -> Iterator[tuple[sa.Connection, Iterator[Any] | None]]:
    """A reader on the ledger as of an entry, and its recital by another process.

    None where that would not pay, or where a writer came between the two. `raw` as for `recite`.
    """
    with store.reader(as_of=as_of) as connection:
        many = connection.execute(sa.select(sa.func.max(schema.claim.c.id))).scalar() or 0
    with ExitStack() as stack:
        if many >= _MANY and is_worth_it():
            # Begun while nothing of the database is open here: no copy must have that.
            spool = stack.enter_context(closing(Spool()))
            said = stack.enter_context(ahead(_recited(_hurried(store), as_of, spool, raw)))
            told = _heard(said, spool)
            same = False
            with suppress(BusyError):
                connection = stack.enter_context(_hurried(store).reader(as_of=as_of))
                same = next(told) == history.head(connection).hash
            if same:
                yield connection, told
                return
        stack.pop_all().close()
        yield stack.enter_context(store.reader(as_of=as_of)), None


def _hurried(store: Store) -> Store:
    """The same ledger, for a reader that gives up soon.

    A writer that waits for the one reader lets no other in: so the one must not wait for the other.
    """
    if isinstance(store, SQLiteStore):
        return SQLiteStore(store.path, busy_seconds=_PATIENCE)
    return store


def _recited(store: Store, as_of: int | None, spool: Spool, raw: bool) -> Iterator[Any]:
    """The head; then where in the spool each part of the recital stands."""
    with store.reader(as_of=as_of) as connection:
        yield history.head(connection).hash
        for part in recite(connection, raw=raw):
            yield spool.add([part])


def _heard(said: Iterator[Any], spool: Spool) -> Iterator[Any]:
    yield next(said)
    for start in said:
        yield spool.at(start)[0]
