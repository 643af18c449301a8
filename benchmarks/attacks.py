"""The attacks of tests/sql/attacks.py on `ledger sql`, on the sqlite3 shell and on Datasette.

    python benchmarks/attacks.py [--datasette PATH/TO/datasette] [--only ledger] [--seconds 2]

Each attack meets a fresh copy of the shipped ledger in a folder of its own and a limit of so many
seconds, where the program knows one; what goes on for three more is ended and counted as a hang.
Prints a Markdown table: attacks after which the ledger was another, files that were left, hangs,
processes that died, the longest attack, the worst memory (of 6 GiB that each may have).
"""

import argparse
import collections
import http.client
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.sql.attacks import ATTACKS, Attack, end  # noqa: E402 - the tests are no package's

BIN = Path(sys.executable).parent

#: Seconds past the limit that are no hang yet, and bytes that a program may take of this machine.
PATIENCE, MOST = 3.0, 6 << 30


@dataclass
class Tried:
    """What one attack did."""

    seconds: float
    memory: int = 0
    hung: bool = False
    died: bool = False
    said: str = ""


@dataclass
class Figures:
    """What all attacks on one program came to."""

    changed: int = 0
    files: int = 0
    hung: int = 0
    died: int = 0
    seconds: float = 0.0
    memory: int = 0
    unlike: list[str] = field(default_factory=list)
    kinds: "collections.Counter[str]" = field(default_factory=collections.Counter)

    def add(self, tried: Tried) -> None:
        """Count in how an attack ended."""
        self.hung += tried.hung
        self.died += tried.died
        self.seconds = max(self.seconds, tried.seconds)
        self.memory = max(self.memory, tried.memory)

    def hold(self, attack: object, ends: Collection[str], tried: Tried) -> None:
        """Note where `ledger sql` did not end as the table of attacks says."""
        if tried.hung or end_of(tried.said) not in ends:
            self.unlike.append(f"{attack}: {tried.said[:200]}")

    def clear(self, left: Iterable[Path], name: str, attack: object) -> None:
        """Count the files that an attack left, tell of them and take them away."""
        for path in left:
            print(f"{name}: {attack} left {path.name}", file=sys.stderr)
            self.files += 1
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def by_command(command: Sequence[str], sql: str, folder: Path, most: float) -> Tried:
    """A program that is given the attack on standard input."""
    stop = threading.Event()
    began = time.monotonic()
    with (folder / "asked.sql").open("wb+") as asked, tempfile.TemporaryFile() as errors:
        asked.write(sql.encode("utf-8", "surrogatepass"))
        asked.seek(0)
        process = subprocess.Popen(
            command,
            stdin=asked,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            cwd=folder,
            env=os.environ | {"TMPDIR": str(folder), "SQLITE_TMPDIR": str(folder)},
            start_new_session=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MOST, MOST)),
        )
        (folder / "asked.sql").unlink()

        def end_it() -> None:
            if not stop.wait(most):
                hung.append(True)
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

        hung: list[bool] = []
        watch = threading.Thread(target=end_it)
        watch.start()
        _, status, used = os.wait4(process.pid, 0)
        took = time.monotonic() - began
        stop.set()
        watch.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        said = errors.read().decode(errors="replace")
    died = process.returncode < 0 and not hung
    return Tried(took, used.ru_maxrss * 1024, bool(hung), died, said)


