"""The index of words on PostgreSQL: tables of `tsvector` (`ledger.words.tsvector`) under GIN.

How they are filled, by COPY, and held against the ledger; `ledger.words.pgfinding` asks them.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from io import RawIOBase
from pathlib import Path
from struct import Struct
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.pgindexes import laid_aside
from ledger.words import CLAIMS, Indexed, Made, Named, Texts
from ledger.words.pgfinding import best, holding, kinds, newest
from ledger.words.pgtables import CLAIM, NAME, PART, numbers, of
from ledger.words.tsvector import vector

__all__ = [
    "NAMES_APART",
    "add",
    "apart",
    "best",
    "check",
    "empty",
    "held",
    "holding",
    "kinds",
    "lacking",
    "lacks_newest",
    "make_apart",
    "newest",
    "newest_claim",
    "take_over",
]

#: How many versions are made into vectors at once.
_AT_ONCE = 2_000

#: What stands before binary rows, and after them; https://www.postgresql.org/docs/current/sql-copy.html
_BEGIN, _END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"

#: A row before its tsvector: three fields, each after its length.
_ROW = Struct(">hiqiii")

#: Before the rows in a file: how many they are, and how many bytes.
_BLOCK = Struct(">II")

#: Very many words wait in GIN's pending list, and then go in key by key, in memory of this size.
#: https://www.postgresql.org/docs/current/gin.html#GIN-FAST-UPDATE
_WAITING, _MEMORY = "2000MB", "256MB"


# What is put in.


def add(
    connection: sa.Connection,
    each: Indexed,
    table: str,
    entry: int | None = None,
    *,
    some_are_there: bool = False,
) -> None:
    """Put versions of `table` in; as `Index` has it."""
    stored = schema.metadata.tables[table]
    texts = [stored.c[column] for column in each.columns.values()]
    wanted = sa.select(stored.c.entry_id, stored.c.id, *texts)
    if entry is not None:
        wanted = wanted.where(stored.c.entry_id == entry)
    if some_are_there:
        wanted = wanted.where(~sa.exists().where(CLAIM.c.number == numbers(each)))
    wanted = wanted.order_by(stored.c.entry_id, stored.c.id)
    if entry is not None:  # most are small, and one who records holds up all who record
        few = connection.execute(wanted.limit(_AT_ONCE)).all()
        if len(few) < _AT_ONCE:
            whole, parts = _rows(each, few)
            _copy(connection, each.index, b"".join(whole))
            _copy(connection, PART.name, b"".join(parts))
            return
    many = _Many(connection, each.index)
    rows = connection.execute(wanted.execution_options(yield_per=_AT_ONCE))
    for some in rows.partitions():
        whole, parts = _rows(each, some)
        many.write(whole)
        _copy(connection, PART.name, b"".join(parts))
    many.close()


def _rows(each: Indexed, versions: Iterable[Sequence[Any]]) -> tuple[list[bytes], list[bytes]]:
    """Versions as rows of COPY: those of their index, and of parts."""
    whole, parts = list[bytes](), list[bytes]()
    for entry, number, *said in versions:
        _write(each.index, each.numbered(entry, number), said, whole, parts)
    return whole, parts


def _write(
    index: str, number: int, said: Sequence[str | None], whole: list[bytes], parts: list[bytes]
) -> None:
    """The rows of a version, as COPY takes them."""
    count, words, more = vector(said)
    if index == CLAIMS:
        whole.append(_row(number, count, words))
        parts += [_row(number, first, some) for first, some in more]
    else:
        whole += [_row(number, first, some) for first, some in more or [(1, words)]]


def _row(number: int, other: int, words: bytes) -> bytes:
    return _ROW.pack(3, 8, number, 4, other, len(words)) + words


def _copy(connection: sa.Connection, table: str, rows: bytes) -> None:
    if rows:
        driver: Any = connection.connection.driver_connection
        statement = f"COPY {table} FROM STDIN (FORMAT binary)"
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(_BEGIN + rows + _END)


class _Many:
    """Very many rows on their way into a table; with the last of them GIN takes in what waits.

    What waits is searched line by line, and only an index's owner may have it taken in by a word.
    """

    def __init__(self, connection: sa.Connection, table: str) -> None:
        self._connection, self._table = connection, table
        self._last: list[bytes] = []
        connection.exec_driver_sql(f"SET LOCAL gin_pending_list_limit = '{_WAITING}'")
        connection.exec_driver_sql(f"SET LOCAL work_mem = '{_MEMORY}'")

    def write(self, rows: Sequence[bytes]) -> None:
        """Put rows in; the last of them waits for more."""
        *held, last = [*self._last, *rows]
        _copy(self._connection, self._table, b"".join(held))
        self._last = [last]

    def close(self) -> None:
        """Put the last one in, and all that waits."""
        self._connection.exec_driver_sql("SET LOCAL gin_pending_list_limit = '64kB'")
        _copy(self._connection, self._table, b"".join(self._last))
        self._last = []
        self._connection.exec_driver_sql("SET LOCAL gin_pending_list_limit TO DEFAULT")
        self._connection.exec_driver_sql("SET LOCAL work_mem TO DEFAULT")


def empty(connection: sa.Connection) -> None:
    """Take all out: row by row, so that who reads meanwhile goes on reading."""
    for table in (CLAIM, PART, NAME):
        connection.execute(sa.delete(table))


def apart(connection: sa.Connection) -> str | None:
    """That claims' words may be made apart, as rows of COPY."""
    return "COPY"


