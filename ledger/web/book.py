"""The ledger that is served, for as long as it is served: which file it is, and its head now.

A store looks a file over once, when it first reads it. A server runs for weeks, and `restore` puts
another file in the place of the first: whatever stands there is looked over before it is read.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ledger import history, sqlite
from ledger.errors import BusyError, LedgerError, StoreError
from ledger.history import Head
from ledger.store import Store

#: A file's times are those of the system's ticks: one that was written so many seconds ago or less
#: may have been written again since, and look the same.
_TICK = 0.1

#: What tells a file that was written, or that is another one, from what it was.
_Look = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A store, the schema that it looked over, and the head that it had when the file looked so."""

    store: Store
    schema: object = None
    head: Head | None = None
    look: _Look = ()


class Book:
    """A ledger from which every thread may read; `opening` gives a store of it, each time anew."""

    def __init__(self, opening: Callable[[], Store]) -> None:
        self._opening = opening
        self._seen = _Seen(opening())
        self._lock = threading.Lock()
        self._failed: tuple[float, BusyError | None] = (0.0, None)

    @property
    def path(self) -> Path | None:
        """The file that Datasette can open; None for a database on a server."""
        return self._seen.store.path

    def store(self) -> Store:
        """The store of what `head` last looked over."""
        return self._seen.store

    def known(self) -> Head | None:
        """The head there is now, if the file tells by itself that nothing was written since."""
        seen = self._seen
        return seen.head if seen.look and seen.look == self._look() else None

    def head(self) -> Head:
        """The newest entry there is now; another file is looked over first.

        Raises StoreError as `store.reader`: where another program holds the ledger BusyError, to
        all who were waiting at the same time.
        """
        began = time.monotonic()
        with self._lock:
            failed, error = self._failed
            if error is not None and failed > began:  # what another has waited for, too
                raise BusyError(error.message, error.hint)
            try:
                return self.known() or self._read()
            except BusyError as error:
                self._failed = time.monotonic(), error
                raise

    def told(self, error: LedgerError) -> LedgerError:
        """An error for whoever asks, who need not know where the ledger is, or as whom it is read.

        Its words name a folder, other files in that, a server and its users.
        """
        store, path = self._seen.store, self.path
        places = [store.name] if path is None else [str(path.absolute()), str(path)]
        if not any(place in f"{error.message} {error.hint}" for place in places):
            return error
        words = "the server that holds the ledger does not answer as it should"
        if path is not None:
            words = error.message
            for place in places:
                words = words.replace(place, path.name)
        kind = BusyError if isinstance(error, BusyError) else StoreError
        return kind(words, "`ledger verify` tells more to who serves it")

    def _read(self) -> Head:
        look = self._look()
        store = self._seen.store
        if look[:2] != self._seen.look[:2]:
            store = self._opening()
        schema, head = _schema_and_head(store)
        if store is self._seen.store and schema != self._seen.schema:
            store = self._opening()
            schema, head = _schema_and_head(store)
        settled = bool(look) and time.time() - look[-1] / 1e9 > _TICK
        self._seen = _Seen(store, schema, head, look if settled else look[:2])
        return head

    def _look(self) -> _Look:
        """What the file looks like; empty where it is none, or is not there."""
        path = self.path
        if path is not None:
            with suppress(OSError):
                found = path.stat()
                return (
                    found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
                )  # fmt: skip
        return ()


def _schema_and_head(store: Store) -> tuple[object, Head]:
    with store.reader() as connection:
        in_file = store.dialect == "sqlite"
        schema = sqlite.setting(connection, "schema_version") if in_file else None
        return schema, history.head(connection)
