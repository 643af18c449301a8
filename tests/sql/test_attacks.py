"""Hostile SQL changes nothing, makes no file, and ends in time: every attack of the table."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from ledger import journal, query
from ledger.cli import cli
from ledger.confining import Limits
from ledger.errors import QueryError
from ledger.statement import Statement, read
from ledger.store import BUSY_SECONDS, SQLiteStore
from tests.build import NOON, a_claim
from tests.sql.attacks import (
    ANSWERED,
    ATTACKS,
    ENDLESS,
    FOREVER,
    OUTPUT,
    REFUSED,
    STOPPED,
    Attack,
    end,
)

#: Small, so that all attacks run in the time of one.
TIGHT = Limits(seconds=0.2, rows=1_000, size=8 << 20, memory=64 << 20)

#: For what must end in another way than by the clock, on however busy a machine.
PATIENT = replace(TIGHT, seconds=60.0)

#: Those that never reach SQLite by way of `query.ask`, and must come to nothing there as well.
STOPPED_BY_THEIR_TEXT = []
for _attack in ATTACKS:
    try:
        read(_attack.sql)
    except QueryError:
        STOPPED_BY_THEIR_TEXT.append(_attack)


@dataclass(frozen=True)
class Outcome:
    """How an attack ended, what was said, in how many seconds, and what was left behind."""

    end: str
    said: str
    seconds: float
    folder: dict[str, bytes]


@pytest.fixture(scope="module")
def folder(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a ledger of two entries and nothing else, which is where attacks run."""
    path = tmp_path_factory.mktemp("attacked")
    store = SQLiteStore(Path(shutil.copy(template, path / "ledger.db")))
    for analyst, source in (("maria", "Ministry"), ("omar", "Kremlin")):
        with journal.entry(store, recorded_by=analyst, recorded_at=NOON) as draft:
            a_claim(draft, source=source)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(path)
        yield path


def _content(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def outcomes(
    request: pytest.FixtureRequest, folder: Path
) -> Iterator[dict[Attack, "Future[Outcome]"]]:
    """What became of the attacks that are to be tested: two at a time, for the time they take."""
    store = SQLiteStore(folder / "ledger.db")
    wanted = {item.callspec.params.get("attack") for item in _chosen(request)}

    def run(attack: Attack) -> Outcome:
        began = time.monotonic()
        try:
            query.run(store, attack.sql, limits=TIGHT if STOPPED in attack.ends else PATIENT)
            said = ""
        except QueryError as error:
            said = f"{error.message}|{error.hint}"
        took = time.monotonic() - began
        return Outcome(end(said), said, took, _content(folder))

    with ThreadPoolExecutor(2) as pool:
        yield {attack: pool.submit(run, attack) for attack in ATTACKS if attack in wanted}


def _chosen(request: pytest.FixtureRequest) -> Iterator[pytest.Function]:
    for item in request.session.items:
        if isinstance(item, pytest.Function) and hasattr(item, "callspec"):
            yield item


@pytest.fixture(scope="module")
def before(folder: Path) -> dict[str, bytes]:
    """The folder as it was."""
    return _content(folder)


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_an_attack_comes_to_what_it_must_and_leaves_nothing(
    before: dict[str, bytes], outcomes: dict[Attack, "Future[Outcome]"], attack: Attack
) -> None:
    outcome = outcomes[attack].result()
    assert outcome.folder == before
    assert outcome.end in attack.ends, outcome.said
    assert len(outcome.said) < 600
    assert "\n" not in outcome.said
    assert outcome.seconds < (20 if STOPPED in attack.ends else 60)


@pytest.mark.parametrize("as_of", [None, 1], ids=["now", "as-of"])
@pytest.mark.parametrize("attack", STOPPED_BY_THEIR_TEXT, ids=str)
def test_what_the_text_gives_away_is_stopped_by_the_guard_alone_too(
    before: dict[str, bytes], folder: Path, attack: Attack, as_of: int | None
) -> None:
    store = SQLiteStore(folder / "ledger.db")
    with (
        suppress(QueryError),
        query.carry_out(store, Statement(attack.sql, ()), {}, as_of=as_of, limits=TIGHT) as answer,
    ):
        rows = list(answer)
        # EXPLAIN QUERY PLAN tells of a statement and does not run it.
        assert not rows or attack.sql.startswith(("EXPLAIN", "SELECT", "VALUES"))
    assert _content(folder) == before


@pytest.mark.parametrize("sql", OUTPUT)
def test_nothing_in_an_answer_is_a_command_to_a_screen(folder: Path, sql: str) -> None:
    shown = CliRunner().invoke(cli, ["--db", str(folder / "ledger.db"), "sql", sql])
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown.output)


def test_a_reader_never_keeps_a_writer_waiting_until_it_gives_up() -> None:
    assert query.LIMITS.seconds is not None
    assert query.LIMITS.seconds + 1 < BUSY_SECONDS