#: Each is made by the program, word by word.
NAMES_APART = True


def make_apart(
    path: Path, how: str, rows: Iterable[Texts], names: Iterable[Named]
) -> Iterator[Made]:
    """Make vectors as rows of COPY: of claims in a file, and of parts and names in two beside."""
    whole, parts = list[bytes](), list[bytes]()
    with ExitStack() as open_:
        files = [open_.enter_context(each.open("wb", buffering=0)) for each in _files(path)]

        def put_aside(*made: list[bytes]) -> Made:
            for file, rows in zip(files, made, strict=True):
                _put_aside(file, rows)
            claims, cut, named = (file.tell() for file in files)
            return claims, cut, named

        for number, *texts in rows:
            _write(CLAIMS, number, texts, whole, parts)
            if len(whole) == _AT_ONCE:
                yield put_aside(whole, parts, [])
        yield put_aside(whole, parts, [])
        for each, number, said in names:
            _write(each.index, number, said, whole, parts)
            if len(whole) >= _AT_ONCE:
                yield put_aside([], [], whole)
        yield put_aside([], [], whole)


def _put_aside(file: RawIOBase, rows: list[bytes]) -> None:
    """Write rows to a file, the last of them by itself, and forget them."""
    for some in (rows[:-1], rows[-1:]):
        if some:
            data = b"".join(some)
            file.write(_BLOCK.pack(len(some), len(data)) + data)
    rows.clear()


def take_over(connection: sa.Connection, path: Path, made: Iterator[Made]) -> int:
    """Take the vectors in such files in while they are made; how many versions of claims."""
    count, read = 0, [0, 0, 0]
    with ExitStack() as without_index:
        without_index.enter_context(laid_aside(connection, CLAIM.name))
        many = [_Many(connection, CLAIM.name), _Many(connection, PART.name)]
        for ends in made:
            if ends[2] and len(many) == 2:
                # While the names are made, GIN takes in what waits of the claims.
                for each in many:
                    each.close()
                without_index.close()
                many.append(_Many(connection, NAME.name))
            for place, (each, file) in enumerate(zip(many, _files(path), strict=False)):
                with file.open("rb") as blocks:
                    blocks.seek(read[place])
                    while blocks.tell() < ends[place]:
                        rows, size = _BLOCK.unpack(blocks.read(_BLOCK.size))
                        each.write([blocks.read(size)])
                        count += 0 if place else rows
                    read[place] = blocks.tell()
        for each in many:
            each.close()
    return count


def _files(path: Path) -> tuple[Path, Path, Path]:
    """Those of claims, of parts and of names."""
    return path, path.with_suffix(".parts"), path.with_suffix(".names")


# What is asked of the whole of it.


def lacking(connection: sa.Connection, each: Indexed, table: str) -> int:
    """How many versions in `table` are not in the index."""
    index, stored = of(each.index), schema.metadata.tables[table]
    there = sa.select(index.c.number).where(index.c.number == numbers(each)).exists()
    query = sa.select(sa.func.count()).select_from(stored).where(~there)
    return int(connection.execute(query).scalar_one())


def held(connection: sa.Connection) -> int:
    """How many versions are in the index."""
    query = sa.select(
        sa.select(sa.func.count()).select_from(CLAIM).scalar_subquery()
        + sa.select(sa.func.count()).where(NAME.c.first == 1).scalar_subquery()
    )
    return int(connection.execute(query).scalar_one())


def lacks_newest(connection: sa.Connection, each: Indexed) -> bool:
    """Whether the newest version of a table is not in the index."""
    index, stored = of(each.index), schema.metadata.tables[each.table]
    entry = connection.execute(sa.select(sa.func.max(stored.c.entry_id))).scalar()
    if entry is None:
        return False
    row = connection.execute(
        sa.select(sa.func.max(stored.c.id)).where(stored.c.entry_id == entry)
    ).scalar_one()
    query = sa.select(index.c.number).where(index.c.number == each.numbered(entry, row)).limit(1)
    return connection.execute(query).scalar() is None


def check(connection: sa.Connection) -> None:
    """Nothing: PostgreSQL has no more to say of a table of its own than that it can be read."""


def newest_claim(connection: sa.Connection) -> int:
    """The highest number of a claim; as the reader is narrowed, which no version found passes."""
    return connection.execute(sa.select(sa.func.max(schema.claim.c.id))).scalar() or 0
