"""Answers what is asked of the ledger's own pages: reads in threads, and keeps what was made.

What a page says depends on the ledger's head, on what is asked, and on the day; so a page that was
made for the same three is given again, and an entry that is recorded is seen at the next request.
"""

import asyncio
import io
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TypeVar

from ledger.errors import InvalidError, LedgerError, NotFoundError, StoreError
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
            return await self.refusal(error, None, as_of)
        return await self.kept_reply(
            (where, ending, as_of, pinned),
            lambda: self._made(where, ending, as_of, pinned),
            where=where,
            as_of=as_of,
        )

    async def kept_reply(
        self,
        key: tuple[object, ...],
        make: Callable[[], Reply],
        *,
        where: Where | None = None,
        as_of: str | None = None,
    ) -> Reply:
        """What `make` gives in a thread, or gave for the same key, head and day; or why not."""

        def made() -> Awaitable[Reply]:
            drawing = where is not None and where.kind in DRAWN
            return self.in_thread(make, drawing=drawing)

        try:
            return await self.kept_by_head(key, made)
        except LedgerError as error:
            return await self.refusal(error, where, as_of)

    async def kept_by_head(
        self, key: tuple[object, ...], make: Callable[[], Awaitable[Reply]]
    ) -> Reply:
        """What `make` gives, or gave for the same key, head and day. Raises what that raises."""
        head = await self.head()
        return await self.kept.reply((head.hash, datetime.now(UTC).date(), *key), make)

    async def data(self, as_of: str | None, ending: str) -> Reply:
        """What there is to select from; its links are as of then."""

        def make() -> Reply:
            store = self.book.store()
            with store.reader() as connection:
                entry = pages.entry_as_of(connection, as_of)
            with store.reader(as_of=entry) as connection:
                of = pages.stamp(connection, as_of)
            relations = known(store).relations
            if ending != "html":
                rows = [(each.name, *told) for each in relations for told in each.columns.items()]
                answer = Answer(("view", "column", "meaning"), rows, title="The data")
                return self._written(answer, ending, of, "data")
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
        return await self.kept_reply((where, ending, as_of), make, where=where, as_of=as_of)

    async def refusal(self, error: LedgerError, where: Where | None, as_of: str | None) -> Reply:
        """The page that says what is wrong: 404, 400, or 503 where the ledger cannot be read."""
        status = 503 if isinstance(error, StoreError) else 400
        status = 404 if isinstance(error, NotFoundError) else status
        try:
            head = await self.head()
        except LedgerError:
            head = Head(0, "", None)
        of = Stamp(head.entry, head.hash, head.recorded_at)
        # What could not be understood is not asked again by every link of the page.
        served = Served(as_of=None if isinstance(error, InvalidError) else as_of)
        text = look.refused(error, where, served, of, ledger=self.name)
        return Reply(text.encode(), HTML, status)

    def _made(self, where: Where, ending: str, as_of: str | None, pinned: str | None) -> Reply:
        store = self.book.store()
        entry = None
        if as_of:
            with store.reader() as connection:
                entry = pages.entry_as_of(connection, as_of)
        with store.reader(as_of=entry) as connection, limited(connection, SECONDS):
            of = pages.stamp(connection, as_of, pinned)
            if ending != "html":
                return self._written(pages.answer(connection, where), ending, of, where.kind)
            served = Served(as_of=as_of)
            page = pages.show(connection, where, served, of)
            return Reply(look.document(page, served, ledger=self.name).encode(), HTML)

    def _written(self, answer: Answer, ending: str, of: Stamp, name: str) -> Reply:
        stream = _Bounded()
        pages.write(stream, answer, ending, of)
        return Reply(stream.getvalue().encode(), TYPES[ending], name=f"{name}.{ending}")


class _Bounded(io.StringIO):
    """What is written of an answer, up to LARGEST."""

    def write(self, text: str) -> int:
        if self.tell() + len(text) > LARGEST:
            raise LedgerError(
                f"this answer is larger than {LARGEST:,} characters",
                "ask for less, or write it to a file: `ledger` on the command line, with -o",
            )
        return super().write(text)
