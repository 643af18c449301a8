"""Puts a file in its place whole or not at all: made beside it, on the disk, and then named.

Whoever is interrupted, by a signal, a full disk or a power cut, leaves under the name what stood
there before; at most a file `.NAME.….part` is left beside it, which nothing ever reads.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any


def new_beside(target: Path) -> Path:
    """An empty file in the folder of `target`, for its owner's eyes; OSError if it cannot be."""
    descriptor, name = tempfile.mkstemp(".part", f".{target.name[:_LONGEST]}.", target.parent)
    os.close(descriptor)
    return Path(name)


#: How much of a name goes into that of its part: a name may have 255 bytes, a letter four.
_LONGEST = 50


def is_part(name: str, target: Path) -> bool:
    """Whether a name is that of a part of `target`, such as who was interrupted has left."""
    return name.startswith(f".{target.name[:_LONGEST]}.") and name.endswith(".part")


def put(part: Path, target: Path, *, replace: bool) -> None:
    """Give `part` the name `target`, at once, and wait until the folder on the disk says so.

    Raises FileExistsError where that name is taken, unless told to `replace` what has it.
    """
    real = target.resolve()
    if replace:
        part.replace(real)
    else:
        _link(part, real)
    settle(real.parent)


def _link(part: Path, real: Path) -> None:
    """Name the part only where nothing has that name, though another program try the same."""
    try:
        real.hardlink_to(part)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if real.exists():
            raise FileExistsError from None
        part.replace(real)
    else:
        with suppress(OSError):  # it has its name; that it has another too is no harm
            part.unlink()


def settle(path: Path) -> None:
    """Wait until a file, or what a folder lists, is on the disk.

    Never of a file that is open as a database: to close it here would let its locks go.
    https://www.sqlite.org/howtocorrupt.html
    """
    if path.is_dir() and os.name == "nt":
        return  # a folder cannot be opened there, and need not be
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def placed(target: Path, *, text: bool = True, new: bool = False, **how: str) -> Iterator[Any]:
    """A file to write text or bytes to, which is `target` when the block ends well, and on disk.

    Text is UTF-8, its line ends as they are written; `how` is what else `open` is to be told. What
    stood there is replaced then, and its permissions are kept; but not if the file is to be `new`,
    and then its owner alone may read it. A pipe or a device is written to as it is. Raises OSError.
    """
    mode = "w" if text else "wb"
    if text:
        how = {"encoding": "utf-8", "newline": "", **how}
    if new and target.exists():
        raise FileExistsError
    if target.exists() and not target.is_file():
        with target.open(mode, **how) as stream:  # type: ignore[call-overload]  # what open takes
            yield stream
        return
    part = new_beside(target.resolve())
    try:
        with part.open(mode, **how) as stream:  # type: ignore[call-overload]  # what open takes
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if not new:
            part.chmod(permissions(target))
        put(part, target, replace=not new)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


@contextmanager
def placed_folder(target: Path) -> Iterator[Path]:
    """An empty folder to fill, of which all is in `target` when the block ends well, and on disk.

    A folder that is there stays, and what is in it. Raises OSError, which names `target`.
    """
    there = target.is_dir()
    if not there:
        target.parent.mkdir(parents=True, exist_ok=True)
    name = tempfile.mkdtemp(
        ".part", f".{target.name[:_LONGEST]}.", target if there else target.parent
    )
    part = Path(name)
    try:
        yield part
        for each in (*part.rglob("*"), part):
            settle(each)
        if there:
            # What describes the rest comes last.
            for each in sorted(part.iterdir(), key=lambda path: (path.suffix == ".json", path)):
                each.rename(target / each.name)
        else:
            part.chmod(0o777 & ~_mask())
            part.rename(target)
        settle(target.parent)
        settle(target)
    except OSError as error:
        if error.filename is not None:
            error.filename = str(error.filename).replace(name, str(target))
        raise
    finally:
        shutil.rmtree(part, ignore_errors=True)


@contextmanager
def renewed_folder(target: Path, owned: Callable[[str], bool]) -> Iterator[Path]:
    """An empty folder to fill, with which what `owned` says of `target` is replaced at the end.

    Of a folder that is there everything else stays; one that is not there is made. Until the block
    ends well nothing in it changes; then each file and folder is changed for its new one, and those
    that are not made any more are taken away. Raises OSError, which names `target`.
    """
    there = target.is_dir()
    if not there:
        target.parent.mkdir(parents=True, exist_ok=True)
    beside = target if there else target.parent
    name = tempfile.mkdtemp(".part", f".{target.name[:_LONGEST]}.", beside)
    part, old = Path(name) / "new", Path(name) / "old"
    try:
        for each in (part, old):
            each.mkdir()
        yield part
        _settle_all(part)
        if there:
            for each in sorted(target.iterdir()):
                if owned(each.name):
                    each.rename(old / each.name)
                    if (made := part / each.name).exists():
                        made.rename(each)
            for each in sorted(part.iterdir()):
                each.rename(target / each.name)
        else:
            part.chmod(0o777 & ~_mask())
            part.rename(target)
        settle(target)
        settle(target.parent)
    except OSError as error:
        if error.filename is not None:
            error.filename = str(error.filename).replace(str(part), str(target))
        raise
    finally:
        shutil.rmtree(name, ignore_errors=True)


#: From so many files on, the system is told once to write all that it holds, and not of each.
_MANY = 500


def _settle_all(folder: Path) -> None:
    """Wait until a folder and all in it are on the disk."""
    everything = [folder, *folder.rglob("*")]
    if len(everything) >= _MANY and hasattr(os, "sync"):
        os.sync()
        return
    for each in everything:
        settle(each)


def permissions(target: Path) -> int:
    """Those of the file that is there, else those that a new file gets."""
    with suppress(OSError):
        return target.stat().st_mode & 0o777
    return 0o666 & ~_mask()


def _mask() -> int:
    """Which permissions a new file does not get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
