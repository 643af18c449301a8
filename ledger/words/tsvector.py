"""Texts as PostgreSQL's `tsvector`, and questions as its `tsquery`, word by word: no database.

A word is put in as `ledger.folding` has it, with its place and the field it stands in as a weight;
between two fields one place is left free, so that no phrase goes from one to the next.

A tsvector knows places up to 16,383, 256 of them a word, words of 2,046 bytes, and one megabyte in
all; what is more it drops without a word. So a text that may pass any of these is cut into parts
that overlap by one place less than a phrase may have: whatever phrase of up to LONGEST places it
holds stands whole in one of them. And a word of more than PIECE characters is taken for the phrase
of its pieces, marked where they join. A longer phrase is asked for as phrases of LONGEST, which
finds what may hold it. https://www.postgresql.org/docs/current/textsearch-limitations.html
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache

from ledger.folding import searchable
from ledger.searchwords import Node, Or, Term
from ledger.words import OWN

#: The places that a phrase has at most where it is found by the index alone.
LONGEST = 100

#: So many characters of a word stand together; of four bytes each they are fewer than 2,046.
PIECE = 500

#: What one tsvector is given at most: places, places of one word, bytes.
_PLACES, _PLACES_OF_ONE, _BYTES = 16_000, 255, 500_000

#: So many characters one becomes at most when it is folded (U+FDFA is a whole sentence).
_GROWS = 20

#: Stands where a long word is cut; in no folded word.
_CUT = "~"

_WORD = re.compile("[0-9a-z]+")

#: The fields of a text, in their order.
WEIGHTS = "ABCD"

#: What stands in a text's place where there is none in it.
_GAP = ""

#: What stands between a word and its places, by how many bytes these have: how many they are.
_MANY = [b"\0" + (size >> 1).to_bytes(2, "big") for size in range(2 * _PLACES_OF_ONE + 1)]


class _Once(dict[str, bytes]):
    """Of each word what stands before the place of one that stands once: it is asked for often."""

    def __missing__(self, word: str) -> bytes:
        if len(self) == _REMEMBERED:
            self.clear()
        packed = self[word] = word.encode() + _MANY[2]
        return packed


#: So many words are remembered so.
_REMEMBERED = 1 << 14
_once = _Once()


@cache
def _places(weight: str) -> tuple[bytes, ...]:
    """Each place as it is sent, from the first on: 14 bits, and before them 2 of the weight."""
    high = (3 - WEIGHTS.index(weight)) << 14
    return tuple((high | place).to_bytes(2, "big") for place in range(1, _PLACES + 1))


def folded(text: str) -> list[str]:
    """The words of a text, folded, in their order."""
    return _WORD.findall(text.lower()) if text.isascii() else searchable(text).split()


def vector(texts: Sequence[str | None]) -> tuple[int, bytes, list[tuple[int, bytes]]]:
    """How many words the texts of a version have, and its tsvector as it is sent to a server.

    Where one does not hold them it is empty, and the parts are: each the place of its first word,
    from 1, and its tsvector. `texts` are in the order of WEIGHTS.
    """
    said = [(weight, folded(text)) for weight, text in zip(WEIGHTS, texts, strict=False) if text]
    count = sum([len(words) for _, words in said])
    if count <= _PLACES_OF_ONE and all(_is_short(text) for text in texts if text):
        start, held = 0, dict[str, bytes]()
        for weight, words in said:
            places = _places(weight)[start : start + len(words)]
            for word, place in zip(words, places, strict=True):
                held[word] = held[word] + place if word in held else place
            start += len(words) + 1
        return count, _packed(held), []
    standing: list[tuple[str, str]] = []
    for weight, words in said:
        standing += [(piece, weight) for word in words for piece in pieces(word)]
        standing.append((_GAP, ""))
    windows = list(_windows(standing))
    if len(windows) == 1:
        return count, _cut_out(standing), []
    return (
        count,
        _packed({}),
        [(start + 1, _cut_out(standing[start:end])) for start, end in windows],
    )


def _packed(held: Mapping[str, bytes]) -> bytes:
    """A tsvector as a server receives it: its words in any order, the places of each in theirs."""
    many, once = _MANY, _once
    words = [
        once[word] + places if len(places) == 2 else word.encode() + many[len(places)] + places
        for word, places in held.items()
    ]
    return len(words).to_bytes(4, "big") + b"".join(words)


def _is_short(text: str) -> bool:
    """Whether no word of a text can be too long; folded, a character may become several."""
    return len(text) <= (PIECE if text.isascii() else PIECE // _GROWS)


def pieces(word: str) -> list[str]:
    """A word as it is put in: whole, or in pieces of which each says where it was cut."""
    if len(word) <= PIECE:
        return [word]
    some = [word[at : at + PIECE] for at in range(0, len(word), PIECE)]
    last = len(some) - 1
    return [
        f"{_CUT if place else ''}{piece}{_CUT if place < last else ''}"
        for place, piece in enumerate(some)
    ]


def _windows(places: Sequence[tuple[str, str]]) -> Iterator[tuple[int, int]]:
    """The parts of a text, from and to: as long as may be, each begun within the one before."""
    start = 0
    while True:
        held, size, end = Counter[str](), 0, start
        while end < len(places) and end - start < _PLACES:
            piece, _ = places[end]
            size += len(piece.encode()) + 8
            if size > _BYTES or held[piece] == _PLACES_OF_ONE:
                break
            held[piece] += 1
            end += 1
        yield start, end
        if end == len(places):
            return
        start = end - LONGEST + 1


def _cut_out(standing: Sequence[tuple[str, str]]) -> bytes:
    held: dict[str, bytes] = {}
    for at, (piece, weight) in enumerate(standing):
        if piece:
            held[piece] = held.get(piece, b"") + _places(weight)[at]
    return _packed(held)


# Questions.


def placed(term: Term) -> list[str]:
    """What a word or phrase is asked for as: a piece for each place."""
    return [piece for word in term.words for piece in pieces(word)]


def is_rough(term: Term) -> bool:
    """Whether the index finds more than what holds it."""
    return len(placed(term)) > LONGEST


def runs(term: Term) -> Iterator[str]:
    """A word or phrase as tsqueries: one, or of a long one several, of which all must be met."""
    wanted = placed(term)
    for start in range(0, len(wanted), LONGEST):
        some = wanted[start : start + LONGEST]
        last = start + LONGEST >= len(wanted)
        yield _phrase(some, term.field, beginning=term.beginning and last)


def _phrase(wanted: Sequence[str], field: str | None, *, beginning: bool) -> str:
    # Folded words hold letters, digits and marks: no quotation mark, and no backslash.
    weight = WEIGHTS[OWN.index(field)] if field in OWN else ""
    last = len(wanted) - 1
    return " <-> ".join(
        f"'{piece}':{'*' if beginning and place == last else ''}{weight}".removesuffix(":")
        for place, piece in enumerate(wanted)
    )


def query(node: Node) -> str:
    """A question of which nothing is rough, as a tsquery of the claims' own texts."""
    if isinstance(node, Term):
        (asked,) = runs(node)
        return f"({asked})"
    parts = [query(part) for part in node.parts]
    if isinstance(node, Or):
        return f"({' | '.join(parts)})"
    taken = [f"!{query(part)}" for part in node.without]
    return f"({' & '.join([*parts, *taken])})"


# What a tsvector holds, as PostgreSQL writes one: 'word':1A,7B 'word':3


def occurrences(term: Term, parts: Sequence[tuple[int, str]]) -> int:
    """How often a version holds a word or phrase: `parts` are its vectors, with their first places.

    A phrase that is longer than LONGEST is counted by what it begins with.
    """
    wanted = placed(term)[:LONGEST]
    whole = len(placed(term)) <= LONGEST
    weight = WEIGHTS[OWN.index(term.field)] if term.field in OWN else None
    found: set[int] | None = None
    for at, piece in enumerate(wanted):
        goes_on = term.beginning and whole and at == len(wanted) - 1
        pattern = _standing(piece, goes_on=goes_on)
        places = {
            first + int(place.rstrip("ABC")) - at
            for first, text in parts
            for held in pattern.findall(text)
            for place in held.split(",")
            if weight is None or (place[-1] if place[-1] in "ABC" else "D") == weight
        }
        found = places if found is None else found & places
    return len(found or ())


@lru_cache(maxsize=256)
def _standing(piece: str, *, goes_on: bool) -> re.Pattern[str]:
    rest = "[^']*" if goes_on else ""
    return re.compile(f"'{re.escape(piece)}{rest}':([0-9ABC,]+)")
