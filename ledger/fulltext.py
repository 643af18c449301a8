"""The index of words: which version of which row holds them. Made for SQLite, by FTS5.

Versions are only ever added to it, as they are to the ledger, by the transaction that writes them:
so it finds what stands now and what stood at any entry, and nothing in it is ever taken back. It is
made from the rows, no hash covers it, and `rebuild` makes it anew.

A version's number in it is its entry, times 2**32, and its row's number; in the index of names the
row's number times 8 and which table it is of. https://www.sqlite.org/fts5.html
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ledger.errors import StoreError
from ledger.folding import searchable
from ledger.searchwords import Node, Or, Term


@dataclass(frozen=True, slots=True)
class Indexed:
    """A table whose versions are indexed: in which index, numbered how, which columns as what."""

    table: str
    index: str
    number: str
    columns: dict[str, str]


#: The schema revision that brought the index.
SINCE = "0006"

_CLAIMS = "claim_text"
_NAMES = "name_text"
_NUMBER = "(entry_id << 32) | (id << 3) | "

#: The kinds of names, by the number that stands for each in the index.
KINDS = {1: "proposition", 2: "source", 3: "source_alias", 4: "document", 5: "event"}

INDEXED: dict[str, Indexed] = {
    each.table: each
    for each in (
        Indexed(
            "claim",
            _CLAIMS,
            "(entry_id << 32) | id",
            {"quote": "quote", "wording": "wording", "note": "note", "because": "because"},
        ),
        Indexed("proposition", _NAMES, f"{_NUMBER}1", {"name": "slug", "text": "text"}),
        Indexed("source", _NAMES, f"{_NUMBER}2", {"name": "name"}),
        Indexed("source_alias", _NAMES, f"{_NUMBER}3", {"name": "name"}),
        Indexed("document", _NAMES, f"{_NUMBER}4", {"name": "slug", "text": "title"}),
        Indexed(
            "event", _NAMES, f"{_NUMBER}5", {"name": "slug", "text": "title", "place": "place"}
        ),
    )
}

#: Which fields of a question are columns of the claims' index; the others are kinds of names.
_OWN = frozenset(INDEXED["claim"].columns)
_KINDS_OF = {
    "proposition": frozenset({1}),
    "source": frozenset({2, 3}),
    "document": frozenset({4}),
    "event": frozenset({5}),
    None: frozenset(KINDS),
}


def has_index(connection: sa.Connection) -> bool:
    """Whether this database is one that has an index of words."""
    return connection.dialect.name == "sqlite"


def write(
    connection: sa.Connection, entry: int, tables: Collection[str], *, some_are_there: bool = False
) -> None:
    """Index what entry number `entry` wrote of `tables`: rows that are there, and current.

    With `some_are_there` some claims' words were taken over.
    """
    if not has_index(connection):
        return
    _teach(connection)
    for each in INDEXED.values():
        where = f"WHERE entry_id = {entry:d}"
        if some_are_there and each.table == "claim":
            where += f" AND {each.number} NOT IN (SELECT id FROM main.{_CLAIMS}_docsize)"  # noqa: S608
        if each.table in tables:
            _add(connection, each, each.table, where)


def definition_of_empty(connection: sa.Connection) -> str | None:
    """The statement that makes the claims' index, if nothing is in it yet; else None."""
    if not has_index(connection):
        return None
    query = f"SELECT 1 FROM main.{_CLAIMS}_docsize LIMIT 1"  # noqa: S608
    if connection.exec_driver_sql(query).scalar() is not None:
        return None
    found = connection.exec_driver_sql(
        "SELECT sql FROM main.sqlite_master WHERE name = ?", (_CLAIMS,)
    ).scalar_one()
    return str(found)


def make_apart(path: Path, definition: str, rows: Iterable[tuple[int, *tuple[Any, ...]]]) -> None:
    """Make the claims' index in a file of its own, by the statement of `definition_of_empty`.

    `rows` are versions' numbers and texts in the order of the index's columns.
    """
    names = INDEXED["claim"].columns
    folded = (
        (number, *(text if text is None or text.isascii() else searchable(text) for text in texts))
        for number, *texts in rows
    )
    database = sqlite3.connect(path, isolation_level=None)
    try:
        # It lives as long as an import; what is lost with it is made again.
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.execute(definition)
        database.execute("BEGIN")
        database.executemany(
            f"INSERT INTO {_CLAIMS} (rowid, {', '.join(names)})"  # noqa: S608
            f" VALUES (?{', ?' * len(names)})",
            folded,
        )
        database.execute("COMMIT")
    finally:
        database.close()


