"""Whole processes and what they took: time, and the memory of all of them together."""

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

#: Seconds between two looks at the memory.
LOOKING = 0.1


@dataclass(frozen=True, slots=True)
class Run:
    """What a process took: seconds on the clock, seconds of work, and its memory at the most.

    `megabytes` is of the largest of it and its children; `together` of all at one time, a page that
    several share counted once, as far as it was looked at ten times a second (0: never).
    """

    clock: float
    user: float
    system: float
    megabytes: float
    together: float = 0

    @property
    def work(self) -> float:
        """Seconds of the processor."""
        return self.user + self.system


def run(
    command: Sequence[str],
    output: Path = Path(os.devnull),
    text: Path | None = None,
    cwd: Path | None = None,
) -> Run:
    """Run a command to its end, its answer in `output`; `text` is what it reads."""
    together = 0.0
    with output.open("wb") as answer, (text or Path(os.devnull)).open("rb") as given:
        start = perf_counter()
        process = subprocess.Popen(
            command, stdin=given, stdout=answer, cwd=cwd, start_new_session=True
        )
        while True:
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            together = max(together, _shared_out(process.pid))
            sleep(LOOKING if perf_counter() - start > 1 else LOOKING / 10)
        clock = perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed")
    return Run(clock, used.ru_utime, used.ru_stime, used.ru_maxrss / 1024, together)


def _shared_out(session: int) -> float:
    """MB that the processes of a session have: a page of several is shared out among them."""
    kilobytes = 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ProcessLookupError):
            if os.getsid(int(process.name)) == session:
                rollup = (process / "smaps_rollup").read_text()
                kilobytes += int(rollup.split("\nPss:", 1)[1].split(None, 1)[0])
    return kilobytes / 1024
