"""The writer's room for very many new rows of one table: the same rows and leaves, at a tenth.

In one transaction the table's guards on insertion and, where it pays, its indexes are laid aside
and put back word by word as the catalogue has them; whatever raises in between takes all of it
back. `ledger.journal` alone comes here, with rows that were held against every rule before.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.canonical import row_leaves

#: The values of rows as they are stored, by column, a row's in the same place of all.
Columns = Mapping[str, Sequence[Any]]

#: An index is built anew where the rows that are there are at most so many times the new ones:
#: a row that is put into six live indexes costs three times what it costs to build them again.
_WORTH = 2

#: Fewer rows than this are not worth a statement more than their own.
_FEW = 5_000


class Load:
    """New rows of one table on their way in; made by `load`.

    `columns` names the values of a row: the table's columns but the leaf. `first` is the number of
    the first row; the rows come in the order of their numbers, without gaps.
    """

    def __init__(self, connection: sa.Connection, table: str, entry_id: int, first: int) -> None:
        self.columns = tuple(
            column.name for column in schema.VERSIONED[table][0].c if column.name != "leaf"
        )
        self.first = first
        self.written = 0
        self._table = table
        self._entry_id = entry_id
        self._driver: Any = connection.connection.driver_connection
        self._may_lack = {
            column.name
            for column in schema.VERSIONED[table][0].c
            if column.nullable and column.server_default is None
        }
        self._statements: dict[tuple[str, ...], str] = {}

    def write(self, values: Columns) -> list[bytes]:
        """Write rows, the next ones; their leaves. Values are text and whole numbers, or None."""
        numbers, following = values["id"], self.first + self.written
        if [*numbers] != [*range(following, following + len(numbers))]:
            raise ValueError(f"{self._table} {numbers[0]} is not the next row")
        if set(values["entry_id"]) != {self._entry_id}:
            raise ValueError(f"{self._table} {numbers[0]} is of another entry")
        # A column of which no row has a value need not be told of.
        told = {
            name: values[name]
            for name in self.columns
            if name not in self._may_lack or values[name].count(None) < len(numbers)
        }
        leaves = row_leaves(self._table, told)
        statement = self._statements.get(tuple(told)) or self._prepared(tuple(told))
        self._driver.executemany(statement, zip(*told.values(), leaves, strict=True))
        self.written += len(numbers)
        return leaves

    def _prepared(self, columns: tuple[str, ...]) -> str:
        names, marks = ", ".join((*columns, "leaf")), ", ".join("?" * (len(columns) + 1))
        statement = f"INSERT INTO {self._table} ({names}) VALUES ({marks})"  # noqa: S608
        self._statements[columns] = statement
        return statement


@contextmanager
def load(
    connection: sa.Connection, table: str, *, entry_id: int, first: int, expected: int
) -> Iterator[Load]:
    """Take `expected` rows of `table` in, numbered from `first`; about so many is enough.

    The connection is a SQLite writer's, whose foreign keys may be unchecked: that every link of the
    new rows leads to a row is seen to when the entry is closed.
    """
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
    for kind, name, _ in wanted:
        connection.exec_driver_sql(f'DROP {kind} "{name.replace(chr(34), chr(34) * 2)}"')
    return [statement for _, _, statement in wanted]
