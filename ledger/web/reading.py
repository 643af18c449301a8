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
from ledger.history import Head
from ledger.sqlwords import RELATIONS
from ledger.web import links, look, pages, tables
from ledger.web.book import Book
from ledger.web.kept import Kept, Reply
from ledger.web.links import Served, Stamp, Where
from ledger.web.pages import Page

T = TypeVar("T")

#: Bytes of pages that are kept.
KEPT = 64 * 1024 * 1024

#: Threads that read: pages are made by Python, of which one thread runs at a time.
THREADS = 3

HTML = "text/html; charset=utf-8"
CSS = "text/css; charset=utf-8"
TYPES = {"html": HTML, "csv": "text/csv; charset=utf-8", "json": "application/json"}

Query = Sequence[tuple[str, str]]


class Pages:
    """The pages of a Book, called `name` in their headings."""

    def __init__(self, book: Book, name: str) -> None:
        self.book = book
        self.name = name
        self.kept = Kept(KEPT)
        self._threads = ThreadPoolExecutor(THREADS, "page")

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def in_thread(self, do: Callable[[], T]) -> T:
        """What `do` gives, without anybody else waiting for it."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, do)

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
            return self.in_thread(make)

        try:
            head = await self.head()
            return await self.kept.reply((head.hash, datetime.now(UTC).date(), *key), made)
        except LedgerError as error:
            return await self.refusal(error, where, as_of)

    async def data(self, as_of: str | None) -> Reply:
        """The page that tells what there is to select from; its links are as of then."""
        where, shown = Where("data"), tables.SHOWN if self.book.path and not as_of else {}

        def make() -> Reply:
            store, links = self.book.store(), Served(as_of=as_of)
            with store.reader() as connection:
                entry = pages.entry_as_of(connection, as_of)
            with store.reader(as_of=entry) as connection:
                of = pages.stamp(connection, as_of)
            body = look.rendered(
                "data.html",
                links=links,
                relations=RELATIONS,
                tables=shown,
                database=tables.DATABASE,
            )
            page = Page(where, "The data", body, of)
            return Reply(look.document(page, links, ledger=self.name).encode(), HTML)

        return await self.kept_reply((where, as_of), make, where=where, as_of=as_of)

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
        with store.reader(as_of=entry) as connection:
            of = pages.stamp(connection, as_of, pinned)
            if ending == "html":
                served = Served(as_of=as_of)
                page = pages.show(connection, where, served, of)
                text = look.document(page, served, ledger=self.name)
            else:
                stream = io.StringIO()
                pages.write(stream, pages.answer(connection, where), ending, of)
                text = stream.getvalue()
        name = "" if ending == "html" else f"{where.kind}.{ending}"
        return Reply(text.encode("utf-8", "backslashreplace"), TYPES[ending], name=name)
