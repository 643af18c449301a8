"""Asks a served ledger as a browser or an attacker would, without a network between."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.store import Store, open_store
from ledger.web.book import Book
from ledger.web.door import App, Hosts
from ledger.web.serving import app

PORT = 8044
HOST = f"127.0.0.1:{PORT}"


@dataclass(frozen=True)
class Answer:
    """What came back; header names in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


class Visitor:
    """Whoever asks `served`; the first request starts it."""

    def __init__(self, served: App, runner: asyncio.Runner) -> None:
        self._served, self._runner = served, runner

    def get(self, address: str, *, method: str = "GET", **headers: str) -> Answer:
        """What is answered to one request; `sec_fetch_site="cross-site"` is a header."""
        return self.get_all(address, method=method, **headers)[0]

    def get_all(
        self, *addresses: str, method: str = "GET", host: str = HOST, **headers: str
    ) -> list[Answer]:
        """What is answered to requests that come at the same time."""

        async def asked() -> list[Answer]:
            return await asyncio.gather(
                *(self._asked(address, method, host, headers) for address in addresses)
            )

        return self._runner.run(asked())

    async def _asked(
        self, address: str, method: str, host: str, headers: Mapping[str, str]
    ) -> Answer:
        path, _, query = address.partition("?")
        named = [(b"host", host.encode())] if host else []
        named += [
            (name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()
        ]
        scope = {
            "type": "http", "http_version": "1.1", "method": method, "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": query.encode(),
            "headers": named, "server": ("127.0.0.1", PORT), "client": ("127.0.0.1", 50_000),
        }  # fmt: skip
        said: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            said.append(message)

        await self._served(scope, receive, send)
        start, *rest = said
        told = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        return Answer(start["status"], told, b"".join(each["body"] for each in rest))


def path_of(store: Store) -> Path:
    """The file that a ledger is in."""
    assert store.path is not None
    return store.path


def book_of(store: Store) -> Book:
    """The ledger that is where the store's is, opened anew wherever it is in a file."""
    path = store.path
    return Book(lambda: store if path is None else open_store(path))


@contextmanager
def visiting(store: Store, *names: str, book: Book | None = None) -> Iterator[Visitor]:
    """Somebody who visits a ledger; the server is also called by `names`."""
    hosts = Hosts(PORT, frozenset(names))
    with asyncio.Runner() as runner, app(book or book_of(store), "The ledger", hosts) as served:
        yield Visitor(served, runner)
