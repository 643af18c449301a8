"""Whether the file itself is sound, looked at beside the work that reads what is recorded in it.

SQLite holds every index against its table without a break, and another core can do the rest
meanwhile; where there is only one, the two take turns.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from threading import Event

import sqlalchemy as sa

from ledger import verification
from ledger.errors import StoreError
from ledger.history import Fault
from ledger.server import damage as server_damage
from ledger.sqlite import damage
from ledger.store import Store, reading_errors
from ledger.uncollected import uncollected


def findings(
    store: Store,
    connection: sa.Connection,
    *,
    since: int = 0,
    indexes: bool,
    told: Callable[[int], None] = lambda _: None,
    most: int | None = None,
) -> tuple[list[str], list[Fault]]:
    """What is wrong with the file, and what with the ledger in it: at most so many of these.

    `connection` is one on `store` that is reading; `since` and `told` as in `verification.faults`,
    `indexes` as in `sqlite.damage`. What cannot be read to the end is told by its damage.
    """
    with uncollected(), damage_beside(store, connection, indexes=indexes) as damage:
        found: list[Fault] = []
        try:
            found += islice(verification.faults(connection, since=since, told=told), most)
        except reading_errors():
            if not damage():
                raise
        return damage(), found


@contextmanager
def damage_beside(
    store: Store, connection: sa.Connection, *, indexes: bool
) -> Iterator[Callable[[], list[str]]]:
    """Look for damage, as `sqlite.damage` does, while the block runs; the call gives what it found.

    On a connection of its own. `connection` is one that is reading, so that both see one state: no
    writer commits before both have done. A writer that waits may keep the second one out; then it
    is looked for on `connection`, after all. A server looks after its files itself, and is asked
    what it finds wrong with its indexes.
    """
    if store.path is None:
        lines = [*server_damage(connection)] if indexes else []
        yield lambda: lines
        return
    begun = Event()
    with ThreadPoolExecutor(1) as beside:
        found = beside.submit(_damage, store, begun, indexes=indexes)
        begun.wait()

        def answer() -> list[str]:
            lines = found.result()
            return [*damage(connection, indexes=indexes)] if lines is None else lines

        yield answer


def _damage(store: Store, begun: Event, *, indexes: bool) -> list[str] | None:
    try:
        with store.look() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()
            begun.set()
            return [*damage(connection, indexes=indexes)]
    except StoreError:
        return None
    finally:
        begun.set()
