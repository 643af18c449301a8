"""The attacks of tests/sql/server_attacks.py on `ledger sql` at a PostgreSQL server.

    python benchmarks/server_attacks.py [--server ADDRESS] [--role owner] [--seconds 2]

A server is named by the address of a database whose role may make others, or started from the
wheel of the tests. All attacks meet one ledger there: `ledger sql` as a login of the role, with a
limit of so many seconds. What goes on for three more is ended; it is a hang if it does so again and
again. Prints a Markdown table: attacks after which a row, an object or a role was another or a new
one; files that were left; hangs; statements that the server was still busy with three seconds after
the command had ended; the longest attack; the worst memory of the program, and of a process of the
server beyond what they share (only where the server runs here).
"""

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import sqlalchemy as sa
from attacks import BIN, PATIENCE, ROOT, Figures, by_command

sys.path.insert(0, str(ROOT))

from tests.postgresql.servers import a_server
from tests.sql.desks import Desk, a_desk
from tests.sql.server_attacks import ATTACKS

#: What did not end in time is tried so often again, with the time beside that it takes to start:
#: a machine that others keep busy holds up anything.
TRIES = 3

#: Seconds between two looks at the memory of the server's processes.
_OFTEN = 0.02


class Watch:
    """Looks at the server's processes while attacks run; `memory` is the most of one, in bytes."""

    def __init__(self, admin: "psycopg.Connection[tuple[object, ...]]") -> None:
        self.memory = 0
        self._admin = admin
        self._parent = self._main(admin)
        self._stop = threading.Event()

    @staticmethod
    def _main(admin: "psycopg.Connection[tuple[object, ...]]") -> int | None:
        """The server's first process, if it runs on this machine and may be looked at."""
        row = admin.execute("SHOW data_directory").fetchone()
        with suppress(OSError, ValueError):
            return int(Path(str(row and row[0]), "postmaster.pid").read_text().split()[0])
        return None

    @contextmanager
    def looking(self) -> Iterator[None]:
        thread = threading.Thread(target=self._look)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def _look(self) -> None:
        children = Path(f"/proc/{self._parent}/task/{self._parent}/children")
        while self._parent and not self._stop.wait(_OFTEN):
            with suppress(OSError):
                for pid in children.read_text().split():
                    self.memory = max(self.memory, _own(Path(f"/proc/{pid}/status")))

    def busy(self, login: str) -> bool:
        """Whether the server still works for a login; if so it is ended."""
        mine = "FROM pg_stat_activity WHERE usename = %s AND state <> 'idle'"
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if not self._admin.execute(f"SELECT 1 {mine}", (login,)).fetchall():
                return False
            time.sleep(0.05)
        self._admin.execute(f"SELECT pg_terminate_backend(pid, 600000) {mine}", (login,))
        return True


def _own(status: Path) -> int:
    """The bytes of a process that it shares with no other and that are no file's."""
    with suppress(OSError):
        for line in status.read_text().splitlines():
            if line.startswith("RssAnon"):
                return int(line.split()[1]) * 1024
    return 0


@dataclass
class OnServer(Figures):
    """The same of a server: attacks it was busy with afterwards, the worst memory of a process."""

    busy: int = 0
    server: int = 0


def attacked(role: str, desk: Desk, limit: float) -> OnServer:
    """All attacks by `ledger sql`."""
    figures, worst = OnServer(), ""
    url = desk.stores[role].url
    address = url.render_as_string(hide_password=False)
    command = [str(BIN / "ledger"), "--db", address, "sql", "-"]
    command += ["--timeout", f"{limit:g}", "--max-rows", "0"]
    watch, before = Watch(desk.admin), desk.content()
    with tempfile.TemporaryDirectory() as made, watch.looking():
        folder, open_to_all = Path(made, "cwd"), Path(made, "open")
        Path(made).chmod(0o755)
        folder.mkdir()
        open_to_all.mkdir()
        open_to_all.chmod(0o777)
        for attack in ATTACKS:
            sql = attack.sql.replace("{folder}", str(open_to_all))
            watch.memory = 0
            tried = by_command(command, sql, folder, limit + PATIENCE)
            for _ in range(TRIES):
                if not tried.hung:
                    break
                start_up = by_command(command, "SELECT 1", folder, 10 * PATIENCE).seconds
                tried = by_command(command, sql, folder, limit + PATIENCE + start_up)
            if watch.busy(str(url.username)):
                figures.busy += 1
                print(f"still busy with {attack}", file=sys.stderr)
            if watch.memory > figures.server:
                figures.server, worst = watch.memory, str(attack)
            if (after := desk.content()) != before:
                print(f"{attack} changed something", file=sys.stderr)
                figures.changed, before = figures.changed + 1, after
            figures.clear([*folder.iterdir(), *open_to_all.iterdir()], "ledger", attack)
            figures.add(tried)
            figures.hold(attack, attack.ends, tried)
    print(f"most memory of the server was taken by {worst}", file=sys.stderr)
    return figures


@contextmanager
def _server(named: str | None) -> Iterator[sa.URL]:
    if named:
        yield sa.make_url(named).set(drivername="postgresql+psycopg")
        return
    with a_server() as url:
        yield url


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", help="the address of a server's database `postgres`")
    parser.add_argument("--role", default="owner", help="who asks by `ledger sql`")
    parser.add_argument("--seconds", type=float, default=2.0)
    given = parser.parse_args()
    with _server(given.server) as url, a_desk(url, "attacked") as desk:
        row = desk.admin.execute("SHOW server_version").fetchone()
        print(f"{len(ATTACKS)} attacks, {given.seconds:g} s each, PostgreSQL {row and row[0]}\n")
        print("| program | changed | files left | hangs | died | busy after | longest, s |"
              " memory, MB | server's, MB |")  # fmt: skip
        print("| --- " * 9 + "|", flush=True)
        found = attacked(given.role, desk, given.seconds)
        print(
            f"| ledger, as {given.role} | {found.changed} | {found.files} | {found.hung} |"
            f" {found.died} | {found.busy} | {found.seconds:.1f} | {found.memory / 1e6:.0f} |"
            f" {found.server / 1e6:.0f} |",
            flush=True,
        )
        for line in found.unlike:
            print(f"NOT AS THE TABLE SAYS: {line}", file=sys.stderr)


if __name__ == "__main__":
    main()
