"""Many readers at once: `ledger serve`, and Datasette's own table page on the same file.

    python benchmarks/made.py made.db --claims 100000
    python benchmarks/serving.py made.db [--datasette PATH/TO/datasette] [--seconds 10]

Each page is asked for by `wrk` (Debian's) from so many connections at once, after one request to
wake it. Tells requests a second, the median and the 99th percentile of how long one took, what
failed, and the server's memory afterwards. A board that is kept is one that was made already: "made
anew" asks for a page that nobody asked for before, one after the other.
"""

import argparse
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from urllib.parse import quote

LEDGER = [sys.executable, "-m", "ledger"]


@dataclass(frozen=True, slots=True)
class Load:
    """What came of asking for one page: a second, and in milliseconds; `failed` of how many."""

    requests: float
    middle: float
    slowest: float
    failed: int


@contextmanager
def started(command: Sequence[str], port: int) -> Iterator[int]:
    """The process number of a server that answers."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def asked(port: int, path: str) -> tuple[float, int, int]:
    """Seconds, status and bytes of one request."""
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    start = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    size = len(answer.read())
    connection.close()
    return time.perf_counter() - start, answer.status, size


def load(port: int, path: str, readers: int, seconds: int) -> Load:
    said = subprocess.run(
        ["wrk", "-t2", f"-c{readers}", f"-d{seconds}s", "--timeout", "60s", "--latency",
         f"http://127.0.0.1:{port}{path}"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    failed = sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", said)))
    for kinds in re.findall(r"Socket errors: (.*)", said):
        failed += sum(map(int, re.findall(r"\d+", kinds)))
    (rate,) = re.findall(r"Requests/sec:\s+([0-9.]+)", said)
    return Load(float(rate), _milliseconds(said, "50%"), _milliseconds(said, "99%"), failed)


def _milliseconds(said: str, part: str) -> float:
    ((number, unit),) = re.findall(rf"{part}\s+([0-9.]+)(us|ms|s|m)\s", said)
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[unit]


def megabytes(process: int) -> float:
    """What a process has to itself, and its share of what it has with others."""
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    return int(rollup.split("\nPss:", 1)[1].split(None, 1)[0]) / 1024


def measured(
    program: str, command: Sequence[str], port: int, pages: Sequence[str], given: argparse.Namespace
) -> None:
    with started(command, port) as process:
        for page in pages:
            first, status, size = asked(port, page)
            if status != 200:
                sys.exit(f"{program} {page}: status {status}")
            found = load(port, page, given.readers, given.seconds)
            times = f"{found.middle:.0f} | {found.slowest:.0f}" if found.requests else "– | –"
            print(
                f"| {program} | `{page}` | {size / 1000:.0f} | {first * 1000:.0f} "
                f"| {found.requests:,.0f} | {times} "
                f"| {found.failed} | {megabytes(process):.0f} |",
                flush=True,
            )
        if program == "ledger":
            print(f"\nMade anew, one after the other: {_anew(port)}\n")


def _anew(port: int) -> str:
    told = []
    for name, paths in (
        ("the board", [f"/ledger/board?page={page}" for page in range(2, 42)]),
        ("a proposition", [f"/ledger/proposition/proposition-{n}" for n in range(100, 140)]),
        ("a claim", [f"/ledger/claim/{n}" for n in range(1000, 1040)]),
    ):
        times = sorted(asked(port, path)[0] * 1000 for path in paths)
        told.append(f"{name} {median(times):.0f} ms, at most {times[-1]:.0f}")
    return "; ".join(told)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("ledger", type=Path)
    parser.add_argument("--datasette", help="the program, in a virtual environment of its own")
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=10)
    given = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("there is no wrk here: apt-get install wrk")
    print(f"{given.readers} readers at once, {given.seconds} s each, {os.cpu_count()} cores\n")
    print("| program | page | KB | first ms | requests/s | median ms | p99 ms | failed | MB |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    port = free_port()
    ours = ["/", "/ledger/claim/1000", "/ledger/proposition/proposition-10", "/data/claims"]
    command = [*LEDGER, "serve", "--db", str(given.ledger), "--port", str(port), "--no-open"]
    measured("ledger", command, port, ours, given)
    if given.datasette:
        port = free_port()
        name = quote(given.ledger.stem)
        command = [given.datasette, "serve", str(given.ledger), "--port", str(port)]
        measured("Datasette", command, port, [f"/{name}/claims", f"/{name}/claim"], given)


if __name__ == "__main__":
    main()
