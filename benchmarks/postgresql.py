"""A ledger on PostgreSQL: an import, reports and many analysts, beside what the server does bare.

    python benchmarks/postgresql.py [--claims 1000000] [--server ADDRESS | --bin FOLDER]
        [--part import] [--part reports] [--part adds]

A server is named by the address of a database that is not needed otherwise (its role may make
databases; psql and pgbench are looked for on PATH and in --bin), or it is started in a temporary
folder, from --bin or the newest of Debian's. Both sides always have the same one. Parts, each a
Markdown table:

import: `ledger import` of the made file of `flat.py` into a new ledger, whole processes; beside
psql that copies the same file into one table of text without a rule, with a tsvector of the same
four columns as a generated column, and then makes indexes of the columns that the ledger has
indexes of, and GIN. Elapsed, the median of the runs, in turn.

reports: `ledger report NAME --format csv` on what was imported, with some claims taken back and
findings recorded; beside psql with benchmarks/sql/postgresql/NAME.sql. First both answers are held
against one another.

adds: so many processes that each record one claim after the other for some seconds, each claim an
entry of its own; beside pgbench with as many clients that insert a row of text and commit, over
open connections and over a new one each time.
"""

import argparse
import multiprocessing
import os
import pwd
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier
from time import perf_counter

import flat
import sqlalchemy as sa
from processes import Run, run
from reports import REPORTS, differences, read

from ledger import journal
from ledger.exchange.tables import CLAIMS
from ledger.store import open_store

LEDGER = str(Path(sys.executable).parent / "ledger")
SQL = Path(__file__).with_name("sql") / "postgresql"

#: What a server that is started here is set to: a small one's memory, the disk waited for.
SETTINGS = {
    "shared_buffers": "1GB",
    "work_mem": "64MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "max_connections": "100",
}


