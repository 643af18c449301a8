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
from ledger.sqlite import canonical_rows, fillings, writes_json
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


def test_what_every_tenth_row_fills_is_learnt_and_what_all_others_do(store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        plain: dict[str, journal.Value] = {
            "proposition_id": a_fact(draft),
            "source_id": a_source(draft, "Wire"),
            "stance": "asserts",
        }
        odd = plain | {"note": "odd"}
        draft.insert_all("claim", [odd if n % 10 == 0 else plain for n in range(20_000)])
    if store.dialect == "sqlite":
        with store.reader() as connection:
            assert {"note" in sort for sort in fillings(connection, schema.claim)} == {True, False}


sorts_of_rows = st.lists(st.frozensets(st.sampled_from(["id", "note", "quote", "tally"])))


@given(
    rows=st.lists(st.tuples(texts, texts, st.none() | st.integers(0, 2**53 - 1)), max_size=5),
    sorts=sorts_of_rows | st.none(),
)
def test_the_json_that_sqlite_writes_is_canonical(
    rows: list[tuple[str | None, str | None, int | None]], sorts: list[frozenset[str]] | None
) -> None:
    """Whatever sorts of rows were thought to be there; and of those that are learnt."""
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        notes.create(connection)
        said = [
            {"id": number, "note": note, "quote": quote, "tally": tally}
            for number, (note, quote, tally) in enumerate(rows, 1)
        ]
        if said:
            connection.execute(sa.insert(notes), said)
        if sorts is None:
            sorts = fillings(connection, notes)
        read = [
            hashed
            for batch, _ in canonical_rows(connection, notes, "notes", sorts, since=0)
            for hashed in batch
        ]
    engine.dispose()
    assert read == [b"\0" + canonical_json({"table": "notes", **row}) for row in said]


def test_every_row_of_the_shipped_ledger_holds_by_the_json_that_sqlite_writes() -> None:
    shipped = open_store(Path(__file__).parents[1] / "ledger.db")
    with shipped.reader() as connection:
        for name, tables in schema.VERSIONED.items():
            for table in tables:
                sorts = fillings(connection, table)
                for hashed, leaves in canonical_rows(connection, table, name, sorts, since=0):
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
        *agreed, end = [0, *_agreeing(connection, "claim", schema.claim, 0)]
        told = sum(each for each in agreed if each is not None)
        assert (told, end) == ((len(rows), None) if writes_json(connection) else (0, 0))
        assert not list(verify(connection))
    with by_hand(store) as raw:
        raw.execute("UPDATE claim SET quote = NULL WHERE id = 4000")
    with store.reader() as connection:
        assert [fault.row for fault in verify(connection) if fault.row] == [4000]


#: A column of a server holds what is of its type.
ANY_TYPE = pytest.mark.sqlite("a column of a file takes a value of any type")


@pytest.fixture
def claimed(store: Store) -> Store:
    """Three claims in two documents."""
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        for document in (a_document(draft, "one"), a_document(draft, "two"), None):
            a_claim(draft, document_id=document)
    return store


def faults(store: Store) -> list[Fault]:
    with store.reader() as connection:
        return list(verification.faults(connection))


def test_what_names_only_what_is_there_has_no_fault(claimed: Store) -> None:
    assert faults(claimed) == []


@pytest.mark.parametrize(
    "altered",
    [
        "UPDATE claim SET document_id = 3 WHERE id = 1",
        "UPDATE claim SET document_id = 0 WHERE id = 1",
        "UPDATE claim SET document_id = -1 WHERE id = 1",
        pytest.param("UPDATE claim SET document_id = 1.5 WHERE id = 1", marks=ANY_TYPE),
        pytest.param("UPDATE claim SET document_id = 'one' WHERE id = 1", marks=ANY_TYPE),
        "UPDATE claim SET source_id = 9223372036854775807 WHERE id < 3",  # their sum is past all
        "UPDATE claim SET stance = 'shrugs' WHERE id = 1",
        "DELETE FROM document WHERE id = 1",
        "DELETE FROM document",
    ],
)
def test_a_row_that_names_what_is_not_there_is_named(claimed: Store, altered: str) -> None:
    with by_hand(claimed) as raw:
        assert raw.execute(altered).rowcount
    with claimed.reader() as connection:
        expected = [Fault(None, *fault) for fault in foreign_key_faults(connection)]
    assert expected
    assert [fault for fault in faults(claimed) if fault in expected] == expected
