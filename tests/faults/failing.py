"""Disks that fail: each write, sync and change of a name, once and for ever; full disks."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import count, product
from pathlib import Path
from resource import RLIM_INFINITY, RLIMIT_FSIZE, setrlimit
from shutil import copytree
from tempfile import TemporaryDirectory

from tests.faults import cutting, ledgers
from tests.faults.commands import Ended, Running, run, traced
from tests.faults.ledgers import Harm

#: By which calls a command changes the disk, and how each is said to fail.
CALLS = {
    "pwrite64": ("ENOSPC", "EIO"),
    "write": ("ENOSPC",),  # to what is put aside, and of what is said
    "fdatasync": ("EIO",),
    "fsync": ("EIO",),
    "unlink": ("EIO",),
    "ftruncate": ("EIO",),
    "linkat": ("ENOSPC",),
    "link": ("ENOSPC",),
    "rename": ("EIO",),
}


@dataclass(frozen=True)
class Tried:
    """A command, how its folder is made, and how it is looked at: its folder, and how it ended."""

    words: tuple[str, ...]
    make: Callable[[Path], object]
    look: Callable[[Harm, Path, Ended], None]


def _look_at_add(harm: Harm, work: Path, ended: Ended) -> None:
    told = range(ended.out.count(" denies they-came\n"))
    ledgers.judge(harm, work / "ledger.db", added=told, imports=0, at="add")


def _look_at_import(harm: Harm, work: Path, ended: Ended) -> None:
    told = ended.out.count(f"added {ledgers.ROWS} claims")
    ledgers.judge(harm, work / "ledger.db", added=(), imports=told, at="import")


def _look_at_upgrade(harm: Harm, work: Path, ended: Ended) -> None:
    cutting.look_at_upgrade(harm, work / "ledger.db", told="upgraded" in ended.out)


def _look_at_new(harm: Harm, work: Path, ended: Ended) -> None:
    cutting.look_at_new(harm, work / "ledger.db", told="made" in ended.out)


def _look_at_backup(harm: Harm, work: Path, ended: Ended) -> None:
    cutting.look_at_new(harm, work / "copy.db", told="backed up" in ended.out)
    harm.broken += bool(ledgers.faults(work / "ledger.db"))


def _with_a_file(work: Path) -> None:
    ledgers.base(work)
    ledgers.importing(work)


COMMANDS: dict[str, Tried] = {
    "add": Tried(tuple(ledgers.add(0)), ledgers.base, _look_at_add),
    "import": Tried(("import", "claims.csv"), _with_a_file, _look_at_import),
    "upgrade": Tried(("init", "--upgrade"), ledgers.older, _look_at_upgrade),
    "init": Tried(("init", "--seed"), lambda work: None, _look_at_new),
    "backup": Tried(("backup", "copy.db"), ledgers.base, _look_at_backup),
}


def of_every_call(folder: Path, name: str, *, most: int | None = None) -> Harm:
    """Let each call of the command `name` fail, once and from then on; `most` of each call's."""
    tried, harm = COMMANDS[name], Harm()
    files = ledgers.made(folder, tried.make)
    for call, errors in CALLS.items():
        times = _times(ledgers.again(files, folder), tried, call)
        step = 1 if most is None else -(-times // most) or 1
        for number, error in product(range(1, times + 1, step), errors):
            # What writes for ever to no avail can say nothing either.
            for when in (f"{number}",) if call == "write" else (f"{number}", f"{number}+"):
                work = ledgers.again(files, folder)
                inject = f"{call}:error={error}:when={when}"
                _note(harm, tried, work, run(work, *tried.words, inject=inject), inject)
    return harm


def _times(work: Path, tried: Tried, call: str) -> int:
    """How often the command makes the call when nothing fails."""
    running, told = Running(work, [tried.words]), work / "trace.txt"
    with traced(running.pid, told, "-e", f"trace={call}", "-e", "signal=none"):
        running.go()
        ended = running.wait()
    assert ended.status == 0, ended
    return sum(f" {call}(" in line for line in told.read_text(errors="replace").splitlines())


def _note(harm: Harm, tried: Tried, work: Path, ended: Ended, how: str) -> None:
    """What the command left, and whether it told of it as it should."""
    tried.look(harm, work, ended)
    if ended.status and not ended.clear:
        harm.unclear += 1
        harm.note(f"{tried.words[0]}, {how}: {ended}")
    if ended.status:
        harm.refusals.add(ended.err.splitlines()[0] if ended.err else "")


def of_small_files(folder: Path, name: str, *, every: int = 16_384) -> Harm:
    """Let no file grow past a limit: from next to nothing, more and more, until it is enough."""
    tried, harm = COMMANDS[name], Harm()
    files = ledgers.made(folder, tried.make)
    for limit in count(4_096, every):
        work = ledgers.again(files, folder)
        ended = run(
            work, *tried.words, before=partial(setrlimit, RLIMIT_FSIZE, (limit, RLIM_INFINITY))
        )
        _note(harm, tried, work, ended, f"{limit} bytes a file")
        if not ended.status:
            return harm
    raise AssertionError("it never ended well")


def of_small_disks(folder: Path, name: str, *, every: int = 32_768) -> Harm:
    """Do the command on a disk that is full but for some bytes, more and more, until it is done."""
    tried, harm = COMMANDS[name], Harm()
    files = ledgers.made(folder / "made", tried.make)
    least = sum(-(-len(data) // 4_096) * 4_096 for data in files.values()) + 8_192
    for size in count(least, every):
        with small_disk(folder / "disk", size):
            work = ledgers.again(files, folder / "disk")
            ended = run(work, *tried.words)
            # Looked at elsewhere: to look may take room.
            left = ledgers.made(folder / "left", partial(copytree, work, dirs_exist_ok=True))
        assert left or name == "init"
        _note(harm, tried, folder / "left", ended, f"a disk of {size} bytes")
        if not ended.status:
            return harm
    raise AssertionError("it never ended well")


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[None]:
    """`folder` on a disk of so many bytes, which only root can make."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)],
        check=True,
        capture_output=True,
    )
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def can_mount(folder: Path) -> bool:
    """Whether a small disk can be made here."""
    with suppress(OSError, subprocess.CalledProcessError), small_disk(folder, 1 << 16):
        return True
    return False


def of_a_folder_that_is_read_only(name: str) -> Harm:
    """Do the command as an ordinary user in a folder that may only be read."""
    tried, harm = COMMANDS[name], Harm()
    with TemporaryDirectory() as made:
        work = Path(made)
        ledgers.made(work, tried.make)
        for path in work.iterdir():
            path.chmod(0o666)
        work.chmod(0o555)
        ended = run(work, *tried.words, before=_as_nobody)
        work.chmod(0o755)
        _note(harm, tried, work, ended, "a folder to be read only")
        harm.unclear += not ended.status
    return harm


def _as_nobody() -> None:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65_534)
        os.setuid(65_534)
