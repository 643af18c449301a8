"""What an analyst typed, and the row that was meant."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from ledger import journal, lookup, schema
from ledger.errors import AmbiguousError, LookalikeError, NotFoundError
from ledger.lookup import Found
from ledger.store import Store
from tests.build import NOON, a_claim, a_count, a_document, a_fact, a_source, an_event
from tests.places import Places


@pytest.fixture(scope="module")
def store(places: Places) -> Iterator[Store]:
    """A ledger with a few of everything, which no test changes."""
    store = places.empty()
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        for name in ("Pentagon", "Russian defence ministry", "Syrian defence ministry", "TASS"):
            a_source(draft, name)
        draft.insert("source_alias", {"source_id": 1, "name": "Department of Defense"})
        a_source(draft, "Tass agency")
        an_event(draft, "clash-near-khasham", title="The clash of 7 February")
        a_document(draft, "article", title="What happened", url="https://example.org/a?b=1")
        a_fact(draft, "russia-led", text="Russia controlled the attacking force")
        a_count(draft, "killed", text="Pro-government fighters were killed")
        a_count(draft, "killed-russians", text="Russians were killed")
        a_claim(draft, source=1, on="russia-led")
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        journal.merge_sources(draft, 5, 4)
    yield store
    places.done(store)


@pytest.fixture(scope="module")
def connection(store: Store) -> Iterator[sa.Connection]:
    with store.reader() as opened:
        yield opened


@pytest.mark.parametrize(
    "typed",
    [
        "Pentagon",
        "pentagon",
        " PENTAGON ",
        "Department of Defense",
        "department",
        "1",
        "#1",
        "Penta",
    ],
)
def test_a_source_is_found_by_name_alias_number_or_part(
    connection: sa.Connection, typed: str
) -> None:
    assert lookup.source(connection, typed) == Found(1, "Pentagon")


@pytest.mark.parametrize("typed", ["TASS", "Tass agency", "tass", "5", "#5", "4"])
def test_a_merged_source_is_the_one_that_is_left(connection: sa.Connection, typed: str) -> None:
    assert lookup.source(connection, typed) == Found(4, "TASS")


def test_a_part_that_fits_two_names_both(connection: sa.Connection) -> None:
    with pytest.raises(AmbiguousError) as caught:
        lookup.source(connection, "defence ministry")
    assert caught.value.close == ("Russian defence ministry", "Syrian defence ministry")


def test_a_name_is_not_taken_for_a_part_where_that_is_not_wanted(connection: sa.Connection) -> None:
    with pytest.raises(NotFoundError):
        lookup.source(connection, "Penta", part=False)


@pytest.mark.parametrize(
    ("typed", "close"), [("Pentagn", ("Pentagon",)), ("The Pentagon", ("Pentagon",)), ("zzz", ())]
)
def test_a_source_that_is_not_there_is_told_what_is_close(
    connection: sa.Connection, typed: str, close: tuple[str, ...]
) -> None:
    with pytest.raises(NotFoundError) as caught:
        lookup.source(connection, typed)
    assert caught.value.close == close
    assert ("did you mean" in caught.value.hint) == bool(close)


@pytest.mark.parametrize("name", ["The Pentagon", "Реntаgоn", "department of defence", "pentagon"])
def test_a_new_source_that_looks_like_one_that_is_there_is_asked_about(
    connection: sa.Connection, name: str
) -> None:
    with pytest.raises(LookalikeError) as caught:
        lookup.new_source(connection, name)
    assert caught.value.close
    assert "--new" in caught.value.hint


def test_a_new_source_that_is_new_passes(connection: sa.Connection) -> None:
    lookup.new_source(connection, "Jim Mattis")


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("killed", 2),  # a whole slug, though part of another
        ("russia-led", 1),
        ("controlled the attacking", 1),
        ("Pro-Government", 2),
        ("3", 3),
        ("#3", 3),
        ("Russians were killed", 3),
    ],
)
def test_a_proposition_is_found_by_slug_number_or_part(
    connection: sa.Connection, typed: str, number: int
) -> None:
    assert lookup.proposition(connection, typed).id == number


def test_a_part_of_two_propositions_is_ambiguous(connection: sa.Connection) -> None:
    with pytest.raises(AmbiguousError, match="fits 2 propositions"):
        lookup.proposition(connection, "were killed")


def test_events_and_documents_are_found_alike(connection: sa.Connection) -> None:
    assert lookup.event(connection, "7 february") == Found(1, "clash-near-khasham")
    assert lookup.document(connection, "https://example.org/a?b=1") == Found(1, "article")
    assert lookup.document(connection, "what happened") == Found(1, "article")


@pytest.mark.parametrize("typed", ["1", "#1"])
def test_a_claim_is_found_by_its_number(connection: sa.Connection, typed: str) -> None:
    assert lookup.claim(connection, typed) == 1


@pytest.mark.parametrize(
    "typed", ["", "2", "#2", "0", "-1", "one", "1.0", "9" * 30, "##1", "\x1b[31m", "' OR 1=1"]
)
def test_what_is_no_claim_is_refused(connection: sa.Connection, typed: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        lookup.claim(connection, typed)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("find", lookup.FINDERS.values())
@pytest.mark.parametrize("typed", ["", "  ", "9" * 30, "%", "_", "' OR 1=1 --", "\x1b[31m", "٣"])
def test_nothing_that_is_typed_breaks_a_search(
    connection: sa.Connection, find: Callable[[sa.Connection, str], Found], typed: str
) -> None:
    with pytest.raises(NotFoundError) as caught:
        find(connection, typed)
    assert str(caught.value).isprintable()


def test_an_empty_ledger_says_what_to_do() -> None:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        schema.metadata.create_all(connection)
        with pytest.raises(NotFoundError) as caught:
            lookup.source(connection, "Pentagon")
    assert "source list" in caught.value.hint


def test_slugs_that_are_taken(connection: sa.Connection) -> None:
    assert lookup.taken_slugs(connection, "proposition") == {
        "russia-led",
        "killed",
        "killed-russians",
    }


def test_suggestions_name_everything_that_can_be_typed(connection: sa.Connection) -> None:
    assert lookup.suggestions(connection, "source") == [
        ("Department of Defense", "= Pentagon"),
        ("Pentagon", ""),
        ("Russian defence ministry", ""),
        ("Syrian defence ministry", ""),
        ("TASS", ""),
        ("Tass agency", "= TASS"),
    ]
    assert lookup.suggestions(connection, "claim") == [("1", "Pentagon asserts russia-led")]
    assert lookup.suggestions(connection, "event") == [
        ("clash-near-khasham", "The clash of 7 February")
    ]
