"""Serves a ledger: Datasette behind the door, on an address of this machine, until it is stopped.

Datasette is taken as a library. Of its plugins, and of those that are installed beside it, none but
ours has a say: what they would add is closed anyway.
"""

import ipaddress
import logging
import re
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.resources import as_file, files

import uvicorn
from datasette.plugins import pm

from ledger.errors import LedgerError
from ledger.store import Store
from ledger.web import pages, plugin, tables
from ledger.web.book import Book
from ledger.web.door import App, Door, Hosts, Opening
from ledger.web.patience import Patient
from ledger.web.plugin import LedgerDatasette

#: The port that is taken if it is free, so that a link of yesterday leads somewhere today.
PORT = 8044

#: Connections at once; who comes then is told to come later.
MOST_CONNECTIONS = 500

#: Seconds that a page waits while another program holds the ledger: a browser's patience is short.
WAITING = 5.0

#: Seconds that answers have to be finished when the server is stopped.
_FAREWELL = 2

#: Our pages: what they know of what is asked they take, and leave the rest.
_OPENINGS = (
    # No text of a ledger holds a NUL, and a server takes none.
    Opening(re.compile(r"/|/ledger/(?!.*[%~]00)[^/]+(/[^/]+)?")),
    *tables.openings(),
)


@contextmanager
def app(book: Book, name: str, hosts: Hosts) -> Iterator[App]:
    """The ledger as an ASGI app that answers to these hosts; it ends with the context.

    `name` is what the ledger is called on its pages.
    """
    _only_ours()
    with as_file(files("ledger.web") / "frames") as frames:
        datasette = LedgerDatasette(book, name, frames=str(frames))
        try:
            yield Door(datasette.app(), hosts, _OPENINGS)
        finally:
            datasette.close()


def _only_ours() -> None:
    """Let our plugin be the only one."""
    for other in pm.get_plugins() - {plugin}:
        pm.unregister(other)
    if not pm.is_registered(plugin):
        pm.register(plugin, "claim-ledger")


def listening(host: str, port: int | None) -> socket.socket:
    """A socket at an address of this machine; `port` None: PORT if it is free, else any that is.

    Raises LedgerError where the address is not this machine's, or the port is taken.
    """
    if not host:  # to the system that is every address there is
        raise LedgerError("--host names no address", "leave it out to serve this machine alone")
    for each in (port,) if port is not None else (PORT, 0):
        try:
            return socket.create_server(
                (host, each), family=_family(host), backlog=2048, reuse_port=False
            )
        except OSError as error:
            if port is None and each != 0:
                continue
            where = f"{host}, port {each}" if each else host
            # Python adds the address to what the system says.
            said = str(error.strerror or error).partition(" (while")[0]
            raise LedgerError(
                f"cannot listen at {where}: {said}",
                "leave --port out to take a free one; --host is an address of this machine",
            ) from None
    raise AssertionError("a free port is asked for last")


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def address(listener: socket.socket) -> str:
    """The address of the first page."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - looked for
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def is_private(listener: socket.socket) -> bool:
    """Whether only this machine can reach a socket."""
    return ipaddress.ip_address(listener.getsockname()[0]).is_loopback


def serve(
    opening: Callable[[], Store],
    listener: socket.socket,
    *,
    name: str,
    names: frozenset[str] = frozenset(),
    ready: Callable[[], object] = lambda: None,
) -> None:
    """Serve the ledger that `opening` opens until the process is told to stop (Ctrl-C, SIGTERM).

    `names` are those by which the server is called besides its address; `ready` is called once it
    answers. Raises StoreError, before anything is served, where the ledger cannot be read.
    """
    book = Book(opening)
    book.head()
    # What pages are made by takes a second or two to load; whoever asks first need not wait for it.
    threading.Thread(target=pages.load, daemon=True).start()
    hosts = Hosts(listener.getsockname()[1], frozenset(each.lower() for each in names))
    with app(book, name, hosts) as served:
        config = uvicorn.Config(
            served,
            http=Patient,
            ws="none",
            lifespan="on",
            log_level="error",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_graceful_shutdown=_FAREWELL,
        )
        with suppress(KeyboardInterrupt), _told_to_end():
            _Server(config, ready).run(sockets=[listener])


@contextmanager
def _told_to_end() -> Iterator[None]:
    """Have SIGTERM end this context as Ctrl-C does, by KeyboardInterrupt.

    By itself it would end the process at once, but not the processes in which statements run.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _Server(uvicorn.Server):
    """One that says when it answers, and not which answers it ended with itself."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], object]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does it; then it says so."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does it, which would tell each answer that is given up with a traceback."""
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await super().shutdown(sockets)
