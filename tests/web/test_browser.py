"""The served ledger in a real browser: a walk, by keyboard, on a phone, in the dark, on paper.

Nothing may run, ask elsewhere or complain, whatever the ledger holds; axe-core finds nothing.
"""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import Browser

from ledger import journal
from ledger.store import Store
from tests.build import NOON
from tests.dossier.ledgers import PAYLOADS, awkward, hostile
from tests.web.browser import Reader, a_browser, reading
from tests.web.test_serve_command import served
from tests.web.visitor import path_of

ROOT = Path(__file__).resolve().parents[2]

#: Every kind of page, and what is in its heading, on the shipped ledger.
PAGES = {
    "/": "The board",
    "/ledger/event/clash": "Clash of 7 February 2018",
    "/ledger/proposition/russians-killed": "",
    "/ledger/source/Jim+Mattis": "Jim Mattis",
    "/ledger/claim/24": "",
    "/ledger/changes?since=2": "What changed",
    "/ledger/search?q=mercenar*": "",
    "/ledger/names": "",
    "/ledger/data": "The data",
    "/ledger/sql": "Ask in SQL",
    f"/ledger/sql?{urlencode({'sql': 'SELECT source, quote FROM claims'})}": "Ask in SQL",
    "/data/claims?side=denies&_facet=source": "claims",
    "/data/stance": "stance",
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with a_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def reader(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Somebody at the shipped ledger."""
    path = shutil.copy(ROOT / "ledger.db", tmp_path_factory.mktemp("browser") / "ledger.db")
    with served(Path(path)) as (address, _), reading(browser, address) as opened:
        yield opened


def test_a_reader_walks_from_the_board_to_a_claim_and_takes_its_csv_home(reader: Reader) -> None:
    page = reader.page
    reader.open("/")
    page.get_by_label("Event").select_option(label="Clash of 7 February 2018")
    page.get_by_label("Some source").select_option("denies")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Russia had control").first.click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("Russia had control")
    page.locator("main").get_by_role("link", name="Jim Mattis").first.click()
    page.locator("main a[href^='/ledger/claim/']").first.click()
    assert "Jim Mattis" in page.locator("main").inner_text()
    with page.expect_download() as taken:
        page.locator("footer").get_by_role("link", name="CSV").click()
    with Path(taken.value.path()).open(encoding="utf-8", newline="") as file:
        assert len(list(csv.reader(file))) >= 2
    assert reader.told == []


def test_a_reader_searches_goes_back_in_time_and_filters_a_table(reader: Reader) -> None:
    page = reader.page
    reader.open("/")
    page.get_by_role("searchbox").fill("mercenaries")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ledger/search?q=mercenaries")
    assert "mercenaries" in page.locator("main").inner_text().lower()
    reader.open("/ledger/claim/24")
    page.get_by_label("As the ledger stood on").fill("2030-01-01")
    page.locator("footer").get_by_role("button", name="Show").click()
    assert "As the ledger stood at entry" in page.get_by_role("note").inner_text()
    reader.open("/data/claims")
    page.get_by_label("Column").select_option("source")
    page.get_by_label("Comparison").select_option("contains")
    page.get_by_label("Value").fill("Kremlin")
    page.get_by_role("button", name="Show").first.click()
    page.wait_for_url("**/data/claims?source__contains=Kremlin")
    page.get_by_role("link", name="count stance").click()
    page.locator(".facets a").first.click()
    assert "stance=" in page.url
    assert reader.told == []


def test_all_of_it_is_reached_by_the_keyboard(reader: Reader) -> None:
    page = reader.page
    reader.open("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")
    seen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        where = page.evaluate(
            "[document.activeElement.tagName, document.activeElement.href || '',"
            " getComputedStyle(document.activeElement).outlineStyle]"
        )
        seen.add(where[1])
        assert where[0] == "BODY" or where[2] != "none", f"{where} is not seen to have the focus"
    links = page.evaluate("[...document.querySelectorAll('main a')].map(a => a.href)")
    assert set(links[:20]) <= seen
    reader.open("/ledger/sql")
    page.get_by_label("One statement").focus()
    page.keyboard.type("SELECT 40 + 2 AS answer")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**sql=SELECT**")
    assert page.locator("table.data td").inner_text() == "42"
    assert reader.told == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_fit_for_all(reader: Reader, path: str) -> None:
    """At every width and in the dark; for a screen reader; with nothing to complain of."""
    page = reader.page
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    reader.open(path)
    assert PAGES[path] in page.get_by_role("heading", level=1).inner_text()
    assert not reader.scrolls_sideways
    assert reader.violations() == []
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 320, "height": 700})
    assert not reader.scrolls_sideways
    assert reader.violations("color-contrast", "target-size") == []
    page.set_viewport_size({"width": 1920, "height": 1080})
    assert not reader.scrolls_sideways
    assert reader.told == []


def test_a_page_prints_as_pages_that_fit_the_paper(reader: Reader) -> None:
    reader.page.set_viewport_size({"width": 680, "height": 900})
    reader.page.emulate_media(media="print")
    for path in ("/", "/ledger/claim/24", "/data/claims"):
        reader.open(path)
        assert not reader.scrolls_sideways, path
        paper = reader.page.pdf(prefer_css_page_size=True)
        assert paper.startswith(b"%PDF")
        assert 0 < paper.count(b"/Type /Page\n") < 60
    reader.page.emulate_media(media="null")
    assert reader.told == []


def test_a_page_has_no_script_and_asks_for_two_things(reader: Reader) -> None:
    asked: list[str] = []
    reader.page.on("request", lambda request: asked.append(request.url))
    reader.open("/")
    assert [url.removeprefix(reader.address) for url in asked] == ["/", "/ledger/style.css"]
    assert reader.page.locator("script").count() == 0


@pytest.mark.sqlite("its pages are the same, and a browser takes its time")
def test_hostile_text_does_nothing(browser: Browser, store: Store) -> None:
    """Every text that may be anything is all of the payloads, on every kind of page."""
    with journal.entry(store, recorded_by="<script>alert(1)</script>", recorded_at=NOON,
                       message="".join(PAYLOADS)) as draft:  # fmt: skip
        hostile(draft, "".join(PAYLOADS))
    with served(path_of(store)) as (address, _), reading(browser, address) as reader:
        for path in (
            "/", "/ledger/event/hostile", "/ledger/proposition/many", "/ledger/claim/1",
            "/ledger/claim/3", "/ledger/changes?since=0", "/ledger/names", "/data/claims",
            "/data/sources", "/data/documents?_facet=title", "/data/claims?_facet=quote",
            "/ledger/search?q=alert", f"/ledger/search?{urlencode({'q': PAYLOADS[0]})}",
            f"/ledger/sql?{urlencode({'sql': 'SELECT * FROM claims'})}",
        ):  # fmt: skip
            reader.open(path)
            reader.page.evaluate("document.querySelectorAll('*').forEach(e => e.focus?.())")
            assert reader.told == [], path
            assert not reader.scrolls_sideways, path
        for path in ("/ledger/sql?sql=", "/ledger/source/", "/data/claims?source=", "/?side="):
            answer = reader.page.goto(reader.address + path + quote("".join(PAYLOADS), safe=""))
            assert answer is not None
        assert [each for each in reader.told if "status of 4" not in each] == []


@pytest.mark.sqlite("its pages are the same, and a browser takes its time")
def test_long_and_arabic_names_fit_a_phone(browser: Browser, store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        awkward(draft)
    with served(path_of(store)) as (address, _), reading(browser, address) as reader:
        reader.page.set_viewport_size({"width": 320, "height": 700})
        for path in (
            "/", "/ledger/event/awkward", "/ledger/proposition/killed",
            "/ledger/proposition/gas-was-used", "/ledger/names", "/data/claims",
        ):  # fmt: skip
            reader.open(path)
            assert not reader.scrolls_sideways, path
        reader.open("/ledger/proposition/gas-was-used")
        assert reader.violations() == []
        assert reader.told == []


def test_this_browser_hears_what_a_page_is_refused(reader: Reader) -> None:
    reader.open("/")
    for added in (
        "<img src=x onerror=alert(1)>",
        "<img src=https://evil.example/x.png>",
        "<p style='color:red'>x</p>",
    ):
        reader.told.clear()
        reader.page.evaluate(
            "html => { document.body.insertAdjacentHTML('beforeend', html) }", added
        )
        reader.page.wait_for_timeout(100)
        assert reader.told, added