def test_the_table_is_large_and_says_how_each_ends() -> None:
    assert len({attack.sql for attack in ATTACKS}) == len(ATTACKS) >= 200
    assert {attack.kind for attack in ATTACKS if REFUSED in attack.ends} >= {"writes", "files"}
    assert all(attack.ends for attack in ATTACKS)
    assert {ANSWERED} in [attack.ends for attack in ATTACKS]


needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="asks /proc and rusage")


@pytest.fixture
def endless(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """`ledger sql` with a statement that never ends, and no limit of time."""
    command = [sys.executable, "-m", "ledger", "--db", "ledger.db", "sql", ENDLESS[0]]
    with subprocess.Popen(
        [*command, "--timeout", "0"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=folder
    ) as process:
        yield process
        process.kill()


def _confined(process: "subprocess.Popen[bytes]") -> int:
    """The process in which the statement runs, once it has let go of what it does not need."""
    for _ in range(3_000):
        for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
            if _limits(int(child)).get("Max file size", "").startswith("0"):
                return int(child)
        time.sleep(0.01)
    pytest.fail("no process was confined")


def _limits(process: int) -> dict[str, str]:
    with suppress(FileNotFoundError):
        lines = Path(f"/proc/{process}/limits").read_text().splitlines()
        return {line[:26].strip(): line[26:] for line in lines}
    return {}


@needs_linux
def test_a_statement_can_open_no_files_start_no_process_and_take_no_memory(
    endless: "subprocess.Popen[bytes]",
) -> None:
    limits = _limits(_confined(endless))
    for name, most in (
        ("Max file size", 0),
        ("Max core file size", 0),
        ("Max processes", 0),
        ("Max open files", 16),
        ("Max address space", 1 << 30),
    ):
        assert int(limits[name].split()[1]) <= most, name


@needs_linux
def test_a_statement_ends_with_whoever_asked(endless: "subprocess.Popen[bytes]") -> None:
    confined = _confined(endless)
    endless.kill()
    endless.wait()
    for _ in range(3_000):
        if not Path(f"/proc/{confined}/cmdline").exists():
            return
        if not Path(f"/proc/{confined}/cmdline").read_bytes():  # ended, and not yet fetched
            return
        time.sleep(0.01)
    pytest.fail("it goes on alone")


@needs_linux
def test_a_statement_that_is_killed_is_told_so(endless: "subprocess.Popen[bytes]") -> None:
    os.kill(_confined(endless), signal.SIGKILL)
    _, said = endless.communicate(timeout=60)
    assert endless.returncode == 1
    assert b"did not survive" in said


@needs_linux
def test_ctrl_c_stops_a_statement_and_its_process(endless: "subprocess.Popen[bytes]") -> None:
    confined = _confined(endless)
    endless.send_signal(signal.SIGINT)
    if _ignores_ctrl_c():
        pytest.skip("whoever runs the tests has them ignore Ctrl-C")
    assert endless.wait(timeout=60) == 1
    assert not Path(f"/proc/{confined}").exists()


def _ignores_ctrl_c() -> bool:
    return signal.getsignal(signal.SIGINT) is signal.SIG_IGN


@needs_linux
def test_memory_stays_within_its_limit(folder: Path) -> None:
    hungry = FOREVER + "SELECT i, random() AS r FROM n ORDER BY r"
    # Asked by a small process: what is started by a large one begins as large.
    ask = f"""if True:
        import resource, subprocess, sys
        ledger = [sys.executable, "-m", "ledger", "--db", "ledger.db", "sql", {hungry!r}]
        asked = subprocess.run([*ledger, "--max-memory", "64"], capture_output=True)
        assert b"needs more memory than 64 MiB" in asked.stderr, asked
        print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    """
    told = subprocess.run([sys.executable, "-c", ask], cwd=folder, capture_output=True, check=True)
    assert int(told.stdout) < 200 * 1024  # KiB, of the program and its process the larger


def test_what_a_crash_left_half_written_is_taken_back_before_anything_is_read(
    template: Path, tmp_path: Path
) -> None:
    path = Path(shutil.copy(template, tmp_path / "ledger.db"))
    crash = f"""if True:
        import os, sqlite3
        hand = sqlite3.connect({str(path)!r}, isolation_level=None)
        hand.execute("PRAGMA cache_size = 1")
        hand.execute("BEGIN IMMEDIATE")
        insert = "INSERT INTO source (name, note, entry_id, leaf) VALUES (?, ?, 1, 1)"
        for number in range(500):
            values = (str(number), "x" * 900)
            hand.execute(insert, values)
        os._exit(9)
    """
    subprocess.run([sys.executable, "-c", crash], check=False)
    assert path.with_name("ledger.db-journal").stat().st_size
    assert query.run(SQLiteStore(path), "SELECT count(*) FROM source").rows == [(0,)]
