"""Who may do what with a ledger on a server: readers read, analysts add, nobody else alters."""

from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from ledger import chain, history, journal, roles, schema
from ledger.cli import cli
from ledger.errors import LedgerError, NotFoundError, StoreError
from ledger.store import Store
from tests.build import NOON, a_claim
from tests.sql.desks import Desk, a_desk

UNDECLARED = ("alembic_version", "claim_text", "claim_part", "name_text", "awaited_entry")
TABLES = [*schema.metadata.tables, *UNDECLARED]
VIEWS = ["claims", "texts", "entries"]

#: What alters what is recorded, or what keeps it.
ALTERING = [
    "UPDATE {t} SET {c} = {c}",
    "UPDATE {t} SET {c} = NULL",
    "DELETE FROM {t}",
    "TRUNCATE {t} CASCADE",
    "DROP TABLE {t} CASCADE",
    "ALTER TABLE {t} ADD COLUMN more text",
    "ALTER TABLE {t} DROP COLUMN {c} CASCADE",
    "ALTER TABLE {t} RENAME TO other",
    "ALTER TABLE {t} DISABLE TRIGGER USER",
    "ALTER TABLE {t} DISABLE TRIGGER ALL",
    "ALTER TABLE {t} OWNER TO CURRENT_USER",
    "ALTER TABLE {t} ENABLE ROW LEVEL SECURITY",
    "CREATE TRIGGER slipped BEFORE INSERT ON {t} EXECUTE FUNCTION ledger_refuse()",
    "CREATE RULE slipped AS ON INSERT TO {t} DO INSTEAD NOTHING",
    "CREATE INDEX slipped ON {t} ({c})",
    "CREATE TABLE public.other (LIKE {t})",
    "SET session_replication_role = replica; DELETE FROM {t}",
]

ELSEWHERE = [
    "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE sql AS ''",
    "DROP FUNCTION ledger_chain CASCADE",
    "CREATE OR REPLACE VIEW claims AS SELECT 1",
    "CREATE VIEW public.v AS SELECT 1",
    "DROP VIEW entries",
    "CREATE SCHEMA mine",
    "DROP SCHEMA public CASCADE",
    "CREATE EXTENSION dblink",
    "ALTER DATABASE {d} SET fsync = off",
    "DROP DATABASE {d}",
    "CREATE ROLE other",
    "GRANT {d}_owner TO CURRENT_USER",
    "GRANT {d}_analyst TO {d}_a_reader",
    "SET ROLE {d}_owner",
    "SET SESSION AUTHORIZATION {d}_a_owner",
    "ALTER ROLE {d}_reader SUPERUSER",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {d}_owner GRANT ALL ON TABLES TO PUBLIC",
    "REASSIGN OWNED BY {d}_owner TO CURRENT_USER",
]


@pytest.fixture(scope="module")
def desk(server: sa.URL) -> Iterator[Desk]:
    with a_desk(server, "roles") as made:
        yield made


def _column(table: str) -> str:
    if table in schema.metadata.tables:
        columns = schema.metadata.tables[table].c
        return "entry_id" if "entry_id" in columns else list(columns.keys())[-1]
    return "version_num" if table == "alembic_version" else "words"


@pytest.mark.parametrize("role", ["reader", "analyst"])
@pytest.mark.parametrize("table", TABLES)
def test_nobody_but_the_owner_alters_what_is_recorded(desk: Desk, role: str, table: str) -> None:
    before = desk.content()
    with desk.connection(role) as connection:
        for statement in ALTERING:
            with pytest.raises(psycopg.Error):
                connection.execute(statement.format(t=table, c=_column(table)).encode())
        # To give what one has not is no error to a server, and gives nothing.
        with suppress(psycopg.Error):
            connection.execute(f"GRANT ALL ON {table} TO PUBLIC".encode())
    assert desk.content() == before


@pytest.mark.parametrize("role", ["reader", "analyst"])
@pytest.mark.parametrize("statement", ELSEWHERE)
def test_nobody_but_the_owner_alters_what_is_around_it(
    desk: Desk, role: str, statement: str
) -> None:
    with desk.connection(role) as connection, pytest.raises(psycopg.Error):
        connection.execute(statement.format(d=desk.address.database).encode())


