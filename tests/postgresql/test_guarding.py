"""What a server's administrator does by hand is found: in the rows, the guards and the views."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from ledger import cataloguing, chain, journal, schema, server, verification
from ledger.catalogue import CatalogueFault, catalogue_faults
from ledger.doctor import State, examine
from ledger.errors import SchemaError
from ledger.pins import head_faults
from ledger.store.postgresql import PostgreSQLStore
from tests import tampering
from tests.build import NOON, a_claim, a_document, a_source
from tests.places import again
from tests.postgresql.catalogues import noted


@pytest.fixture
def three(desk: PostgreSQLStore) -> PostgreSQLStore:
    """Three claims, one of them assessed, in four entries."""
    for number in range(3):
        with journal.entry(desk, recorded_by="maria", recorded_at=NOON) as draft:
            a_claim(draft, source=f"Source {number}", said="2018-02-08", quote="said")
    with journal.entry(desk, recorded_by="jan", recorded_at=NOON) as draft:
        journal.assess(draft, 1, "unverified", "not found")
    return desk


def faults(store: PostgreSQLStore) -> list[str]:
    with store.look() as connection:
        return [str(fault) for fault in verification.faults(connection)]


def test_what_the_program_wrote_holds(three: PostgreSQLStore) -> None:
    assert faults(three) == []


@pytest.mark.parametrize(
    "alter",
    [
        tampering.change,
        tampering.delete,
        tampering.delete_an_old_version,
        tampering.swap,
        tampering.swap_entries,
        tampering.insert,
    ],
)
def test_what_is_altered_behind_the_guards_is_found(
    three: PostgreSQLStore, alter: Callable[[Any], None]
) -> None:
    with tampering.by_hand(three) as raw:
        alter(raw)
    assert faults(three)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE claim SET stated_on = 'infinity' WHERE id = 2",
        "UPDATE claim SET stated_on = '20018-02-08' WHERE id = 2",
        "UPDATE claim SET stated_on = '0044-03-15 BC' WHERE id = 2",
        "UPDATE entry SET recorded_at = '-infinity' WHERE id = 2",
        "UPDATE entry SET recorded_at = recorded_at + interval '1 microsecond' WHERE id = 2",
        "UPDATE claim SET leaf = ''",
        "UPDATE stance SET meaning = 'x' WHERE code = 'denies'",
        "UPDATE claim SET source_id = 99 WHERE id = 2",
    ],
)
def test_what_no_program_would_write_is_found_and_stops_nothing(
    spoilt: PostgreSQLStore, statement: str
) -> None:
    with journal.entry(spoilt, recorded_by="maria", recorded_at=NOON) as draft:
        a_claim(draft), a_claim(draft, said="2018-02-08")
    with journal.entry(spoilt, recorded_by="maria", recorded_at=NOON) as draft:
        a_source(draft, "another")
    with tampering.by_hand(spoilt) as raw:
        raw.execute(statement)
    assert faults(spoilt)


def test_a_rewritten_or_shortened_history_is_found_by_the_head_that_was_kept(
    three: PostgreSQLStore,
) -> None:
    with three.reader() as connection:
        newest = connection.execute(
            sa.select(schema.entry.c.hash).order_by(schema.entry.c.id.desc()).limit(1)
        ).scalar_one()
    with tampering.by_hand(three) as raw:
        tampering.cut_the_tail(raw)
    with three.reader() as connection:
        assert not list(chain.verify(connection))
        assert list(head_faults(connection, newest))


def test_rows_that_name_what_is_not_there_are_told(desk: PostgreSQLStore) -> None:
    with journal.entry(desk, recorded_by="maria", recorded_at=NOON) as draft:
        a_claim(draft, document_id=a_document(draft))
    with tampering.by_hand(desk) as raw:
        raw.execute("DELETE FROM document")
    assert "claim 1, it names a document that is not there" in faults(desk)


def by_hand(store: PostgreSQLStore, statement: str) -> None:
    dsn = store.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(statement)


def found(store: PostgreSQLStore) -> set[tuple[str, str, str]]:
    with again(store).look() as connection:
        return {(each.kind, each.name, each.what) for each in catalogue_faults(connection)}


MISSING, ALTERED, FOREIGN = "is missing", "was altered", "is none of the program's"


def test_whatever_is_done_to_the_schema_is_named_and_the_ledger_is_not_opened(
    spoilt: PostgreSQLStore,
) -> None:
    """One database for all of them: each is undone by the next line."""
    assert found(spoilt) == set()
    for done, fault, undone in (
        ("DROP TRIGGER claim_keep ON claim", ("trigger", "claim_keep", MISSING), ""),
        (("ALTER TABLE awaited_entry ALTER CONSTRAINT fk_awaited_entry_entry_id NOT DEFERRABLE"),
         ("table", "awaited_entry", ALTERED),
         ("ALTER TABLE awaited_entry ALTER CONSTRAINT fk_awaited_entry_entry_id"
         " DEFERRABLE INITIALLY DEFERRED")),
        ("ALTER TABLE claim DISABLE TRIGGER claim_version", ("trigger", "claim_version", ALTERED),
         "ALTER TABLE claim ENABLE TRIGGER claim_version"),
        ("ALTER TABLE claim DISABLE TRIGGER ALL", ("table", "claim", ALTERED),
         "ALTER TABLE claim ENABLE TRIGGER ALL"),
        ("CREATE TABLE mine (x int)", ("table", "mine", FOREIGN), "DROP TABLE mine"),
        ("ALTER TABLE claim DROP CONSTRAINT ck_claim_low", ("table", "claim", ALTERED),
         "ALTER TABLE claim ADD CONSTRAINT ck_claim_low CHECK (low >= 0)"),
        (("CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS"
         " 'BEGIN RETURN NULL; END'"), ("function", "ledger_refuse", ALTERED), ""),
        ("CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
         ("function", "mine", FOREIGN), "DROP FUNCTION mine()"),
        ("CREATE RULE mine AS ON INSERT TO claim DO ALSO NOTHING", ("rule", "mine", FOREIGN),
         "DROP RULE mine ON claim"),
        ("ALTER TABLE claim ENABLE ROW LEVEL SECURITY", ("table", "claim", ALTERED),
         "ALTER TABLE claim DISABLE ROW LEVEL SECURITY"),
        ("DROP TRIGGER claim_awaited ON claim", ("trigger", "claim_awaited", MISSING), ""),
        ("ALTER FUNCTION ledger_awaited() RESET search_path",
         ("function", "ledger_awaited", ALTERED), ""),
        ("DROP INDEX ix_claim_position", ("index", "ix_claim_position", MISSING), ""),
        (("CREATE OR REPLACE VIEW entries AS SELECT n.id AS entry, n.recorded_at AS recorded_at,"
         " n.recorded_by AS recorded_by, n.message AS message, n.hash AS root,"
         " n.previous AS previous, n.hash AS hash FROM entry n"), ("view", "entries", ALTERED), ""),
        ("DROP VIEW claims", ("view", "claims", MISSING), ""),
    ):  # fmt: skip
        by_hand(spoilt, done)
        assert fault in found(spoilt), done
        with pytest.raises(SchemaError, match="altered by another hand"), again(spoilt).reader():
            pass
        if undone:
            by_hand(spoilt, undone)
            assert fault not in found(spoilt), undone


def test_what_is_kept_of_the_catalogue_is_what_the_migrations_make(desk: PostgreSQLStore) -> None:
    """Else run `python -m tests.postgresql.catalogues`, on release 15 and on a newer one."""
    with desk.look() as connection:
        kept = cataloguing._kept(schema.REVISION)
        assert noted(connection, kept) == kept


def test_the_doctor_looks_the_server_over(desk: PostgreSQLStore) -> None:
    checks = {check.check: check for check in examine(desk, now=NOON)}
    assert {"software", "PostgreSQL", "fsync", "role", "schema", "guards", "clock"} <= set(checks)
    assert checks["guards"].state is State.OK
    assert checks["index of words"].state is State.OK
    assert all(check.advice for check in checks.values() if check.state is not State.OK)


def test_an_administrator_is_told_that_no_guard_holds_him(desk: PostgreSQLStore) -> None:
    checks = {check.check: check for check in examine(desk, now=NOON)}
    assert checks["role"].state is State.WARN


def test_settings_that_can_lose_what_was_recorded_are_faults(desk: PostgreSQLStore) -> None:
    with desk.look() as connection:
        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
        set_so = {each.name: each for each in server.settings(connection)}
    assert not set_so["synchronous_commit"].right
    assert set_so["synchronous_commit"].grave


def test_a_fault_says_itself_in_a_line() -> None:
    assert str(CatalogueFault("function", "mine", FOREIGN)).startswith("function mine is none")
