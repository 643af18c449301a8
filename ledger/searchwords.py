"""What an analyst asks of `ledger search`, read: words, phrases, beginnings, OR, NOT, parentheses.

The text becomes a tree of frozen values, or QueryError in words. No database: `ledger.fulltext`
says the tree to the one there is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from ledger.errors import QueryError
from ledger.folding import searchable
from ledger.rules import shown

#: Where a word may be looked for alone, `quote:word`, and what that is.
FIELDS: dict[str, str] = {
    "quote": "the words quoted",
    "wording": "the source's own number words",
    "note": "the analyst's note on the claim",
    "because": "why the claim has its status",
    "proposition": "the sentence in question, and its slug",
    "source": "who speaks or relays, by any name",
    "document": "title and slug of where it was published",
    "event": "title, slug and place of what it is about",
}

#: So many words and phrases at most; so many parentheses in one another.
MOST_TERMS, DEEPEST = 64, 32


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase to be found: its words, folded; in one field, or anywhere if that is None.

    Where it is a `beginning`, the last of its words may go on.
    """

    words: tuple[str, ...]
    beginning: bool = False
    field: str | None = None


@dataclass(frozen=True, slots=True)
class And:
    """All of `parts`, and nothing of `without`. There is at least one part."""

    parts: tuple["Node", ...]
    without: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class Or:
    """Any of `parts`, of which there are two or more."""

    parts: tuple["Node", ...]


Node = Term | And | Or


def read(text: str) -> Node:
    """The question in `text`; QueryError, with what to do instead, where there is none in it.

    Words beside each other must all be found; `"more than a hundred"` is found as it stands,
    `flee*` is any word that begins so, and `quote:river` is looked for there alone. `a OR b`,
    `a NOT b` and parentheses as usual, the operators in capitals; NOT binds closest, OR least.
    """
    pieces = list(_pieces(text))
    if sum(piece.kind in ("word", "phrase") for piece in pieces) > MOST_TERMS:
        raise QueryError(
            f"that is more than {MOST_TERMS} words to look for", "ask for fewer of them"
        )
    reader = _Reader(pieces)
    found = reader.either(0)
    if reader.piece is not None:
        raise QueryError("there is a ) too many", "each ) closes a ( before it")
    return found


def joined(arguments: Sequence[str]) -> str:
    """What was typed at a shell, as one text: an argument of several plain words is a phrase."""
    return " ".join(
        f'"{each}"' if len(each.split()) > 1 and not _marked(each) else each for each in arguments
    )


def terms(node: Node) -> Iterator[Term]:
    """Every word and phrase of a question that is to be found; not what is to be left out."""
    if isinstance(node, Term):
        yield node
        return
    for part in node.parts:
        yield from terms(part)


def left_out(node: Node) -> Iterator[Term]:
    """Every word and phrase of a question that is to be left out."""
    if isinstance(node, Term):
        return
    for part in node.parts:
        yield from left_out(part)
    for part in node.without if isinstance(node, And) else ():
        yield from terms(part)
        yield from left_out(part)


