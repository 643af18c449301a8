"""Answers what is asked of the ledger's own pages: reads in threads, and keeps what was made.

What a page says depends on the ledger's head, on what is asked, and on the day; so a page that was
made for the same three is given again, and an entry that is recorded is seen at the next request.
"""

import asyncio
import io
import json
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import TypeVar

from ledger.errors import BusyError, LedgerError, NotFoundError, StoreError
from ledger.formats import Answer
from ledger.history import Head
from ledger.query import known
from ledger.web import links, look, pages, tables
from ledger.web.book import Book
from ledger.web.clock import limited
from ledger.web.kept import Kept, Reply
from ledger.web.links import Served, Stamp, Where
from ledger.web.pages import Page

T = TypeVar("T")

#: Bytes of pages that are kept.
KEPT = 64 * 1024 * 1024

#: Threads that read: pages are made by Python, of which one thread runs at a time.
THREADS = 3

#: Seconds that a page may ask the database.
SECONDS = 20.0

#: Pages that are drawn, which takes seconds: one at a time, so that others are read meanwhile.
DRAWN = ("proposition",)

HTML = "text/html; charset=utf-8"
CSS = "text/css; charset=utf-8"
TYPES = {"html": HTML, "csv": "text/csv; charset=utf-8", "json": "application/json"}

#: Characters of an answer as CSV or JSON.
LARGEST = 64 * 1024 * 1024
_INSTEAD = "ask for less, or write it to a file: `ledger` on the command line, with -o"

Query = Sequence[tuple[str, str]]


class Pages:
    """The pages of a Book, called `name` in their headings."""

    def __init__(self, book: Book, name: str) -> None:
        self.book = book
        self.name = name
        self.kept = Kept(KEPT)
        self._threads = ThreadPoolExecutor(THREADS, "page")
        self._drawing = ThreadPoolExecutor(1, "drawing")

    def close(self) -> None:
        """Let the threads go."""
        for threads in (self._threads, self._drawing):
            threads.shutdown(wait=False, cancel_futures=True)

    async def in_thread(self, do: Callable[[], T], *, drawing: bool = False) -> T:
        """What `do` gives, without anybody else waiting for it."""
        threads = self._drawing if drawing else self._threads
        return await asyncio.get_running_loop().run_in_executor(threads, do)

    async def head(self) -> Head:
        """The newest entry there is now. Raises StoreError."""
        known = self.book.known()
        return known if known else await self.in_thread(self.book.head)

    async def page(self, path: str, query: Query) -> Reply:
        """The page at a path below the base, such as `proposition/killed.csv`; or why not."""
        asked = dict(query)
        as_of, pinned = asked.get("as-of") or None, asked.get("head") or None
        try:
            where, ending = links.read(path, query)
        except LedgerError as error:
            return await self.refusal(error, None, as_of, ending=path.rpartition(".")[2])
        return await self.kept_reply(
            (where, ending, as_of, pinned),
            lambda: self._made(where, ending, as_of, pinned),
            where,
            ending,
            as_of,
        )

    async def kept_reply(
        self,
        key: tuple[object, ...],
        make: Callable[[], Reply],
        where: Where,
        ending: str,
        as_of: str | None,
    ) -> Reply:
        """What `make` gives in a thread, or gave for the same key, head and day; or why not."""

        def made() -> Awaitable[Reply]:
            return self.in_thread(make, drawing=where.kind in DRAWN)

        try:
            return await self.kept_by_head(key, made)
        except LedgerError as error:
            return await self.refusal(error, where, as_of, ending=ending)

    async def kept_by_head(
        self, key: tuple[object, ...], make: Callable[[], Awaitable[Reply]]
    ) -> Reply:
        """What `make` gives, or gave for the same key, head and day. Raises what that raises."""
        head = await self.head()
        return await self.kept.reply((head.hash, datetime.now(UTC).date(), *key), make)

    async def data(self, query: Query, ending: str) -> Reply:
        """What there is to select from; its links are as of then."""
        asked = dict(query)
        as_of, pinned = asked.get("as-of") or None, asked.get("head") or None

        def make() -> Reply:
            store = self.book.store()
            with pages.reader(store, as_of) as connection:
                of = pages.stamp(connection, as_of, pinned)
            relations = known(store).relations
            if ending != "html":
                rows = [(each.name, *told) for each in relations for told in each.columns.items()]
                answer = Answer(("view", "column", "meaning"), rows, title="The data")
                return self._written(answer, ending, of, Where("data"))
            links = Served(as_of=as_of)
            body = look.rendered(
                "data.html",
                links=links,
                relations=relations,
                tables=() if as_of or not self.book.path else tables.SHOWN,
                database=tables.DATABASE,
            )
            page = Page(Where("data"), "The data", body, of)
            return Reply(look.document(page, links, ledger=self.name).encode(), HTML)

        where = Where("data")
        return await self.kept_reply((where, ending, as_of, pinned), make, where, ending, as_of)

    async def refusal(
        self,
        error: LedgerError,
        where: Where | None,
        as_of: str | None,
        *,
        ending: str = "html",
        status: int | None = None,
    ) -> Reply:
        """What is wrong, as a page, or as JSON for who asked for that.

        Its `status`, if none is given: 404, 503 where the ledger cannot be read now, else 400.
        """
        if status is None:
            status = 503 if isinstance(error, StoreError) else 400
            status = 404 if isinstance(error, NotFoundError) else status
        error = self.book.told(error)
        if ending == "json":
            told = {"ok": False, "error": error.message, "hint": error.hint, "status": status}
            return Reply(json.dumps(told, ensure_ascii=False).encode(), TYPES["json"], status)
        of = Stamp(0, "", None)
        if not isinstance(error, BusyError):  # who has waited once need not wait again
            of = await self.in_thread(lambda: self._moment(as_of))
        served = Served(as_of=of.as_of)
        text = look.refused(error, where, served, of, status=status, ledger=self.name)
        return Reply(text.encode(), HTML, status)

    def _moment(self, as_of: str | None) -> Stamp:
        """The ledger then, or now if there is no such moment: links need not ask for that again."""
        for asked in dict.fromkeys((as_of, None)):
            with suppress(LedgerError):
                self.book.head()
                with pages.reader(self.book.store(), asked) as connection:
                    return pages.stamp(connection, asked)
        return Stamp(0, "", None)

    def _made(self, where: Where, ending: str, as_of: str | None, pinned: str | None) -> Reply:
        opened = pages.reader(self.book.store(), as_of)
        with opened as connection, limited(connection, SECONDS):
            of = pages.stamp(connection, as_of, pinned)
            if ending != "html":
                return self._written(pages.answer(connection, where), ending, of, where)
            served = Served(as_of=as_of)
            page = pages.prepared(connection, where, served, of)
        # Who waits to record need not wait for the drawing.
        return Reply(look.document(page(), served, ledger=self.name).encode(), HTML)

    def _written(self, answer: Answer, ending: str, of: Stamp, where: Where) -> Reply:
        stream = io.StringIO()
        pages.write(pages.Bounded(stream, LARGEST, _INSTEAD), answer, ending, of)
        name = "-".join(filter(None, (where.kind, where.key and links.file_name(where.key))))
        return Reply(stream.getvalue().encode(), TYPES[ending], name=f"{name}.{ending}")
