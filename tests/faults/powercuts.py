"""Power cuts, replayed: the system calls of real commands, cut off, with unsynced writes dropped.

A disk keeps what was synced. Of what was not, it keeps what it likes: any sector of 512 bytes of
any write, and any name that was made, taken away or changed, where only those of one name are in
order. A name is on the disk when its folder was synced, a file's bytes when the file was. This is
harsher than the file systems that people have, so that what stands here stands there.

What was acknowledged is what was written to standard output before the cut.
"""

import os
import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ledger.store import sqlite as stores
from tests.faults.commands import Running, traced

SECTOR = 512

#: The calls by which files change. SQLite and Python use no others for it.
CALLS = (
    "openat,close,lseek,write,pwrite64,writev,pwritev,ftruncate,truncate,fallocate,fsync,fdatasync,"
    "unlink,unlinkat,rename,renameat,renameat2,link,linkat,copy_file_range,sendfile,mmap,msync"
)


@dataclass
class Inode:
    """A file's bytes on the disk, and what was done to them since the last sync."""

    kept: bytearray = field(default_factory=bytearray)
    #: (offset, bytes) of each write; (length, None) where it was cut to a length.
    since: list[tuple[int, bytes | None]] = field(default_factory=list)

    def settle(self) -> None:
        for at, data in self.since:
            _do(self.kept, at, data)
        self.since.clear()

    def after(self, dice: random.Random, keeping: float) -> bytes:
        """What is left of it after a cut that keeps this share of what was not synced."""
        left = bytearray(self.kept)
        for at, data in self.since:
            if data is None:
                if dice.random() < keeping:
                    _do(left, at, None)
                continue
            begin = 0
            while begin < len(data):
                end = min(len(data), (at + begin) // SECTOR * SECTOR + SECTOR - at)
                if dice.random() < keeping:
                    _do(left, at + begin, data[begin:end])
                begin = end
        return bytes(left)


def _do(target: bytearray, at: int, data: bytes | None) -> None:
    if data is None:
        del target[at:]
        target.extend(bytes(at - len(target)))
        return
    if len(target) < at + len(data):
        target.extend(bytes(at + len(data) - len(target)))
    target[at : at + len(data)] = data


@dataclass
class Disk:
    """A folder: its names on the disk, its names as programs see them, and what lies between."""

    kept: dict[str, Inode] = field(default_factory=dict)
    seen: dict[str, Inode] = field(default_factory=dict)
    #: Each change of names that was not synced: what every name it touches is afterwards.
    since: list[dict[str, Inode | None]] = field(default_factory=list)

    @classmethod
    def of(cls, folder: Path) -> "Disk":
        """The folder as it is, with all of it on the disk."""
        kept = {path.name: Inode(bytearray(path.read_bytes())) for path in folder.glob("*.db")}
        return cls(dict(kept), dict(kept))

    def change(self, **names: Inode | None) -> None:
        self._apply(self.seen, names)
        self.since.append(names)

    def settle(self) -> None:
        for names in self.since:
            self._apply(self.kept, names)
        self.since.clear()

    def after(self, dice: random.Random) -> dict[str, bytes]:
        """What files there are after a cut here, and what is in them."""
        # Nearly nothing of what was not synced, nearly all, and what lies between.
        keeping = dice.choice((0.0, 0.1, 0.5, 0.5, 0.9, 1.0))
        names, stuck = dict(self.kept), set[str]()
        for change in self.since:
            if stuck & change.keys() or dice.random() >= keeping:
                stuck |= change.keys()
            else:
                self._apply(names, change)
        return {name: inode.after(dice, keeping) for name, inode in sorted(names.items())}

    @staticmethod
    def _apply(names: dict[str, Inode], change: dict[str, Inode | None]) -> None:
        for name, inode in change.items():
            if inode is None:
                names.pop(name, None)
            else:
                names[name] = inode


@dataclass(frozen=True)
class Call:
    """One system call that succeeded: its name, its arguments as strace writes them, its answer."""

    name: str
    words: tuple[str, ...]
    answer: int


@dataclass(frozen=True)
class Recording:
    """The folder before, and every system call of a process in it."""

    folder: Path
    before: dict[str, bytes]
    calls: tuple[Call, ...]

    def moments(
        self, cuts: Sequence[int], dice: random.Random
    ) -> Iterator[tuple[str, dict[str, bytes]]]:
        """For cuts after so many calls, in order: what was said by then, what files are left."""
        replay = _Replay(self.folder, self.before)
        done = 0
        for cut in sorted(cuts):
            for call in self.calls[done:cut]:
                replay.do(call)
            done = max(done, cut)
            yield replay.said, replay.disk.after(dice)


def record(
    folder: Path,
    commands: Sequence[Sequence[str]],
    *,
    synchronous: str | None = None,
) -> Recording:
    """Type the commands in `folder` and note every system call; `synchronous` is SQLite's."""
    before = {path.name: path.read_bytes() for path in folder.glob("*.db")}
    running = Running(folder, commands, before=_settings(synchronous))
    told = folder / "trace.txt"
    whole = ("-xx", "-s", "1000000", "-e", "signal=none")
    with traced(running.pid, told, *whole, "-e", f"trace={CALLS}"):
        running.go()
        ended = running.wait()
    assert ended.status == 0, ended
    with told.open(encoding="ascii") as lines:
        return Recording(folder.resolve(), before, tuple(_calls(lines, running.pid)))


def _settings(synchronous: str | None) -> Callable[[], None] | None:
    """In the process that is recorded alone: what the ledger does not do, to see what it costs."""
    if synchronous is None:
        return None

    def change() -> None:
        stores._SETTINGS = (*stores._SETTINGS, f"PRAGMA synchronous = {synchronous}")

    return change


_CALL = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+)")
_HALF = re.compile(r"^(\d+) +(.*) <unfinished \.\.\.>$")
_REST = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)$")
_WORD = re.compile(r'"(?:[^"]*)"(?:\.\.\.)?|[^,]+')


