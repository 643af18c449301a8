"""The same migrations on PostgreSQL: vocabularies, views and guards as on SQLite.

What a ledger's store does there is told in tests/postgresql; here is a plain engine.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from ledger import chain, history, journal, migrate, model, schema
from ledger.errors import InvalidError
from ledger.store.postgresql import PostgreSQLStore
from ledger.views import VIEWS
from tests.build import (
    NOON,
    SPARE,
    a_claim,
    a_count,
    a_document,
    a_receipt,
    a_source,
    an_acceptance,
    an_event,
)
from tests.places import Databases

#: What claims name.
LINKS = {key.parent.name for key in schema.claim.foreign_keys} - {"entry_id"}

TABLES = [*schema.VERSIONED, *(f"{name}_history" for name in schema.VERSIONED), "entry"]

#: What a server has beside what a file has.
BESIDE = ("claim_text", "claim_part", "name_text", "awaited_entry")


@pytest.fixture(scope="module")
def engine(databases: Databases) -> Iterator[sa.Engine]:
    """An engine on a migrated, empty ledger on the test server."""
    store = databases.empty()
    assert isinstance(store, PostgreSQLStore)
    engine = sa.create_engine(store.url, poolclass=sa.pool.NullPool)
    yield engine
    engine.dispose()
    databases.spoilt(store)


def everything(draft: journal.Draft) -> None:
    """A row of every table."""
    source = a_source(draft, "Pentagon")
    event = an_event(draft, latitude="35.31", longitude="40.32")
    document = a_document(draft, publisher_id=source, retrieved_at=NOON)
    count = a_count(draft, event_id=event)
    claim = a_claim(
        draft, source=source, on=count, low=101, said="2018-02-08", document_id=document
    )
    draft.insert("source_alias", {"source_id": source, "name": "DoD"})
    draft.insert("evidence", {"claim_id": claim, "on_document_id": document})
    an_acceptance(draft, claim_id=claim)
    a_receipt(draft)


def another_version(draft: journal.Draft) -> None:
    for name in schema.VERSIONED:
        draft.update(name, 1, {SPARE.get(name, "note"): "another"})


@pytest.fixture(scope="module")
def written(engine: sa.Engine) -> sa.Engine:
    """The same with a row of everything, in two entries: each row has an old version."""
    with engine.begin() as connection:
        draft = journal.Draft(connection, recorded_by="maria", recorded_at=NOON)
        everything(draft)
        draft.close()
    with engine.begin() as connection:
        draft = journal.Draft(connection, recorded_by="jan", recorded_at=NOON)
        another_version(draft)
        draft.close()
    return engine


def refused(engine: sa.Engine, statement: str, words: str) -> None:
    with pytest.raises(sa.exc.IntegrityError, match=words), engine.begin() as connection:
        connection.exec_driver_sql(statement)


def first(engine: sa.Engine, query: sa.Select[Any]) -> Any:
    with engine.connect() as connection:
        return connection.execute(query).one()


def test_the_ledger_is_at_the_newest_revision(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    assert found == schema.REVISION


def test_an_upgrade_that_is_rolled_back_leaves_nothing(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE SCHEMA another")
        connection.exec_driver_sql("SET LOCAL search_path TO another")
        migrate.run(connection)
        assert sa.inspect(connection).get_table_names("another")
        connection.rollback()
        assert not sa.inspect(connection).get_table_names("another")


def test_tables_are_those_that_are_declared(engine: sa.Engine) -> None:
    inspector = sa.inspect(engine)
    assert sorted(inspector.get_table_names()) == sorted(
        [*schema.metadata.tables, "alembic_version", *BESIDE]
    )
    for table in schema.metadata.sorted_tables:
        found = inspector.get_columns(table.name)
        assert [each["name"] for each in found] == table.c.keys()
        assert [each["nullable"] for each in found] == [each.nullable for each in table.c]
        for each, column in zip(found, table.c, strict=True):
            declared = column.type.compile(engine.dialect)
            assert each["type"].compile(engine.dialect) == declared, (table.name, column.name)
        checks = {check["name"] for check in inspector.get_check_constraints(table.name)}
        named = {each.name for each in table.constraints if isinstance(each, sa.CheckConstraint)}
        assert len(checks) == len(named), table.name
        keys = [key["constrained_columns"][0] for key in inspector.get_foreign_keys(table.name)]
        # What claims name is looked at once an entry, and that the entry is there: see below.
        links = [] if table is schema.claim else [key.parent.name for key in table.foreign_keys]
        assert sorted(keys) == sorted(links)


def test_reference_tables_hold_the_vocabularies_of_the_model(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        for table, words in ((schema.stance, model.STANCES), (schema.status, model.STATUSES)):
            rows = connection.execute(sa.select(table)).all()
            expected = {tuple(getattr(word, c.name) for c in table.c) for word in words}
            assert set(map(tuple, rows)) == expected


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_every_view_answers_with_the_documented_columns(written: sa.Engine, view: Any) -> None:
    with written.connect() as connection:
        result = connection.exec_driver_sql(f"SELECT * FROM {view.name}")
        assert list(result.keys()) == list(view.columns)
        rows = result.mappings().all()
    if view.name != "assessments":
        assert rows
    if view.name == "claims":
        assert (rows[0]["stated_on"], rows[0]["low"], rows[0]["side"]) == (
            "2018-02-08",
            101,
            "affirms",
        )


def test_an_update_moves_the_old_version_to_history(written: sa.Engine) -> None:
    now = first(written, sa.select(schema.claim))
    then = first(written, sa.select(schema.claim_history))
    assert (now.note, now.entry_id) == ("another", 2)
    assert (then.note, then.entry_id, then.until_entry_id) == (None, 1, 2)


def test_what_was_written_verifies_and_has_the_same_head_as_on_sqlite(
    written: sa.Engine, store: Any
) -> None:
    with written.connect() as connection:
        assert not list(chain.verify(connection))
        head = history.head(connection)
        # The session's time zone is nothing to the hash.
        connection.exec_driver_sql("SET TIME ZONE 'Asia/Damascus'")
        assert not list(chain.verify(connection))
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        everything(draft)
    with journal.entry(store, recorded_by="jan", recorded_at=NOON) as draft:
        another_version(draft)
    with store.reader() as connection:
        assert history.head(connection) == head


@pytest.mark.parametrize("table", TABLES)
def test_nothing_is_deleted_or_emptied(written: sa.Engine, table: str) -> None:
    refused(written, f"DELETE FROM {table}", "deleted")
    refused(written, f"TRUNCATE {table} CASCADE", "deleted")


@pytest.mark.parametrize("table", [name for name in TABLES if name not in schema.VERSIONED])
def test_history_and_entries_are_never_rewritten(written: sa.Engine, table: str) -> None:
    column = "message" if table == "entry" else "entry_id"
    refused(written, f"UPDATE {table} SET {column} = {column}", "rewritten")


@pytest.mark.parametrize("table", list(schema.VERSIONED))
@pytest.mark.parametrize("entry", [1, 2, 4, 99])
def test_a_row_belongs_to_the_entry_that_is_being_written(
    written: sa.Engine, table: str, entry: int
) -> None:
    columns = ", ".join(
        {"id": "99", "entry_id": str(entry), "name": "'x'", "slug": "'x'"}.get(name, name)
        for name in [column.name for column in schema.VERSIONED[table][0].c]
    )
    refused(written, f"INSERT INTO {table} SELECT {columns} FROM {table}", "being written")
    refused(written, f"UPDATE {table} SET entry_id = {entry}", "never rewritten")
    refused(written, f"UPDATE {table} SET id = 99, entry_id = 3", "never rewritten")


@pytest.mark.parametrize("table", list(schema.VERSIONED))
def test_history_is_written_by_updates_alone(written: sa.Engine, table: str) -> None:
    twin = schema.VERSIONED[table][1]
    names = [column.name for column in twin.c]
    columns = ", ".join({"entry_id": "0"}.get(name, name) for name in names)
    refused(written, f"INSERT INTO {twin.name} SELECT {columns} FROM {twin.name}", "updates alone")


def test_an_entry_follows_the_newest_one(written: sa.Engine) -> None:
    columns = "recorded_at, recorded_by, message, root, previous, reverse(hash)"
    for number in (3, 4):
        refused(
            written,
            f"INSERT INTO entry SELECT {number}, {columns} FROM entry WHERE id = 1",
            "follows",
        )


@pytest.mark.parametrize("table", ["stance", "status"])
def test_the_vocabularies_are_the_programs(written: sa.Engine, table: str) -> None:
    refused(written, f"UPDATE {table} SET meaning = 'x'", "vocabularies")
    refused(written, f"DELETE FROM {table}", "vocabularies")
    refused(written, f"TRUNCATE {table} CASCADE", "vocabularies|deleted")
    refused(written, f"INSERT INTO {table} SELECT * FROM {table}", "vocabularies")


def test_a_row_without_its_entry_is_refused_at_commit(written: sa.Engine) -> None:
    refused(
        written,
        "INSERT INTO source (id, name, entry_id, leaf) VALUES (99, 'TASS', 3, '\\x00')",
        "fk_source_entry_id",
    )


@pytest.mark.parametrize("column", sorted(LINKS))
@pytest.mark.parametrize("how", ["INSERT", "UPDATE"])
def test_an_entry_whose_claims_name_what_is_not_there_is_refused(
    written: sa.Engine, column: str, how: str
) -> None:
    lost = "'x'" if column in ("stance", "status") else "99"
    with written.connect() as connection, connection.begin() as transaction:
        draft = journal.Draft(connection, recorded_by="maria", recorded_at=NOON)
        a_claim(draft)
        if how == "INSERT":
            told = {"id": "9", "because": "'so'", column: lost}
            names = [each.name for each in schema.claim.c]
            values = ", ".join(told.get(name, name) for name in names)
            connection.exec_driver_sql(
                f"INSERT INTO claim ({', '.join(names)})"
                f" SELECT {values} FROM claim WHERE entry_id = {draft.id}"
            )
        else:
            changes = f"{column} = {lost}, because = 'so', entry_id = {draft.id}"
            connection.exec_driver_sql(f"UPDATE claim SET {changes} WHERE id = 1")
        with pytest.raises(InvalidError) as caught:
            draft.close()
        assert str(caught.value.problems[0]) == "id: a claim names a row that is not there"
        transaction.rollback()
