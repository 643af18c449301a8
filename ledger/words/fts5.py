"""The index of words on SQLite: two tables of FTS5, without content of their own.

They hold words and where they stand, each under the number of the version it is of, and nothing of
them is ever taken back. https://www.sqlite.org/fts5.html
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ledger.folding import searchable
from ledger.searchwords import Node, Or, Term
from ledger.words import CLAIMS, INDEXED, KINDS, NAMES, Indexed, Made, Named, Texts


def add(
    connection: sa.Connection,
    each: Indexed,
    table: str,
    entry: int | None = None,
    *,
    some_are_there: bool = False,
) -> None:
    """Put versions of `table` in; as `Index` has it."""
    _teach(connection)
    where = "" if entry is None else f"WHERE entry_id = {entry:d}"
    if some_are_there:
        where += f" AND {each.number} NOT IN (SELECT id FROM main.{each.index}_docsize)"  # noqa: S608
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


def _teach(connection: sa.Connection) -> None:
    """Let this connection's statements fold text; nothing in the file calls the function."""
    driver: Any = connection.connection.driver_connection
    driver.create_function("ledger_searchable", 1, searchable, deterministic=True)


def empty(connection: sa.Connection) -> None:
    """Take all out."""
    for index in (CLAIMS, NAMES):
        connection.exec_driver_sql(f"INSERT INTO {index} ({index}) VALUES ('delete-all')")  # noqa: S608


def apart(connection: sa.Connection) -> str | None:
    """The statement that makes the claims' index, if nothing is in it yet; else None."""
    query = f"SELECT 1 FROM main.{CLAIMS}_docsize LIMIT 1"  # noqa: S608
    if connection.exec_driver_sql(query).scalar() is not None:
        return None
    found = connection.exec_driver_sql(
        "SELECT sql FROM main.sqlite_master WHERE name = ?", (CLAIMS,)
    ).scalar_one()
    return str(found)


#: FTS5 reads them from their tables in one statement.
NAMES_APART = False


def make_apart(
    path: Path, how: str, rows: Iterable[Texts], names: Iterable[Named]
) -> Iterator[Made]:
    """Make the claims' index in a file of its own, by the statement of `apart`; it is told once."""
    columns = INDEXED["claim"].columns
    folded = (
        (number, *(text if text is None or text.isascii() else searchable(text) for text in texts))
        for number, *texts in rows
    )
    database = sqlite3.connect(path, isolation_level=None)
    try:
        # It lives as long as an import; what is lost with it is made again.
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.execute(how)
        database.execute("BEGIN")
        database.executemany(
            f"INSERT INTO {CLAIMS} (rowid, {', '.join(columns)})"  # noqa: S608
            f" VALUES (?{', ?' * len(columns)})",
            folded,
        )
        database.execute("COMMIT")
    finally:
        database.close()
    yield path.stat().st_size, 0, 0


def take_over(connection: sa.Connection, path: Path, made: Iterator[Made]) -> int:
    """Take the claims' index over from a file that `make_apart` made; it must be empty here.

    FTS5 keeps an index in tables like any other, and knows nothing of it but what is in them.
    """
    for _ in made:
        pass
    connection.exec_driver_sql("ATTACH DATABASE ? AS words", (str(path),))
    for shadow in ("data", "idx", "docsize", "config"):
        connection.exec_driver_sql(f"DELETE FROM main.{CLAIMS}_{shadow}")  # noqa: S608
        connection.exec_driver_sql(
            f"INSERT INTO main.{CLAIMS}_{shadow} SELECT * FROM words.{CLAIMS}_{shadow}"  # noqa: S608
        )
    query = f"SELECT count(*) FROM words.{CLAIMS}_docsize"  # noqa: S608
    return int(connection.exec_driver_sql(query).scalar_one())


def lacking(connection: sa.Connection, each: Indexed, table: str) -> int:
    """How many versions in `table` are not in the index."""
    query = (
        f"SELECT count(*) FROM main.{table}"  # noqa: S608
        f" WHERE {each.number} NOT IN (SELECT id FROM main.{each.index}_docsize)"
    )
    return int(connection.exec_driver_sql(query).scalar_one())


