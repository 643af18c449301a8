"""The index of words: which version of which row holds them. The door to that of each database.

Versions are only ever added to it, as they are to the ledger, by the transaction that writes them:
so it finds what stands now and what stood at any entry, and nothing in it is ever taken back. It is
made from the rows, no hash covers it, and `rebuild` makes it anew.

A version's number in it is its entry, times 2**32, and its row's number; in the index of names the
row's number times 8 and which table it is of. On SQLite it is FTS5's (`ledger.words.fts5`), on
PostgreSQL of tsvectors (`ledger.words.postgresql`); both find the same.
"""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import sqlalchemy as sa

from ledger.errors import StoreError
from ledger.searchwords import And, Node, Or, Term
from ledger.words import (
    CLAIMS,
    INDEXED,
    KINDS,
    OWN,
    Index,
    Made,
    Named,
    Texts,
    claim_of,
    entry_of,
    fts5,
)

__all__ = [
    "INDEXED",
    "best",
    "check",
    "claim_of",
    "entry_of",
    "holding",
    "kinds",
    "made_apart",
    "make_apart",
    "missing",
    "must_be_current",
    "names_apart",
    "newest",
    "newest_claim",
    "own",
    "rebuild",
    "surplus",
    "take_over",
    "was_there",
    "write",
]

#: The schema revision that brought the index to a SQLite file; and to a server.
SINCE, _SINCE_ON_SERVERS = "0006", "0007"

_KINDS_OF = {
    "proposition": frozenset({1}),
    "source": frozenset({2, 3}),
    "document": frozenset({4}),
    "event": frozenset({5}),
    None: frozenset(KINDS),
}


def _index(connection: sa.Connection) -> Index:
    if connection.dialect.name == "postgresql":
        from ledger.words import postgresql

        return postgresql
    return fts5


def was_there(connection: sa.Connection, revision: str) -> bool:
    """Whether a ledger of that schema revision had the index on this database."""
    on_server = connection.dialect.name == "postgresql"
    return revision >= (_SINCE_ON_SERVERS if on_server else SINCE)


def write(
    connection: sa.Connection, entry: int, tables: Collection[str], *, some_are_there: bool = False
) -> None:
    """Index what entry number `entry` wrote of `tables`: rows that are there, and current.

    With `some_are_there` some claims' words were taken over.
    """
    for each in INDEXED.values():
        if each.table in tables:
            there = some_are_there and each.index == CLAIMS
            _index(connection).add(connection, each, each.table, entry, some_are_there=there)


def made_apart(connection: sa.Connection) -> str | None:
    """How the words of an entry's claims may be made in a file of their own, which `make_apart` is
    told; None where they cannot be.
    """
    return _index(connection).apart(connection)


def names_apart(connection: sa.Connection) -> bool:
    """Whether the words of names are made apart with those of claims."""
    return _index(connection).NAMES_APART


def make_apart(
    connection: sa.Connection,
    path: Path,
    how: str,
    rows: Iterable[Texts],
    names: Iterable[Named] = (),
) -> Iterator[Made]:
    """Make claims' words in files of that name, as `made_apart` said; nothing is asked of the
    connection, which another process may have.

    `rows` are versions' numbers and texts in the order of the index's columns; `names` are those of
    names, where `names_apart` says so. What comes back is for `take_over`: how far the files are.
    """
    yield from _index(connection).make_apart(path, how, rows, names)


def take_over(connection: sa.Connection, path: Path, made: Iterator[Made]) -> int:
    """Take claims' words over from files of that name while `make_apart` makes them, as it tells in
    `made`; how many versions they are of.
    """
    return _index(connection).take_over(connection, path, made)


def rebuild(connection: sa.Connection) -> None:
    """Make the index anew of every version there is, on a writer's connection."""
    index = _index(connection)
    index.empty(connection)
    for each in INDEXED.values():
        for table in (each.table, f"{each.table}_history"):
            index.add(connection, each, table)


def missing(connection: sa.Connection) -> Iterator[tuple[str, int]]:
    """Tables of which versions are not in the index, and how many; a scan of all there are."""
    for each in INDEXED.values():
        for table in (each.table, f"{each.table}_history"):
            if lacking := _index(connection).lacking(connection, each, table):
                yield table, lacking


def surplus(connection: sa.Connection) -> int:
    """How many versions the index has that the ledger has not."""
    versions = 0
    for each in INDEXED.values():
        for table in (each.table, f"{each.table}_history"):
            count = sa.select(sa.func.count()).select_from(sa.table(table))
            versions += connection.execute(count).scalar_one()
    return _index(connection).held(connection) - versions


def check(connection: sa.Connection) -> None:
    """Have the database look its index over, on a writer's connection; its own error if not."""
    _index(connection).check(connection)


def must_be_current(connection: sa.Connection) -> None:
    """Refuse an index that lacks the newest versions: StoreError. Another program wrote them."""
    for each in INDEXED.values():
        if _index(connection).lacks_newest(connection, each):
            raise StoreError(
                f"the index of words lacks the newest {each.table}: another program wrote it",
                "`ledger doctor --reindex` makes it anew",
            )


def own(node: Node) -> Node | None:
    """A question as it is asked of the claims' own texts; None where they cannot answer it.

    What names alone can answer is left out of an OR, and what they alone could exclude of a NOT.
    """
    if isinstance(node, Term):
        return node if node.field is None or node.field in OWN else None
    parts = [own(part) for part in node.parts]
    held = tuple(part for part in parts if part is not None)
    if isinstance(node, Or):
        return Or(held) if len(held) > 1 else held[0] if held else None
    if len(held) < len(parts):
        return None
    return And(held, tuple(part for each in node.without if (part := own(each)) is not None))


def newest_claim(connection: sa.Connection) -> int:
    """A number that no claim found on this reader passes; 0 where there is none."""
    return _index(connection).newest_claim(connection)


def best(connection: sa.Connection, asked: Node, *, until: int, most: int) -> list[int] | None:
    """The versions that find what is asked of claims' own texts (`own`), the best first; None where
    there are over `most`.

    Those that entries up to number `until` wrote. By bm25: the rarer a word and the shorter the
    text, the better; then the newest first.
    """
    return _index(connection).best(connection, asked, until=until, most=most)


def newest(connection: sa.Connection, asked: Node, *, until: int) -> Iterator[int]:
    """The same versions, however many; the last recorded first."""
    return _index(connection).newest(connection, asked, until=until)


def kinds(connection: sa.Connection, term: Term) -> frozenset[int]:
    """Which kinds of names hold a word or phrase, or did once."""
    wanted = _KINDS_OF.get(term.field)
    return wanted & _index(connection).kinds(connection, term) if wanted else frozenset()


def holding(connection: sa.Connection, term: Term, kinds: Collection[int]) -> Iterator[int]:
    """The claims that hold a word or phrase in their texts, or in names of these `kinds`.

    In no order, and a claim perhaps more than once. As the tables stand: on a reader as of an
    entry, as they stood.
    """
    return _index(connection).holding(connection, own(term), term, kinds)
