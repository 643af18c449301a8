"""Where in a text the words are that were looked for: marked, and cut to what stands around them.

Works on texts as they are stored, and only shows: what a question finds is `ledger.fulltext`'s.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ledger.folding import Token, tokens
from ledger.searchwords import Term

#: What a found word stands between.
MARKS = ("[", "]")

#: So many characters of a text are shown, about, where it is longer.
AROUND = 80

#: The columns of the view `claims` that are searched, and three more of what a claim names, in the
#: order in which a hit is told; and the field of a question that each belongs to.
COLUMNS: dict[str, str] = {
    "quote": "quote",
    "wording": "wording",
    "note": "note",
    "because": "because",
    "proposition_text": "proposition",
    "proposition": "proposition",
    "source": "source",
    "via": "source",
    "document_title": "document",
    "document": "document",
    "event": "event",
    "alias": "source",
    "event_title": "event",
    "place": "event",
}


@dataclass(frozen=True, slots=True)
class Marked:
    """Which of COLUMNS hold what was looked for, the one of the snippet first; and the snippet."""

    hit: tuple[str, ...]
    snippet: str


def marked(
    row: Mapping[str, object], terms: Sequence[Term], marks: tuple[str, str] = MARKS
) -> Marked:
    """Where a claim, a row with some of COLUMNS, holds any of `terms`.

    The snippet is of the column that holds most of them, the first of those; what was found stands
    between `marks` in it.
    """
    found: dict[str, list[tuple[int, int]]] = {}
    most, best = 0, ""
    for column, field in COLUMNS.items():
        text = row.get(column)
        if not isinstance(text, str):
            continue
        wanted = [term for term in terms if term.field in (None, field)]
        held = [spans for term in wanted if (spans := list(_spans(text, term)))]
        if held:
            found[column] = sorted(span for spans in held for span in spans)
            if len(held) > most:
                most, best = len(held), column
    snippet = _snippet(str(row[best]), found[best], marks) if best else ""
    return Marked(tuple(sorted(found, key=lambda column: column != best)), snippet)


def _spans(text: str, term: Term) -> Iterator[tuple[int, int]]:
    """Where a text holds a word or phrase: first and past the last character."""
    if text.isascii():
        if pattern := _pattern(term):
            yield from (found.span() for found in pattern.finditer(text))
        return
    words, there = term.words, _tokens(text)
    for start in range(len(there) - len(words) + 1):
        last = there[start + len(words) - 1]
        if all(there[start + at].text == word for at, word in enumerate(words[:-1])) and (
            last.text.startswith(words[-1]) if term.beginning else last.text == words[-1]
        ):
            yield there[start].start, last.end


@lru_cache(maxsize=256)
def _pattern(term: Term) -> re.Pattern[str] | None:
    """A word or phrase as it stands in ASCII text; None where it cannot."""
    if not all(word.isascii() for word in term.words):
        return None
    goes_on = "[0-9a-z]*" if term.beginning else "(?![0-9a-z])"
    phrase = "[^0-9a-z]+".join(term.words)
    return re.compile(f"(?<![0-9a-z]){phrase}{goes_on}", re.ASCII | re.IGNORECASE)


@lru_cache(maxsize=64)
def _tokens(text: str) -> tuple[Token, ...]:
    return tuple(tokens(text))


def _snippet(text: str, spans: list[tuple[int, int]], marks: tuple[str, str]) -> str:
    """A text cut to some words around the first span, every span in it marked."""
    start, end = 0, len(text)
    if len(text) > AROUND + AROUND // 2:
        first, past = spans[0]
        start = max(0, min(first - AROUND // 3, len(text) - AROUND))
        end = max(start + AROUND, past)
        start, end = _between_words(text, start, end, first, past)
    parts, at = ["…" if start else ""], start
    for first, past in spans:
        if first >= at and past <= end:
            parts += [text[at:first], marks[0], text[first:past], marks[1]]
            at = past
    return " ".join("".join([*parts, text[at:end], "…" if end < len(text) else ""]).split())


def _between_words(text: str, start: int, end: int, first: int, past: int) -> tuple[int, int]:
    """The same place of a text, no word cut that has an end nearby."""
    if start:
        space = text.find(" ", start, first)
        start = start if space < 0 else space + 1
    if end < len(text):
        space = text.rfind(" ", past, end)
        end = end if space < 0 else space
    return start, min(end, len(text))
