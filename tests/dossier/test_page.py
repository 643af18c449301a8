"""The page: nothing hostile in it is more than words, it loads nothing, and it reads in order."""

import re
from base64 import b64encode
from dataclasses import replace
from datetime import date
from hashlib import sha256

import pytest

from ledger.dossier.drawings import ATTRIBUTES, ELEMENTS, inert
from ledger.dossier.gathering import as_event
from ledger.dossier.page import html, nested, web_address
from ledger.dossier.values import Branch
from ledger.visible import visible
from tests.build import a_claim, a_document, a_fact
from tests.dossier.conftest import Desk
from tests.dossier.ledgers import BAD_URLS, PAYLOADS, awkward, hostile
from tests.dossier.reading import Read

SVG = (ELEMENTS, ATTRIBUTES)


def page_on(desk: Desk, name: str, *, charts: bool = False) -> str:
    return html(desk.dossier(name, charts=charts))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_text_is_only_ever_words(desk: Desk, payload: str) -> None:
    desk.record(hostile, payload)
    read = Read(page_on(desk, "hostile"), SVG)
    assert read.strange == []
    shown = re.sub(r"\s+", " ", visible(payload, lines=True)).strip()
    assert read.text.count(shown) > 20
    assert {link for link in read.links if not link.startswith("#")} == {
        "https://example.org/a?b=<c>&d='e\""
    }


@pytest.mark.parametrize("payload", [PAYLOADS[0], PAYLOADS[9], PAYLOADS[28], PAYLOADS[29]])
def test_nor_is_it_more_in_a_chart(desk: Desk, payload: str) -> None:
    desk.record(hostile, payload)
    page = page_on(desk, "hostile", charts=True)
    assert page.count("<svg ") == 3
    read = Read(page, SVG)
    assert read.strange == []


def test_a_page_is_whole_and_in_order(desk: Desk) -> None:
    desk.record(awkward)
    for name in ("awkward", "killed", "never-spoken-of", "gas-was-used"):
        page = page_on(desk, name, charts=name == "gas-was-used")
        read = Read(page, SVG)
        assert read.strange == []
        assert len(read.ids) == len(set(read.ids))
        inner = {link[1:] for link in read.links if link.startswith("#")}
        assert inner <= set(read.ids)
        assert read.headings[0] == 1
        assert read.headings.count(1) == 1
        steps = zip(read.headings, read.headings[1:], strict=False)
        assert all(after <= before + 1 for before, after in steps)
        assert all("scope" in cell for cell in read.tables)
        assert '<html lang="en">' in page
        assert 'href="#content">Skip to the content' in page


def test_a_page_loads_nothing_and_runs_nothing(desk: Desk) -> None:
    desk.record(awkward)
    page = page_on(desk, "awkward", charts=True)
    (policy,) = re.findall('Content-Security-Policy" content="([^"]*)"', page)
    (style,) = re.findall("<style>(.*?)</style>", page, re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert policy.replace("&#39;", "'") == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"<(script|link|img|iframe|object|embed|use|image|form)\b", page)
    assert not re.search(r"\s(src|srcset|style|on\w+|xlink:href)=", page)
    assert not re.search(r"url\(|@import", style)
    assert "<svg" in page


def test_of_an_event_that_began_who_knows_when_its_end_is_told_as_that() -> None:
    row: dict[str, object] = dict.fromkeys(("event", "title", "place", "note", "latitude"), "x")
    row |= {"longitude": None, "started_on": None, "ended_on": date(2018, 2, 8)}
    assert as_event(row).when == "until 2018-02-08"
    row["started_on"] = date(2018, 2, 7)
    assert as_event(row).when == "2018-02-07 to 2018-02-08"
    row["started_on"] = row["ended_on"]
    assert (as_event(row).when, as_event(row).where) == ("2018-02-08", None)


def test_only_addresses_of_the_web_are_links() -> None:
    assert web_address("https://example.org/a") == "https://example.org/a"
    assert web_address("http://example.org") == "http://example.org"
    for url in (*BAD_URLS, None, "", "https://", "https://a b", "https://a\u202eb", "http://[x"):
        assert web_address(url) is None


@pytest.mark.parametrize("url", BAD_URLS)
def test_another_address_is_shown_and_leads_nowhere(desk: Desk, url: str) -> None:
    desk.record(lambda draft: a_claim(draft, document_id=a_document(draft)))
    dossier = desk.dossier("they-came")
    (document,) = dossier.documents
    found = Read(html(replace(dossier, documents=(replace(document, url=url),))), SVG)
    assert all(link.startswith("#") for link in found.links)
    assert url in found.text


def test_texts_run_in_their_own_direction(desk: Desk) -> None:
    desk.record(awkward)
    page = page_on(desk, "gas-was-used")
    assert '<h1 dir="auto">استُخدم غاز' in page
    assert "<b><bdi>وزارة الدفاع السورية</bdi></b>" in page
    assert '<blockquote dir="auto" lang="ar">' in page_on(desk, "killed")


def test_the_state_stands_first_and_the_head_last(desk: Desk) -> None:
    desk.record(awkward)
    text = Read(page_on(desk, "gas-was-used"), SVG).text
    said, standing, verdict, question = (
        text.index(words)
        for words in ("Said: Affirmed by", "Standing: Not contested", "Verdict:", "What is in")
    )
    assert said < standing < verdict < question
    assert "Nobody denies it" in text
    assert "shift denies → concedes, after 29 to 56 days" in text
    assert "circular It rests on sources that rest on one another." in text
    assert "the dates do not tell which came first" in text


def test_a_chain_becomes_nested_lists_that_all_end() -> None:
    depths = [0, 1, 2, 2, 1, 0, *range(1, 900)]
    chain = [Branch(depth, 1, "x", "asserts", None, None, None, 1, False) for depth in depths]
    level = deepest = 0
    for _, opens, closing in nested(chain):
        level += opens
        deepest = max(deepest, level)
        level -= closing.count("</ul>")
    assert (level, deepest) == (0, 13)
    told = list(nested(chain[:6]))
    assert [opens for _, opens, _ in told] == [True, True, True, False, False, False]
    assert [closing for *_, closing in told] == [
        "", "", "</li>", "</li></ul></li>", "</li></ul></li>", "</li></ul>"
    ]  # fmt: skip


def test_a_drawing_keeps_only_what_draws() -> None:
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        'width="9.6" height="2" onload="x()" style="fill:url(x)"><script>x()</script>'
        '<a xlink:href="javascript:x()"><text>out</text></a><rect fill="white" onclick="x()"/>'
        "<text>a &lt;b&gt;</text><foreignObject><p>x</p></foreignObject></svg>"
    )
    kept, width = inert(drawing)
    assert width == 10
    assert kept == (
        '<svg aria-hidden="true" focusable="false" width="9.6" height="2">'
        '<rect fill="white" class="fill-paper"></rect><text>a &lt;b&gt;</text></svg>'
    )


def test_what_nobody_has_spoken_of_says_so(desk: Desk) -> None:
    desk.record(a_fact, "quiet")
    text = Read(page_on(desk, "quiet"), SVG).text
    assert "Nobody has said anything on it yet." in text
    assert "0 claims" in text
