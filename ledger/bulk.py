"""The writer's room for very many new rows of one table: the same rows and leaves, at a tenth.

On SQLite the table's guards on insertion and, where it pays, its indexes are laid aside in the one
transaction and put back word by word as the catalogue has them; whatever raises in between takes
all of it back. On PostgreSQL rows come by COPY, and indexes are laid aside where nobody waits for
that (`ledger.pgindexes`). `ledger.journal` alone comes here, with rows that were held against every
rule before.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from ledger import pgindexes, schema
from ledger.canonical import row_leaves
from ledger.sqlite import dropping

#: The values of rows as they are stored, by column, a row's in the same place of all.
Columns = Mapping[str, Sequence[Any]]

#: An index is built anew where the rows that are there are at most so many times the new ones:
#: a row that is put into six live indexes costs three times what it costs to build them again.
_WORTH = 2

#: Fewer rows than this are not worth a statement more than their own.
_FEW = 5_000

#: On a server to make indexes anew takes a lock as well.
_FEW_SENT = 20_000


class Ready(NamedTuple):
    """New rows of a table as the database takes them: values by `columns`, the leaf last.

    They are numbered from `first` on, and all of one entry. With `text` they are as COPY reads
    them, and `rows` may have been let go.
    """

    first: int
    entry_id: int
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    leaves: list[bytes]
    text: str = ""


def ready(table: str, values: Columns) -> Ready:
    """Rows made ready to be written: their leaves computed, what none of them has left out.

    Values are text and whole numbers, or None; `id` and `entry_id` are among them, the leaf is not.
    ValueError where the numbers leave a gap, or the rows are not of one entry.
    """
    numbers = values["id"]
    if [*numbers] != [*range(numbers[0], numbers[0] + len(numbers))]:
        raise ValueError(f"rows of {table} from {numbers[0]} on do not follow on one another")
    if len(entries := set(values["entry_id"])) != 1:
        raise ValueError(f"rows of {table} from {numbers[0]} on are not of one entry")
    stored = schema.VERSIONED[table][0]
    # A column of which no row has a value need not be told of.
    told = {
        str(column.name): values[column.name]
        for column in stored.c
        if column.name != "leaf"
        and (
            not (column.nullable and column.server_default is None)
            or values[column.name].count(None) < len(numbers)
        )
    }
    leaves = row_leaves(table, told)
    rows = [*zip(*told.values(), leaves, strict=True)]
    return Ready(numbers[0], entries.pop(), tuple(told), rows, leaves)


def is_sent(connection: sa.Connection) -> bool:
    """Whether rows are sent to a server, which writes them. Nothing is asked of it."""
    return connection.dialect.name == "postgresql"


def is_quick(connection: sa.Connection, table: str) -> bool:
    """Whether very many rows are written in less time than they are made ready.

    On a server that is so where it does not keep indexes up meanwhile.
    """
    return not is_sent(connection) or pgindexes.can_be_laid_aside(connection, table)


def as_sent(connection: sa.Connection, some: Ready) -> Ready:
    """The same as this database is sent it: to a server as text. Nothing is asked of it."""
    return some._replace(rows=[], text=lines(some.rows)) if is_sent(connection) else some


class Load:
    """New rows of one table on their way in; made by `load`.

    `first` is the number of the first row; the rows come in the order of their numbers, without
    gaps.
    """

    def __init__(self, connection: sa.Connection, table: str, entry_id: int, first: int) -> None:
        self.first = first
        self.written = 0
        self._table = table
        self._entry_id = entry_id
        self._driver: Any = connection.connection.driver_connection

    def write(self, some: Ready) -> None:
        """Write rows, the next ones."""
        if some.first != self.first + self.written:
            raise ValueError(f"{self._table} {some.first} is not the next row")
        if some.entry_id != self._entry_id:
            raise ValueError(f"{self._table} {some.first} is of another entry")
        self._put(some)
        self.written += len(some.leaves)

    def _put(self, some: Ready) -> None:
        self._driver.executemany(_inserting(self._table, some.columns), some.rows)


class Copying(Load):
    """The same on PostgreSQL: each time by a COPY of its own.

    The guard of a table looks at the rows of a statement, which are kept for it meanwhile.
    """

    def _put(self, some: Ready) -> None:
        columns = ", ".join((*some.columns, "leaf"))
        with (
            self._driver.cursor() as cursor,
            cursor.copy(f"COPY {self._table} ({columns}) FROM STDIN") as copy,
        ):
            copy.write(some.text or lines(some.rows))


def lines(rows: Sequence[tuple[Any, ...]]) -> str:
    """Rows as COPY reads them: a line each, tabs between values; the last of each is bytes.

    https://www.postgresql.org/docs/current/sql-copy.html
    """
    *columns, leaves = zip(*rows, strict=True)
    written = [*map(_written, columns), [f"\\\\x{leaf.hex()}" for leaf in leaves]]
    return "\n".join(["\t".join(row) for row in zip(*written, strict=True)]) + "\n"


def _written(column: Sequence[str | int | None]) -> Sequence[str]:
    """The values of a column as COPY reads them."""
    told = [value for value in column if isinstance(value, str)]
    if told and _ESCAPED.search("".join(told)):
        column = [
            value.translate(_ESCAPES) if isinstance(value, str) else value for value in column
        ]
    return [_NOTHING if value is None else str(value) for value in column]


_NOTHING = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_ESCAPED = re.compile(r"[\\\n\r\t]")


@cache
def _inserting(table: str, columns: tuple[str, ...]) -> str:
    names, marks = ", ".join((*columns, "leaf")), ", ".join("?" * (len(columns) + 1))
    return f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608


@contextmanager
def load(
    connection: sa.Connection, table: str, *, entry_id: int, first: int, expected: int
) -> Iterator[Load]:
    """Take `expected` rows of `table` in, numbered from `first`; about so many is enough.

    The connection is a writer's; on SQLite its foreign keys may be unchecked: that every link of
    the new rows leads to a row is seen to when the entry is closed.
    """
    if is_sent(connection):
        many = expected >= _FEW_SENT
        with pgindexes.laid_aside(connection, table) if many else nullcontext():
            yield Copying(connection, table, entry_id, first)
        return
    laid_aside: list[str] = []
    if expected >= _FEW:
        laid_aside = _lay_aside(connection, table, indexes=first - 1 <= _WORTH * expected)
    yield Load(connection, table, entry_id, first)
    for statement in laid_aside:
        connection.exec_driver_sql(statement)


def _lay_aside(connection: sa.Connection, table: str, *, indexes: bool) -> list[str]:
    """Drop the guards on insertion, and indexes if asked; the statements that made them.

    What the guards see to is seen to here: numbers and entries follow on one another, and the
    statement replaces nothing.
    """
    found = connection.exec_driver_sql(
        "SELECT type, name, sql FROM main.sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL"
        " AND (type = 'index' OR type = 'trigger' AND name IN (?, ?)) ORDER BY type, rowid",
        (table, f"{table}_append", f"{table}_no_replace"),
    ).all()
    wanted = [each for each in found if indexes or each.type == "trigger"]
    for statement in dropping(wanted):
        connection.exec_driver_sql(statement)
    return [statement for _, _, statement in wanted]