def _calls(lines: Iterable[str], pid: int) -> Iterator[Call]:
    halves: dict[str, str] = {}
    for each in lines:
        line = each
        if half := _HALF.match(line):
            halves[half[1]] = f"{half[1]} {half[2]}"
            continue
        if rest := _REST.match(line):
            line = halves.pop(rest[1]) + rest[2]
        if (found := _CALL.match(line)) and int(found[1]) == pid and int(found[4]) >= 0:
            words = tuple(word.strip() for word in _WORD.findall(found[3]))
            yield Call(found[2], words, int(found[4]))


def _bytes(word: str) -> bytes:
    assert word.endswith('"'), "strace cut it short"
    return bytes.fromhex(word.strip('"').replace("\\x", ""))


class _Replay:
    """Does calls to a disk, one by one."""

    def __init__(self, folder: Path, before: dict[str, bytes]) -> None:
        kept = {name: Inode(bytearray(data)) for name, data in before.items()}
        self.disk = Disk(dict(kept), dict(kept))
        self.said = ""
        self._folder = folder
        self._files: dict[int, Inode | None] = {}  # None is the folder
        self._at: dict[int, int] = {}

    def do(self, call: Call) -> None:
        """One call; those to other files change nothing here."""
        name, words = call.name, call.words
        if name == "openat":
            self._open(_bytes(words[1]), words[2], call.answer)
        elif name == "close":
            self._files.pop(int(words[0]), None)
        elif name in ("write", "pwrite64", "lseek", "ftruncate", "fsync", "fdatasync"):
            self._to_file(name, int(words[0]), words, call.answer)
        elif name in ("unlink", "rename", "link"):
            self._to_names(name, [_bytes(word) for word in words])
        elif name in ("unlinkat", "renameat", "renameat2", "linkat"):
            paths = [_bytes(word) for word in words if word.startswith('"')]
            self._to_names(name.rstrip("2").removesuffix("at"), paths)
        elif name != "mmap":
            assert int(words[0]) not in self._files, f"{name} is not known here"

    def _open(self, path: bytes, flags: str, number: int) -> None:
        self._files.pop(number, None)
        whole = Path(os.fsdecode(path))
        if self._folder / whole == self._folder:
            self._files[number] = None
        elif ours := self._ours(path):
            if ours not in self.disk.seen:
                assert "O_CREAT" in flags, ours
                self.disk.change(**{ours: Inode()})
            self._files[number] = self.disk.seen[ours]
            self._at[number] = 0
            if "O_TRUNC" in flags:
                self.disk.seen[ours].since.append((0, None))

    def _to_file(self, name: str, number: int, words: tuple[str, ...], answer: int) -> None:
        if name == "write" and number == 1:
            self.said += _bytes(words[1]).decode()
        if number not in self._files:
            return
        inode = self._files[number]
        if name in ("fsync", "fdatasync"):
            (inode or self.disk).settle()
            return
        assert inode is not None
        if name == "lseek":
            self._at[number] = answer
        elif name == "ftruncate":
            inode.since.append((int(words[1]), None))
        else:
            at = int(words[3]) if name == "pwrite64" else self._at[number]
            inode.since.append((at, _bytes(words[1])[:answer]))
            if name == "write":
                self._at[number] += answer

    def _to_names(self, name: str, paths: list[bytes]) -> None:
        names = [self._ours(path) for path in paths]
        if name == "unlink" and names[0] in self.disk.seen:
            self.disk.change(**{names[0]: None})
        elif name != "unlink" and names[0] in self.disk.seen:
            assert names[1], "it was moved out of the folder"
            moved = {names[1]: self.disk.seen[names[0]]}
            self.disk.change(**moved if name == "link" else {names[0]: None, **moved})

    def _ours(self, path: bytes) -> str:
        """The name of a database in the folder, or of what stands beside it, else nothing."""
        whole = self._folder / os.fsdecode(path)
        ours = whole.parent == self._folder and ".db" in whole.name
        return whole.name if ours else ""