def take_over(connection: sa.Connection, path: Path) -> int:
    """Take the claims' index over from a file that `make_apart` made; how many versions it has.

    It must be empty here.
    FTS5 keeps an index in tables like any other, and knows nothing of it but what is in them.
    """
    connection.exec_driver_sql("ATTACH DATABASE ? AS words", (str(path),))
    for shadow in ("data", "idx", "docsize", "config"):
        connection.exec_driver_sql(f"DELETE FROM main.{_CLAIMS}_{shadow}")  # noqa: S608
        connection.exec_driver_sql(
            f"INSERT INTO main.{_CLAIMS}_{shadow} SELECT * FROM words.{_CLAIMS}_{shadow}"  # noqa: S608
        )
    query = f"SELECT count(*) FROM words.{_CLAIMS}_docsize"  # noqa: S608
    return int(connection.exec_driver_sql(query).scalar_one())


def rebuild(connection: sa.Connection) -> None:
    """Make the index anew of every version there is, on a writer's connection."""
    if not has_index(connection):
        return
    _teach(connection)
    for index in (_CLAIMS, _NAMES):
        connection.exec_driver_sql(f"INSERT INTO {index} ({index}) VALUES ('delete-all')")  # noqa: S608
    for each in INDEXED.values():
        for table in (each.table, f"{each.table}_history"):
            _add(connection, each, table)


def _teach(connection: sa.Connection) -> None:
    """Let this connection's statements fold text; nothing in the file calls the function."""
    driver: Any = connection.connection.driver_connection
    driver.create_function("ledger_searchable", 1, searchable, deterministic=True)


def _add(connection: sa.Connection, each: Indexed, table: str, where: str = "") -> None:
    # In the order of the numbers: FTS5 writes out what it has gathered at each step back. Text
    # that has as many characters as bytes is ASCII, which FTS5 folds as Python would.
    folded = ", ".join(
        f"CASE WHEN length(CAST({column} AS BLOB)) > length({column})"
        f" THEN ledger_searchable({column}) ELSE {column} END"
        for column in each.columns.values()
    )
    connection.exec_driver_sql(
        f"INSERT INTO {each.index} (rowid, {', '.join(each.columns)})"  # noqa: S608
        f" SELECT {each.number}, {folded} FROM main.{table} {where} ORDER BY entry_id, id"
    )


def missing(connection: sa.Connection) -> Iterator[tuple[str, int]]:
    """Tables of which versions are not in the index, and how many; a scan of all there are."""
    for each in INDEXED.values():
        for table in (each.table, f"{each.table}_history"):
            query = (
                f"SELECT count(*) FROM main.{table}"  # noqa: S608
                f" WHERE {each.number} NOT IN (SELECT id FROM main.{each.index}_docsize)"
            )
            if lacking := connection.exec_driver_sql(query).scalar_one():
                yield table, lacking


def surplus(connection: sa.Connection) -> int:
    """How many versions the index has that the ledger has not."""
    indexed = versions = 0
    for index in (_CLAIMS, _NAMES):
        query = f"SELECT count(*) FROM main.{index}_docsize"  # noqa: S608
        indexed += connection.exec_driver_sql(query).scalar_one()
    for each in INDEXED.values():
        for table in (each.table, f"{each.table}_history"):
            query = f"SELECT count(*) FROM main.{table}"  # noqa: S608
            versions += connection.exec_driver_sql(query).scalar_one()
    return int(indexed - versions)


def check(connection: sa.Connection) -> None:
    """Have FTS5 look its own tables over, on a writer's connection; the database's error if not."""
    for index in (_CLAIMS, _NAMES):
        connection.exec_driver_sql(f"INSERT INTO {index} ({index}) VALUES ('integrity-check')")  # noqa: S608


def must_be_current(connection: sa.Connection) -> None:
    """Refuse an index that lacks the newest versions: StoreError. Another program wrote them."""
    for each in INDEXED.values():
        newest = connection.exec_driver_sql(
            f"SELECT {each.number} FROM main.{each.table}"  # noqa: S608
            " ORDER BY entry_id DESC, id DESC LIMIT 1"
        ).scalar()
        if newest is None:
            continue
        query = f"SELECT 1 FROM main.{each.index}_docsize WHERE id = {newest:d}"  # noqa: S608
        if connection.exec_driver_sql(query).scalar() is None:
            raise StoreError(
                f"the index of words lacks the newest {each.table}: another program wrote it",
                "`ledger doctor --reindex` makes it anew",
            )


def expression(node: Node) -> str | None:
    """A question as FTS5 asks it of the claims' own texts; None where they cannot answer it.

    What names alone can answer is left out of an OR, and what they alone could exclude of a NOT.
    """
    if isinstance(node, Term):
        if node.field is None:
            return _phrase(node)
        return f"{{{node.field}}} : {_phrase(node)}" if node.field in _OWN else None
    parts = [expression(part) for part in node.parts]
    if isinstance(node, Or):
        held = [part for part in parts if part is not None]
        return f"({' OR '.join(held)})" if held else None
    if None in parts:
        return None
    taken = [part for each in node.without if (part := expression(each)) is not None]
    found = f"({' AND '.join(map(str, parts))})"
    return f"({found} NOT ({' OR '.join(taken)}))" if taken else found


