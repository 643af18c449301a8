"""A server that is restarted while analysts work: told in words, nothing half, and on they go."""

import io
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from ledger import journal, migrate, schema, verification
from ledger.errors import StoreError
from ledger.exchange.importing import Imported, import_stream
from ledger.exchange.taking import Progress, quiet
from ledger.store import Store
from ledger.store.postgresql import PostgreSQLStore
from tests.build import NOON, a_claim
from tests.postgresql.servers import NoServerError, Own, its_own

#: Several batches of claims, so that some are written when the server stops.
ROWS = 3_000


@pytest.fixture(scope="module")
def own(server: sa.URL) -> Iterator[Own]:
    """A server to be stopped, on which what was acknowledged is kept."""
    try:
        with its_own("synchronous_commit=on") as made:
            yield made
    except NoServerError as error:
        pytest.skip(f"no server can be started here: {error}")


def added(store: Store, note: str) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        a_claim(draft, note=note)


def imported(store: Store, name: str, progress: Progress = quiet) -> Imported:
    rows = [f"they-came,Ministry,denies,{name} {number}" for number in range(ROWS)]
    data = "\n".join(["proposition,source,stance,note", *rows]).encode()
    return import_stream(
        store, io.BytesIO(data), name, recorded_by="jan", recorded_at=NOON, progress=progress
    )


def notes(store: Store) -> list[str]:
    with store.reader() as connection:
        assert not list(verification.faults(connection))
        found = connection.execute(sa.select(schema.claim.c.note).order_by(schema.claim.c.id))
        return [str(note) for note in found.scalars()]


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_server_that_is_restarted_while_analysts_work(own: Own, mode: str) -> None:
    address = own.url.set(database=f"restarted_{mode}")
    maria, jan = PostgreSQLStore(address), PostgreSQLStore(address)
    migrate.create(maria)
    added(maria, "before")

    def restart(what: str, done: int, of: int) -> None:
        if what != "written" or done == of:
            return
        own.stop(mode)
        with pytest.raises(StoreError, match="cannot be reached") as away:
            added(maria, "while it is away")
        assert "the server runs" in away.value.hint
        own.start()

    with pytest.raises(StoreError, match=r"the connection to the server of .* broke off") as broken:
        imported(jan, "first", restart)
    assert broken.value.hint == "nothing was recorded; when the server answers again, do it again"
    added(maria, "after")
    assert notes(maria) == ["before", "after"]
    assert imported(jan, "second").added["claim"] == ROWS
    assert notes(jan) == ["before", "after", *(f"second {number}" for number in range(ROWS))]
    maria.close()
    jan.close()
