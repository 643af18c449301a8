"""Pages and their addresses: what each tells, as data too, and that a name stays what it is."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from ledger import journal
from ledger.errors import InvalidError, LedgerError, NotFoundError
from ledger.store import Store
from ledger.web import look, pages
from ledger.web.links import KEYED, KINDS, Filed, Served, Where, file, read, spelt, unspelt
from ledger.web.site import write_site
from tests.build import NOON, a_claim, a_count, a_document, a_source
from tests.dossier.ledgers import PAYLOADS
from tests.web.pages import hostile, many, read_back

ON_FILES = pytest.mark.sqlite("what a page says is the reports' to say, on either database")

#: What a name may be made of: no half of a pair, and no NUL.
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


class Reading:
    """The pages of a ledger, as text."""

    def __init__(self, connection: sa.Connection, as_of: str | None = None) -> None:
        self.connection, self.of = connection, pages.stamp(connection, as_of)
        self.links = Served("/ledger", as_of)

    def html(self, path: str, **asked: str) -> str:
        where, _ = read(path, list(asked.items()))
        return look.document(pages.show(self.connection, where, self.links, self.of), self.links)

    def text(self, path: str, **asked: str) -> str:
        found = read_back(self.html(path, **asked))
        assert found.strange == []
        return found.text

    def json(self, path: str, **asked: str) -> dict[str, object]:
        where, _ = read(path, list(asked.items()))
        stream = StringIO()
        pages.write(stream, pages.answer(self.connection, where), "json", self.of)
        found: dict[str, object] = json.loads(stream.getvalue())
        return found


def record(store: Store, *fill: object) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        for each in fill:
            each(draft)  # type: ignore[operator]  # a builder


@given(NAMES)
def test_a_name_in_an_address_is_letters_and_marks_and_comes_back(name: str) -> None:
    text = spelt(name)
    assert unspelt(text) == name
    assert not set(text) - set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_+~%"
    )


@given(st.sampled_from(KEYED), NAMES, st.sampled_from(["html", "csv", "json"]))
def test_an_address_means_the_page_it_was_made_of(kind: str, name: str, ending: str) -> None:
    where = Where(kind, name)
    address = Served("/l").to(where, ending)
    assert address is not None
    assert read(address.removeprefix("/l/")) == (where, ending)


@given(st.lists(NAMES | st.from_regex("[a-zA-Z0-9-]{1,6}", fullmatch=True), unique=True))
def test_no_two_names_share_a_file_even_where_case_is_not_told(names: list[str]) -> None:
    files = [str(file(Where("source", name).turned(page))) for name in names for page in (1, 2)]
    assert len({each.casefold() for each in files}) == len(files)
    assert all(
        len(each) < 110 and set(each) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_./")
        for each in files
    )


def test_a_page_that_there_is_none_of_is_refused() -> None:
    for path in ("", "nowhere", "proposition", "board/x", "source/%ff", "claim/"):
        with pytest.raises(NotFoundError):
            read(path)
    assert read("board.csv", [("side", "denies"), ("utm", "x"), ("page", "2")]) == (
        Where("board", "", (("side", "denies"), ("page", "2"))), "csv",
    )  # fmt: skip
    assert [
        Where("board", "", (("page", text),)).page for text in ("3", "0", "x", "٣", "9" * 50)
    ] == [3, 1, 1, 1, 1]
    assert set(KINDS) == {
        "board",
        "event",
        "proposition",
        "source",
        "claim",
        "changes",
        "search",
        "names",
    }


def test_a_site_has_no_address_for_what_only_a_server_answers() -> None:
    links = Filed(1, claims=False)
    assert links.to(Where("search", "", (("q", "x"),))) is None
    assert links.to(Where("board", "", (("side", "denies"),))) is None
    assert links.to(Where("claim", "7", within="killed")) == "../proposition/killed.html#c7"
    assert links.to(Where("claim", "7", within="killed"), "csv") is None
    assert links.now(Where("board")) is None


def test_every_page_is_made_and_read_on_either_database(store: Store) -> None:
    """The walk of a reader: the board, a proposition, who speaks on it, his claim, its versions."""
    record(
        store,
        lambda draft: a_document(draft, publisher_id=a_source(draft, "Gazette")),
        lambda draft: a_count(draft, "killed"),
        lambda draft: a_claim(draft, on="killed", source="Gazette", low=5, high=14, document_id=1,
                              quote="fourteen mercenaries", said="2026-01-02"),
        lambda draft: a_claim(draft, on="killed", stance="denies", answers_id=1, said="2026-01-03"),
        lambda draft: a_claim(draft, on="killed", stance="concedes", low=5, high=5,
                              said="2026-02-03"),
    )  # fmt: skip
    with journal.entry(store, recorded_by="jan", recorded_at=NOON, message="a look") as draft:
        journal.assess(draft, 1, "unverified", "one origin")
    with store.reader() as connection:
        pages_ = Reading(connection)
        assert "Gazette: 5–14; Ministry: concedes, 5 [2]" in pages_.text("board")
        assert "No proposition fits." in pages_.text("board", contested="no", status="doubtful")
        assert "1 proposition (side: denies)." in pages_.text("board", side="denies")
        told = pages_.text("proposition/killed")
        assert "denies that there was even one → concedes 5, after 31 days" in told
        assert '<a href="/ledger/claim/1">claim 1</a>, Gazette asserts' in pages_.html(
            "proposition/killed"
        )
        assert [row["claim"] for row in pages_.json("proposition/killed")["rows"]] == [1, 2, 3]  # type: ignore[attr-defined]
        source = pages_.text("source/Ministry")
        assert "denies that there was even one" in source
        assert "denies that there was even one → concedes 5, 2026-02-03, after 31 days" in source
        claim = pages_.text("claim/1")
        assert "“fourteen mercenaries”" in claim
        assert "claim 2: Ministry denies killed" in claim
        assert "Version 2: entry 2, 2026-03-01T12:00:00Z, jan a look" in claim
        assert "because–one origin" in claim
        about = pages_.json("claim/1")["about"]
        assert isinstance(about, dict)
        assert about["low"] == 5
        changed = pages_.text("changes", since="1")
        assert "claim 1, Gazette on killedunreviewed → unverifiedone origin" in changed
        assert "What entry 2 recorded" in changed
        assert "Entry 1 " not in changed
        assert "Gazette" in pages_.text("names")
        found = pages_.html("search", q="mercenar*")
        assert "<mark>mercenaries</mark>" in found
        assert 'href="/ledger/search?q=river%2A">river*</a>' in pages_.html("search", q="river")
        assert "begin* finds all" in pages_.text("search", q='"by the river"')
        assert "What is contested" in pages_.text("board", contested="yes")
    with store.reader(as_of=1) as connection:
        pages_ = Reading(connection, "1")
        assert "As the ledger stood at entry 1" in pages_.text("claim/1")
        assert "nobody has looked at it yet" in pages_.text("claim/1")
        assert 'href="/ledger/board?as-of=1"' in pages_.html("claim/1")
        assert '<input id="then" name="as-of" value="1">' in pages_.html("board", side="denies")
        day = Reading(connection, "2026-03-01")
        for path in ("board", "claim/1"):
            assert 'name="as-of" type="date" value="2026-03-01"' in day.html(path)


@ON_FILES
def test_a_page_is_drawn_when_the_ledger_was_let_go_of(store: Store) -> None:
    pytest.importorskip("vl_convert")
    record(store, lambda draft: a_count(draft, "killed"),
           lambda draft: a_claim(draft, on="killed", low=5, high=14))  # fmt: skip
    with store.reader() as connection:
        where = Where("proposition", "killed")
        made = pages.prepared(connection, where, Served(), pages.stamp(connection))
    record(store, lambda draft: a_claim(draft, on="killed", source="Gazette", low=3, high=3))
    page = made()
    assert page.body.count("<svg ") == 1
    assert "Gazette" not in page.body


@ON_FILES
def test_what_a_page_cannot_show_is_told(store: Store) -> None:
    record(store, lambda draft: a_claim(draft))
    with store.reader() as connection:
        pages_ = Reading(connection)
        for path in ("proposition/they", "source/Minister", "event/x", "claim/9", "claim/x"):
            with pytest.raises(NotFoundError):
                pages_.html(path)
        for asked in ({"side": "nobody"}, {"status": "x"}, {"contested": "maybe"}, {"event": "x"}):
            with pytest.raises(LedgerError):
                pages_.html("board", **asked)
        with pytest.raises(InvalidError):
            pages_.html("changes", since="some day")
        for as_of in ("x", "2026-13-01", "9" * 5000, "1.5"):
            with pytest.raises(InvalidError):
                pages.entry_as_of(connection, as_of)
        assert pages.entry_as_of(connection, "2026-03-01") == 1
        assert pages.entry_as_of(connection, "") is None
        assert "“a phrase”" not in pages_.text("search")
        assert "left-out" in pages_.html("search", q="(unclosed")
        refused = look.refused(
            NotFoundError("there is no <b>", "see\x1b"), None, pages_.links, pages_.of
        )
        assert read_back(refused).strange == []


@ON_FILES
def test_a_head_that_the_ledger_does_not_hold_is_told(store: Store) -> None:
    record(store, lambda draft: a_claim(draft))
    with store.reader() as connection:
        head = pages.stamp(connection).head
        assert pages.stamp(connection, None, head[:12].upper()).held
        of = pages.stamp(connection, "1", "ab" * 32)
        page = pages.show(connection, Where("board"), Served(), of)
        assert "does not hold the head" in look.document(page, Served())
        address = Served().permanent(page.where, of)
        assert address == f"/ledger/board?as-of=1&head={head}"


@ON_FILES
def test_long_boards_come_page_by_page_and_whole_as_data(store: Store) -> None:
    record(store, lambda draft: many(draft, 120))
    with store.reader() as connection:
        pages_ = Reading(connection)
        assert "120 propositions; 51 to 100 are on this page" in pages_.text("board", page="2")
        assert "101 to 120" in pages_.text("board", page="99")
        assert "30 propositions (contested: yes)." in pages_.text("board", contested="yes")
        assert "60 propositions" in pages_.text("event/east")
        where, _ = read("board.csv", [("contested", "yes"), ("page", "2")])
        stream = StringIO()
        pages.write(stream, pages.answer(connection, where), "csv", pages_.of)
        assert len(list(csv.DictReader(StringIO(stream.getvalue())))) == 30
        assert "Pages of this list" in pages_.html("source/Gazette")


@ON_FILES
@pytest.mark.parametrize(
    "payload", [PAYLOADS[0], PAYLOADS[9], PAYLOADS[10], PAYLOADS[28], PAYLOADS[29]]
)
def test_what_is_hostile_is_words_where_it_is_asked_for_too(store: Store, payload: str) -> None:
    record(store, lambda draft: hostile(draft, payload, 1))
    with store.reader() as connection:
        pages_ = Reading(connection, "2026-03-01")
        for path in ("board", "event/e1", "proposition/many-1", "claim/1", "changes", "names"):
            assert read_back(pages_.html(path)).strange == []
        for asked in (payload, "outlet", '"'):
            assert read_back(pages_.html("search", q=asked)).strange == []
        source = connection.execute(sa.text("SELECT name FROM source ORDER BY id LIMIT 1")).scalar()
        assert read_back(pages_.html(f"source/{spelt(str(source))}")).strange == []


def test_a_site_is_written_of_a_ledger_on_either_database(store: Store, tmp_path: Path) -> None:
    record(store, lambda draft: a_claim(draft, said="2026-01-02"))
    done = write_site(store, tmp_path / "site", charts=False)
    names = {path.name for path in (tmp_path / "site").rglob("*.html")}
    assert names >= {"index.html", "they-came.html", "1.html", "changes.html", "names.html"}
    assert len(list((tmp_path / "site").rglob("*.html"))) == done.pages
