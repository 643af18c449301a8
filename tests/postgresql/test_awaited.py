"""No claim is kept without its entry on a server, whoever writes it; all of one's wait as one."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from ledger import history, journal, migrate, schema, verification
from ledger.store.postgresql import PostgreSQLStore
from tests import tampering
from tests.build import NOON, a_claim
from tests.places import again
from tests.postgresql.test_opening import a_name
from tests.sql.desks import Desk, a_desk

NEXT = "(SELECT max(id) + 1 FROM public.entry)"
COLUMNS = [name for name in map(str, schema.claim.c.keys()) if name not in ("id", "entry_id")]

#: One more claim, of the entry that is to come; one more version of one.
ADDED = (
    f"INSERT INTO public.claim (id, entry_id, {', '.join(COLUMNS)})"
    f" SELECT (SELECT max(id) + 1 FROM public.claim), {NEXT}, {', '.join(COLUMNS)}"
    " FROM public.claim WHERE id = 1"
)
CHANGED = f"UPDATE public.claim SET note = 'another', entry_id = {NEXT} WHERE id = 1"

ENTERED = (
    "INSERT INTO entry SELECT id + 1, recorded_at, 'omar', message, root, hash, reverse(hash)"
    " FROM entry ORDER BY id DESC LIMIT 1"
)

#: By what a claim is to be slipped in without one.
ROUNDABOUT = {
    "": [],
    "a part of it is taken back": ["SAVEPOINT a", ADDED, "ROLLBACK TO a"],
    "temporary tables stand before the ledger's": [
        "CREATE TEMP TABLE entry AS SELECT * FROM public.entry",
        "CREATE TEMP TABLE awaited_entry (entry_id bigint PRIMARY KEY)",
        "CREATE TEMP TABLE claim_history (LIKE public.claim_history)",
    ],
}


@pytest.fixture(scope="module")
def shared(server: sa.URL) -> Iterator[Desk]:
    with a_desk(server, "awaited") as made:
        yield made


def together(connection: psycopg.Connection[Any], statements: list[str]) -> None:
    """Carry out statements in one transaction."""
    with connection.transaction():
        for statement in statements:
            connection.execute(statement.encode())


@pytest.mark.parametrize("role", ["analyst", "owner"])
@pytest.mark.parametrize("written", [ADDED, CHANGED], ids=["added", "changed"])
@pytest.mark.parametrize("before", ROUNDABOUT.values(), ids=ROUNDABOUT)
def test_a_claim_whose_entry_never_comes_is_not_kept(
    shared: Desk, role: str, written: str, before: list[str]
) -> None:
    content = shared.content()
    with shared.connection(role) as connection:
        # A new version is held by what its old one names, too, where that is in its place.
        for statements in ([*before, written], [written, "SET CONSTRAINTS ALL IMMEDIATE"]):
            with pytest.raises(psycopg.errors.ForeignKeyViolation, match="_entry_id"):
                together(connection, statements)
    assert shared.content() == content


def test_what_writes_no_claim_waits_for_no_entry(shared: Desk) -> None:
    with shared.connection("analyst") as connection:
        connection.execute(f"{ADDED} AND false".encode())
        connection.execute(f"{CHANGED} AND false".encode())


def test_an_entry_is_waited_for_once_however_many_claims_it_wrote(server: sa.URL) -> None:
    with a_desk(server, "waits") as desk:
        with desk.connection("analyst") as connection:
            together(connection, [ADDED, ADDED, CHANGED, ENTERED])
        with journal.entry(desk.stores["analyst"], recorded_by="ann", recorded_at=NOON) as draft:
            draft.insert_all("claim", (dict(_CLAIM) for _ in range(300)))
            journal.assess(draft, 1, "doubtful", "said so by hand")
        counted = "SELECT entry_id FROM awaited_entry ORDER BY 1"
        assert desk.admin.execute(counted).fetchall() == [(1,), (2,), (3,), (4,)]


_CLAIM: journal.Values = {"proposition_id": 1, "source_id": 1, "stance": "denies"}


def test_nobody_but_the_guard_notes_an_entry(shared: Desk) -> None:
    forged = "INSERT INTO awaited_entry VALUES (1) ON CONFLICT DO NOTHING"
    with shared.connection("analyst") as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(forged)
        # Nor is the guard, which acts for the owner, at anybody's service.
        connection.execute("CREATE TEMP TABLE mine (entry_id bigint)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(
                "CREATE TRIGGER mine AFTER INSERT ON mine REFERENCING NEW TABLE AS added"
                " FOR EACH STATEMENT EXECUTE FUNCTION ledger_awaited()"
            )
    with shared.connection("owner") as connection:
        for statement in (
            "DELETE FROM awaited_entry",
            "UPDATE awaited_entry SET entry_id = 9",
            "TRUNCATE awaited_entry",
            f"INSERT INTO awaited_entry SELECT {NEXT}",
        ):
            with pytest.raises(psycopg.errors.IntegrityError):
                connection.execute(statement.encode())


def test_an_entry_that_is_taken_for_written_is_told(desk: PostgreSQLStore) -> None:
    for said in ("2018-02-08", "2018-02-09"):
        with journal.entry(desk, recorded_by="maria", recorded_at=NOON) as draft:
            a_claim(draft, said=said)
    with tampering.by_hand(desk) as raw:
        tampering.cut_the_tail(raw, keep=1)
    with desk.look() as connection:
        told = {str(fault) for fault in verification.faults(connection)}
    assert "awaited_entry 2, it names an entry that is not there" in told


def test_a_ledger_whose_claims_each_waited_is_upgraded(server: sa.URL) -> None:
    with a_name(server) as name:
        store = PostgreSQLStore(server.set(database=name))
        migrate.create(store, to="0007")
        with store.migration() as connection:
            draft = journal.Draft(connection, recorded_by="maria", recorded_at=NOON)
            a_claim(draft)
            draft.close()
            before = history.head(connection)
        migrate.upgrade(store)
        with again(store).reader() as connection:
            assert history.head(connection) == before
            assert not list(verification.faults(connection))
        with journal.entry(store, recorded_by="jan", recorded_at=NOON) as draft:
            a_claim(draft, said="2018-02-08")
            journal.assess(draft, 1, "doubtful", "said so by hand")
        with store.reader() as connection:
            assert not list(verification.faults(connection))
        store.close()
