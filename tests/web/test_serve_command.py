"""`ledger serve` as a process: it says where, answers, writes nothing, stops when it is told."""

import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner

from ledger.cli import cli
from ledger.errors import LedgerError
from ledger.web.serving import address, listening

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def served(path: Path, *options: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The address and the process of a server that answers."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ledger", "serve", "--db", str(path), "--no-open", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_stop(tmp_path: Path, told: signal.Signals) -> None:
    path = Path(shutil.copy(ROOT / "ledger.db", tmp_path / "ledger.db"))
    before = path.read_bytes()
    with served(path) as (address, process):
        assert address.startswith("http://127.0.0.1:")
        for page in ("", "ledger/claim/24", "data/claims", "ledger/sql?sql=SELECT+1"):
            with urlopen(address + page) as answer:  # an address of our own
                assert answer.status == 200
        with urlopen(Request(address, method="HEAD")) as head:  # as above
            assert int(head.headers["content-length"]) > 1_000
            assert head.read() == b""
        process.send_signal(told)
        _, words = process.communicate(timeout=30)
        assert process.returncode == 0
        assert "Traceback" not in words
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["ledger.db"]


def test_what_cannot_be_served_is_refused_before_anything_is(tmp_path: Path) -> None:
    (tmp_path / "not.db").write_bytes(b"nothing of ours")
    for name, words in (("nowhere.db", "there is no ledger"), ("not.db", "no SQLite database")):
        done = CliRunner().invoke(cli, ["serve", "--no-open", "--db", str(tmp_path / name)])
        assert done.exit_code == 1
        assert words in done.stderr
        assert done.stdout == ""


def test_a_port_that_is_taken_is_said_to_be() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = CliRunner().invoke(cli, ["serve", "--db", str(ROOT / "ledger.db"), "--port", port])
    assert done.exit_code == 1
    assert f"cannot listen at 127.0.0.1, port {port}" in done.stderr
    assert "leave --port out" in done.stderr


def test_no_address_is_not_every_address() -> None:
    with pytest.raises(LedgerError, match="names no address"):
        listening("", None)
    try:
        listener = listening("::", None)
    except LedgerError:
        pytest.skip("this machine has no IPv6")
    with listener:
        there = urlsplit(address(listener))
        socket.create_connection((there.hostname, there.port or 0)).close()


def test_without_datasette_it_says_what_to_install() -> None:
    script = "import sys; sys.modules['datasette'] = None; from ledger.cli import main; main()"
    command = [sys.executable, "-c", script, "serve", "--db", str(ROOT / "ledger.db")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert 'pip install "claim-ledger[web]"' in done.stderr