@pytest.mark.parametrize("table", TABLES)
def test_a_reader_adds_nothing(desk: Desk, table: str) -> None:
    with desk.connection("reader") as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"INSERT INTO {table} SELECT * FROM {table} LIMIT 0".encode())
        with pytest.raises(psycopg.Error):
            connection.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE".encode())
        for read in (table, *VIEWS):
            connection.execute(f"SELECT * FROM {read}".encode())


def test_a_reader_cannot_record_and_is_told_so(desk: Desk) -> None:
    with (
        pytest.raises(StoreError, match="may not do that") as raised,
        journal.entry(desk.stores["reader"], recorded_by="maria", recorded_at=NOON) as draft,
    ):
        a_claim(draft, source="Another")
    assert "ledger grant" in (raised.value.hint or "")
    assert "secret" not in f"{raised.value.message} {raised.value.hint}"


def test_an_analyst_records_judges_and_verifies(server: sa.URL) -> None:
    with a_desk(server, "records") as desk:
        analyst = desk.stores["analyst"]
        with journal.entry(analyst, recorded_by="ann", recorded_at=NOON) as draft:
            a_claim(draft, source="Observatory")
            journal.assess(draft, 1, "doubtful", "said so by hand")
        with journal.entry(analyst, recorded_by="ann", recorded_at=NOON) as draft:
            draft.insert_all("source", ({"name": f"source {i}"} for i in range(1_000)))
        with desk.stores["reader"].reader() as connection:
            assert not list(chain.verify(connection))
            assert history.head(connection).entry == 4


_HELD_UP = (psycopg.errors.IntegrityError, psycopg.errors.InsufficientPrivilege)

FORGED = "(SELECT max(id) + 1 FROM entry)"


def test_an_analyst_by_hand_is_held_up_by_the_guards(desk: Desk) -> None:
    with desk.connection("analyst") as connection:
        for statement in (
            "UPDATE claim SET note = 'x'",
            "UPDATE claim SET id = 9",
            "UPDATE claim SET entry_id = 1, note = 'x'",
            f"UPDATE claim SET entry_id = {FORGED}, note = 'x'",  # and no entry is written
            "INSERT INTO source (id, name, entry_id, leaf) VALUES (99, 'x', 1, 'x')",
            f"INSERT INTO source (id, name, entry_id, leaf) VALUES (99, 'x', {FORGED}, 'x')",
            "INSERT INTO claim_history SELECT *, 2 FROM claim",
            "INSERT INTO entry SELECT id + 9, recorded_at, 'x', '', root, root, hash FROM entry",
            "UPDATE stance SET code = code",
        ):
            with pytest.raises(_HELD_UP):
                connection.execute(statement.encode())


def test_what_an_analyst_slips_past_the_guards_by_hand_is_found_by_verify(server: sa.URL) -> None:
    with a_desk(server, "slipped") as desk:
        with desk.connection("analyst") as connection, connection.transaction():
            connection.execute(f"UPDATE claim SET entry_id = {FORGED}, note = 'x'".encode())
            connection.execute(
                "INSERT INTO claim_history SELECT id, proposition_id, source_id, 'concedes', basis,"
                " low, high, wording, quote, quote_prefix, quote_suffix, document_id, via_id,"
                " attribution, answers_id, repeats_id, stated_on, stated_precision, status,"
                " because, note, 0, leaf, entry_id FROM claim WHERE id = 1"
            )
            connection.execute(
                "INSERT INTO entry SELECT id + 1, recorded_at, 'omar', message, root, hash,"
                " reverse(hash) FROM entry ORDER BY id DESC LIMIT 1"
            )
        with desk.stores["reader"].reader() as connection_:
            faults = [str(fault) for fault in chain.verify(connection_)]
    assert any("claim" in fault for fault in faults)
    assert any("entry 3" in fault for fault in faults)


def test_the_owner_may_upgrade_and_so_may_all_the_rest(desk: Desk) -> None:
    with desk.connection("owner") as connection:
        for statement in ("ALTER TABLE claim DISABLE TRIGGER USER", "DROP TABLE claim CASCADE"):
            with connection.transaction(force_rollback=True):
                connection.execute(statement.encode())
        for table in schema.VERSIONED:  # by mistake, by hand: the guards are for owners too
            with pytest.raises(psycopg.errors.IntegrityError):
                connection.execute(f"DELETE FROM {table}".encode())