def _phrase(term: Term) -> str:
    # Folded words hold letters, digits and marks: no quotation mark, and nothing of FTS5's.
    return f'"{" ".join(term.words)}"{" *" if term.beginning else ""}'


def newest_claim(connection: sa.Connection) -> int:
    """The highest number of a claim that is indexed, whatever the reader is narrowed to; else 0."""
    return connection.exec_driver_sql("SELECT max(id) FROM main.claim").scalar() or 0


def claim_of(version: int) -> int:
    """The number of the claim that a version in the claims' index is of."""
    return version & 0xFFFFFFFF


def entry_of(version: int) -> int:
    """The number of the entry that wrote a version in the index."""
    return version >> 32


def best(connection: sa.Connection, asked: str, *, until: int, most: int) -> list[int] | None:
    """The versions that an expression finds, the best first; None where there are over `most`.

    Those that entries up to number `until` wrote. By bm25: the rarer a word and the shorter the
    text, the better; then the newest first.
    """
    rows = connection.exec_driver_sql(
        "SELECT rowid, bm25(claim_text) FROM main.claim_text"
        " WHERE claim_text MATCH ? AND rowid < ? LIMIT ?",
        (asked, (until + 1) << 32, most + 1),
    ).all()
    if len(rows) > most:
        return None
    return [version for version, _ in sorted(rows, key=lambda row: (row[1], -row[0]))]


def newest(connection: sa.Connection, asked: str, *, until: int) -> Iterator[int]:
    """The versions that an expression finds, of entries up to `until`; the last recorded first."""
    query = (
        "SELECT rowid FROM main.claim_text WHERE claim_text MATCH ? AND rowid < ?"
        " ORDER BY rowid DESC"
    )
    cursor = connection.exec_driver_sql(query, (asked, (until + 1) << 32)).cursor
    while cursor is not None and (rows := cursor.fetchmany(1_000)):
        for (version,) in rows:
            yield version


def kinds(connection: sa.Connection, term: Term) -> frozenset[int]:
    """Which kinds of names hold a word or phrase, or did once."""
    wanted = _KINDS_OF.get(term.field)
    if wanted is None:
        return frozenset()
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT rowid & 7 FROM main.name_text WHERE name_text MATCH ?", (_phrase(term),)
    )
    return wanted & {kind for (kind,) in rows}


def holding(connection: sa.Connection, term: Term, kinds: Collection[int]) -> Iterator[int]:
    """The claims that hold a word or phrase in their texts, or in names of these `kinds`.

    In no order, and a claim perhaps more than once. As the tables stand: on a reader as of an
    entry, as they stood.
    """
    if asked := expression(term):
        yield from _numbers(
            connection,
            "SELECT c.id FROM main.claim_text t CROSS JOIN claim c"
            " ON c.id = (t.rowid & 4294967295) AND c.entry_id = (t.rowid >> 32)"
            " WHERE t.claim_text MATCH ?",
            asked,
        )
    for kind in sorted(kinds):
        for query in _NAMED[kind]:
            yield from _numbers(connection, query, _phrase(term))


def _numbers(connection: sa.Connection, query: str, asked: str) -> Iterator[int]:
    cursor = connection.exec_driver_sql(query, (asked,)).cursor
    while cursor is not None and (rows := cursor.fetchmany(10_000)):
        for (number,) in rows:
            yield number


def _rows_of(kind: int, column: str, join: str = "") -> str:
    """SQL for the rows of a kind of name that hold what is asked, as they stand."""
    table = KINDS[kind]
    return (
        f"SELECT {column} FROM main.name_text n CROSS JOIN {table} r"  # noqa: S608
        f" ON r.id = ((n.rowid >> 3) & 536870911) AND r.entry_id = (n.rowid >> 32) {join}"
        f" WHERE n.name_text MATCH ? AND (n.rowid & 7) = {kind:d}"
    )


def _claims_by(column: str, rows: str) -> str:
    return f"SELECT id FROM claim WHERE {column} IN ({rows})"  # noqa: S608


#: A source that was merged into another has its claims with that one.
_SPEAKER = _rows_of(2, "COALESCE(r.merged_into_id, r.id)")
_OTHER_NAME = _rows_of(
    3, "COALESCE(s.merged_into_id, s.id)", "CROSS JOIN source s ON s.id = r.source_id"
)

#: By kind of name, the queries that find the claims that name it.
_NAMED: dict[int, tuple[str, ...]] = {
    1: (_claims_by("proposition_id", _rows_of(1, "r.id")),),
    2: (_claims_by("source_id", _SPEAKER), _claims_by("via_id", _SPEAKER)),
    3: (_claims_by("source_id", _OTHER_NAME), _claims_by("via_id", _OTHER_NAME)),
    4: (_claims_by("document_id", _rows_of(4, "r.id")),),
    5: (
        _claims_by(
            "proposition_id",
            f"SELECT id FROM proposition WHERE event_id IN ({_rows_of(5, 'r.id')})",  # noqa: S608
        ),
    ),
}
