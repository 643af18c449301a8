"""Reads a ledger's claims out for an export: of many, in a process of its own.

To read a million rows takes as long as to write them down, so two processes take half the time. The
other one opens the ledger for itself; that both read one state is told by the head.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import Any

import sqlalchemy as sa

from ledger import history, schema
from ledger.ahead import ahead, is_worth_it
from ledger.errors import BusyError
from ledger.exchange import tables
from ledger.exchange.spool import Spool
from ledger.exchange.uncarried import not_in_claims
from ledger.store import SQLiteStore, Store
from ledger.stored import lists_of, raw

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

#: Some claims, of each what FIELDS names, as it is stored.
Rows = Sequence[tuple[Any, ...]]


def recite(connection: sa.Connection) -> Iterator[Any]:
    """For each table of TOLD the numbers that claims name, in the order in which they first do.

    Then the claims in the order of their numbers, some at a time; None; and the notes on what a
    table of claims cannot carry.
    """
    for column in TOLD.values():
        first = sa.func.min(schema.claim.c.id)
        query = sa.select(column).where(column.is_not(None)).group_by(column).order_by(first)
        yield [*connection.execute(query).scalars()]
    claim = schema.claim
    query = sa.select(*raw(claim.c[name] for name in FIELDS)).order_by(claim.c.id)
    yield from lists_of(connection, query)
    yield None
    yield not_in_claims(connection)


@contextmanager
def beside(store: Store, as_of: int | None) -> Iterator[tuple[sa.Connection, Iterator[Any] | None]]:
    """A reader on the ledger as of an entry, and its recital by another process.

    None where that would not pay, or where a writer came between the two.
    """
    with store.reader(as_of=as_of) as connection:
        many = connection.execute(sa.select(sa.func.max(schema.claim.c.id))).scalar() or 0
    with ExitStack() as stack:
        if many >= _MANY and is_worth_it():
            # Begun while nothing of the database is open here: no copy must have that.
            spool = stack.enter_context(closing(Spool()))
            said = stack.enter_context(ahead(_recited(_hurried(store), as_of, spool)))
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


def _recited(store: Store, as_of: int | None, spool: Spool) -> Iterator[Any]:
    """The head; then where in the spool each part of the recital stands."""
    with store.reader(as_of=as_of) as connection:
        yield history.head(connection).hash
        for part in recite(connection):
            yield spool.add([part])


def _heard(said: Iterator[Any], spool: Spool) -> Iterator[Any]:
    yield next(said)
    for start in said:
        yield spool.at(start)[0]
