"""Guesses what the columns of a table mean, by their names and by what stands in them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ledger.exchange import tables
from ledger.recipes.values import in_formats

_SPLIT = re.compile(r"[^a-z0-9]+|(?<=[a-z])(?=[A-Z])")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_COUNT = re.compile(r"\d{1,9}(?:\.0+)?")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].*)?|\d{4}-\d{2}|\d{4}")
_REPORT = re.compile(r".+ \(\d{4}(?:-\d{2}){0,2}\) .+", re.DOTALL)

#: Words of columns, by what the column is thought to be; the first that fits is taken.
_WORDS = {
    "source": "source outlet publisher speaker author agency office reporter said_by claimant who",
    "text": "claim headline statement question proposition text",
    "event": "event incident case",
    "stance": "stance label position response answer",
    "verdict": "truth verdict rating veracity truthiness conclusion",
    "url": "url link href",
    "title": "title headline heading article",
    "place": "place location city town village country where",
    "date": "date day when time published",
    "killed": "killed deaths dead fatalities casualties best",
    "injured": "injured injuries wounded",
}

#: Words that a stance may be called by elsewhere, and ours.
STANCES = {
    "for": "asserts", "support": "asserts", "supports": "asserts", "supported": "asserts",
    "agree": "asserts", "agrees": "asserts", "true": "asserts", "yes": "asserts",
    "affirm": "asserts", "affirms": "asserts", "confirm": "asserts", "confirms": "asserts",
    "against": "denies", "deny": "denies", "denies": "denies", "denied": "denies",
    "refute": "denies", "refutes": "denies", "disagree": "denies", "false": "denies",
    "no": "denies",
    "observing": "relays", "comment": "relays", "discuss": "relays", "neutral": "relays",
    "query": "questions", "questions": "questions", "question": "questions",
    "unknown": "cannot-confirm", "unverified": "cannot-confirm",
}  # fmt: skip

#: Ways in which days are written, in the order in which they are tried.
FORMATS = (
    "%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d.%m.%Y",
    "%d %B %Y", "%B %d, %Y", "%d %b %Y", "%b %d, %Y", "%d-%b-%Y", "%d-%b-%y", "%Y%m%d",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its words, and its first cells that are not empty."""

    name: str
    cells: tuple[str, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The words that its name consists of."""
        return tuple(word for word in _SPLIT.split(_CAMEL.sub(" ", self.name).lower()) if word)

    def all_are(self, pattern: re.Pattern[str]) -> bool:
        """Whether every cell fits a pattern, and there is one."""
        return bool(self.cells) and all(pattern.fullmatch(cell) for cell in self.cells)

    @property
    def counts(self) -> bool:
        """Whether it holds whole numbers."""
        return self.all_are(_COUNT)

    @property
    def reports(self) -> bool:
        """Whether its cells are such as “Reuters (2011-01-10) Thirty-three dead …”."""
        return self.all_are(_REPORT)

    @property
    def is_url(self) -> bool:
        """Whether it holds addresses."""
        return self.all_are(_URL)

    @property
    def formats(self) -> tuple[str, ...]:
        """The format in which its cells are dates; none where they are ISO 8601 or no dates."""
        if self.all_are(_ISO) or not self.cells:
            return ()
        return tuple(
            form for form in FORMATS if all(in_formats(cell, (form,)) for cell in self.cells)
        )[:1]


@dataclass(frozen=True, slots=True)
class Guess:
    """What the columns of a table are thought to be, by a word for it; what is not there is not."""

    columns: tuple[Column, ...]
    meant: dict[str, Column]
    low: str = ""
    best: str = ""
    high: str = ""

    @property
    def identity(self) -> Column:
        """The column that tells rows, or what they are about, apart."""
        named = [c for c in self.columns if c.words[-1:] == ("id",) or c.words[:1] == ("id",)]
        return self.meant.get("event") or next(iter(named), self.columns[0])


def guessed(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Guess:
    """What the columns of a table may mean, by its header and first rows."""
    names = [tables.plain_name(name) for name in header]
    columns = tuple(
        Column(name.strip(), tuple(row[place].strip() for row in rows if row[place].strip()))
        for place, name in enumerate(header)
        # What stands there twice, or cannot stand in braces, is for the analyst.
        if name.strip() and not set("{}|") & set(name) and names.count(names[place]) == 1
    )
    low, best, high = _triple(columns)
    meant: dict[str, Column] = {}
    for what, words in _WORDS.items():
        for word in words.split():
            fit = [c for c in columns if word in c.words and _may_be(what, c)]
            fit = [c for c in fit if c not in meant.values()]
            if fit:
                meant[what] = min(fit, key=lambda c: len(c.words))
                break
    for column in columns:
        if column.is_url:
            meant.setdefault("url", column)
    return Guess(columns, meant, low, best, high)


def _may_be(what: str, column: Column) -> bool:
    last = column.words[-1]
    if what in ("killed", "injured"):
        return column.counts
    if what == "date":
        return bool(column.formats) or column.all_are(_ISO)
    if what == "url":
        return column.is_url
    if what == "stance":
        known = {cell.lower() for cell in column.cells} & STANCES.keys()
        return bool(known) and not column.counts
    if what == "event":
        return last in ("event", "incident", "case", "id", "no", "number", "ref", "code")
    return not column.counts and last not in ("id", "no", "number", "type", "date", "count")


def _triple(columns: Sequence[Column]) -> tuple[str, str, str]:
    """The columns with the lowest, the best and the highest figure, as far as there are."""
    names = {tables.plain_name(column.name): column.name for column in columns if column.counts}
    for name in names:
        for low, best, high in (("low", "best", "high"), ("min", "best", "max"),
                                ("minimum", "best", "maximum")):  # fmt: skip
            words = re.split(r"([^a-z0-9]+)", name)
            if low in words:
                other = ["".join(w if w != low else end for w in words) for end in (best, high)]
                return names[name], names.get(other[0], ""), names.get(other[1], "")
    return "", "", ""
