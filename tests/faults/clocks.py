"""Clocks that are set back, under real commands: by faketime, in processes of their own."""

import os
import random
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from ledger import journal, schema
from ledger.store import SQLiteStore
from tests.build import a_source
from tests.faults import ledgers
from tests.faults.commands import Ended
from tests.faults.ledgers import Harm

#: Between these the clock is set: before there were computers, and where C's clocks end.
FIRST, LAST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2037, 12, 31, tzinfo=UTC)


def has_faketime() -> bool:
    return shutil.which("faketime") is not None


def of_adds(folder: Path, adds: int, seed: int) -> Harm:
    """Set the clock anew before each add, as often back as ahead."""
    harm, dice = Harm(), random.Random(seed)
    path = ledgers.base(ledgers.emptied(folder))
    told: list[int] = []
    for number in range(adds):
        ended = _at(_moment(dice), folder, ledgers.add(number))
        if ended.status:
            harm.unclear += 1
            harm.note(f"add under another clock: {ended}")
        else:
            told.append(number)
    ledgers.judge(harm, path, added=told, imports=0, at="the clock")
    harm.tries = adds
    _in_order(harm, path)
    return harm


def of_entries(folder: Path, entries: int, seed: int) -> Harm:
    """As `of_adds` where there is no faketime: the moment is what is recorded with."""
    harm, dice = Harm(), random.Random(seed)
    path = ledgers.base(ledgers.emptied(folder))
    for number in range(entries):
        with journal.entry(
            SQLiteStore(path), recorded_by="maria", recorded_at=_moment(dice)
        ) as draft:
            a_source(draft, f"Witness {number}", kind="witness")
    ledgers.judge(harm, path, added=(), imports=0, at="the clock")
    harm.tries = entries
    _in_order(harm, path)
    return harm


def _moment(dice: random.Random) -> datetime:
    return FIRST + timedelta(seconds=dice.randrange(int((LAST - FIRST).total_seconds())))


def _in_order(harm: Harm, path: Path) -> None:
    """History has one order, whatever the clock said."""
    with SQLiteStore(path).reader() as connection:
        times = connection.execute(
            sa.select(schema.entry.c.recorded_at).order_by(schema.entry.c.id)
        ).scalars()
        moments = [*times]
    harm.broken += moments != sorted(moments)


def _at(moment: datetime, folder: Path, words: list[str]) -> Ended:
    given = {**os.environ, "LEDGER_DB": "ledger.db", "LEDGER_ANALYST": "maria", "TZ": "UTC"}
    done = subprocess.run(
        ["faketime", f"{moment:%Y-%m-%d %H:%M:%S}", sys.executable, "-m", "ledger", *words],
        cwd=folder,
        env=given,
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())