def held(connection: sa.Connection) -> int:
    """How many versions are in the index."""
    return sum(
        connection.exec_driver_sql(f"SELECT count(*) FROM main.{index}_docsize").scalar_one()  # noqa: S608
        for index in (CLAIMS, NAMES)
    )


def lacks_newest(connection: sa.Connection, each: Indexed) -> bool:
    """Whether the newest version of a table is not in the index."""
    newest = connection.exec_driver_sql(
        f"SELECT {each.number} FROM main.{each.table} ORDER BY entry_id DESC, id DESC LIMIT 1"  # noqa: S608
    ).scalar()
    if newest is None:
        return False
    query = f"SELECT 1 FROM main.{each.index}_docsize WHERE id = {newest:d}"  # noqa: S608
    return connection.exec_driver_sql(query).scalar() is None


def check(connection: sa.Connection) -> None:
    """Have FTS5 look its own tables over, on a writer's connection; the database's error if not."""
    for index in (CLAIMS, NAMES):
        connection.exec_driver_sql(f"INSERT INTO {index} ({index}) VALUES ('integrity-check')")  # noqa: S608


def newest_claim(connection: sa.Connection) -> int:
    """The highest number of a claim, whatever the reader is narrowed to; else 0."""
    return connection.exec_driver_sql("SELECT max(id) FROM main.claim").scalar() or 0


def expression(node: Node) -> str:
    """A question as FTS5 asks it of the claims' own texts."""
    if isinstance(node, Term):
        return f"{{{node.field}}} : {_phrase(node)}" if node.field else _phrase(node)
    parts = [expression(part) for part in node.parts]
    if isinstance(node, Or):
        return f"({' OR '.join(parts)})"
    found = f"({' AND '.join(parts)})"
    taken = [expression(part) for part in node.without]
    return f"({found} NOT ({' OR '.join(taken)}))" if taken else found


def _phrase(term: Term) -> str:
    # Folded words hold letters, digits and marks: no quotation mark, and nothing of FTS5's.
    return f'"{" ".join(term.words)}"{" *" if term.beginning else ""}'


def best(connection: sa.Connection, asked: Node, *, until: int, most: int) -> list[int] | None:
    """The versions that a question finds, the best first; None where there are over `most`."""
    rows = connection.exec_driver_sql(
        "SELECT rowid, bm25(claim_text) FROM main.claim_text"
        " WHERE claim_text MATCH ? AND rowid < ? LIMIT ?",
        (expression(asked), (until + 1) << 32, most + 1),
    ).all()
    if len(rows) > most:
        return None
    return [version for version, _ in sorted(rows, key=lambda row: (row[1], -row[0]))]


def newest(connection: sa.Connection, asked: Node, *, until: int) -> Iterator[int]:
    """The versions that a question finds, the last recorded first."""
    query = (
        "SELECT rowid FROM main.claim_text WHERE claim_text MATCH ? AND rowid < ?"
        " ORDER BY rowid DESC"
    )
    cursor = connection.exec_driver_sql(query, (expression(asked), (until + 1) << 32)).cursor
    while cursor is not None and (rows := cursor.fetchmany(1_000)):
        for (version,) in rows:
            yield version


def kinds(connection: sa.Connection, term: Term) -> set[int]:
    """Which kinds of names hold a word or phrase, or did once."""
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT rowid & 7 FROM main.name_text WHERE name_text MATCH ?", (_phrase(term),)
    )
    return {kind for (kind,) in rows}


def holding(
    connection: sa.Connection, own: Node | None, term: Term, kinds: Collection[int]
) -> Iterator[int]:
    """The claims that hold a word or phrase in their texts, or in names of these `kinds`."""
    if own is not None:
        yield from _numbers(
            connection,
            "SELECT c.id FROM main.claim_text t CROSS JOIN claim c"
            " ON c.id = (t.rowid & 4294967295) AND c.entry_id = (t.rowid >> 32)"
            " WHERE t.claim_text MATCH ?",
            expression(own),
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
