"""Many at once: processes that record in one ledger, and backups while they do."""

from pathlib import Path

from ledger import history
from ledger.store import SQLiteStore
from tests.faults import ledgers
from tests.faults.commands import Running
from tests.faults.ledgers import Harm

#: Seconds within which one of a crowd's adds is done; each waits for all others.
_AN_ADD = 3.0


def of_writers(folder: Path, processes: int, adds: int) -> Harm:
    """Let processes add claims at once; every one is recorded, and each after another."""
    harm, path = Harm(), ledgers.base(ledgers.emptied(folder))
    running = [
        Running(folder, [ledgers.add(1_000 * each + number) for number in range(adds)])
        for each in range(processes)
    ]
    for each in running:
        each.go()
    told: list[int] = []
    for number, each in enumerate(running):
        ended = each.wait(processes * adds * _AN_ADD)
        done = ended.out.count(" denies they-came\n")
        told += range(1_000 * number, 1_000 * number + done)
        if ended.status:
            harm.unclear += 1
            harm.note(f"one of {processes} writers: {ended.err}")
    ledgers.judge(harm, path, added=told, imports=0, at="a crowd")
    with SQLiteStore(path).reader() as connection:
        entries = history.head(connection).entry
    harm.partial += entries != 1 + len(told)
    harm.tries = len(told)
    return harm


def of_backups(folder: Path, backups: int) -> Harm:
    """Take backups while somebody records; each is the ledger as it was at one moment."""
    harm, path = Harm(), ledgers.base(ledgers.emptied(folder))
    writer = Running(folder, [ledgers.add(number) for number in range(100_000)])
    writer.go()
    for number in range(backups):
        backup = Running(folder, [["backup", f"copy{number}.db"]])
        backup.go()
        ended = backup.wait()
        harm.unclear += ended.status != 0
        copy = folder / f"copy{number}.db"
        ledgers.judge(harm, copy, added=(), imports=0, at=f"backup {number}")
        there, _ = ledgers.claims(copy)
        harm.partial += there != [*range(len(there))]
        copy.unlink()
    writer.kill()
    ended = writer.wait()
    told = range(ended.out.count(" denies they-came\n"))
    ledgers.judge(harm, path, added=told, imports=0, at="after the backups")
    harm.lost += not told
    harm.tries -= 1
    return harm
