"""A finding is accepted as it reads, until it reads otherwise or is opened again."""

import pytest
import sqlalchemy as sa

from ledger import chain, journal, schema
from ledger.checks import CHECKS, findings
from ledger.checks.acceptance import State, Weighed, accept, take_back, weighed
from ledger.checks.case import Case
from ledger.errors import InvalidError
from ledger.exchange.importing import import_path
from ledger.exchange.packing import export_folder
from ledger.store import Store
from tests.build import a_claim
from tests.checks.ledgers import TODAY, entry
from tests.exchange.conftest import Fresh

CHECK = "confirmed-with-one-origin"
CONFIRMED = {"status": "confirmed", "because": "the footage of that night shows it"}


@pytest.fixture
def book(store: Store) -> Store:
    """One confirmed claim of one origin, and that is accepted."""
    with entry(store) as draft:
        a_claim(draft, source="TASS", **CONFIRMED)
    let_stand(store, "the footage is beyond doubt")
    return store


def let_stand(store: Store, because: str) -> bool:
    with entry(store) as draft:
        (finding,) = findings(Case(draft.connection, TODAY), [CHECK])
        return accept(draft, finding, because)


def states(store: Store, as_of: int | None = None) -> list[State]:
    return [row.state for row in rows(store, as_of)]


def rows(store: Store, as_of: int | None = None) -> list[Weighed]:
    with store.reader(as_of=as_of) as connection:
        return list(weighed(connection, findings(Case(connection, TODAY), [CHECK])))


def test_an_accepted_finding_is_kept_with_who_and_why(book: Store) -> None:
    (row,) = rows(book)
    assert row.state is State.ACCEPTED
    assert row.acceptance is not None
    told = (row.acceptance.because, row.acceptance.accepted_by, row.acceptance.finding)
    assert told == (
        "the footage is beyond doubt",
        "maria",
        "TASS asserts they-came, confirmed: one origin supports it, and nobody concedes it",
    )


def test_it_stands_while_the_row_says_the_same(book: Store) -> None:
    with entry(book) as draft:
        journal.correct(draft, 1, {"note": "seen again", "quote": "They came."})
    assert states(book) == [State.ACCEPTED]
    with entry(book) as draft:
        draft.update("source", 1, {"reliability": "B"})
    assert states(book) == [State.ACCEPTED]


@pytest.mark.parametrize("changes", [{"stance": "denies"}, {"source_id": 2}, {"proposition_id": 2}])
def test_it_is_open_again_when_the_row_says_something_else(
    book: Store, changes: dict[str, str | int]
) -> None:
    with entry(book) as draft:
        a_claim(draft, source="Gazette", on="they-left", stance="no-comment")
        draft.update("claim", 1, changes)
    assert states(book) == [State.CHANGED]
    with entry(book) as draft:
        draft.update("claim", 1, {"stance": "asserts", "source_id": 1, "proposition_id": 1})
    assert states(book) == [State.ACCEPTED]  # it says again what was accepted


def test_accepting_it_again_is_a_new_version(book: Store) -> None:
    with entry(book) as draft:
        draft.update("claim", 1, {"stance": "denies"})
    assert let_stand(book, "the footage shows the contrary") is True
    assert let_stand(book, "the footage shows the contrary") is False
    assert states(book) == [State.ACCEPTED]
    with book.reader() as connection:
        kept = connection.execute(sa.select(schema.acceptance.c.because)).scalars().all()
        old = connection.execute(sa.select(schema.acceptance_history.c.because)).scalars().all()
        assert not list(chain.verify(connection))
    assert kept == ["the footage shows the contrary"]
    assert old == ["the footage is beyond doubt"]


def test_it_is_taken_back_without_being_deleted(book: Store) -> None:
    with entry(book) as draft:
        assert take_back(draft, CHECKS[CHECK], "claim", 1, "the footage is of another year")
        assert not take_back(draft, CHECKS["orphan"], "claim", 1, "the same")
    assert states(book) == [State.OPEN]
    assert states(book, as_of=2) == [State.ACCEPTED]
    assert states(book, as_of=1) == [State.OPEN]
    with book.reader() as connection:
        row = connection.execute(sa.select(sa.table("acceptances", sa.column("taken_back")))).one()
    assert row.taken_back == "the footage is of another year"
    assert let_stand(book, "it is of this year after all")
    assert states(book) == [State.ACCEPTED]


def test_taking_back_needs_a_reason(book: Store) -> None:
    with pytest.raises(InvalidError), entry(book) as draft:
        take_back(draft, CHECKS[CHECK], "claim", 1, " ")


def test_an_acceptance_goes_out_and_comes_back_in_a_folder(
    book: Store, fresh: Fresh, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, other = tmp_path_factory.mktemp("out"), fresh()
    with book.reader() as connection:
        export_folder(connection, folder)
    import_path(other, folder, recorded_by="omar")
    assert states(other) == [State.ACCEPTED]
    assert import_path(other, folder, recorded_by="omar").entries == ()
    with entry(other) as draft:
        take_back(draft, CHECKS[CHECK], "claim", 1, "seen anew")
    again = import_path(other, folder, recorded_by="omar")
    assert again.entries == ()
    assert "accepted otherwise in the ledger; not changed" in again.notes[0]


def test_what_no_row_or_two_rows_are_named_by_is_no_acceptance(store: Store) -> None:
    with entry(store) as draft:
        claim = a_claim(draft)
        sound = {"check_name": CHECK, "finding": "f", "because": "b"}
        for subjects in ({}, {"claim_id": claim, "source_id": 1}):
            with pytest.raises(InvalidError, match="cannot be recorded"):
                draft.insert("acceptance", {**sound, **subjects})
        with pytest.raises(InvalidError, match="cannot be recorded"):
            draft.insert("acceptance", {**sound, "claim_id": 1, "check_name": "No such"})
