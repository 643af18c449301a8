"""A server's ledger is opened, made and refused in words that tell what to do, and no password."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

from ledger import history, journal, migrate, schema
from ledger.catalogue import catalogue_faults
from ledger.errors import LedgerError, SchemaError, StoreError
from ledger.exchange.seeds import seed
from ledger.store import Store, open_store
from ledger.store.postgresql import PostgreSQLStore
from tests.build import NOON, a_claim, a_source
from tests.places import Databases, again, contents

PASSWORD = "s3cret/word"
SHIPPED_HEAD = "4b9e1583"


def administering(server: sa.URL) -> psycopg.Connection[Any]:
    address = server.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, autocommit=True)


@contextmanager
def a_name(server: sa.URL) -> Iterator[str]:
    """A name that no database has; it is gone afterwards."""
    name = f"ledger_test_{uuid4().hex}"
    try:
        yield name
    finally:
        with administering(server) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def refused(target: sa.URL | str) -> StoreError:
    address = target if isinstance(target, str) else target.render_as_string(hide_password=False)
    with pytest.raises(StoreError) as caught, open_store(address).reader():
        pass
    with pytest.raises(StoreError) as again_, open_store(address).writer():
        pass
    assert str(again_.value) == str(caught.value)
    assert PASSWORD not in f"{caught.value}{caught.value.hint}"
    return caught.value


def test_a_database_that_is_not_there_is_told_and_not_made(server: sa.URL) -> None:
    with a_name(server) as name:
        error = refused(server.set(database=name))
        assert str(error).startswith(f"there is no database {name} on the server")
        assert "init` makes it" in error.hint
        assert open_store(server.set(database=name).render_as_string(False)).standing() == "absent"


def test_a_server_that_is_not_there_is_told(server: sa.URL) -> None:
    nowhere = f"postgresql+psycopg://maria:{PASSWORD.replace('/', '%2F')}@127.0.0.1:1/desk"
    error = refused(nowhere)
    assert "cannot be reached" in str(error)
    assert "check the address" in error.hint
    assert "maria@127.0.0.1:1/desk" in str(error)


def test_who_is_not_let_in_is_told(server: sa.URL) -> None:
    error = refused(server.set(username="nobody_of_that_name", password=PASSWORD))
    assert "does not let nobody_of_that_name in" in str(error)


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql+psycopg2://maria:{PASSWORD}@host/db",
        f"postgresql+asyncpg://maria:{PASSWORD}@host/db",
        f"mysql://maria:{PASSWORD}@host/db",
        f"postgresql+psycopg://maria:{PASSWORD}@host:port/db",
    ],
)
def test_another_driver_or_database_is_refused_without_the_password(address: str) -> None:
    with pytest.raises(StoreError) as caught:
        open_store(address)
    assert PASSWORD not in f"{caught.value}{caught.value.hint}"


def test_a_password_in_a_parameter_is_no_part_of_the_name() -> None:
    store = open_store(f"postgresql://maria@host/db?password={PASSWORD}&sslmode=require")
    assert store.name == "postgresql+psycopg://maria@host/db?sslmode=require"


def test_a_database_of_somebody_elses_is_no_ledger(server: sa.URL) -> None:
    with a_name(server) as name, administering(server) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        url = server.set(database=name)
        assert "is empty" in str(refused(url))
        with administering(url) as inside:
            inside.execute("CREATE TABLE entry (id bigint)")
        assert "is a database, but not a ledger" in str(refused(url))
        with pytest.raises(StoreError, match="is not empty"):
            migrate.create(PostgreSQLStore(url))


def test_a_ledger_is_made_with_its_database_and_has_the_head_that_it_has_elsewhere(
    server: sa.URL,
) -> None:
    with a_name(server) as name:
        store = PostgreSQLStore(server.set(database=name))
        migrate.create(store, fill=seed)
        assert store.standing() == "there"
        with again(store).reader() as connection:
            assert history.head(connection).hash.startswith(SHIPPED_HEAD)
        with pytest.raises(StoreError, match="is not empty"):
            migrate.create(store)
        store.close()


def test_an_empty_database_becomes_a_ledger_and_a_failure_leaves_it_empty(server: sa.URL) -> None:
    def stumble(store: Store) -> None:
        with journal.entry(store, recorded_by="maria") as draft:
            a_source(draft)
        raise KeyError

    with a_name(server) as name, administering(server) as connection:
        connection.execute(
            f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
        )
        store = PostgreSQLStore(server.set(database=name))
        with pytest.raises(KeyError):
            migrate.create(store, fill=stumble)
        assert store.standing() == "blank"
        migrate.create(store)
        assert store.standing() == "there"
        store.close()


def test_a_ledger_that_cannot_be_made_leaves_no_database(server: sa.URL) -> None:
    with a_name(server) as name:
        store = PostgreSQLStore(server.set(database=name))
        with pytest.raises(Exception, match="9999"):
            migrate.create(store, to="9999")
        assert store.standing() == "absent"


@pytest.mark.parametrize(
    ("how", "what"),
    [
        ("ENCODING 'SQL_ASCII' LOCALE 'C'", "has the encoding SQL_ASCII"),
        ("ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en' LOCALE 'C'", "rules of a language"),
    ],
)
def test_a_database_that_would_order_or_hold_text_otherwise_is_refused(
    server: sa.URL, how: str, what: str
) -> None:
    with a_name(server) as name, administering(server) as connection:
        try:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0 {how}')
        except psycopg.errors.FeatureNotSupported:
            pytest.skip("this server was built without ICU")
        store = PostgreSQLStore(server.set(database=name))
        with pytest.raises(StoreError, match=what) as caught:
            migrate.create(store)
        assert "LOCALE 'C'" in caught.value.hint
        assert store.standing() == "blank"
        store.close()


def test_an_older_ledger_is_upgraded_to_what_a_new_one_is(server: sa.URL) -> None:
    with a_name(server) as name:
        store = PostgreSQLStore(server.set(database=name))
        migrate.create(store, to=schema.REVISIONS[-2])
        with pytest.raises(SchemaError, match="this program needs"), store.reader():
            pass
        migrate.upgrade(store)
        with store.reader() as connection:
            assert not list(catalogue_faults(connection))
        store.close()


def test_an_interrupted_upgrade_leaves_the_old_schema(server: sa.URL) -> None:
    with a_name(server) as name:
        store = PostgreSQLStore(server.set(database=name))
        migrate.create(store, to="0005")
        with pytest.raises(KeyboardInterrupt), store.migration() as connection:  # noqa: PT012
            migrate.run(connection)
            raise KeyboardInterrupt
        assert migrate.current(store) == "0005"
        store.close()


def test_whoever_may_not_is_told_so(desk: PostgreSQLStore, server: sa.URL) -> None:
    role = f"ledger_test_{uuid4().hex}"
    with administering(server.set(database=desk.url.database)) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'")
        try:
            guest = PostgreSQLStore(desk.url.set(username=role, password=PASSWORD))
            told = f"{role} may not do that"
            with pytest.raises(StoreError, match=told) as caught, guest.reader() as reading:
                reading.execute(sa.select(schema.claim.c.id)).all()
            assert "ledger grant" in caught.value.hint
            assert PASSWORD not in str(caught.value)
            guest.close()
        finally:
            connection.execute(f"DROP ROLE {role}")


def test_the_servers_own_settings_are_nothing_to_what_is_read(
    spoilt: PostgreSQLStore, server: sa.URL
) -> None:
    with journal.entry(spoilt, recorded_by="maria", recorded_at=NOON) as draft:
        a_claim(draft, said="2018-02-08")

    def everything() -> list[Any]:
        with again(spoilt).reader() as connection:
            connection.exec_driver_sql("SELECT pg_sleep(0.3)")  # past the limit that is set below
            return [
                connection.exec_driver_sql(f"SELECT * FROM {view}").all()
                for view in ("claims", "entries", "positions")
            ]

    before = everything()
    spoilt.close()
    with administering(server) as connection:
        for setting in (
            "TimeZone = 'Asia/Damascus'",
            "DateStyle = 'German, DMY'",
            "search_path = 'nowhere'",
            "statement_timeout = '250ms'",
            "default_transaction_read_only = on",
            "default_transaction_isolation = 'serializable'",
            "standard_conforming_strings = off",
            "bytea_output = 'escape'",
        ):
            connection.execute(f'ALTER DATABASE "{spoilt.url.database}" SET {setting}')
    assert everything() == before
    with journal.entry(again(spoilt), recorded_by="maria", recorded_at=NOON) as draft:
        a_source(draft, r"back\slash")


def test_a_reader_cannot_write_and_says_so(desk: PostgreSQLStore, databases: Databases) -> None:
    before = contents(desk)
    with pytest.raises(LedgerError, match="cannot be written to"), desk.reader() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9'")
    assert contents(desk) == before
