"""HTML: one page that loads nothing, runs nothing, and shows hostile text as text."""

import io
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ledger.formats import FORMATS, Answer

ALLOWED = {"html", "head", "meta", "title", "style", "body", "main", "h1", "div", "table", "thead",
           "tbody", "tr", "th", "td", "p", "details", "summary", "dl", "dt", "dd"}  # fmt: skip
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "id", "class", "role", "tabindex",
              "aria-labelledby", "scope", "dir"}  # fmt: skip


def page(columns: Any, rows: Any, **given: Any) -> str:
    stream = io.StringIO()
    FORMATS["html"].write(stream, Answer(columns, rows, **given))
    return stream.getvalue()


class _Read(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}


@given(st.text(), st.text())
def test_no_text_becomes_markup(cell: str, name: str) -> None:
    told = page((name,), [(cell,)], title=cell, meanings={name: cell})
    read = _Read(told)
    assert set(read.tags) <= ALLOWED
    assert read.attributes <= ATTRIBUTES
    assert read.tags.count("td") + read.tags.count("th") == 2
    assert read.tags.count("style") == 1


def test_the_policy_lets_in_nothing_but_the_pages_own_style() -> None:
    told = page(("</style><script>", "b"), [("x", 1)])
    style = told.partition("<style>")[2].partition("</style>")[0]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in told
    assert not re.search(r"url\(|@import|https?:|<script", told)


def test_text_that_runs_from_right_to_left_is_isolated() -> None:
    told = page(("a", "b"), [("وزارة", "plain \u202e evil")])
    assert '<div dir="auto">وزارة</div>' in told
    assert "⟨U+202E⟩" in told
    assert "\u202e" not in told


def test_a_table_is_one_to_those_who_hear_it() -> None:
    told = page(("claim", "source"), [(1, "Ministry")])
    assert '<th scope="col" role="columnheader">claim</th>' in told
    assert '<th scope="row" role="rowheader" class="number">1</th>' in told
    assert "<p>1 row</p>" in told


def test_on_a_narrow_screen_every_cell_has_its_columns_name() -> None:
    told = page(("claim", 'a"b'), [(1, 2)])
    assert 'tr > :nth-child(1)::before { content: "claim"; }' in told
    assert r'tr > :nth-child(2)::before { content: "a\22 b"; }' in told


def test_a_page_without_rows_says_why() -> None:
    assert "<p>nothing fits --side</p>" in page(("a",), [], empty="nothing fits --side")
