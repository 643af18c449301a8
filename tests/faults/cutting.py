"""What power cuts do to runs of commands: recorded once, cut at random moments, looked at."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path

from ledger import migrate, schema
from ledger.store import SQLiteStore
from tests.faults import ledgers
from tests.faults.ledgers import Harm
from tests.faults.powercuts import Recording, record

#: Looks at what is left in a folder, after so much was said.
Look = Callable[[Harm, Path, str], None]

#: Calls after which a disk may hold something else than before.
_JOINTS = ("fsync", "fdatasync", "unlink", "link", "linkat", "rename")

#: How many calls are the end of a command.
_END = 12

#: Every so many adds there is an import.
_EVERY = 8


def of_adds(
    folder: Path, cuts: int, seed: int, *, commands: int = 24, synchronous: str | None = None
) -> Harm:
    """Cut a run of adds and imports; `synchronous` is another setting of SQLite's, to compare."""
    work = ledgers.emptied(folder)
    ledgers.base(work)
    adding = [number for number in range(commands) if number % _EVERY != _EVERY - 1]
    run = [
        ledgers.add(number) if number in adding else ledgers.importing(work)
        for number in range(commands)
    ]

    def look(harm: Harm, left: Path, said: str) -> None:
        acknowledged = adding[: said.count(" denies they-came\n")]
        imports = said.count(f"added {ledgers.ROWS} claims")
        ledgers.judge(harm, left / "ledger.db", added=acknowledged, imports=imports, at="cut")

    recording = record(work, run, synchronous=synchronous)
    return _cut(recording, folder, cuts, seed, look, once=False)


def of_upgrade(folder: Path, cuts: int, seed: int) -> Harm:
    """Cut an upgrade: the schema is the old one or the new one, and the new one once it is told."""
    work = ledgers.emptied(folder)
    ledgers.older(work)

    def look(harm: Harm, left: Path, said: str) -> None:
        look_at_upgrade(harm, left / "ledger.db", told="upgraded" in said)

    return _cut(record(work, [["init", "--upgrade"]]), folder, cuts, seed, look)


def of_new(folder: Path, cuts: int, seed: int) -> Harm:
    """Cut the making of a new ledger with its seeds: there is all of it, or no file."""
    work = ledgers.emptied(folder)

    def look(harm: Harm, left: Path, said: str) -> None:
        look_at_new(harm, left / "ledger.db", told="made" in said)

    return _cut(record(work, [["init", "--seed"]]), folder, cuts, seed, look)


def of_backup(folder: Path, cuts: int, seed: int) -> Harm:
    """Cut a backup: there is all of it, or no file, and the ledger stays."""
    work = ledgers.emptied(folder)
    ledgers.base(work)

    def look(harm: Harm, left: Path, said: str) -> None:
        look_at_new(harm, left / "copy.db", told="backed up" in said)
        harm.broken += bool(ledgers.faults(left / "ledger.db"))

    return _cut(record(work, [["backup", "copy.db"]]), folder, cuts, seed, look)


def look_at_upgrade(harm: Harm, path: Path, *, told: bool) -> None:
    """Whether the ledger has the first schema or the last one, whole."""
    harm.tries += 1
    first, last = schema.REVISIONS[0], schema.REVISION
    found = ledgers.revision(path)
    if found != last and (told or found != first):
        harm.partial += 1
        harm.note(f"an upgrade left schema {found}")
    migrate.upgrade(SQLiteStore(path))
    if wrong := ledgers.faults(path):
        harm.broken += 1
        harm.note(f"an upgrade left: {wrong[0]}")


def look_at_new(harm: Harm, path: Path, *, told: bool) -> None:
    """Whether a file that was being made is there whole, or not at all."""
    harm.tries += 1
    if not path.exists():
        if told:
            harm.lost += 1
            harm.note(f"{path.name} was told and is not there")
        return
    if wrong := ledgers.faults(path):
        harm.partial += 1
        harm.note(f"{path.name}: {wrong[0]}")
        return
    with SQLiteStore(path).reader() as connection:
        if not connection.exec_driver_sql("SELECT count(*) FROM entry").scalar():
            harm.partial += 1
            harm.note(f"{path.name} is there without what it was to hold")


def _cut(
    recording: Recording, folder: Path, cuts: int, seed: int, look: Look, *, once: bool = True
) -> Harm:
    """Cut at random calls; where all is done `once`, most where it matters, which is seldom."""
    harm, dice = Harm(), random.Random(seed)
    last = len(recording.calls)
    joints = [at for at, call in enumerate(recording.calls) if call.name in _JOINTS]

    def moment() -> int:
        where = dice.choice(("anywhere", "joint", "end")) if once else "anywhere"
        if where == "joint":
            return min(last, dice.choice(joints) + dice.randint(0, 2))
        return dice.randint(max(0, last - _END) if where == "end" else 0, last)

    moments: Sequence[int] = [moment() for _ in range(cuts)]
    for said, files in recording.moments(moments, dice):
        left = ledgers.emptied(folder / "left")
        for name, data in files.items():
            (left / name).write_bytes(data)
        look(harm, left, said)
    return harm
