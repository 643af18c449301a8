"""Commands in processes of their own that can be harmed: killed, traced, refused a disk.

A process is a copy of this one, with all modules loaded: so hundreds of them take seconds, and a
random moment falls into the command's work and not into the start of Python.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from tempfile import TemporaryFile
from typing import IO

import ledger

#: Seconds after which a command hangs, which is a defect.
PATIENCE = 60.0

#: prctl(2): any process may trace this one; so strace may where only parents may else.
_SET_PTRACER, _ANY = 0x59616D61, ctypes.c_ulong(-1)


#: What commands and SQLAlchemy load when they need it, beside the program's own modules.
_LATE = (
    "alembic.command",
    "alembic.runtime.migration",
    "concurrent.futures.thread",
    "multiprocessing.context",
    "multiprocessing.popen_fork",
    "rich.progress",
)


@cache
def warm() -> None:
    """Load what commands need: a copy has it already, and one that gives up rights could not."""
    ours = [each.name for each in walk_packages(ledger.__path__, "ledger.")]
    for name in (*_LATE, *ours):
        if not name.startswith(("ledger.migrations", "ledger.__main__", "ledger.confined")):
            import_module(name)


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit status (-9 if it was killed), and what it said."""

    status: int
    out: str
    err: str

    @property
    def clear(self) -> bool:
        """Whether it told of what it refused as it should: in words, with what to do next."""
        lines = self.err.strip().splitlines()
        return (
            self.status == 1
            and "Traceback" not in self.err
            and len(lines) >= 2
            and any(line.startswith("ledger: ") for line in lines)
        )


class Running:
    """Commands typed one after the other in one process, which waits to be let go."""

    def __init__(
        self,
        folder: Path,
        commands: Sequence[Sequence[str]],
        *,
        before: Callable[[], None] | None = None,
    ) -> None:
        """Start it in `folder`; `before` is done in the process first. It waits for `go`."""
        warm()
        # Elsewhere: the folder may be full, or not to be written to.
        self._out, self._err = TemporaryFile(), TemporaryFile()  # noqa: SIM115 - until `wait`
        held, self._go = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            status = 70
            try:
                os.close(self._go)
                os.setpgid(0, 0)
                ctypes.CDLL(None).prctl(_SET_PTRACER, _ANY, 0, 0, 0)
                os.dup2(self._out.fileno(), 1)
                os.dup2(self._err.fileno(), 2)
                status = _run(folder, commands, before, held)
            finally:
                os._exit(status)
        os.close(held)

    def go(self) -> None:
        """Let it begin."""
        os.write(self._go, b"g")
        os.close(self._go)

    def kill(self, pid: int | None = None) -> None:
        """`kill -9` of it alone and not of what it may have started, or of that."""
        with suppress(ProcessLookupError):
            os.kill(pid or self.pid, signal.SIGKILL)

    def there(self) -> bool:
        """Whether it still works."""
        return _group(self.pid) is not None

    def left(self) -> list[int]:
        """Processes that it started and that are still there."""
        return [pid for pid in _running() if _group(pid) == self.pid]

    def wait(self, patience: float = PATIENCE) -> Ended:
        """Wait until it has ended; what hangs is killed, and has the exit status -9."""
        until = time.monotonic() + patience
        while (ended := os.waitpid(self.pid, os.WNOHANG))[0] == 0:
            if time.monotonic() > until:
                self.kill()
            time.sleep(0.002)
        status = os.waitstatus_to_exitcode(ended[1])
        return Ended(status, _said(self._out), _said(self._err))


def run(
    folder: Path, *words: str, before: Callable[[], None] | None = None, inject: str = ""
) -> Ended:
    """Type one command in `folder`; with `inject`, as strace calls it, done to its system calls."""
    running = Running(folder, [words], before=before)
    if not inject:
        running.go()
        return running.wait()
    call = inject.partition(":")[0]
    with traced(running.pid, folder / "trace.txt", "-e", f"trace={call}", "-e", f"inject={inject}"):
        running.go()
        return running.wait()


class traced:  # noqa: N801 - read as what is done to the process
    """strace attached to a process, from before its first step on; what it saw is in a file."""

    def __init__(self, pid: int, told: Path, *options: str) -> None:
        self._strace = subprocess.Popen(
            ["strace", "-f", "-qq", "-o", str(told), *options, "-p", str(pid)],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        status = Path(f"/proc/{pid}/status")
        until = time.monotonic() + PATIENCE
        while "TracerPid:\t0\n" in status.read_text():
            if self._strace.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"strace: {self._said()}")
            time.sleep(0.001)

    def __enter__(self) -> "traced":
        return self

    def __exit__(self, *_: object) -> None:
        self._said()

    def _said(self) -> str:
        return self._strace.communicate(timeout=PATIENCE)[1].decode()


def _run(
    folder: Path, commands: Sequence[Sequence[str]], before: Callable[[], None] | None, held: int
) -> int:
    """In the process: the commands in turn; the exit status of the first that fails."""
    from ledger.cli import main

    os.chdir(folder)
    os.environ |= {"LEDGER_DB": "ledger.db", "LEDGER_ANALYST": "maria", "COLUMNS": "200"}
    sys.stdin = open(os.devnull)  # noqa: PTH123, SIM115 - it ends with the process
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    os.read(held, 1)
    if before:
        before()
    for words in commands:
        sys.argv = ["ledger", *words]
        status = 0
        try:
            main()
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else 1
        except BaseException:
            traceback.print_exc()
            status = 99
        sys.stdout.flush()
        sys.stderr.flush()
        if status:
            return status
    return 0


def _said(stream: IO[bytes]) -> str:
    with stream:
        stream.seek(0)
        return stream.read().decode(errors="replace")


def _running() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _group(pid: int) -> int | None:
    """The process group, or None for a process that is gone or only waits to be noticed."""
    with suppress(OSError):
        state, _, group, *_ = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if state == "Z" else int(group)
    return None
