"""`search` finds what stands, and what stood, whatever was changed since."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from ledger import fulltext, journal, migrate, query, schema, views
from ledger import search as searching
from ledger.errors import QueryError, StoreError
from ledger.folding import searchable
from ledger.journal import Draft
from ledger.marking import marked
from ledger.search import Search
from ledger.searchwords import And, Node, Or, Term, read, terms
from ledger.store import SQLiteStore, Store
from tests.build import NOON, a_claim, a_document, a_fact, a_source, an_event
from tests.conftest import COSTLY
from tests.places import Places


def found(store: Store, question: str, as_of: int | None = None) -> list[int]:
    """The claims that a question finds, in their order."""
    claims = views.CLAIMS.table
    with store.reader(as_of=as_of) as connection:
        hits = Search(connection, read(question), claims, [], narrow=False)
        return [row[0] for row in hits]


def record(store: Store, *quotes: str) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        for quote in quotes:
            a_claim(draft, quote=quote)


@pytest.mark.parametrize(
    ("quote", "question"),
    [
        ("Die Straße nach Müllheim", "strasse mullheim"),
        ("他说汉字在句子里", "汉字"),
        ("東京でKyivの話", "kyiv"),
        ("ภาษาไทยและลาว", "ไทย"),
        ("한국어는 어렵다", "한국"),
        ("قُتِلَ ثلاثة جنود", "قتل"),
        ("В Киёве ВЗРЫВ", "взрыв киеве"),
        ("हिन्दी में कहा", "हिन्दी"),
        ("𐴀𐴁𐴂 said", "𐴀𐴁𐴂"),
        ("বাংলায় ৎসব", "ৎসব"),
        ("fled the town", "flee* OR fled"),
        ("more than 100 died", '"more than 100"'),
    ],
)
def test_a_word_is_found_in_any_script(store: Store, quote: str, question: str) -> None:
    record(store, quote, "nothing of the kind")
    assert found(store, question) == [1]


def test_words_are_found_across_what_a_claim_holds_and_names(store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        event = an_event(draft, "clash", place="Khasham")
        a_fact(draft, "bridge", text="The bridge was blown up.", event_id=event)
        ministry = a_source(draft, "Ministry")
        draft.insert("source_alias", {"source_id": ministry, "name": "MoD"})
        a_source(draft, "Gazette")
        article = a_document(draft, "article", title="What the river hides")
        a_claim(draft, source="Ministry", on="bridge", quote="it was not us", document_id=article)
        a_claim(draft, source="Gazette", on="they-came", quote="the bridge stands", via="Ministry")
    assert found(store, "bridge") == [2, 1]  # the quote before the sentence
    assert found(store, "ministry") == [2, 1]
    assert found(store, "mod us") == found(store, "hides blown") == [1]
    assert found(store, "khasham NOT gazette") == [1]
    assert found(store, "bridge NOT ministry") == []
    assert found(store, "quote:bridge") == [2]
    assert found(store, "proposition:bridge OR source:gazette") == [2, 1]
    assert found(store, "event:khasham quote:us") == [1]


def test_what_stood_is_found_then_and_what_stands_now(store: Store) -> None:
    record(store, "the old words")
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        journal.correct(draft, 1, {"quote": "the new words"})
        draft.update("source", 1, {"name": "Kremlin"})
    assert found(store, "old") == found(store, "ministry") == []
    assert found(store, "new") == found(store, "kremlin") == [1]
    assert found(store, "old", as_of=1) == found(store, "ministry", as_of=1) == [1]
    assert found(store, "new", as_of=1) == found(store, "kremlin", as_of=1) == []
    assert found(store, "words") == found(store, "words", as_of=1) == [1]


def test_very_many_come_the_newest_first(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    record(store, "river", "river and much else besides it", "river")
    assert found(store, "river") == [3, 1, 2]
    monkeypatch.setattr(searching, "RANKED", 2)
    assert found(store, "river") == [3, 2, 1]


WORDS = ["red", "Réd", "river", "rivers", "汉字", "字", "said", "قتل"]
PHRASES = st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)
TERMS = st.builds(
    lambda text, beginning, field: Term(tuple(searchable(text).split()), beginning, field),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map(" ".join),
    st.booleans(),
    st.sampled_from([None, None, None, "quote", "note", "source", "proposition"]),
)
NODES: st.SearchStrategy[Node] = st.recursive(
    TERMS,
    lambda nodes: (
        st.builds(And, st.tuples(nodes, nodes), st.just(()) | st.tuples(nodes))
        | st.builds(Or, st.tuples(nodes, nodes))
    ),
    max_leaves=4,
)


def holds(texts: dict[str, list[str]], node: Node) -> bool:
    """The same by going through the texts word by word."""
    if isinstance(node, Or):
        return any(holds(texts, part) for part in node.parts)
    if isinstance(node, And):
        return all(holds(texts, part) for part in node.parts) and not any(
            holds(texts, part) for part in node.without
        )
    end = "" if node.beginning else " "
    phrase = f" {' '.join(node.words)}{end}"
    return any(
        phrase in f" {searchable(text)} "
        for field, some in texts.items()
        if node.field in (None, field)
        for text in some
    )


@COSTLY
@given(
    st.lists(st.tuples(PHRASES, PHRASES, st.sampled_from(WORDS)), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(1, 5), PHRASES), max_size=3),
    st.lists(NODES, min_size=1, max_size=8),
)
def test_every_question_finds_what_going_through_all_texts_finds(
    store: Store,
    places: Places,
    claims: list[tuple[str, str, str]],
    changes: list[tuple[int, str]],
    questions: list[Node],
) -> None:
    places.clear(store)
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        for quote, note, source in claims:
            a_claim(draft, quote=quote, note=note, source=source, on="rivers")
    for number, quote in changes:
        with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
            journal.correct(draft, min(number, len(claims)), {"quote": quote})
    view = views.CLAIMS.table
    with store.reader() as now:
        newest = now.execute(sa.select(sa.func.max(schema.entry.c.id))).scalar_one()
    for as_of in (None, *range(1, newest + 1)):
        with store.reader(as_of=as_of) as connection:
            rows = connection.execute(sa.select(view).order_by(view.c.claim)).mappings().all()
            texts = {
                row["claim"]: {
                    "quote": [row["quote"] or ""],
                    "note": [row["note"] or ""],
                    "source": [row["source"]],
                    "proposition": [row["proposition"], row["proposition_text"]],
                }
                for row in rows
            }
            for node in questions:
                hits = [row[0] for row in Search(connection, node, view, [], narrow=False)]
                assert len(set(hits)) == len(hits)
                assert set(hits) == {number for number in texts if holds(texts[number], node)}
                for row in rows:  # what is marked is what was found
                    shown = {name: row[name] for name in ("quote", "note", "source")}
                    shown |= {name: row[name] for name in ("proposition", "proposition_text")}
                    for term in terms(node):
                        marks = marked(shown, [term])
                        assert bool(marks.hit) == holds(texts[row["claim"]], term)


@given(st.text())
def test_no_question_is_a_mistake_in_sql(one_river: Store, text: str) -> None:
    with suppress(QueryError):
        found(one_river, text)


@pytest.fixture(scope="module")
def one_river(places: Places) -> Iterator[Store]:
    store = places.empty()
    record(store, "the river")
    yield store
    places.done(store)


@pytest.mark.sqlite("no server ever had a ledger without the index")
def test_an_upgraded_ledger_is_searched(store: Store) -> None:
    assert store.path is not None
    store.path.unlink()
    migrate.create(store, to="0005")
    before = SQLiteStore(store.path)
    with before.migration() as connection:  # as the program of that schema recorded
        draft = _unindexed(connection)
        a_claim(draft, quote="Die Straße")
        _close_unindexed(draft)
    migrate.upgrade(store)
    assert found(store, "strasse") == [1]
    assert found(store, "ministry") == [1]


def _unindexed(connection: sa.Connection) -> Draft:
    return Draft(connection, recorded_by="maria", recorded_at=NOON + timedelta(days=1))


def _close_unindexed(draft: Draft) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fulltext, "write", lambda *_, **__: None)
        draft.close()


def test_an_index_that_lacks_the_newest_is_not_believed(store: Store) -> None:
    record(store, "the river")
    with store.writer() as connection:
        draft = _unindexed(connection)
        a_claim(draft, quote="the river again", source="Another")
        _close_unindexed(draft)
    with pytest.raises(StoreError, match="lacks the newest"):
        found(store, "river")
    with store.writer() as connection:
        fulltext.rebuild(connection)
        fulltext.check(connection)
        assert [*fulltext.missing(connection)] == []
        assert fulltext.surplus(connection) == 0
    assert sorted(found(store, "river")) == [1, 2]


@pytest.mark.sqlite("MATCH is FTS5's; what a server's view of texts is asked is in tests/words")
def test_ad_hoc_sql_searches_the_view_of_texts(store: Store) -> None:
    record(store, "the river", "the road")
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        journal.correct(draft, 1, {"quote": "the bridge"})
    asked = "SELECT claim FROM texts WHERE words MATCH 'river OR road' ORDER BY rank"
    assert query.run(store, asked).rows == [(2,)]
    assert query.run(store, asked.replace("rank", "claim"), as_of=1).rows == [(1,), (2,)]
    with pytest.raises(QueryError):
        query.run(store, "SELECT * FROM claim_text_data")


def test_a_snippet_is_cut_between_words_and_marks_each_hit() -> None:
    text = "first words " * 20 + "the river rose and the river fell " + "last words " * 20
    mark = marked({"quote": text, "note": None}, list(terms(read("river"))))
    assert mark.hit == ("quote",)
    assert mark.snippet.count("[river]") == 2
    assert re.fullmatch("…[^…]{60,120}…", mark.snippet)
