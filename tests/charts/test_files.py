"""Charts as files: no network, nothing run but what is in the page, hostile text inert."""

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pandas as pd
import pytest

from ledger.charts import files, look
from ledger.charts.matrix import COLUMNS, matrix
from ledger.model import Side
from tests.charts.conftest import HOSTILE


@pytest.fixture(scope="module")
def page() -> str:
    row = dict.fromkeys(COLUMNS, HOSTILE) | {"contested": True, "side": "denies"}
    return files.html(matrix(pd.DataFrame([row]), HOSTILE), HOSTILE)


class _Read(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.scripts: list[dict[str, str | None]] = []
        self.loading: list[tuple[str, str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self.scripts.append(dict(attrs))
        self.loading += [
            (tag, name, value)
            for name, value in attrs
            if name in ("src", "href", "srcset", "data", "action", "xlink:href") or
            name.startswith("on")
        ]  # fmt: skip


def test_a_page_loads_nothing_and_holds_two_scripts_of_ours(page: str) -> None:
    read = _Read(page)
    assert read.loading == []
    assert read.scripts == [{"type": "application/json", "id": "spec"}, {}]


def test_its_policy_allows_its_own_scripts_and_styles_by_hash_alone(page: str) -> None:
    (policy,) = re.findall('Content-Security-Policy" content="([^"]*)"', page)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert re.fullmatch(r"'sha256-[\w+/=]+'", rules["script-src"])
    assert re.fullmatch(r"'sha256-[\w+/=]+'", rules["style-src"])


def test_what_a_chart_says_stands_in_the_page_as_data(page: str) -> None:
    spec = page.partition('id="spec">')[2].partition("</script>")[0]
    told = json.loads(spec)
    assert "$schema" not in told
    assert "</script><script>alert(1)</script>␛[31m⟨U+202E⟩" in json.dumps(told, ensure_ascii=False)
    assert "<script>alert" not in page


def test_an_svg_has_its_texts_and_refers_to_nothing(page: str) -> None:
    svg = page.partition('<figure id="chart">')[2].partition("</figure>")[0]
    assert "&lt;/script&gt;" in svg
    assert not re.search(r"<(?:script|image|use|a|foreignObject)\b|\bhref=|url\(", svg)


def test_those_who_hear_an_svg_are_told_what_it_says() -> None:
    row = dict.fromkeys(COLUMNS, "x") | {"contested": True, "side": "denies", "stance": '"no" <to>'}
    svg = ElementTree.fromstring(files.svg(matrix(pd.DataFrame([row]), "Who")))
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == 'Who: x "no" <to> x'


def test_a_png_is_one() -> None:
    row = dict.fromkeys(COLUMNS, "x") | {"contested": True, "side": "denies"}
    assert files.png(matrix(pd.DataFrame([row]))).startswith(b"\x89PNG\r\n")


def test_each_side_has_a_colour_and_a_shape_of_its_own() -> None:
    for table in (look.COLOURS, look.SHAPES):
        assert set(table) == set(Side)
        assert len(set(table.values())) == len(Side)


def test_labels_are_wrapped_and_cut_with_a_mark() -> None:
    assert look.lines("one two three four", 9) == "one two\nthree…"
    assert look.lines("short", 9) == "short"
    assert look.lines("w" * 40, 10, most=1) == "w" * 9 + "…"
    assert look.lines("国防部新闻发言人", 8, most=1) == "国防部…"
    assert look.lines("", 9) == ""
