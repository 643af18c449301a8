"""Which page is meant, and its address: for a server, or among files that lie in one folder.

A page is a Where; Served and Filed spell it. Names come from strangers: in an address and in the
name of a file they are letters, digits and marks of our own, and nothing else.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Protocol
from urllib.parse import quote, unquote, urlencode

from ledger.errors import NotFoundError
from ledger.rules import shown
from ledger.visible import visible

#: The kinds of pages, and what may be asked of each beside its key, in the order of an address.
KINDS: dict[str, tuple[str, ...]] = {
    "board": ("event", "side", "status", "contested", "page"),
    "event": ("page",),
    "proposition": (),
    "source": ("page",),
    "claim": (),
    "changes": ("since",),
    "search": ("q", "page"),
    "names": (),
}

#: The kinds that are of one thing, which their key names.
KEYED = ("event", "proposition", "source", "claim")

#: What a page is written as: to read, for a spreadsheet, for a program.
ENDINGS = ("html", "csv", "json")


@dataclass(frozen=True, slots=True)
class Where:
    """A page: its kind, the name, slug or number of what it is of, and what is asked of it.

    `within`: of a claim the slug of its proposition, for a site on which it has no page of its own.
    """

    kind: str
    key: str = ""
    asked: tuple[tuple[str, str], ...] = ()
    within: str = ""

    def of(self, name: str) -> str | None:
        """What is asked under a name; None where nothing is."""
        return dict(self.asked).get(name) or None

    @property
    def page(self) -> int:
        """Which page of a long one it is, from 1; 1 for what is no number."""
        text = self.of("page") or "1"
        return max(1, int(text)) if re.fullmatch("[0-9]{1,9}", text) else 1

    def turned(self, page: int) -> "Where":
        """Another page of the same."""
        rest = tuple(pair for pair in self.asked if pair[0] != "page")
        return Where(self.kind, self.key, (*rest, ("page", str(page))) if page > 1 else rest)


@dataclass(frozen=True, slots=True)
class Stamp:
    """Of which ledger a page is: its newest entry (0: nothing is recorded) and that one's hash.

    `as_of`: what was asked for, or None for the newest. `held`: whether the head that the address
    names is the ledger's at that entry; None where it names none.
    """

    entry: int
    head: str
    recorded_at: object
    as_of: str | None = None
    held: bool | None = None

    @property
    def day(self) -> str | None:
        """What was asked for, if that is a day, as a date picker has it."""
        is_day = re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", self.as_of or "")
        return self.as_of if is_day else None


class Links(Protocol):
    """The addresses on one page."""

    @property
    def served(self) -> bool:
        """Whether a server answers, so that forms lead somewhere."""

    def to(self, where: Where, ending: str = "html") -> str | None:
        """The address of a page as HTML, CSV or JSON; None where there is no such page."""

    def now(self, where: Where) -> str | None:
        """Its address as the ledger stands now; None where there is one ledger alone."""

    def back(self, where: Where, entry: int) -> str | None:
        """Its address as the ledger stood at an entry; None where there is one ledger alone."""

    def style(self) -> str:
        """The address of the style sheet."""

    def permanent(self, where: Where, stamp: Stamp) -> str | None:
        """The address at which a page says for ever what it says now."""


@dataclass(frozen=True, slots=True)
class Served:
    """Addresses below `base` on a server; every one of them as of `as_of`, if that is given."""

    base: str = "/ledger"
    as_of: str | None = None
    sheet: str = "/ledger/style.css"
    served: bool = True

    def to(self, where: Where, ending: str = "html") -> str | None:
        """`/ledger/proposition/SLUG?as-of=7`, `/ledger/board.csv?side=denies`."""
        return self._spelt(where, ending, [("as-of", self.as_of)] if self.as_of else [])

    def now(self, where: Where) -> str | None:
        """The same without an as-of."""
        return self._spelt(where, "html", [])

    def back(self, where: Where, entry: int) -> str | None:
        """The same as of the entry."""
        return self._spelt(where, "html", [("as-of", str(entry))])

    def style(self) -> str:
        """Where the server keeps it."""
        return self.sheet

    def permanent(self, where: Where, stamp: Stamp) -> str | None:
        """As of the entry by its number, with the head that it must have."""
        pinned = [("as-of", str(stamp.entry)), ("head", stamp.head)]
        return self._spelt(where, "html", pinned if stamp.entry else [])

    def _spelt(self, where: Where, ending: str, also: Sequence[tuple[str, str]]) -> str:
        key = f"/{spelt(where.key)}" if where.kind in KEYED else ""
        suffix = "" if ending == "html" else f".{ending}"
        turned = where if ending == "html" else where.turned(1)
        query = urlencode([*turned.asked, *also])
        return f"{self.base}/{where.kind}{key}{suffix}{'?' if query else ''}{query}"


@dataclass(frozen=True, slots=True)
class Filed:
    """Addresses from the file at `depth` folders below the top of a site to others in it.

    `claims`: whether each claim has a page; else it is told on its proposition's.
    """

    depth: int = 0
    claims: bool = True
    served: bool = False

    def to(self, where: Where, ending: str = "html") -> str | None:
        """`../proposition/SLUG.html`."""
        path = file(where, ending, claims=self.claims)
        return None if path is None else "../" * self.depth + path

    def now(self, where: Where) -> str | None:
        """There is none: a site is of one moment."""
        return None

    def back(self, where: Where, entry: int) -> str | None:
        """There is none."""
        return None

    def style(self) -> str:
        """At the top."""
        return "../" * self.depth + "style.css"

    def permanent(self, where: Where, stamp: Stamp) -> str | None:
        """The file, with entry and head in the address: if another page stands there, one sees."""
        address = self.to(where)
        if address is None or not stamp.entry:
            return address
        return f"{address}?{urlencode([('as-of', stamp.entry), ('head', stamp.head)])}"


def read(path: str, query: Sequence[tuple[str, str]] = ()) -> tuple[Where, str]:
    """The page that an address below the base means, and its ending: the inverse of `Served`.

    `path` without the base, such as `proposition/killed.csv`; what the page does not know of the
    query is left out. NotFoundError where there is no such kind of page.
    """
    kind, _, rest = path.strip("/").partition("/")
    last, dot, ending = (rest or kind).rpartition(".")
    if not dot or ending not in ENDINGS[1:]:
        last, ending = rest or kind, "html"
    key, kind = (unspelt(last), kind) if rest else ("", last)
    if kind not in KINDS or (kind in KEYED) != bool(key):
        raise NotFoundError(f"there is no page {shown(path)}", "begin at the board")
    given = dict(query)
    asked = tuple((name, given[name]) for name in KINDS[kind] if given.get(name))
    return Where(kind, key, asked), ending


def spelt(name: str) -> str:
    """A name as a part of an address: `Jim+Mattis`; what is neither letter nor digit as `~2F`."""
    return quote("".join(map(_spelt, name)), safe="+~")


def _spelt(char: str) -> str:
    if (char.isascii() and char.isalnum()) or char in "-_":
        return char
    if char == " ":
        return "+"
    if not char.isascii() and visible(char) == char and not char.isspace():
        return char
    return "".join(f"~{byte:02X}" for byte in char.encode())


def unspelt(text: str) -> str:
    """The name that was spelt so; NotFoundError where none is."""
    try:
        bytes_ = unquote(text, errors="strict").replace("+", " ").encode()
        return re.sub(rb"~([0-9A-F]{2})", lambda found: bytes([int(found[1], 16)]), bytes_).decode()
    except UnicodeError:
        raise NotFoundError(f"there is no page {shown(text)}", "begin at the board") from None


@lru_cache(maxsize=10_000)
def file(where: Where, ending: str = "html", *, claims: bool = True) -> str | None:
    """The file of a page from the top of a site; None for what a site does not hold.

    Of the board a site holds all, and what is contested; it is searched by the index of names.
    """
    turn = f"-{where.page}" if where.page > 1 and ending == "html" else ""
    rest = dict(where.asked)
    rest.pop("page", None)
    if where.kind == "board" and rest in ({}, {"contested": "yes"}):
        name = "contested" if rest else "board" if turn or ending != "html" else "index"
        return f"{name}{turn}.{ending}"
    if rest or where.kind in ("board", "search"):
        return None
    if where.kind == "claim" and not claims:
        told = f"proposition/{file_name(where.within)}.html#c{where.key}"
        return told if where.within and ending == "html" else None
    if where.kind in KEYED:
        return f"{where.kind}/{file_name(where.key)}{turn.replace('-', '_')}.{ending}"
    return f"{where.kind}.{ending}"


#: What a file may be called on any system, and be the only one that is called so there.
_PLAIN = re.compile("[a-z0-9](?:-?[a-z0-9])*")
_DEVICE = re.compile("con|prn|aux|nul|com[0-9]|lpt[0-9]")
_LONGEST = 80


def file_name(key: str) -> str:
    """A key as the name of a file: itself if it is plain, else what is plain in it and a digest."""
    if len(key) <= _LONGEST and _PLAIN.fullmatch(key) and not _DEVICE.fullmatch(key):
        return key
    plain = "-".join(re.findall("[a-z0-9]+", key.lower()))[:40].strip("-")
    return f"{plain}_{sha256(key.encode()).hexdigest()[:12]}"