_OPERATORS = ("AND", "OR", "NOT")
_QUOTES = '"“”„'
_PIECE = re.compile(
    rf"""
      (?P<space> \s+ )
    | (?P<open> \( )
    | (?P<close> \) )
    | (?P<phrase> (?:(?P<of>\w+):)? [{_QUOTES}] (?P<quoted>[^{_QUOTES}]*) [{_QUOTES}] \*? )
    | (?P<unclosed> (?:\w+:)? [{_QUOTES}] )
    | (?P<field> \w+:(?=\() )
    | (?P<word> [^\s(){_QUOTES}]+ )
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class _Piece:
    kind: str
    text: str
    field: str | None = None
    beginning: bool = False


def _marked(text: str) -> bool:
    """Whether text holds anything of the language but words."""
    if any(char in text for char in f"{_QUOTES}()*"):
        return True
    return any(
        word in _OPERATORS or (":" in word and word.partition(":")[0].lower() in FIELDS)
        for word in text.split()
    )


def _pieces(text: str) -> Iterator[_Piece]:
    for found in _PIECE.finditer(text):
        kind, said = str(found.lastgroup), found[0]
        if found["phrase"] is not None:
            field = _field(found["of"]) if found["of"] else None
            yield _Piece("phrase", found["quoted"], field, said.endswith("*"))
        elif kind == "unclosed":
            raise QueryError("a quotation mark is not closed", 'close it: "more than a hundred"')
        elif kind == "field":
            yield _Piece("field", said, _field(said[:-1]))
        elif kind == "word":
            yield _word(said)
        elif kind != "space":
            yield _Piece(kind, said)


def _word(said: str) -> _Piece:
    if said in _OPERATORS:
        return _Piece("operator", said)
    field, colon, rest = said.partition(":")
    named = _field(field, sure=False) if colon else None
    text = rest if named else said
    if named and not text:
        raise QueryError(f"{named}: is followed by no word", f"{named}:river, without a space")
    stars = text.count("*")
    if stars and (stars > 1 or not text.endswith("*") or text == "*"):
        raise QueryError(
            f"{shown(said)}: a * stands at the end of a word, once",
            "flee* finds flees and fleeing; what a word ends with cannot be looked for",
        )
    return _Piece("word", text.removesuffix("*"), named, bool(stars))


def _field(name: str, *, sure: bool = True) -> str | None:
    """The field of that name; a colon that stands in a word (12:30, https://…) names none."""
    if name.lower() in FIELDS:
        return name.lower()
    close = get_close_matches(name.lower(), FIELDS, n=1, cutoff=0.75)
    if sure or close:
        raise QueryError(
            f"there is no field {shown(name)} to search",
            f"did you mean {close[0]}:?" if close else f"there are {', '.join(FIELDS)}",
        )
    return None


class _Reader:
    """Goes through the pieces, from the loosest binding operator to the closest."""

    def __init__(self, pieces: list[_Piece]) -> None:
        self._pieces = pieces
        self._at = 0
        self._field: str | None = None

    @property
    def piece(self) -> _Piece | None:
        return self._pieces[self._at] if self._at < len(self._pieces) else None

    def _is(self, kind: str, text: str | None = None) -> bool:
        piece = self.piece
        return piece is not None and piece.kind == kind and text in (None, piece.text)

    def either(self, depth: int) -> Node:
        """Parts between OR."""
        parts = [self._all(depth)]
        while self._is("operator", "OR"):
            self._at += 1
            parts.append(self._all(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all(self, depth: int) -> Node:
        """Parts beside each other, or between AND, of which some may have a NOT before them."""
        parts: list[Node] = []
        without: list[Node] = []
        while True:
            missing = self._at
            if self._is("operator", "NOT"):
                self._at += 1
                without.append(self._one(depth, "NOT"))
            elif self.piece is None or self._is("close") or self._is("operator"):
                break
            else:
                parts.append(self._one(depth, ""))
            if self._is("operator", "AND"):
                self._at += 1
                if self.piece is None or self._is("close") or self._is("operator", "OR"):
                    raise _lacks("AND", "after")
                if self._is("operator", "AND"):
                    raise _lacks("AND", "after")
            assert self._at > missing
        if not parts and without:
            raise QueryError(
                "NOT alone finds nothing: say from what it is to take away", "river NOT bridge"
            )
        if not parts:
            operator = self.piece if self._is("operator") else None
            if operator:
                raise _lacks(operator.text, "before")
            if self._at and self._pieces[self._at - 1].kind == "operator":
                raise _lacks(self._pieces[self._at - 1].text, "after")
            raise QueryError("there is no word to look for", "`ledger search river`")
        return parts[0] if len(parts) == 1 and not without else And(tuple(parts), tuple(without))

    def _one(self, depth: int, after: str) -> Node:
        piece = self.piece
        if piece is None or piece.kind in ("operator", "close"):
            raise _lacks(after, "after")
        self._at += 1
        if piece.kind == "field":
            kept, self._field = self._field, piece.field
            try:
                return self._one(depth, piece.text)
            finally:
                self._field = kept
        if piece.kind == "open":
            if depth == DEEPEST:
                raise QueryError(
                    f"there are more than {DEEPEST} parentheses in one another", "ask more simply"
                )
            found = self.either(depth + 1)
            if not self._is("close"):
                raise QueryError("a parenthesis is not closed", "each ( needs its )")
            self._at += 1
            return found
        words = tuple(searchable(piece.text).split())
        if not words:
            raise QueryError(
                f"{shown(piece.text)} holds no letter and no digit to look for",
                "only words and numbers are looked for",
            )
        return Term(words, piece.beginning, piece.field or self._field)


def _lacks(operator: str, where: str) -> QueryError:
    return QueryError(
        f"there is nothing {where} {operator}",
        f'river {operator} bridge; in small letters, or in quotes as "{operator}", it is a word',
    )
