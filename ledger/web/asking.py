"""The page that asks in SQL: the ad-hoc door of `ledger.query`, with narrower limits and in turn.

Datasette's own page for SQL stays closed: it runs a statement in this process, where one step of
SQLite can outlast its time limit. Here each statement has a process that can be ended.
"""

import asyncio
import io
import os
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from ledger import formats, query, statement
from ledger.confining import Answer, Limits, end_all
from ledger.errors import LedgerError, QueryError, StoreError
from ledger.formats.values import plain
from ledger.query import Value
from ledger.visible import cut
from ledger.web import look, pages
from ledger.web.book import Book
from ledger.web.links import Served, Stamp, Where
from ledger.web.pages import Page
from ledger.web.tables import LONG, WIDE

_MIB = 1024 * 1024

#: Statements that run at once, and that wait for their turn; who comes then is sent away.
AT_ONCE = max(2, (os.cpu_count() or 2) // 2)
MOST_WAITING = 16

#: Rows on a page; a file has all.
ROWS = 1_000

#: What a statement may use, for a page and for a file.
PAGE_LIMITS = Limits(seconds=10.0, rows=ROWS, size=16 * _MIB, memory=256 * _MIB)
FILE_LIMITS = Limits(seconds=25.0, rows=None, size=256 * _MIB, memory=256 * _MIB)

#: Characters of an answer that a page shows, so many more for each cell counted in: escaped they
#: may be twelve times as many. A column's name, which each of its cells repeats, is cut.
MOST_SHOWN, _PER_CELL, _LONGEST_NAME = 4_000_000, 20, 100

#: Characters of a file: JSON repeats in every row what the columns are called.
LARGEST_FILE = 512 * _MIB
_INSTEAD = "ask for less, or for CSV, which names the columns once"

#: Questions to begin with.
EXAMPLES: Mapping[str, str] = {
    "Who withholds most": """\
SELECT source, count(*) AS claims
  FROM claims
 WHERE side = 'withholds'
 GROUP BY source
 ORDER BY claims DESC, source""",
    "Every change of a claim’s status, and why": """\
SELECT claim, assessed_at, assessed_by, from_status, to_status, because
  FROM assessments
 ORDER BY entry, claim""",
    "Every figure that a source gives": """\
SELECT proposition, source, stance, low, high, wording
  FROM claims
 WHERE low IS NOT NULL OR high IS NOT NULL
 ORDER BY proposition, source""",
}


#: Parameters that no statement can be given, since they are the address's own.
_TAKEN = frozenset((":sql", ":head"))
_FILL_IN = "fill it in above, and ask again"


class BusyError(StoreError):
    """So many statements run and wait already that no more are taken."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement, values for its parameters, as of when and at which head, from an address."""

    sql: str
    as_of: str | None = None
    head: str | None = None
    values: Mapping[str, Value] = field(default_factory=dict)

    @property
    def where(self) -> Where:
        """The page that answers it."""
        values = ((name, str(value)) for name, value in self.values.items())
        return Where("sql", asked=(("sql", self.sql), *values) if self.sql else ())


@dataclass(frozen=True, slots=True)
class _Links(Served):
    """As of every served page; where nothing is asked, there is nothing to take as a file."""

    def to(self, where: Where, ending: str = "html") -> str | None:
        nothing = where == Where("sql") and ending != "html"
        return None if nothing else Served.to(self, where, ending)


class Asking:
    """Statements for a Book, a few at a time."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._threads = ThreadPoolExecutor(AT_ONCE, "sql")

    def close(self) -> None:
        """End what runs, and let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        end_all()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._waiting >= MOST_WAITING:
            raise BusyError("too many statements are waiting", "ask again in a minute")
        self._waiting += 1
        try:
            async with self._turns:
                yield
        finally:
            self._waiting -= 1

    async def page(self, asked: Asked, name: str) -> tuple[str, int]:
        """The page with the statement and its answer, or what is wrong with it; and the status."""
        async with self._turn():
            return await asyncio.get_running_loop().run_in_executor(
                self._threads, self._page, asked, name
            )

    async def file(self, asked: Asked, ending: str) -> IO[bytes]:
        """All rows as `csv` or `json`, to be read from the start and closed. Raises LedgerError."""
        async with self._turn():
            return await asyncio.get_running_loop().run_in_executor(
                self._threads, self._file, asked, ending
            )

    def _stamp(self, asked: Asked) -> Stamp:
        self._book.head()  # another file is looked over before it is asked
        with pages.reader(self._book.store(), asked.as_of) as connection:
            return pages.stamp(connection, asked.as_of, asked.head)

    @contextmanager
    def _answer(self, asked: Asked, of: Stamp, limits: Limits) -> Iterator[Answer]:
        """The answer of that ledger: where somebody has recorded since, it is asked as of then."""
        entry = of.entry if asked.as_of else None
        ask = partial(query.ask, self._book.store(), asked.sql)
        with ask(as_of=entry, parameters=asked.values, limits=limits) as answer:
            if entry is not None or self._stamp(asked).head == of.head:
                yield answer
                return
        with ask(as_of=of.entry, parameters=asked.values, limits=limits) as answer:
            yield answer

    def _page(self, asked: Asked, name: str) -> tuple[str, int]:
        of = self._stamp(asked)
        told: dict[str, Any] = {"answer": None, "error": None, "parameters": ()}
        store, status = self._book.store(), 200
        if asked.sql.strip():
            try:
                told["parameters"] = _parameters(asked.sql, server=store.dialect == "postgresql")
                _must_have(asked, told["parameters"])
                with self._answer(asked, of, PAGE_LIMITS) as answer:
                    told["answer"] = _shown(answer)
            except LedgerError as error:
                told["error"], status = self._book.told(error), 400
        links = _Links(as_of=asked.as_of)
        lines = min(max(4, asked.sql.count("\n") + 2), 20)
        body = look.rendered(
            "sql.html",
            asked=asked,
            links=links,
            lines=lines,
            examples=EXAMPLES.items(),
            long=LONG,
            wide=WIDE,
            **told,
        )
        page = Page(asked.where, "Ask in SQL", body, of)
        return look.document(page, links, ledger=name), status

    def _file(self, asked: Asked, ending: str) -> IO[bytes]:
        of = self._stamp(asked)
        # Closed by who sends it.
        kept = SpooledTemporaryFile(max_size=4 * _MIB)  # noqa: SIM115
        try:
            with self._answer(asked, of, FILE_LIMITS) as answer:
                text = io.TextIOWrapper(kept, encoding="utf-8", newline="", write_through=True)
                bounded = pages.Bounded(text, LARGEST_FILE, _INSTEAD)
                pages.write(bounded, _as_sheet(answer), ending, of)
                text.detach()
            kept.seek(0)
        except BaseException:
            kept.close()
            raise
        return kept


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a page shows of an answer; `truncated` where there are more rows."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    truncated: bool


def _shown(answer: Answer) -> _Shown:
    """The first rows of an answer, their long texts cut: at least one, up to MOST_SHOWN."""
    columns = [name[:_LONGEST_NAME] for name in answer.columns]
    each = sum(map(len, columns)) + _PER_CELL * len(columns)
    rows: list[Sequence[str]] = []
    left = MOST_SHOWN
    for row in answer:
        cells = [cut(plain(value)) for value in row]
        left -= each + sum(map(len, cells))
        if left < 0 and rows:
            return _Shown(columns, rows, truncated=True)
        rows.append(cells)
    return _Shown(columns, rows, answer.truncated)


def _parameters(sql: str, *, server: bool) -> tuple[str, ...]:
    return statement.read(sql, server=server).parameters


def _must_have(asked: Asked, parameters: Sequence[str]) -> None:
    """Ask for the values that are missing; QueryError, in other words than the command line's."""
    missing = [f":{name}" for name in parameters if name not in asked.values]
    if missing:
        taken = _TAKEN.intersection(missing)
        hint = "call it otherwise: the address means another thing by that" if taken else _FILL_IN
        raise QueryError(f"the statement needs a value for {', '.join(missing)}", hint)


def _as_sheet(answer: Answer) -> formats.Answer:
    return formats.Answer(answer.columns, answer, kinds=None, title="ledger sql")
