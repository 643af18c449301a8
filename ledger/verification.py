"""Whether a ledger holds: the one list of what `verify`, `backup` and `restore` ask of it.

What is recorded is `ledger.history`'s to recompute; the guards and views are `ledger.catalogue`'s.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import sqlalchemy as sa

from ledger.catalogue import catalogue_faults
from ledger.chain import verify
from ledger.history import Fault
from ledger.links import all_there
from ledger.sqlite import damage
from ledger.store import awaited_faults, foreign_key_faults


def refusal(name: object, faults: Sequence[str]) -> str:
    """That a ledger does not hold, how many faults it has, and the first of them."""
    many = "one fault" if len(faults) == 1 else f"{len(faults):,} faults, the first"
    return f"{name} does not verify: {many}: {faults[0]}"


def wrong(
    connection: sa.Connection, most: int, *, told: Callable[[int], None] = lambda _: None
) -> list[str]:
    """What is wrong with a file, or else with the ledger in it: at most so many, each in words.

    `told` as in `chain.verify`. Of a broken file no more is asked than its damage.
    """
    broken = []
    if connection.dialect.name == "sqlite":
        broken = list(islice(damage(connection, indexes=True), most))
    return broken or [str(fault) for fault in islice(faults(connection, told=told), most)]


def faults(
    connection: sa.Connection,
    *,
    since: int = 0,
    told: Callable[[int], None] = lambda _: None,
) -> Iterator[Fault]:
    """What does not hold: of the catalogue, of the foreign keys, then of what was recorded.

    `since` and `told` as in `chain.verify`. That the file itself is sound is asked of
    `ledger.sqlite.damage` before: a broken file may not be readable to the end.
    """
    for altered in catalogue_faults(connection):
        yield Fault(None, None, None, str(altered))
    if not all_there(connection):
        for table, row, what in foreign_key_faults(connection):
            yield Fault(None, table, row, what)
    for table, row, what in awaited_faults(connection):
        yield Fault(None, table, row, what)
    yield from verify(connection, since=since, told=told)
