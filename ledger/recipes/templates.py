"""Templates: `"{event_id}[ at {place}]"` read once, and then filled for every row.

A template is text, holes in braces and groups in square brackets. A group of which a hole is empty
is left out; a template of which every hole is empty is empty.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from html import unescape
from operator import itemgetter
from urllib.parse import urlsplit

from ledger import names, rules

#: What is at hand when a template is filled: every column and value of a row, by number.
Cells = Sequence[str]
Filled = Callable[[Cells], str]

_LONGEST = 48
_SLUG = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
_NO_LETTER = re.compile(r"[^a-z0-9]+")
_ARTICLE = re.compile(r"(?:the|an?)[ \t\n\r\f\v]+(?=\S)")
_TOKEN = re.compile(r"\{\{|\}\}|\[\[|\]\]|\{([^{}]*)\}|[\[\]{}]|[^\[\]{}]+")


@dataclass(frozen=True, slots=True)
class Hole:
    """A column, value or part of one, and what is done with it."""

    name: str
    filter: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """Text, holes, and groups of both."""

    parts: tuple["str | Hole | Template", ...]

    def holes(self) -> Iterator[Hole]:
        """Every hole, those in groups too."""
        for part in self.parts:
            if isinstance(part, Hole):
                yield part
            elif isinstance(part, Template):
                yield from part.holes()

    @property
    def names(self) -> tuple[str, ...]:
        """What it is made of."""
        return tuple(dict.fromkeys(hole.name for hole in self.holes()))

    @property
    def constant(self) -> str | None:
        """Its text, where it is nothing but text."""
        if any(not isinstance(part, str) for part in self.parts):
            return None
        return "".join(str(part) for part in self.parts).strip()

    @property
    def plain(self) -> str | None:
        """The name of the one hole that it consists of, with which nothing is done."""
        if len(self.parts) == 1 and isinstance(self.parts[0], Hole) and not self.parts[0].filter:
            return self.parts[0].name
        return None


def parsed(text: str) -> Template:
    """A template of its text; ValueError, in words for the analyst, where it is none."""
    outside: list[str | Hole | Template] = []
    inside: list[str | Hole | Template] | None = None
    for found in _TOKEN.finditer(text):
        piece, name = found[0], found[1]
        part: str | Hole
        if piece in ("{{", "}}", "[[", "]]"):
            part = piece[0]
        elif name is not None:
            part = _hole(name)
        elif piece == "[":
            if inside is not None:
                raise ValueError("a bracket opens in brackets; write [[ for a bracket of text")
            inside = []
            continue
        elif piece == "]":
            if inside is None:
                raise ValueError("a bracket closes that was not opened; write ]] for one of text")
            if not any(isinstance(each, Hole) for each in inside):
                raise ValueError("brackets hold no {column}; write [[ and ]] for brackets of text")
            outside.append(Template(tuple(inside)))
            inside = None
            continue
        elif piece in "{}":
            raise ValueError(f"a brace stands alone; write {piece * 2} for a brace of text")
        else:
            part = piece
        into = outside if inside is None else inside
        if isinstance(part, str) and into and isinstance(into[-1], str):
            into[-1] += part
        else:
            into.append(part)
    if inside is not None:
        raise ValueError("a bracket is never closed; write [[ for a bracket of text")
    return Template(tuple(outside))


def _hole(text: str) -> Hole:
    name, bar, done = (each.strip() for each in text.partition("|"))
    if not name:
        raise ValueError("braces name no column; write {{ and }} for braces of text")
    if bar and done not in FILTERS:
        near = names.close(done, FILTERS, most=1)
        meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(FILTERS)}"
        raise ValueError(f"“|{done}” is not known; {meant}")
    return Hole(name.lower(), done)


def filling(template: Template, at: Callable[[str], int]) -> Filled:
    """What fills a template; `at` gives the number of a name."""
    constant = template.constant
    if constant is not None:
        return lambda cells: constant
    if (plain := template.plain) is not None:
        return itemgetter(at(plain))
    if any(isinstance(part, Template) for part in template.parts):
        return _grouped(template, at)
    return _formatted(template, at)


def _formatted(template: Template, at: Callable[[str], int]) -> Filled:
    """Of text and holes alone: one format, which C fills."""
    form = "".join(
        part.replace("%", "%%") if isinstance(part, str) else "%s" for part in template.parts
    )
    holes = list(template.holes())
    places = [at(hole.name) for hole in holes]
    filters = [FILTERS[hole.filter] if hole.filter else None for hole in holes]
    if len(holes) == 1:
        place, done = places[0], filters[0]

        def one(cells: Cells) -> str:
            cell = cells[place]
            if not cell:
                return ""
            return (form % (done(cell) if done else cell)).strip()

        return one
    picked = itemgetter(*places)
    if not any(filters):

        def many(cells: Cells) -> str:
            found = picked(cells)
            return (form % found).strip() if any(found) else ""

        return many

    def filtered(cells: Cells) -> str:
        found = picked(cells)
        if not any(found):
            return ""
        done = (each(cell) if each else cell for each, cell in zip(filters, found, strict=True))
        return (form % tuple(done)).strip()

    return filtered


def _grouped(template: Template, at: Callable[[str], int]) -> Filled:
    places = tuple(at(name) for name in template.names)
    parts: list[tuple[Filled, tuple[int, ...]]] = []
    for part in template.parts:
        if isinstance(part, str):
            parts.append((_text(part), ()))
        elif isinstance(part, Hole):
            parts.append((_unstripped(Template((part,)), at), ()))
        else:
            parts.append((_unstripped(part, at), tuple(at(name) for name in part.names)))

    def grouped(cells: Cells) -> str:
        if not any(cells[place] for place in places):
            return ""
        return "".join(
            [
                fill(cells)
                for fill, needed in parts
                if not needed or all(cells[place] for place in needed)
            ]
        ).strip()

    return grouped


def _text(text: str) -> Filled:
    return lambda cells: text


def _unstripped(template: Template, at: Callable[[str], int]) -> Filled:
    """A part of a template, with the spaces that it begins and ends with."""
    fills: list[Filled] = []
    for part in template.parts:
        if isinstance(part, str):
            fills.append(_text(part))
        elif isinstance(part, Hole):
            fills.append(_formatted(Template((part,)), at))
    return lambda cells: "".join([fill(cells) for fill in fills])


# What is done with a value.


@lru_cache(1 << 15)
def slug(text: str) -> str:
    """A short typeable name for a text; one that was cut bears digits of the whole.

    As `names.slug` makes it; what is a slug already stays as it is.
    """
    if not text or is_slug(text):
        return text
    whole = _whole_slug(text)
    return whole if len(whole) <= _LONGEST else _cut(whole, text)


@lru_cache(1 << 15)
def key(text: str) -> str:
    """A slug with digits that tell the text from every other."""
    return _cut(_whole_slug(text), text) if text else ""


def is_slug(text: str) -> bool:
    """Whether a text will do as a slug."""
    if text.isascii():
        return _SLUG.fullmatch(text) is not None and not text.isdecimal()
    return next(rules.event_problems({"slug": text, "title": text}), None) is None


def _whole_slug(text: str) -> str:
    if not text.isascii():
        return names.slug(text, longest=len(text) * 8)
    small = text.strip().lower()
    words = _NO_LETTER.sub("-", _ARTICLE.sub("", small, count=1) if small[:1] in "ta" else small)
    words = words.strip("-") or "untitled"
    return f"n-{words}" if words.isdecimal() else words


def _cut(whole: str, text: str) -> str:
    digits = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()
    room = _LONGEST - len(digits) - 1
    kept = whole[:room]
    if len(whole) > room and whole[room] != "-" and "-" in kept:
        kept = kept[: kept.rindex("-")]
    return f"{kept.strip('-')}-{digits}"


@lru_cache(1 << 15)
def host(url: str) -> str:
    """The host of a URL without `www.`; of what is none, the text."""
    try:
        found = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        found = ""
    return found.removeprefix("www.") or url


FILTERS: dict[str, Callable[[str], str]] = {
    "slug": slug,
    "key": key,
    "host": host,
    "lower": str.lower,
    "upper": str.upper,
    "plain": unescape,
}
