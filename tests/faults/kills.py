"""`kill -9` at random moments of add, import, upgrade, making a ledger and backing it up."""

import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from tests.faults import cutting, ledgers
from tests.faults.commands import Ended, Running
from tests.faults.ledgers import Harm

#: Seconds that a process may outlive the one that started it.
GRACE = 5.0

#: Rows of an import of which a second process makes a share.
MANY = 20_000


def of_adds(folder: Path, kills: int, seed: int, *, commands: int = 3) -> Harm:
    """Kill runs of adds."""
    run = [ledgers.add(number) for number in range(commands)]

    def look(harm: Harm, work: Path, ended: Ended) -> None:
        acknowledged = range(ended.out.count(" denies they-came\n"))
        ledgers.judge(harm, work / "ledger.db", added=acknowledged, imports=0, at="kill")

    return _kill(folder, run, kills, seed, ledgers.base, look)


def of_imports(folder: Path, kills: int, seed: int, *, rows: int = ledgers.ROWS) -> Harm:
    """Kill imports of so many rows: of MANY, two processes work at it, and one is killed."""

    def made(work: Path) -> Path:
        ledgers.importing(work, rows)
        return ledgers.base(work)

    def look(harm: Harm, work: Path, ended: Ended) -> None:
        told = ended.out.count(f"added {rows} claims")
        ledgers.judge(harm, work / "ledger.db", added=(), imports=told, rows=rows, at="kill")

    return _kill(folder, [["import", "claims.csv"]], kills, seed, made, look)


def of_upgrades(folder: Path, kills: int, seed: int) -> Harm:
    """Kill upgrades."""

    def look(harm: Harm, work: Path, ended: Ended) -> None:
        cutting.look_at_upgrade(harm, work / "ledger.db", told="upgraded" in ended.out)

    return _kill(folder, [["init", "--upgrade"]], kills, seed, ledgers.older, look)


def of_new(folder: Path, kills: int, seed: int) -> Harm:
    """Kill the making of a new ledger with its seeds."""

    def look(harm: Harm, work: Path, ended: Ended) -> None:
        cutting.look_at_new(harm, work / "ledger.db", told="made" in ended.out)

    return _kill(folder, [["init", "--seed"]], kills, seed, lambda work: work, look)


def of_backups(folder: Path, kills: int, seed: int) -> Harm:
    """Kill backups."""

    def look(harm: Harm, work: Path, ended: Ended) -> None:
        cutting.look_at_new(harm, work / "copy.db", told="backed up" in ended.out)
        harm.broken += bool(ledgers.faults(work / "ledger.db"))

    return _kill(folder, [["backup", "copy.db"]], kills, seed, ledgers.base, look)


def of_helpers(folder: Path, kills: int, seed: int) -> Harm:
    """Kill, of the two processes of an import, the second: the first says so, and imports nothing.

    Where it has done its share by then, the import is whole.
    """
    harm, dice = Harm(), random.Random(seed)
    made = ledgers.made(folder, lambda work: (ledgers.importing(work, MANY), ledgers.base(work))[1])
    for _ in range(kills):
        work = ledgers.again(made, folder)
        running = Running(work, [["import", "claims.csv"]])
        running.go()
        helper = _helper(running)
        time.sleep(dice.uniform(0, 0.05))
        if helper is not None:
            running.kill(helper)
        else:
            harm.note("there was no second process")
        ended = running.wait()
        told = ended.out.count(f"added {MANY} claims")
        ledgers.judge(harm, work / "ledger.db", added=(), imports=told, rows=MANY, at="kill")
        if not told and not (ended.clear and "was stopped" in ended.err):
            harm.unclear += 1
            harm.note(f"the second process was killed: {ended}")
    return harm


def _kill(
    folder: Path,
    run: Sequence[Sequence[str]],
    kills: int,
    seed: int,
    make: Callable[[Path], Path],
    look: Callable[[Harm, Path, Ended], None],
) -> Harm:
    harm, dice = Harm(), random.Random(seed)
    made = ledgers.made(folder, make)
    began = time.monotonic()
    running = Running(ledgers.again(made, folder), run)
    running.go()
    ended = running.wait()
    lasts = time.monotonic() - began  # when nobody kills it
    assert ended.status == 0, ended
    for _ in range(kills):
        work = ledgers.again(made, folder)
        running = Running(work, run)
        running.go()
        time.sleep(dice.uniform(0, lasts * 1.05))
        running.kill()
        look(harm, work, running.wait())
        if _outlives(running):
            harm.orphans += 1
            harm.note(f"a process was left by {run[0]}")
    return harm


def _helper(running: Running) -> int | None:
    """The process that it starts, as soon as it does; None if it ends without."""
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
    while running.there():
        with suppress(OSError):
            for pid in children.read_text().split():
                return int(pid)
        time.sleep(0.001)
    return None


def _outlives(running: Running) -> bool:
    until = time.monotonic() + GRACE
    while left := running.left():
        if time.monotonic() > until:
            for pid in left:
                running.kill(pid)
            return True
        time.sleep(0.005)
    return False
