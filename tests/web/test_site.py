"""A site: its pages are words alone, lead to one another, and come whole or not at all."""

import csv
import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import pytest

from ledger import journal
from ledger.errors import LedgerError
from ledger.store import Store
from ledger.visible import visible
from ledger.web import site
from ledger.web.filing import Plan, rest, sources
from ledger.web.look import stylesheet
from ledger.web.pages import stamp
from ledger.web.site import write_site
from tests.build import NOON, a_claim, a_count, a_fact
from tests.dossier.ledgers import PAYLOADS, awkward
from tests.web.pages import hostile, many, read_back

pytestmark = pytest.mark.sqlite("what a page says is the reports' to say, on either database")


def record(store: Store, *fill: object, by: str = "maria") -> None:
    with journal.entry(store, recorded_by=by, recorded_at=NOON) as draft:
        for each in fill:
            each(draft)  # type: ignore[operator]  # a builder


def pages(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.html"))


@pytest.fixture(scope="module")
def hostile_site(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of a ledger in which every text that may be anything is hostile."""
    from shutil import copy

    from ledger.store import open_store

    folder = tmp_path_factory.mktemp("hostile")
    store = open_store(copy(template, folder / "ledger.db"))
    with journal.entry(
        store, recorded_by="<b>maria</b>", recorded_at=NOON, message=PAYLOADS[0]
    ) as draft:
        for number, payload in enumerate(PAYLOADS):
            hostile(draft, payload, number)
    write_site(store, folder / "site", title=PAYLOADS[5], charts=False)
    return folder / "site"


def test_hostile_text_is_only_ever_words(hostile_site: Path) -> None:
    found = pages(hostile_site)
    assert Counter(path.parent.name for path in found)["claim"] == 3 * len(PAYLOADS)
    texts = []
    for path in found:
        read = read_back(path.read_text("utf-8"))
        assert read.strange == [], path
        texts.append(read.text)
        for link in read.links:
            assert re.fullmatch(
                r"(\.\./)?([a-z]+/)?[a-z0-9_-]*(\.(html|css|csv|json))?(\?[\w=&-]+)?(#\w+)?", link
            ), link
    for payload in PAYLOADS:
        words = re.sub(r"\s+", " ", visible(payload, lines=True)).strip()
        assert sum(words in text for text in texts) >= 9, payload


def test_what_lies_beside_a_page_is_data(hostile_site: Path) -> None:
    for path in hostile_site.rglob("*.json"):
        told = json.loads(path.read_text("utf-8"))
        assert path.name == "site.json" or {"title", "entry", "head", "rows"} <= set(told)
    for path in hostile_site.rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            cells = [cell for row in csv.reader(stream) for cell in row]
        assert not [cell for cell in cells if re.match(r"[=@+\t-]", cell)], path


class _Links(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "href" and value and not value.startswith("http"):
                self.links.append(value)
            if name == "id" and value:
                self.ids.add(value)


@pytest.mark.parametrize("claims", [True, False])
def test_every_link_leads_to_a_page_that_is_there(
    store: Store, tmp_path: Path, claims: bool
) -> None:
    record(store, awkward, lambda draft: many(draft, 120))
    write_site(store, tmp_path / "site", charts=False, claims=claims)
    read = {path: _Links(path.read_text("utf-8")) for path in pages(tmp_path / "site")}
    by_name = {path.as_uri(): found.ids for path, found in read.items()}
    for path, found in read.items():
        for link in found.links:
            there = urljoin(path.as_uri(), re.sub(r"\?[^#]*", "", link))
            whole, fragment = urldefrag(there)
            assert Path(whole.removeprefix("file://")).is_file(), (path, link)
            if fragment:
                assert fragment in by_name[whole], (path, link)
    assert (tmp_path / "site" / "claim").exists() == claims


def test_a_page_is_whole_and_in_order(store: Store, tmp_path: Path) -> None:
    record(store, awkward)
    write_site(store, tmp_path / "site", charts=False)
    for path in pages(tmp_path / "site"):
        page = path.read_text("utf-8")
        read = read_back(page)
        assert read.strange == [], path
        assert len(read.ids) == len(set(read.ids)), path
        assert read.headings[0] == 1
        assert read.headings.count(1) == 1
        steps = zip(read.headings, read.headings[1:], strict=False)
        assert all(after <= before + 1 for before, after in steps), path
        assert all("scope" in cell for cell in read.tables)
        assert page.startswith('<!doctype html>\n<html lang="en">')
        assert 'href="#content">Skip to the content' in page
        assert "default-src &#39;none&#39;; style-src &#39;self&#39;" in page
        assert not re.search(r"<(script|style|img|iframe|object|embed|form)\b", page)
        assert not re.search(r"\s(src|srcset|style|on\w+|xlink:href)=", page)
    assert not re.search(r"url\(|@import", stylesheet())


def test_a_drawing_stands_in_its_page_without_a_style(store: Store, tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    record(store, awkward)
    done = write_site(store, tmp_path / "site")
    page = (tmp_path / "site" / "proposition" / "gas-was-used.html").read_text("utf-8")
    assert page.count("<svg ") == 1
    assert read_back(page).strange == []
    assert done.notes == ()


def test_long_boards_are_turned_and_narrow_ones_are_not(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.web.board.MOST_EVENTS", 1)
    record(store, lambda draft: many(draft, 120))
    site = tmp_path / "site"
    write_site(store, site, charts=False)
    names = {path.name for path in site.glob("*.html")}
    assert names == {
        "index.html",
        "board-2.html",
        "board-3.html",
        "contested.html",
        "changes.html",
        "names.html",
    }
    assert {path.name for path in (site / "event").glob("*.html")} == {
        "east.html",
        "east_2.html",
        "west.html",
        "west_2.html",
    }
    rows = json.loads((site / "board.json").read_text("utf-8"))["rows"]
    assert [row["proposition"] for row in rows[:2]] == ["p0", "p2"]
    assert len(rows) == 120
    assert len(json.loads((site / "contested.json").read_text("utf-8"))["rows"]) == 30
    assert "<li>120 propositions" not in (site / "index.html").read_text("utf-8")
    text = read_back((site / "board-3.html").read_text("utf-8")).text
    assert "120 propositions; 101 to 120 are on this page" in text
    assert "The event east and 1 more: see the index of names" in text
    assert ">What is contested</h1>" in (site / "contested.html").read_text("utf-8")


def test_the_first_page_and_its_style_are_small(tmp_path: Path) -> None:
    from ledger.store import open_store

    shipped = open_store(Path(__file__).parents[2] / "ledger.db")
    write_site(shipped, tmp_path / "site", charts=False)
    site = tmp_path / "site"
    size = sum((site / name).stat().st_size for name in ("index.html", "style.css"))
    assert size < 100_000


def test_a_site_is_of_one_moment_and_says_so(store: Store, tmp_path: Path) -> None:
    record(store, lambda draft: a_claim(draft))
    record(store, lambda draft: a_claim(draft, source="Gazette", stance="denies"))
    site = tmp_path / "site"
    write_site(store, site, as_of=1, asked="1", title="Ours", charts=False)
    text = read_back((site / "proposition" / "they-came.html").read_text("utf-8")).text
    assert "As the ledger stood at entry 1" in text
    assert "Nobody denies it." in text
    mark = json.loads((site / "site.json").read_text("utf-8"))
    assert (mark["entry"], mark["title"]) == (1, "Ours")
    assert f"ledger verify --head {mark['head']}" in text


def test_who_records_while_a_site_is_written_comes_between_and_is_not_in_it(
    store: Store, tmp_path: Path
) -> None:
    record(store, lambda draft: a_claim(draft))
    with store.reader() as connection:
        of = stamp(connection)
    plan = Plan(store, tmp_path, None, of, "Ours", claims=False, sizes={}, drawn=frozenset(),
                over_time=False)  # fmt: skip
    (tmp_path / "source").mkdir()
    shares = site._share(plan, [sources, rest])
    next(shares)
    record(store, lambda draft: a_claim(draft, source="Gazette"))
    assert len(list(shares)) == 1
    assert "Gazette" not in (tmp_path / "names.html").read_text("utf-8")


def test_a_folder_of_other_things_is_refused_unless_told_otherwise(
    store: Store, tmp_path: Path
) -> None:
    record(store, lambda draft: a_claim(draft))
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    (folder / "index.html").write_text("mine too")
    with pytest.raises(LedgerError, match="no site that ledger made"):
        write_site(store, folder, charts=False)
    assert (folder / "index.html").read_text() == "mine too"
    write_site(store, folder, charts=False, force=True)
    assert (folder / "notes.txt").read_text() == "mine"
    assert "<!doctype html>" in (folder / "index.html").read_text("utf-8")
    with pytest.raises(LedgerError, match="is a file"):
        write_site(store, folder / "notes.txt", force=True)


def test_what_an_interrupted_one_left_in_an_empty_folder_keeps_nobody_from_a_site(
    store: Store, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    (site / ".site.x1y2z3.part" / "new").mkdir(parents=True)
    write_site(store, site, charts=False)
    assert (site / "index.html").exists()
    (tmp_path / "away").symlink_to(tmp_path / "nowhere")
    with pytest.raises(LedgerError, match="leads nowhere"):
        write_site(store, tmp_path / "away")


def test_made_again_a_site_is_replaced_and_what_is_not_of_it_stays(
    store: Store, tmp_path: Path
) -> None:
    record(store, lambda draft: many(draft, 60))
    site = tmp_path / "site"
    write_site(store, site, charts=False)
    (site / "CNAME").write_text("example.org")
    (site / "claim" / "left.html").write_text("of an earlier one")
    assert (site / "board-2.html").exists()
    write_site(store, site, as_of=0, charts=False)
    assert (site / "CNAME").read_text() == "example.org"
    assert not (site / "board-2.html").exists()
    assert not (site / "claim" / "left.html").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ledger.db", "site"]


def test_what_fails_leaves_the_site_that_was_there(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(store, lambda draft: many(draft, 3))
    site = tmp_path / "site"
    write_site(store, site, charts=False)
    before = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}
    # A fault in the midst of writing, such as a full disk.
    monkeypatch.setattr("ledger.web.filing.document", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_site(store, site, charts=False)
    assert {path: path.read_bytes() for path in site.rglob("*") if path.is_file()} == before


def test_names_of_one_spelling_but_for_case_have_files_of_their_own(
    store: Store, tmp_path: Path
) -> None:
    record(
        store,
        lambda draft: a_fact(draft, "CON"),
        lambda draft: a_fact(draft, "con"),
        lambda draft: a_count(draft, "убитые-2018"),
        lambda draft: a_claim(draft, source="Al Jazeera/../..", on="CON"),
    )
    write_site(store, tmp_path / "site", charts=False)
    names = [path.name for path in (tmp_path / "site" / "proposition").glob("*.html")]
    assert len({name.casefold() for name in names}) == 3
    assert "con.html" not in names
    assert {path.parent.parent for path in (tmp_path / "site").rglob("*jazeera*")} == {
        tmp_path / "site"
    }


def test_two_processes_write_what_one_does(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(store, awkward)
    write_site(store, tmp_path / "one", charts=False)
    monkeypatch.setattr("ledger.web.site._SHARED", 0)
    write_site(store, tmp_path / "two", charts=False)
    one, two = (
        {path.relative_to(tmp_path / name): path.read_bytes() for path in pages(tmp_path / name)}
        for name in ("one", "two")
    )
    assert one == two
