"""An export of which another process does the reading: the same bytes."""

import io

import pytest
import sqlalchemy as sa

from ledger import journal, schema
from ledger.exchange import recital
from ledger.exchange.exporting import export_claims
from ledger.store import Store
from tests.build import NOON, a_claim, a_count, a_document, a_source
from tests.exchange.conftest import wide


@pytest.fixture
def told(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A ledger of few claims, in two entries, of which another process reads even those."""
    for day in (1, 2):
        with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
            source, on = a_source(draft, f"Source {day}"), a_count(draft, slug=f"dead-{day}")
            where = a_document(draft, slug=f"report-{day}", publisher_id=source)
            for low in range(3):
                a_claim(draft, source=source, on=on, low=low, document_id=where)
    monkeypatch.setattr(recital, "_MANY", 1)
    # Where no other process can be had, the other reader is in this one.
    monkeypatch.setattr(recital, "is_worth_it", lambda: True)
    return store


def beside(store: Store, as_of: int | None = None) -> str:
    stream = io.StringIO(newline="")
    with recital.beside(store, as_of) as (connection, other):
        assert other is not None
        done = export_claims(connection, stream, beside=other)
    assert done.rows["claims"] == 3 * (as_of or 2)
    return stream.getvalue()


def test_the_same_is_written_as_by_one_process(told: Store) -> None:
    assert beside(told) == wide(told)


def test_as_of_an_entry_both_processes_read_as_of_it(told: Store) -> None:
    stream = io.StringIO(newline="")
    with told.reader(as_of=1) as connection:
        export_claims(connection, stream)
    assert beside(told, as_of=1) == stream.getvalue() != wide(told)


def test_the_notes_on_what_is_left_out_are_the_same(told: Store) -> None:
    with journal.entry(told, recorded_by="jan", recorded_at=NOON) as draft:
        draft.update("claim", 1, {"status": "contested", "because": "two accounts"})
    with journal.entry(told, recorded_by="jan", recorded_at=NOON) as draft:
        draft.update("claim", 1, {"status": "refuted", "because": "a third"})
    with recital.beside(told, None) as (connection, other):
        notes = export_claims(connection, io.StringIO(newline=""), beside=other).notes
    assert notes == ("left out: 1 earlier assessment; export a folder to keep them",)


def test_a_recital_of_another_head_is_not_taken(
    told: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recital, "_recited", lambda *_: iter(["0" * 64]))
    with recital.beside(told, None) as (connection, other):
        assert other is None
        assert connection.execute(sa.select(sa.func.count(schema.claim.c.id))).scalar_one() == 6
