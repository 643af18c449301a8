"""Many at one ledger: no entry is lost, no reader holds a writer up, what breaks leaves nothing."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import sqlalchemy as sa

from ledger import history, journal, schema, verification
from ledger.errors import BusyError, StoreError
from ledger.store.postgresql import PostgreSQLStore
from tests.build import NOON, a_claim, a_source
from tests.places import address, again, contents, reopened

#: How many processes record how many claims each; the long form is 8 × 200.
TOGETHER = (4, 10)

_ADDING = """
import sys
from ledger import journal
from ledger.store import open_store

store = open_store(sys.argv[1])
for number in range(int(sys.argv[3])):
    with journal.entry(store, recorded_by=sys.argv[2]) as draft:
        draft.insert("claim", {"proposition_id": 1, "source_id": 1, "stance": "denies",
                               "note": f"{sys.argv[2]} {number}"})
"""

COUNT = sa.select(sa.func.count()).select_from(schema.source)


def test_many_processes_record_at_once_and_nothing_forks_or_is_lost(desk: PostgreSQLStore) -> None:
    processes, adds = TOGETHER
    with journal.entry(desk, recorded_by="maria", recorded_at=NOON) as draft:
        a_claim(draft)
    running = [
        subprocess.Popen(
            [sys.executable, "-c", _ADDING, address(desk), f"analyst-{number}", str(adds)],
            stderr=subprocess.PIPE,
        )
        for number in range(processes)
    ]
    said = [process.communicate(timeout=300)[1] for process in running]
    assert said == [b""] * processes  # no retry is shown, and no warning
    with desk.reader() as connection:
        assert history.head(connection).entry == 1 + processes * adds
        notes = connection.execute(sa.select(schema.claim.c.note)).scalars().all()
        assert len({*notes} - {None}) == processes * adds
        assert not list(verification.faults(connection))


def test_a_reader_sees_one_snapshot_and_holds_no_writer_up(desk: PostgreSQLStore) -> None:
    hasty = reopened(desk, busy_seconds=0.5)
    with desk.reader() as connection:
        assert connection.execute(COUNT).scalar() == 0
        with journal.entry(hasty, recorded_by="maria", recorded_at=NOON) as draft:
            a_source(draft)
        assert connection.execute(COUNT).scalar() == 0
    with desk.reader() as connection:
        assert connection.execute(COUNT).scalar() == 1


def test_who_waited_for_the_lock_goes_on_from_what_was_recorded_meanwhile(
    desk: PostgreSQLStore,
) -> None:
    def late() -> int:
        with journal.entry(again(desk), recorded_by="jan", recorded_at=NOON) as draft:
            a_source(draft, "late")
            return draft.id

    with ThreadPoolExecutor(1) as beside:
        with journal.entry(desk, recorded_by="maria", recorded_at=NOON) as draft:
            a_source(draft, "early")
            waiting = beside.submit(late)
            assert not waiting.done()
        assert waiting.result() == 2


def end(desk: PostgreSQLStore, connection: sa.Connection) -> None:
    """The server ends a connection, as an administrator or a restart does."""
    pid = connection.connection.driver_connection.info.backend_pid  # type: ignore[union-attr]
    dsn = desk.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(dsn) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


def test_a_connection_that_breaks_amid_an_entry_leaves_nothing(desk: PostgreSQLStore) -> None:
    before = contents(desk)
    with (  # noqa: PT012
        pytest.raises(StoreError, match="broke off") as caught,
        journal.entry(desk, recorded_by="maria", recorded_at=NOON) as draft,
    ):
        draft.insert_all("source", ({"name": f"Source {n}"} for n in range(600)))
        end(desk, draft.connection)
        a_source(draft)
    assert "nothing was recorded" in caught.value.hint
    assert contents(desk) == before
    with journal.entry(desk, recorded_by="maria", recorded_at=NOON) as draft:
        a_source(draft)


def test_a_connection_that_was_kept_and_is_broken_since_is_made_anew(desk: PostgreSQLStore) -> None:
    with desk.reader() as connection:
        pass
    with desk.reader() as connection:
        end_later = connection.connection.driver_connection.info.backend_pid  # type: ignore[union-attr]
    dsn = desk.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(dsn) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (end_later,))
    with desk.reader() as connection:
        assert connection.execute(COUNT).scalar() == 0


def test_a_lock_that_is_held_too_long_is_told(desk: PostgreSQLStore) -> None:
    hasty = reopened(desk, busy_seconds=0.1)
    told = r"has held it for 0\.1 seconds"
    with desk.writer(), pytest.raises(BusyError, match=told), hasty.writer():
        pass