@dataclass(frozen=True, slots=True)
class Server:
    """A server: the address of a database of its, and where its programs are."""

    url: sa.URL
    programs: Path | None

    def database(self, name: str) -> str:
        """The address of a database, as the ledger takes it."""
        url = self.url.set(database=name, drivername="postgresql+psycopg")
        return url.render_as_string(hide_password=False)

    def plain(self, name: str) -> str:
        """The same as libpq's programs take it."""
        url = self.url.set(database=name, drivername="postgresql")
        return url.render_as_string(hide_password=False)

    def program(self, name: str) -> str:
        """Where psql or pgbench is."""
        found = shutil.which(name, path=str(self.programs)) if self.programs else None
        if not (found := found or shutil.which(name)):
            sys.exit(f"{name} is not there: --bin says where")
        return found

    def ask(self, name: str, statement: str) -> str:
        """What psql answers."""
        told = [self.program("psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", self.plain(name)]
        return subprocess.run(
            [*told, "-c", statement], check=True, capture_output=True, text=True
        ).stdout.strip()

    def anew(self, name: str, *, gone: bool = False) -> None:
        """An empty database of that name, or none, where `init` is to make it."""
        maintained = self.url.database or "postgres"
        self.ask(maintained, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        if not gone:
            self.ask(maintained, f"CREATE DATABASE \"{name}\" TEMPLATE template0 LOCALE 'C'")


@contextmanager
def started(programs: Path | None, folder: Path) -> Iterator[Server]:
    """A server of its own, in a temporary folder, reached by a socket there."""
    if programs is None:
        there = Path("/usr/lib/postgresql").glob("*/bin")
        found = sorted(there, key=lambda each: int(each.parts[-2]))
        if not found:
            sys.exit("no server is there: --server names one, --bin says where its programs are")
        programs = found[-1]
    home, user = folder / "server", list[str]()
    home.mkdir()
    if os.geteuid() == 0:  # which a server does not run as
        account = pwd.getpwnam("postgres")
        who = (f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}")
        user = ["setpriv", *who, "--clear-groups"]
        folder.chmod(0o755)
        os.chown(home, account.pw_uid, account.pw_gid)
    data = home / "data"

    def do(*command: str) -> None:
        subprocess.run([*user, *command], check=True, stdout=subprocess.DEVNULL, cwd="/")

    do(str(programs / "initdb"), "-D", str(data), "-U", "owner", "-A", "trust", "-E", "UTF8",
       "--locale=C", "--no-sync")  # fmt: skip
    settings = {**SETTINGS, "listen_addresses": "''", "unix_socket_directories": f"'{home}'"}
    with (data / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = {value}\n" for name, value in settings.items())
    log = ["-D", str(data), "-l", str(home / "log")]
    do(str(programs / "pg_ctl"), *log, "-w", "start")
    try:
        yield Server(sa.make_url(f"postgresql://owner@/postgres?host={home}"), programs)
    finally:
        do(str(programs / "pg_ctl"), *log, "-m", "fast", "-w", "stop")


def median(values: Iterator[float]) -> float:
    return statistics.median(values)


# Import.

#: The columns that a claim's row has an index of, as the flat file calls them.
INDEXES = (
    "claim",
    "proposition, stance, source, stated_on, low, high",
    "source, status",
    "document",
    "answers",
    "repeats",
    "via",
)


def bare(file: Path) -> str:
    """The script of psql that takes a file in without any rule."""
    columns = ", ".join(f'"{name}" text' for name in CLAIMS.columns)
    texts = " || ' ' || ".join(
        f"coalesce({name}, '')" for name in ("quote", "wording", "note", "because")
    )
    indexes = "\n".join(f"CREATE INDEX ON flat ({each});" for each in INDEXES)
    return f"""
        BEGIN;
        CREATE TABLE flat ({columns},
            words tsvector GENERATED ALWAYS AS (to_tsvector('english', {texts})) STORED);
        \\copy flat ({", ".join(CLAIMS.columns)}) FROM '{file}' WITH (FORMAT csv, HEADER)
        {indexes}
        CREATE INDEX ON flat USING gin (words);
        COMMIT;
    """.replace("        ", "")


def importing(server: Server, claims: int, runs: int, folder: Path) -> None:
    file, script = folder / "flat.csv", folder / "bare.sql"
    flat.make(file, claims)
    script.write_text(bare(file))
    ours = [LEDGER, "--db", server.database("bench_ledger"), "--as", "maria", "import", str(file)]
    theirs = [server.program("psql"), "-Xq", "-v", "ON_ERROR_STOP=1", "-d",
              server.plain("bench_flat"), "-f", str(script)]  # fmt: skip
    found: dict[str, list[Run]] = {"`ledger import`": [], "psql, one table of text": []}
    for _ in range(runs):
        server.anew("bench_ledger", gone=True)
        command = [LEDGER, "--db", server.database("bench_ledger"), "init"]
        subprocess.run(command, check=True, capture_output=True)
        found["`ledger import`"].append(run(ours))
        server.anew("bench_flat")
        found["psql, one table of text"].append(run(theirs))
    first, other = found.values()
    ratios = [one.clock / two.clock for one, two in zip(first, other, strict=True)]
    print(f"\n{claims:,} claims, {file.stat().st_size / 1e6:.0f} MB; {runs} runs\n")
    print("| what | elapsed, s | processor of the client, s | its memory, MB | size, MB |")
    print("| --- | --- | --- | --- | --- |")
    for (each, taken), name in zip(found.items(), ("bench_ledger", "bench_flat"), strict=True):
        size = int(server.ask(name, f"SELECT pg_database_size('{name}')")) / 1e6
        print(
            f"| {each} | {median(one.clock for one in taken):.1f} |"
            f" {median(one.work for one in taken):.1f} |"
            f" {max(one.together or one.megabytes for one in taken):.0f} | {size:.0f} |"
        )
    print(f"\nOurs is **{statistics.median(ratios):.2f}** ({min(ratios):.2f}–{max(ratios):.2f})")


# Reports.


def judged(server: Server) -> None:
    """Record findings on every seventh proposition and withdraw every 200th claim, and ANALYZE."""
    store = open_store(server.database("bench_ledger"))
    with journal.entry(store, recorded_by="maria") as draft:
        draft.update_all("claim", _withdrawn(draft))
        for number in _every(draft, "proposition", 7):
            count = draft.row("proposition", number)["kind"] == "count"
            changes = {"finding_low": 10, "finding_high": 60} if count else {}
            draft.update(
                "proposition", number,
                {"verdict": "supported", "because": "two origins agree", **changes},
            )  # fmt: skip
    server.ask("bench_ledger", "VACUUM ANALYZE")


def _withdrawn(draft: journal.Draft) -> Iterator[tuple[int, journal.Values]]:
    for number in _every(draft, "claim", 200):
        yield number, {"status": "withdrawn", "because": "entered twice"}


def _every(draft: journal.Draft, table: str, nth: int) -> range:
    return range(nth, draft.next_id(table), nth)


def reporting(server: Server, runs: int, folder: Path) -> None:
    answers = (folder / "ours.csv", folder / "theirs.csv")
    print("\n| report | ledger, s | psql, s | ours is | rows | cells that differ |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, key in REPORTS.items():
        ours = [LEDGER, "--db", server.database("bench_ledger"), "report", name, "--format", "csv"]
        theirs = [server.program("psql"), "-Xq", "--csv", "-v", "ON_ERROR_STOP=1", "-d",
                  server.plain("bench_ledger"), "-f", str(SQL / f"{name}.sql")]  # fmt: skip
        run(ours, answers[0])
        run(theirs, answers[1])
        rows = [read(answer) for answer in answers]
        wrong = differences(rows[0], rows[1], key)
        taken = [(run(ours, answers[0]), run(theirs, answers[1])) for _ in range(runs)]
        ratios = [mine.clock / hand.clock for mine, hand in taken]
        print(
            f"| {name} | {median(mine.clock for mine, _ in taken):.2f} |"
            f" {median(hand.clock for _, hand in taken):.2f} |"
            f" **{statistics.median(ratios):.2f}** ({min(ratios):.2f}–{max(ratios):.2f}) |"
            f" {len(rows[0]):,} | {wrong} |",
            flush=True,
        )


# Many at once.


def analyst(address: str, name: str, ready: Barrier, seconds: int) -> list[float]:
    """Record claims for so many seconds once all are ready; how long each took."""
    store, taken = open_store(address), list[float]()
    with store.reader():  # what is loaded when it is first asked for
        pass
    ready.wait()
    until = perf_counter() + seconds
    while perf_counter() < until:
        start = perf_counter()
        with journal.entry(store, recorded_by=name) as draft:
            draft.insert(
                "claim",
                {
                    "proposition_id": 1,
                    "source_id": 1,
                    "stance": "denies",
                    "quote": f"{name} heard it said again, the {len(taken)}th time, by the river",
                },
            )
        taken.append(perf_counter() - start)
    return taken


def adding(server: Server, analysts: int, seconds: int, folder: Path) -> None:
    server.anew("bench_adds", gone=True)
    address = server.database("bench_adds")
    subprocess.run([LEDGER, "--db", address, "init"], check=True, capture_output=True)
    with journal.entry(open_store(address), recorded_by="maria") as draft:
        draft.insert("source", {"name": "Ministry"})
        draft.insert("proposition", {"slug": "they-came", "text": "They came.", "kind": "fact"})
    spawning = multiprocessing.get_context("spawn")
    with spawning.Manager() as manager, ProcessPoolExecutor(analysts, spawning) as there:
        ready = manager.Barrier(analysts)
        names = [f"analyst {one}" for one in range(analysts)]
        asked = [there.submit(analyst, address, name, ready, seconds) for name in names]
        taken = sorted(wait for one in asked for wait in one.result())
    recorded = int(server.ask("bench_adds", "SELECT count(*) FROM claim"))
    entries = int(server.ask("bench_adds", "SELECT max(id) FROM entry"))
    subprocess.run([LEDGER, "--db", address, "verify"], check=True, capture_output=True)
    if not recorded == entries - 1 == len(taken):
        sys.exit(f"{len(taken)} were recorded, but {recorded} claims are there, {entries} entries")
    print(f"\n{analysts} at once for {seconds} s; nothing lost, no fork, and it verifies\n")
    print("| what | a second | p50, ms | p99, ms |")
    print("| --- | --- | --- | --- |")
    told("`journal.entry` of one claim", taken, seconds)
    server.anew("bench_bare")
    server.ask("bench_bare", "CREATE TABLE bare (id bigserial PRIMARY KEY, quote text NOT NULL)")
    script = folder / "insert.sql"
    script.write_text("INSERT INTO bare (quote) VALUES ('heard it said again, by the river');\n")
    for what, more in (("pgbench, open connections", []), ("pgbench -C, a new one each", ["-C"])):
        shutil.rmtree(logs := folder / "logs", ignore_errors=True)
        logs.mkdir()
        command = [server.program("pgbench"), "-n", "-f", str(script), "-c", str(analysts),
                   "-j", "2", "-T", str(seconds), "-l", *more,
                   server.plain("bench_bare")]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, cwd=logs)
        # client, transaction, microseconds, …
        waited = sorted(int(line.split()[2]) / 1e6 for log in logs.iterdir() for line in log.open())
        told(what, waited, seconds)


def told(what: str, taken: list[float], seconds: int) -> None:
    at = [taken[min(int(len(taken) * share), len(taken) - 1)] * 1_000 for share in (0.5, 0.99)]
    print(f"| {what} | {len(taken) / seconds:.0f} | {at[0]:.1f} | {at[1]:.1f} |", flush=True)


PARTS = ("import", "reports", "adds")


def main() -> None:
    raw = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--claims", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--analysts", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--server", type=sa.make_url, help="an address, postgresql://…")
    parser.add_argument("--bin", type=Path, help="where a server's programs are")
    parser.add_argument("--part", choices=PARTS, action="append")
    given = parser.parse_args()
    parts = given.part or PARTS
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        if given.server:
            measured(Server(given.server, given.bin), given, parts, folder)
        else:
            with started(given.bin, folder) as server:
                measured(server, given, parts, folder)


def measured(server: Server, given: argparse.Namespace, parts: list[str], folder: Path) -> None:
    release = server.ask(server.url.database or "postgres", "SHOW server_version")
    print(f"PostgreSQL {release}, {os.cpu_count()} cores, {datetime.now(UTC):%Y-%m-%d}")
    if {"import", "reports"} & {*parts}:
        importing(server, given.claims, given.runs if "import" in parts else 1, folder)
    if "reports" in parts:
        judged(server)
        reporting(server, given.runs, folder)
    if "adds" in parts:
        adding(server, given.analysts, given.seconds, folder)
    for each in ("bench_ledger", "bench_flat", "bench_adds", "bench_bare"):
        server.anew(each, gone=True)


if __name__ == "__main__":
    main()
