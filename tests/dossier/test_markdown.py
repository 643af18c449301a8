"""The Markdown says what the page says, and nothing hostile in it is markup."""

import re
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ledger.dossier.markdown import markdown, own
from ledger.journal import Draft
from tests.build import NOON, a_claim, a_count, an_event
from tests.dossier.conftest import Desk, settle
from tests.dossier.ledgers import PAYLOADS, awkward, hostile

#: A dossier is made of these tokens; no HTML, image or code block is among them.
KNOWN = {
    "heading", "paragraph", "bullet_list", "ordered_list", "list_item", "blockquote", "table",
    "thead", "tbody", "tr", "th", "td", "inline", "text", "strong", "em", "code_inline", "link",
    "softbreak", "text_special",
}  # fmt: skip


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_text_is_only_ever_words(desk: Desk, payload: str) -> None:
    desk.record(hostile, payload)
    dossier = desk.dossier("hostile")
    blocks = _read(markdown(dossier))
    shape = [(block.type, block.level) for block in blocks]
    assert shape == [(block.type, block.level) for block in _read(markdown(_harmless(dossier)))]
    inner = [token for block in blocks for token in (block, *(block.children or ()))]
    assert {re.sub("_(open|close)$", "", token.type) for token in inner} <= KNOWN
    links = {token.attrs["href"] for token in inner if token.type == "link_open"}
    assert links == {"https://example.org/a?b=%3Cc%3E&d='e%22"}


def _read(text: str) -> list[Token]:
    return MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)


def _harmless(value: Any) -> Any:
    """The same dossier with a harmless word for every text but addresses and codes."""
    if isinstance(value, tuple):
        return tuple(map(_harmless, value))
    if not is_dataclass(value) or isinstance(value, type):
        return value
    found = {each.name: getattr(value, each.name) for each in fields(value)}
    words = {name: "word" for name in _TEXTS & set(found) if found[name]}
    return replace(value, **{name: _harmless(each) for name, each in found.items()} | words)


_TEXTS = {
    "title", "place", "note", "name", "member_of", "side_", "publisher", "source", "source_side",
    "wording", "quote", "before", "after", "via", "because", "text", "unit", "population", "what",
    "answered_by", "on", "to_do", "link", "one", "other", "told", "by",
}  # fmt: skip


def test_a_text_is_one_line_without_markup_or_links() -> None:
    assert own("a\n# b") == "a \\# b"
    assert own("https://x.org www.x.org a@b") == "https&#58;//x.org www&#46;x.org a&#64;b"
    assert own("<b>&|`*") == "&lt;b&gt;&amp;\\|\\`\\*"
    assert own("سوق") == "\u2068سوق\u2069"
    assert own("\u202e") == "⟨U+202E⟩"


def test_it_says_what_the_page_says(desk: Desk) -> None:
    desk.record(awkward)
    text = markdown(desk.dossier("gas-was-used"))
    assert "  - **Shift:** denies → concedes, after 29 to 56 days\n" in text
    assert "**circular**" in text
    many = markdown(desk.dossier("killed"))
    assert "24 claims merely repeating:" in many
    assert "merely repeating" not in text


def test_a_small_dossier_in_full(desk: Desk) -> None:
    def fill(draft: Draft) -> int:
        event = an_event(draft, "clash", place="Khasham", started_on=NOON.date())
        killed = a_count(draft, "killed", event_id=event)
        a_claim(draft, source="Gazette", on=killed, low=101, wording="more than 100",
                said="2026-02-08", quote="more than 100 died")  # fmt: skip
        a_claim(draft, source="Army", on=killed, stance="denies", low=24, wording="dozens or more")
        return killed

    number = desk.record(fill)
    desk.record(settle, number, "mixed", "two lists", by="kim")
    dossier = desk.dossier("killed")
    golden = Path(__file__).with_name("small.md").read_text("utf-8")
    assert markdown(dossier) == golden.replace("HEAD", dossier.stamp.head)
