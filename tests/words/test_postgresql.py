"""On a server the same is found as in a file: whatever is asked, whatever was recorded."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from ledger import fulltext, journal, migrate, views
from ledger.errors import StoreError
from ledger.folding import searchable
from ledger.journal import Draft
from ledger.search import Search
from ledger.searchwords import Node, Term, read
from ledger.store import Store, open_store
from ledger.store.narrowing import narrowing
from ledger.words.tsvector import LONGEST
from tests.build import NOON, a_claim, a_document, a_fact, a_source
from tests.conftest import COSTLY
from tests.test_search import NODES, PHRASES, WORDS


@pytest.fixture(scope="module")
def pair(template: Path, tmp_path_factory: pytest.TempPathFactory, server: sa.URL) -> list[Store]:
    """Two empty ledgers: in a file, and on a server. Whatever is written is to be taken back."""
    file = shutil.copy(template, tmp_path_factory.mktemp("words") / "ledger.db")
    name = f"words_{os.getpid()}"
    there = open_store(server.set(database=name).render_as_string(hide_password=False))
    migrate.create(there)
    return [open_store(file), there]


class _SeenError(Exception):
    """All was seen that was to be seen."""


@contextmanager
def tried(store: Store) -> Iterator[sa.Connection]:
    """A writer that leaves nothing."""
    with suppress(_SeenError), store.writer() as connection:
        yield connection
        raise _SeenError


@contextmanager
def entry(connection: sa.Connection) -> Iterator[Draft]:
    draft = Draft(connection, recorded_by="maria", recorded_at=NOON)
    yield draft
    draft.close()


@contextmanager
def as_it_stood(connection: sa.Connection, number: int) -> Iterator[None]:
    point = connection.begin_nested()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL search_path = pg_temp, public")
    for statement in narrowing(number, connection.dialect.name):
        connection.exec_driver_sql(statement)
    yield
    point.rollback()


def found(connection: sa.Connection, question: Node | str) -> list[int]:
    asked = read(question) if isinstance(question, str) else question
    return [row[0] for row in Search(connection, asked, views.CLAIMS.table, [], narrow=False)]


def is_flat(node: Node) -> bool:
    """Whether a question has no group that a text may hold in part."""
    return isinstance(node, Term) or all(isinstance(part, Term) for part in node.parts)


@COSTLY
@given(
    st.lists(st.tuples(PHRASES, PHRASES, PHRASES, st.sampled_from(WORDS)), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(1, 5), PHRASES), max_size=3),
    st.lists(NODES, min_size=1, max_size=4),
)
def test_any_question_finds_the_same_in_the_same_order(
    pair: list[Store],
    claims: list[tuple[str, str, str, str]],
    changes: list[tuple[int, str]],
    questions: list[Node],
) -> None:
    answers: list[list[tuple[Node, list[int]]]] = [[], []]
    for store, told in zip(pair, answers, strict=True):
        with tried(store) as connection:
            with entry(connection) as draft:
                for quote, note, because, source in claims:
                    a_claim(
                        draft, quote=quote, note=note, source=source, on="rivers",
                        status="doubtful", because=because or "so",
                    )  # fmt: skip
            for number, quote in changes:
                with entry(connection) as draft:
                    journal.correct(draft, min(number, len(claims)), {"quote": quote})
            told += [(node, found(connection, node)) for node in questions]
            with as_it_stood(connection, 1):
                told += [(node, found(connection, node)) for node in questions]
    for (node, ours), (_, theirs) in zip(*answers, strict=True):
        assert sorted(ours) == sorted(theirs)
        if is_flat(node):
            assert ours == theirs


TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
LONG = [f"w{number}" for number in range(20_000)]
ODD = "x" * 1_400 + "y"


def test_a_text_of_any_length_is_found_by_what_it_holds(pair: list[Store]) -> None:
    quotes = [
        " ".join(LONG),
        "the river " + "the " * 700 + "bridge",
        f"{ODD} fell {'ü' * 999} rose",
        " ".join(LONG[:150]),
        " ".join(f"{'ж' * 300}{number}" for number in range(2_000)),
    ]
    questions = {
        "w16382": [1],
        '"w16382 w16383 w16384"': [1],
        '"w16382 w16384"': [],
        "w5 NOT w19999": [4],
        "w5 w19999": [1],
        "quote:w5 (w19999 OR w149)": [1, 4],
        "note:w5": [],
        '"the river the the"': [2],
        f'"{"the " * 300} bridge"': [2],
        f'"{"the " * 800}"': [],
        '"the bridge"': [2],
        ODD: [3],
        ODD[:-1]: [],
        f"{ODD[:1_000]}*": [3],
        f"{ODD[:1_200]}y*": [],
        f'"{ODD} fell uuu"*': [3],
        f'"{ODD} fell {"u" * 999} rose"': [3],
        f'"{" ".join(LONG[20 : LONGEST + 30])}"': [1, 4],
        f'"{" ".join(LONG[40:152])}"': [1],
        f'"{" ".join([*LONG[40:145], "w7"])}"': [],
        f'w19999 OR "{" ".join(LONG[20 : LONGEST + 30])}"': [1, 4],
        f'w5 NOT "{" ".join(LONG[20 : LONGEST + 52])}"': [4],
        f"{'ж' * 300}1999": [5],
    }
    for store in pair:
        with tried(store) as connection:
            with entry(connection) as draft:
                for quote in quotes:
                    a_claim(draft, quote=quote)
            for question, numbers in questions.items():
                assert sorted(found(connection, question)) == numbers, question[:40]


def test_a_long_name_is_found_as_well(pair: list[Store]) -> None:
    title = " ".join(LONG[:700]) + " the" * 300
    for store in pair:
        with tried(store) as connection:
            with entry(connection) as draft:
                article = a_document(draft, "article", title=title)
                a_claim(draft, document_id=article)
                a_claim(draft)
            for question in ("w699", '"the the the"', f'"{" ".join(LONG[500:690])}"'):
                assert (
                    found(connection, question) == found(connection, f"document:{question}") == [1]
                )
            assert found(connection, f'"{" ".join(LONG[500:690])} w7"') == []


@COSTLY
@given(st.lists(TEXTS, max_size=3))
def test_every_word_of_any_text_is_found(pair: list[Store], quotes: list[str]) -> None:
    words = {word for quote in quotes for word in searchable(quote).split()}
    for store in pair:
        with tried(store) as connection:
            with entry(connection) as draft:
                a_fact(draft, "they-came")
                a_source(draft, "Ministry")
                for quote in quotes:
                    a_claim(draft, quote=quote)
            for word in words:
                held = [n for n, quote in enumerate(quotes, 1) if word in searchable(quote).split()]
                assert sorted(found(connection, Term((word,), field="quote"))) == held


def everything(connection: sa.Connection) -> dict[str, Any]:
    return {
        table: connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1, 2").all()
        for table in ("claim_text", "claim_part", "name_text")
    }


def test_the_index_made_anew_is_the_one_that_was_there(pair: list[Store]) -> None:
    with tried(pair[1]) as connection:
        with entry(connection) as draft:
            a_claim(draft, quote="the river")
            a_claim(draft, quote="the " * 300)
        with entry(connection) as draft:
            journal.correct(draft, 1, {"quote": "the bridge"})
        before = everything(connection)
        assert [len(rows) for rows in before.values()] == [3, 2, 2]
        assert not [*fulltext.missing(connection)]
        assert not fulltext.surplus(connection)
        fulltext.rebuild(connection)
        assert everything(connection) == before
        connection.exec_driver_sql("DELETE FROM claim_text WHERE number >> 32 = 1")
        assert [*fulltext.missing(connection)] == [("claim", 1), ("claim_history", 1)]
        assert fulltext.surplus(connection) == -2
        fulltext.must_be_current(connection)
        connection.exec_driver_sql("DELETE FROM claim_text")
        with pytest.raises(StoreError, match="lacks the newest claim"):
            fulltext.must_be_current(connection)


def test_sql_asks_the_view_of_texts(pair: list[Store]) -> None:
    asked = "SELECT claim FROM texts WHERE words @@ '{}' ORDER BY 1"
    with tried(pair[1]) as connection:
        with entry(connection) as draft:
            a_claim(draft, quote="Die Straße", note="the river")
            a_claim(draft, quote="a road", note="the " * 300 + "end")
        with entry(connection) as draft:
            journal.correct(draft, 1, {"quote": "the bridge"})

        def said(question: str) -> list[int]:
            return [*connection.exec_driver_sql(asked.format(question)).scalars()]

        assert said("bridge | road:A") == [1, 2]
        assert said("strasse") == said("river:A") == []
        assert said("river:C") == [1]
        assert said("the <-> end") == [2]
        with as_it_stood(connection, 1):
            assert said("strasse") == [1]


def test_very_many_words_wait_for_no_search(
    pair: list[Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    from ledger.words import postgresql

    monkeypatch.setattr(postgresql, "_AT_ONCE", 10)
    with tried(pair[1]) as connection:
        with entry(connection) as draft:
            for number in range(35):
                a_claim(draft, quote=f"river {number}")
        assert len(found(connection, "river")) == 35
        assert not [*fulltext.missing(connection)]
        setting = connection.exec_driver_sql("SHOW gin_pending_list_limit").scalar()
        assert setting == "4MB"