def test_what_an_upgrade_makes_belongs_to_the_owners_and_is_read_by_readers(desk: Desk) -> None:
    with desk.stores["owner"].migration() as connection:
        connection.exec_driver_sql("CREATE TABLE later (word text)")
    with desk.connection("reader") as reader:
        reader.execute("SELECT * FROM later")
    asked = "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'later'"
    assert desk.admin.execute(asked).fetchall() == [(f"{desk.address.database}_owner",)]
    desk.admin.execute("DROP TABLE later")


def test_who_is_in_no_role_is_not_let_in(desk: Desk) -> None:
    desk.admin.execute("CREATE ROLE stranger LOGIN PASSWORD 'secret'")
    try:
        url = desk.address.set(drivername="postgresql", username="stranger", password="secret")
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(url.render_as_string(hide_password=False))
        done = _run(url.set(drivername="postgresql+psycopg"), "list")
        assert done.exit_code == 1
        assert "does not let stranger in" in done.stderr
        assert "secret" not in done.stderr
    finally:
        desk.admin.execute("DROP ROLE stranger")


def _run(address: sa.URL, *arguments: str, typed: str | None = None) -> Result:
    db = address.render_as_string(hide_password=False)
    return CliRunner().invoke(cli, ["--db", db, *arguments], input=typed)


def test_roles_are_given_listed_and_taken(server: sa.URL) -> None:
    with a_desk(server, "given") as desk:
        name = str(desk.address.database)
        owner = desk.stores["owner"].url
        given = _run(desk.address, "grant", "reader", f"{name} Zoë", "--login", "--password",
                     typed="a pass 'word\n")  # fmt: skip
        assert given.exit_code == 0, given.output
        assert "is reader" in given.output
        assert "word" not in given.output.replace("password", "")
        assert _run(owner, "grant", "analyst", f"{name} Zoë").exit_code == 0
        assert "already" in _run(owner, "grant", "analyst", f"{name} Zoë").output
        listed = _run(owner, "grant").output
        assert [line.split()[-1] for line in listed.splitlines() if "Zoë" in line]
        assert "analyst" in next(line for line in listed.splitlines() if "Zoë" in line)
        lower = _run(owner, "grant", "reader", f"{name} Zoë")
        assert (lower.exit_code, "which is more" in lower.output) == (1, True)
        zoe = desk.address.set(username=f"{name} Zoë", password="a pass 'word")
        assert _run(zoe, "add", "--help").exit_code == 0
        assert _run(zoe, "list").exit_code == 0
        refused = _run(zoe, "grant", "owner", f"{name} Zoë")
        assert refused.exit_code == 1
        assert _run(owner, "revoke", "analyst", f"{name} Zoë").exit_code == 0
        assert _run(zoe, "list").exit_code == 1
        gone = _run(owner, "revoke", "analyst", f"{name} Zoë")
        assert (gone.exit_code, "is no analyst" in gone.output) == (1, True)
        desk.admin.execute(f'DROP ROLE "{name} Zoë"'.encode())


def test_what_cannot_be_given_is_told(desk: Desk) -> None:
    with pytest.raises(NotFoundError, match="no “nobody-there”"):
        roles.grant(desk.stores["owner"], "reader", "nobody-there")
    name = f"{desk.address.database}_a_reader"
    with pytest.raises(LedgerError, match="already"):
        roles.grant(desk.stores["owner"], "reader", name, login=True)
    with pytest.raises(StoreError, match="may not make roles"):
        roles.grant(desk.stores["owner"], "reader", "someone-new", login=True)
    assert _run(desk.address, "grant", "reader").exit_code == 2
    assert _run(desk.address, "grant", "reader", "x", "--password").exit_code == 2
    assert _run(desk.address, "grant", "raeder", "x").exit_code == 2


@pytest.mark.sqlite("it is about what a file has not")
def test_a_file_knows_no_roles(store: Store) -> None:
    run = CliRunner().invoke
    listed = run(cli, ["--db", store.name, "grant"])
    assert (listed.exit_code, "is a file" in listed.stderr) == (0, True)
    for command in (["grant", "reader", "x"], ["revoke", "reader", "x"]):
        refused = run(cli, ["--db", store.name, *command])
        assert (refused.exit_code, "roles are a server's" in refused.stderr) == (1, True)


def test_two_ledgers_on_a_server_have_each_their_own_roles() -> None:
    assert roles.named("desk", "reader") == "desk_reader"
    long = ["x" * 60 + each for each in "abc"]
    named = {roles.named(each, "analyst") for each in long}
    assert len(named) == 3
    assert all(len(each.encode()) <= 63 for each in named)
    assert all(each.endswith("_analyst") for each in named)
