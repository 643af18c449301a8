"""A ledger copied from one database to another is the same ledger, to the last version."""

import os
from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from hypothesis import given, settings

from ledger import copying, fulltext, history, journal, migrate, schema
from ledger.canonical import timestamp
from ledger.cli import cli
from ledger.errors import StoreError
from ledger.store import SQLiteStore, Store
from ledger.store.postgresql import PostgreSQLStore
from tests.build import NOON, a_claim, a_receipt, an_acceptance
from tests.conftest import COSTLY
from tests.exchange.ledgers import build, ledgers

#: Each example makes a database, and two files.
FEW = settings(max_examples=max(3, COSTLY.max_examples // 3))

New = Callable[[], Store]


@pytest.fixture(scope="module")
def new_database(server: sa.URL) -> Iterator[New]:
    """Names databases on the test server that are not there yet; they are gone afterwards."""
    made: list[str] = []
    numbers = count(1)

    def name() -> Store:
        made.append(f"copied_{os.getpid()}_{next(numbers)}")
        return PostgreSQLStore(server.set(database=made[-1]))

    yield name
    dsn = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(dsn, autocommit=True) as admin:
        for each in made:
            admin.execute(f'DROP DATABASE IF EXISTS "{each}" WITH (FORCE)'.encode())


@pytest.fixture
def filled(template: Path, tmp_path: Path) -> Store:
    """A ledger in a file with a row of every kind, and older versions."""
    path = tmp_path / "filled.db"
    path.write_bytes(template.read_bytes())
    store = SQLiteStore(path)
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        claim = a_claim(draft, quote="They came, “all” of them", said="2018-02-08")
        an_acceptance(draft, claim_id=claim)
        a_receipt(draft)
    with journal.entry(store, recorded_by="jan", message="a message", recorded_at=NOON) as draft:
        journal.assess(draft, 1, "doubtful", "tab\tbackslash \\N \\. newline\nend")
        draft.update("receipt", 1, {"their_recorded_by": "another"})
    return store


def stored(store: Store) -> dict[str, list[Any]]:
    """Every row of every table, entries and older versions too, whichever database it is in."""
    with store.reader() as connection:
        assert not list(fulltext.missing(connection))
        assert fulltext.surplus(connection) == 0
        return {
            table.name: [
                [_plain(value) for value in row]
                for row in connection.execute(sa.select(table).order_by(*table.primary_key))
            ]
            for table in schema.metadata.sorted_tables
        }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return timestamp(value)
    return value.isoformat() if isinstance(value, date) else value


def head(store: Store) -> history.Head:
    with store.reader() as connection:
        return history.head(connection)


@FEW
@given(ledger=ledgers())
def test_a_ledger_copied_to_a_server_and_back_is_the_same(
    template: Path, new_database: New, ledger: dict[str, Any]
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "ledger.db")
        path.write_bytes(template.read_bytes())
        here, there, back = SQLiteStore(path), new_database(), SQLiteStore(Path(folder, "back.db"))
        build(here, ledger)
        done = copying.copy(here, there)
        copying.copy(there, back)
        assert done.head == head(here) == head(there) == head(back)
        assert stored(here) == stored(there) == stored(back)


def test_every_kind_of_row_goes_over_and_comes_back(
    filled: Store, new_database: New, tmp_path: Path
) -> None:
    there, again, back = new_database(), new_database(), SQLiteStore(tmp_path / "back.db")
    for source, target in ((filled, there), (there, again), (again, back)):
        copying.copy(source, target)
    assert stored(filled) == stored(there) == stored(again) == stored(back)
    assert all(stored(back)[name] for name in ("claim_history", "receipt_history", "acceptance"))


@pytest.mark.sqlite("it is between files")
def test_a_copy_of_a_file_is_the_same(filled: Store, tmp_path: Path) -> None:
    target = SQLiteStore(tmp_path / "copy.db")
    copying.copy(filled, target)
    assert stored(filled) == stored(target)
    with pytest.raises(StoreError, match="is not empty"):
        copying.copy(filled, target)
    with pytest.raises(StoreError, match="is not empty"):
        copying.copy(filled, filled)


def test_what_is_recorded_in_a_copy_goes_on_where_the_other_ended(
    filled: Store, new_database: New
) -> None:
    there = new_database()
    copying.copy(filled, there)
    for store in (filled, there):
        with journal.entry(store, recorded_by="omar", recorded_at=NOON) as draft:
            a_claim(draft, source="Kremlin", stance="denies", quote="Nobody came")
    assert head(filled) == head(there)
    assert stored(filled) == stored(there)


def test_a_ledger_that_does_not_verify_is_not_copied(
    filled: Store, new_database: New, tmp_path: Path
) -> None:
    import sqlite3

    assert filled.path is not None
    with sqlite3.connect(filled.path) as hand:
        (guard,) = hand.execute("SELECT sql FROM sqlite_master WHERE name = 'entry_no_rewrite'")
        hand.execute("DROP TRIGGER entry_no_rewrite")
        hand.execute("UPDATE entry SET message = 'another' WHERE id = 1")
        hand.execute(guard[0])
    hand.close()
    target, there = SQLiteStore(tmp_path / "copy.db"), new_database()
    for each in (target, there):
        with pytest.raises(StoreError, match="does not verify"):
            copying.copy(filled, each)
        assert each.standing() == "absent"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["filled.db"]


def test_a_copy_that_fails_midway_leaves_nothing(filled: Store, new_database: New) -> None:
    there = new_database()

    def told(what: str, rows: int, of: int) -> None:
        if what == "copied":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copying.copy(filled, there, told=told)
    assert there.standing() == "absent"
    copying.copy(filled, there)
    assert head(there) == head(filled)


def test_a_database_that_holds_something_is_not_written_to(
    filled: Store, new_database: New
) -> None:
    there = new_database()
    migrate.create(there)
    with pytest.raises(StoreError, match="is not empty"):
        copying.copy(filled, there)


def test_the_command_says_what_was_copied_and_the_head(
    filled: Store, new_database: New, tmp_path: Path
) -> None:
    there = new_database()
    assert isinstance(there, PostgreSQLStore)
    address = there.url.render_as_string(hide_password=False)
    done = CliRunner().invoke(cli, ["--db", filled.name, "copy", address])
    assert done.exit_code == 0, done.output
    assert "2 entries" in done.output
    assert f"both verify; head {head(filled).hash}" in done.output
    again = CliRunner().invoke(cli, ["--db", address, "copy", str(tmp_path / "back.db")])
    assert again.exit_code == 0, again.output
    refused = CliRunner().invoke(cli, ["--db", filled.name, "copy", address])
    assert (refused.exit_code, "is not empty" in refused.stderr) == (1, True)
