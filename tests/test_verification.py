"""What `verify` sees at a glance is what it would see row by row."""

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from ledger import journal, schema, verification
from ledger.canonical import canonical_json, json_leaves
from ledger.chain import _agreeing, verify
from ledger.history import Fault
from ledger.sqlite import canonical_rows, filling
from ledger.store import Store, foreign_key_faults, open_store
from tests.build import NOON, a_claim, a_document, a_fact, a_source
from tests.tampering import by_hand

notes = sa.Table(
    "notes",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("note", sa.Text),
    sa.Column("quote", sa.Text),
    sa.Column("tally", sa.Integer),
    sa.Column("leaf", sa.LargeBinary),
)
#: Text that no ledger refuses, with what could be taken for a NULL in JSON in it.
texts = (
    st.none()
    | st.text(st.characters(codec="utf-8", exclude_characters="\0"))
    | st.sampled_from(
        ['","note":null', ',"quote":null,', '"note":null,', "\\", '\\"', "\x7f\u2028"]
    )
)


@given(rows=st.lists(st.tuples(texts, texts, st.none() | st.integers(0, 2**53 - 1)), max_size=5))
def test_the_json_that_sqlite_writes_is_canonical(
    rows: list[tuple[str | None, str | None, int | None]],
) -> None:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        notes.create(connection)
        said = [
            {"id": number, "note": note, "quote": quote, "tally": tally}
            for number, (note, quote, tally) in enumerate(rows, 1)
        ]
        if said:
            connection.execute(sa.insert(notes), said)
        filled = filling(connection, notes, 10, since=0, skipped=0)
        read = [
            hashed
            for batch, _ in canonical_rows(connection, notes, "notes", filled, since=0)
            for hashed in batch
        ]
    engine.dispose()
    assert read == [b"\0" + canonical_json({"table": "notes", **row}) for row in said]


def test_every_row_of_the_shipped_ledger_holds_by_the_json_that_sqlite_writes() -> None:
    shipped = open_store(Path(__file__).parents[1] / "ledger.db")
    with shipped.reader() as connection:
        for name, tables in schema.VERSIONED.items():
            for table in tables:
                filled = filling(connection, table, 1_000, since=0, skipped=0)
                for hashed, leaves in canonical_rows(connection, table, name, filled, since=0):
                    assert json_leaves(hashed) == [*leaves]


def test_what_rows_fill_is_learnt_as_they_come(store: Store) -> None:
    """Columns that only later rows fill, or leave empty, are no alteration."""
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        fact = a_fact(draft)
        source = a_source(draft, "Wire")
        plain: dict[str, journal.Value] = {
            "proposition_id": fact,
            "source_id": source,
            "stance": "asserts",
        }
        said = plain | {"quote": "said", "stated_on": date(2018, 2, 8), "stated_precision": "day"}
        rows = [plain] * 2_500 + [said] * 2_500 + [plain | {"note": "odd"}] + [plain] * 10
        draft.insert_all("claim", rows)
    with store.reader() as connection:
        agreed = list(_agreeing(connection, "claim", schema.claim, 0))
        assert sum(agreed) == len(rows)
        assert not list(verify(connection))
    with by_hand(store.path) as raw:
        raw.execute("UPDATE claim SET quote = NULL WHERE id = 4000")
    with store.reader() as connection:
        assert [fault.row for fault in verify(connection) if fault.row] == [4000]


@pytest.fixture
def claimed(store: Store) -> Path:
    """Three claims in two documents."""
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        for document in (a_document(draft, "one"), a_document(draft, "two"), None):
            a_claim(draft, document_id=document)
    return store.path


def faults(path: Path) -> list[Fault]:
    with open_store(path).reader() as connection:
        return list(verification.faults(connection))


def test_what_names_only_what_is_there_has_no_fault(claimed: Path) -> None:
    assert faults(claimed) == []


@pytest.mark.parametrize(
    "altered",
    [
        "UPDATE claim SET document_id = 3 WHERE id = 1",
        "UPDATE claim SET document_id = 0 WHERE id = 1",
        "UPDATE claim SET document_id = -1 WHERE id = 1",
        "UPDATE claim SET document_id = 1.5 WHERE id = 1",
        "UPDATE claim SET document_id = 'one' WHERE id = 1",
        "UPDATE claim SET source_id = 9223372036854775807 WHERE id < 3",  # their sum is past all
        "UPDATE claim SET stance = 'shrugs' WHERE id = 1",
        "DELETE FROM document WHERE id = 1",
        "DELETE FROM document",
    ],
)
def test_a_row_that_names_what_is_not_there_is_named(claimed: Path, altered: str) -> None:
    with by_hand(claimed) as raw:
        assert raw.execute(altered).rowcount
    with open_store(claimed).reader() as connection:
        expected = [Fault(None, *fault) for fault in foreign_key_faults(connection)]
    assert expected
    assert [fault for fault in faults(claimed) if fault in expected] == expected
