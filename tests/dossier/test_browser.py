"""The page in a real browser: no error, nothing refused or asked for, and it fits a phone."""

from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.dossier.page import html
from ledger.store import open_store
from tests.dossier.browser import Tab, browser, program
from tests.dossier.conftest import Desk
from tests.dossier.ledgers import PAYLOADS, awkward, hostile

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(
    program() is None,
    reason="NOT TESTED IN A BROWSER: there is no chromium here; apt-get install chromium",
)

SCROLLS = "document.documentElement.scrollWidth > innerWidth"


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The dossier of the shipped ledger's clash, with its charts."""
    page = tmp_path_factory.mktemp("page") / "clash.html"
    dossier = Desk(open_store(ROOT / "ledger.db")).dossier("clash", charts=True)
    page.write_text(html(dossier), "utf-8")
    return page


def test_the_shipped_dossier_reads_on_a_desk_on_a_phone_and_in_the_dark(
    tab: Tab, shipped: Path
) -> None:
    for width, scheme in ((1280, "light"), (390, "dark"), (320, "light"), (1920, "light")):
        tab.open(shipped, width=width, scheme=scheme)
        assert tab.told == []
        assert tab.value("document.title") == "Dossier: Clash of 7 February 2018"
        assert tab.value("document.characterSet") == "UTF-8"
        assert not tab.value(SCROLLS), f"it scrolls sideways at {width}"
        paper = tab.value("getComputedStyle(document.body).backgroundColor")
        assert paper == ("rgb(23, 23, 26)" if scheme == "dark" else "rgb(255, 255, 255)")
        assert tab.value("document.querySelectorAll('svg').length") == 5
        drawn = "[...document.querySelectorAll('svg')].every(s => s.getBBox().width > 100)"
        assert tab.value(drawn)


def test_its_parts_stand_side_by_side_where_there_is_room(tab: Tab, shipped: Path) -> None:
    tops = (
        "new Set([...document.querySelectorAll('.sides')[0].children].map(e => e.offsetTop)).size"
    )
    tab.open(shipped, width=1280)
    assert tab.value(tops) == 1
    tab.open(shipped, width=390)
    assert tab.value(tops) == 3


def test_it_prints(tab: Tab, shipped: Path) -> None:
    tab.open(shipped, width=1280)
    paper = b64decode(tab.call("Page.printToPDF", preferCSSPageSize=True)["data"])
    assert paper.startswith(b"%PDF")
    assert 5 < paper.count(b"/Type /Page\n") < 40
    assert tab.told == []


def test_hostile_text_does_nothing(tab: Tab, desk: Desk, tmp_path: Path) -> None:
    page = tmp_path / "hostile.html"
    desk.record(hostile, "".join(PAYLOADS))
    page.write_text(html(desk.dossier("hostile", charts=True)), "utf-8")
    for width in (1280, 390):
        tab.open(page, width=width)
        tab.value("document.querySelectorAll('*').forEach(e => e.focus && e.focus())")
        assert tab.told == []
        assert tab.value("document.title").startswith("Dossier: <script>alert(1)</script>")
        assert not tab.value(SCROLLS)


def test_long_and_arabic_names_fit_a_phone(tab: Tab, desk: Desk, tmp_path: Path) -> None:
    page = tmp_path / "awkward.html"
    desk.record(awkward)
    page.write_text(html(desk.dossier("awkward", charts=True)), "utf-8")
    tab.open(page, width=390)
    assert tab.told == []
    assert not tab.value(SCROLLS)


def test_this_browser_tells_what_a_page_is_refused(tab: Tab, shipped: Path, tmp_path: Path) -> None:
    page = tmp_path / "broken.html"
    text = shipped.read_text("utf-8")
    for added in ("<script>alert(1)</script>", "<img src='x.png'>", "<p style='color:red'>x</p>"):
        page.write_text(text.replace("</main>", f"{added}</main>"), "utf-8")
        tab.open(page, width=1280)
        assert any("Content Security Policy" in told for told in tab.told), added
