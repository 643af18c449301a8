"""Indexes that wait until very many rows are in: nobody is kept waiting, and all come back."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from ledger import bulk, journal, pgindexes, schema
from ledger.errors import BusyError
from ledger.store import Store
from ledger.store.postgresql import PostgreSQLStore
from ledger.verification import faults
from tests.build import NOON
from tests.places import again, reopened

KEPT = {
    f"ix_claim_{name}"
    for name in (
        "answers_id", "document_id", "entry_id", "position", "repeats_id", "source_id_status",
        "via_id",
    )
}  # fmt: skip


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "_FEW_SENT", 1)


def loaded(store: Store, *, fails: bool = False) -> set[str]:
    """Write many claims of an entry; the indexes that the server kept up meanwhile."""
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        if draft.id == 1:
            draft.insert("proposition", {"slug": "they-came", "text": "They came.", "kind": "fact"})
            draft.insert("source", {"name": "Ministry"})
        first = draft.next_id("claim")
        values: dict[str, Any] = {
            "proposition_id": 1, "source_id": 1, "stance": "denies", "basis": "unknown",
            "attribution": "named", "status": "unreviewed", "entry_id": draft.id,
        }  # fmt: skip
        columns = {column.name: [values.get(column.name)] * 50 for column in schema.claim.c}
        with draft.load("claim", 50) as write:
            write(bulk.ready("claim", {**columns, "id": [*range(first, first + 50)]}))
            kept = indexes(draft.connection)
            if fails:
                raise RuntimeError("the file ends here")
    return kept


def indexes(connection: sa.Connection) -> set[str]:
    return {name for name, _ in pgindexes.of(connection, ["claim"])}


def made(store: Store) -> list[str]:
    with store.reader() as connection:
        tables = [*schema.VERSIONED, "claim_text", "claim_part", "name_text"]
        return sorted(definition for _, definition in pgindexes.of(connection, tables))


def test_an_empty_ledger_is_filled_without_indexes_which_are_made_after(
    desk: PostgreSQLStore,
) -> None:
    before = made(desk)
    assert loaded(desk) == set()
    assert made(desk) == before
    with desk.reader() as connection:
        assert indexes(connection) == KEPT
        assert not list(faults(connection))
    # Now claims are there that others may want to read.
    assert loaded(desk) == KEPT
    assert made(desk) == before


def test_what_fails_leaves_them_as_they_were(desk: PostgreSQLStore) -> None:
    before = made(desk)
    with pytest.raises(RuntimeError, match="ends here"):
        loaded(desk, fails=True)
    assert made(desk) == before


def test_who_reads_the_claims_is_not_waited_for_nor_kept_waiting(desk: PostgreSQLStore) -> None:
    with again(desk).reader() as connection:
        assert connection.execute(sa.select(schema.claim.c.id)).all() == []
        assert loaded(desk) == KEPT
        assert connection.execute(sa.select(schema.claim.c.id)).all() == []


def test_one_that_says_more_than_its_definition_stays(desk: PostgreSQLStore) -> None:
    with desk.migration() as connection:
        connection.exec_driver_sql("COMMENT ON INDEX ix_claim_document_id IS 'the desk asked'")
    assert loaded(desk) == set()
    with desk.reader() as connection:
        told = connection.exec_driver_sql(
            "SELECT obj_description('ix_claim_document_id'::regclass, 'pg_class')"
        )
        assert told.scalar() == "the desk asked"


def test_only_who_owns_a_table_can_do_without_and_never_where_links_wait(
    desk: PostgreSQLStore,
) -> None:
    with desk.migration() as connection:
        assert pgindexes.can_be_laid_aside(connection, "claim")
        assert bulk.is_quick(connection, "claim")
        assert not pgindexes.can_be_laid_aside(connection, "document")
        connection.exec_driver_sql("SET LOCAL ROLE pg_read_all_data")
        assert not pgindexes.can_be_laid_aside(connection, "claim")
        assert not bulk.is_quick(connection, "claim")
        # A member of the owner's role may drop an index, but make one only if the schema lets him.
        connection.exec_driver_sql("SET LOCAL ROLE NONE")
        connection.exec_driver_sql("CREATE ROLE laid_aside_owner")
        connection.exec_driver_sql("GRANT SELECT ON claim TO laid_aside_owner")
        connection.exec_driver_sql("ALTER TABLE claim OWNER TO laid_aside_owner")
        connection.exec_driver_sql("SET LOCAL ROLE laid_aside_owner")
        assert not pgindexes.can_be_laid_aside(connection, "claim")
        within = connection.get_transaction()
        assert within is not None
        within.rollback()


def _read(store: Store) -> list[str]:
    with store.reader() as connection:
        return [str(fault) for fault in faults(connection)]


def _look(store: Store) -> list[str]:
    with store.look() as connection:
        return [str(fault) for fault in faults(connection)]


def _write(store: Store) -> list[str]:
    with journal.entry(store, recorded_by="jan", recorded_at=NOON) as draft:
        draft.insert("source", {"name": "Another"})
    return []


@pytest.mark.parametrize("begun", [_read, _look, _write])
def test_what_is_begun_meanwhile_waits_and_finds_the_ledger_sound(
    desk: PostgreSQLStore, begun: Callable[[Store], list[str]]
) -> None:
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'claim'::regclass"
    with ThreadPoolExecutor(1) as beside:
        with desk.migration() as connection, pgindexes.laid_aside(connection, "claim"):
            found = beside.submit(begun, again(desk))
            while not connection.exec_driver_sql(waiting).scalar():
                assert not found.done()
        assert found.result(timeout=60) == []


def test_who_would_wait_too_long_is_told_that_it_is_busy(desk: PostgreSQLStore) -> None:
    with desk.migration() as connection, pgindexes.laid_aside(connection, "claim"):
        for begun in (_read, _write):
            with pytest.raises(BusyError):
                begun(reopened(desk, busy_seconds=0.1))
