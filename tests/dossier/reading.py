"""A page read back: its elements and attributes, its texts, what it would load."""

import re
from collections.abc import Mapping, Set
from html.parser import HTMLParser

#: All that a dossier is made of.
KNOWN: Mapping[str, Set[str]] = {
    "html": {"lang"},
    "head": set(),
    "meta": {"charset", "http-equiv", "content", "name"},
    "title": set(),
    "style": set(),
    "body": set(),
    "header": set(),
    "main": {"id"},
    "footer": {"aria-labelledby"},
    "nav": {"aria-labelledby"},
    "section": {"class", "aria-labelledby"},
    "article": {"id", "class"},
    "div": {"class", "tabindex", "role", "aria-labelledby", "aria-label"},
    "h1": {"dir"},
    "h2": {"id", "dir"},
    "h3": {"id"},
    "h4": {"id"},
    "p": {"class", "dir"},
    "a": {"href", "class", "rel", "dir", "aria-label"},
    "b": set(),
    "bdi": set(),
    "blockquote": {"dir", "lang"},
    "br": set(),
    "caption": set(),
    "cite": {"dir", "lang"},
    "code": {"class"},
    "dd": {"dir"},
    "dl": {"class"},
    "dt": set(),
    "figcaption": set(),
    "figure": set(),
    "li": {"id", "value"},
    "ol": {"class"},
    "span": {"class", "dir"},
    "strong": set(),
    "table": {"class"},
    "tbody": set(),
    "td": {"class", "data-head", "dir"},
    "th": {"scope", "class"},
    "thead": set(),
    "time": set(),
    "tr": set(),
    "ul": {"class"},
}

_VOID = {"meta", "br", "link", "input"}


class Read(HTMLParser):
    """What a page holds; `strange` is what is not made of `known`, or is not closed in order."""

    def __init__(
        self,
        page: str,
        drawing: tuple[frozenset[str], frozenset[str]],
        known: Mapping[str, Set[str]] = KNOWN,
    ) -> None:
        super().__init__()
        self._known = known
        self.strange: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.tables: list[set[str]] = []
        self._open: list[str] = []
        self._words: list[str] = []
        self._elements, self._attributes = drawing
        self.feed(page)
        self.close()
        self.strange += [f"open: {tag}" for tag in self._open]

    @property
    def text(self) -> str:
        """All its words, white space as one blank."""
        return re.sub(r"\s+", " ", "".join(self._words))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        drawn = "svg" in self._open or tag == "svg"
        lower = {name.lower() for name in self._attributes} | {"class", "aria-hidden", "focusable"}
        known = tag in self._elements if drawn else tag in self._known
        allowed = lower if drawn else self._known.get(tag, set())
        if not known or set(given) - allowed:
            self.strange.append(f"{tag} {given}")
        if "href" in given:
            self.links.append(given["href"] or "")
        if "id" in given:
            self.ids.append(given["id"] or "")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "th":
            self.tables.append(set(given))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.strange.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["style"]:
            self._words.append(data)

    def handle_comment(self, data: str) -> None:
        self.strange.append(f"<!--{data}")

    def unknown_decl(self, data: str) -> None:
        self.strange.append(f"<![{data}")
