"""What of a ledger is indexed by its words, and what an index of words can be asked.

`fts5` keeps it on SQLite, `postgresql` there; `ledger.fulltext` is the door to both.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa

from ledger.searchwords import Node, Term


@dataclass(frozen=True, slots=True)
class Indexed:
    """A table whose versions are indexed: in which index, which columns as what.

    `kind` is the number that stands for the table in the index of names; a claim has none.
    """

    table: str
    index: str
    kind: int | None
    columns: dict[str, str]

    @property
    def number(self) -> str:
        """SQL for the number of a version in the index, from its row."""
        if self.kind is None:
            return "(entry_id << 32) | id"
        return f"(entry_id << 32) | (id << 3) | {self.kind:d}"

    def numbered(self, entry: int, row: int) -> int:
        """The number in the index of the version of a row that an entry wrote."""
        return (entry << 32) | (row if self.kind is None else (row << 3) | self.kind)


CLAIMS = "claim_text"
NAMES = "name_text"

INDEXED: dict[str, Indexed] = {
    each.table: each
    for each in (
        Indexed(
            "claim",
            CLAIMS,
            None,
            {"quote": "quote", "wording": "wording", "note": "note", "because": "because"},
        ),
        Indexed("proposition", NAMES, 1, {"name": "slug", "text": "text"}),
        Indexed("source", NAMES, 2, {"name": "name"}),
        Indexed("source_alias", NAMES, 3, {"name": "name"}),
        Indexed("document", NAMES, 4, {"name": "slug", "text": "title"}),
        Indexed("event", NAMES, 5, {"name": "slug", "text": "title", "place": "place"}),
    )
}

#: The kinds of names, by the number that stands for each in the index.
KINDS = {each.kind: each.table for each in INDEXED.values() if each.kind is not None}

#: The fields of a question that are columns of the claims' index, in their order.
OWN = tuple(INDEXED["claim"].columns)

#: A version's number in the claims' index, and its texts in the order of the index's columns.
Texts = tuple[int, *tuple[Any, ...]]
#: What a version in the index of names is of, its number there, and its texts.
Named = tuple["Indexed", int, tuple[Any, ...]]

#: How many bytes of a file of words, and of two beside it, are there to be taken over.
Made = tuple[int, int, int]


def claim_of(version: int) -> int:
    """The number of the claim that a version in the claims' index is of."""
    return version & 0xFFFFFFFF


def entry_of(version: int) -> int:
    """The number of the entry that wrote a version in the index."""
    return version >> 32


class Index(Protocol):
    """An index of words, in one kind of database; what its functions do is told where they are met,
    in `ledger.fulltext`.
    """

    def add(
        self,
        connection: sa.Connection,
        each: Indexed,
        table: str,
        entry: int | None = None,
        *,
        some_are_there: bool = False,
    ) -> None:
        """Put versions in: of `table`, which is that of `each` or its twin; of one entry, or all.

        Where `some_are_there`, those are passed over.
        """

    def empty(self, connection: sa.Connection) -> None:
        """Take all out."""

    #: Whether names are made apart with claims, where a database takes long to be given them.
    NAMES_APART: bool

    def apart(self, connection: sa.Connection) -> str | None:
        """How claims' words are made apart."""

    def make_apart(
        self, path: Path, how: str, rows: Iterable[Texts], names: Iterable[Named]
    ) -> Iterator[Made]:
        """Make the words of claims, and of names, in files; how far they are, as it is told."""

    def take_over(self, connection: sa.Connection, path: Path, made: Iterator[Made]) -> int:
        """Take such files in, as they are made; how many claims' versions they are of."""

    def lacking(self, connection: sa.Connection, each: Indexed, table: str) -> int:
        """How many versions in `table` are not in the index."""

    def held(self, connection: sa.Connection) -> int:
        """How many versions are in the index."""

    def lacks_newest(self, connection: sa.Connection, each: Indexed) -> bool:
        """Whether the newest version of a table is not in the index."""

    def check(self, connection: sa.Connection) -> None:
        """Have the database look the index over."""

    def newest_claim(self, connection: sa.Connection) -> int:
        """The highest number of a claim."""

    def best(
        self, connection: sa.Connection, asked: Node, *, until: int, most: int
    ) -> list[int] | None:
        """The versions found, the best first."""

    def newest(self, connection: sa.Connection, asked: Node, *, until: int) -> Iterator[int]:
        """The versions found, the newest first."""

    def kinds(self, connection: sa.Connection, term: Term) -> set[int]:
        """Which kinds of names hold a word or phrase."""

    def holding(
        self, connection: sa.Connection, own: Node | None, term: Term, kinds: Collection[int]
    ) -> Iterator[int]:
        """The claims that hold a word or phrase."""