class Datasette:
    """A server of Datasette on one folder, started again where it did not survive."""

    def __init__(self, program: str, folder: Path, limit: float) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"http://127.0.0.1:{free.getsockname()[1]}"
        port = self.address.rpartition(":")[2]
        self.process = subprocess.Popen(
            [
                program,
                "ledger.db",
                "-p",
                port,
                "--setting",
                "sql_time_limit_ms",
                f"{limit * 1000:.0f}",
            ],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"TMPDIR": str(folder), "SQLITE_TMPDIR": str(folder)},
            start_new_session=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MOST, MOST)),
        )
        for _ in range(600):
            with suppress(OSError):
                urllib.request.urlopen(self.address + "/-/versions.json", timeout=5).close()
                break
            time.sleep(0.1)

    def ask(self, sql: str, most: float) -> Tried:
        """One attack by HTTP, as anybody could send it."""
        status = Path(f"/proc/{self.process.pid}")
        (status / "clear_refs").write_text("5")
        asked = urllib.parse.urlencode({"sql": sql.encode("utf-8", "surrogatepass")})
        began = time.monotonic()
        hung = False
        said = ""
        try:
            with urllib.request.urlopen(f"{self.address}/ledger.json?{asked}", timeout=most) as got:
                got.read()
        except urllib.error.HTTPError as error:
            with suppress(OSError):
                said = error.read().decode(errors="replace")
        except TimeoutError:
            hung = True
        except (OSError, http.client.HTTPException) as error:
            said = str(error)
        took = time.monotonic() - began
        died = self.process.poll() is not None
        memory = 0
        if not died:
            lines = (status / "status").read_text().splitlines()
            memory = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024
            hung = hung or not self.answers()
        return Tried(took, memory, hung or took > most, died, said)

    def answers(self) -> bool:
        """Whether it still answers anybody, after a statement that it says it stopped."""
        try:
            urllib.request.urlopen(self.address + "/ledger.json?sql=select+1", timeout=5).close()
        except (OSError, http.client.HTTPException):
            return False
        return True

    def end(self) -> None:
        """Stop the server."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def attacked(
    name: str, attacks: Sequence[Attack], most: float, limit: float, program: str
) -> Figures:
    """All attacks on one program."""
    figures = Figures()
    whole = (ROOT / "ledger.db").read_bytes()
    server: Datasette | None = None
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "ledger.db").write_bytes(whole)
        for attack in attacks:
            if name == "Datasette":
                server = server or Datasette(program, folder, limit)
                tried = server.ask(attack.sql, most)
                if tried.hung or tried.died:
                    server.end()
                    server = None
            else:
                command = {
                    "ledger": [program, "--db", "ledger.db", "sql", "-", "--timeout", f"{limit:g}"],
                    "sqlite3": [program, "-readonly", "-safe", "-batch", "ledger.db"],
                }[name]
                tried = by_command(command, attack.sql, folder, most)
            left = {path.name: path for path in folder.iterdir()}
            figures.changed += left.pop("ledger.db").read_bytes() != whole
            figures.clear(left.values(), name, attack)
            (folder / "ledger.db").write_bytes(whole)
            if tried.hung or tried.died:
                figures.kinds[attack.kind] += 1
            figures.add(tried)
            if name == "ledger":
                figures.hold(attack, attack.ends, tried)
    if server:
        server.end()
    return figures


def end_of(said: str) -> str:
    """How `ledger sql` ended, from what it said on standard error."""
    return end("\n".join(line for line in said.splitlines() if line.startswith("ledger: ")))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasette", help="the program, in a virtual environment of its own")
    parser.add_argument("--only", help="one of ledger, sqlite3, Datasette")
    parser.add_argument("--seconds", type=float, default=2.0)
    given = parser.parse_args()
    programs = {"ledger": str(BIN / "ledger"), "sqlite3": shutil.which("sqlite3")}
    programs["Datasette"] = given.datasette
    print(f"{len(ATTACKS)} attacks, {given.seconds:g} s each\n")
    print("| program | ledger changed | files left | hangs | died | longest, s | memory, MB |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, program in programs.items():
        if program is None or given.only not in (None, name):
            continue
        found = attacked(name, ATTACKS, given.seconds + PATIENCE, given.seconds, program)
        print(
            f"| {name} | {found.changed} | {found.files} | {found.hung} | {found.died} |"
            f" {found.seconds:.1f} | {found.memory / 1e6:.0f} |",
            flush=True,
        )
        if found.kinds:
            print(f"{name}: {json.dumps(found.kinds)}", file=sys.stderr)
        for line in found.unlike:
            print(f"NOT AS THE TABLE SAYS: {line}", file=sys.stderr)


if __name__ == "__main__":
    main()
