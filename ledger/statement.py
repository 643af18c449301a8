"""The text of an ad-hoc statement: what is not allowed in it, and what was most likely meant.

It is there for the words, and to stop what needs no database to see: it does not parse SQL, and it
is not the barrier. What keeps a statement from writing is the guard in `ledger.query`. A server's
SQL, PostgreSQL's, is cut into pieces otherwise than SQLite's.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import NamedTuple

from ledger.errors import QueryError
from ledger.sqlwords import FUNCTIONS, KEYWORDS, READABLE, RELATIONS, Relation

#: The longest statement, in bytes of UTF-8.
LONGEST = 1_000_000

#: The most words, names, values and signs in a statement; more only keep the machine busy.
MOST_PIECES = 100_000

_TOKEN = re.compile(
    r"""
      (?P<space> \s++ | --[^\n]*+ | /\*(?:[^*]|\*(?!/))*+(?:\*/|\Z) )
    | (?P<text> '(?:[^']|'')*+' )
    | (?P<name> "(?:[^"]|"")*+" | `(?:[^`]|``)*+` | \[[^\]]*+\] )
    | (?P<unclosed> ['"`\[] )
    | (?P<parameter> \?\d*+ | [:@$][\w$]++ )
    | (?P<word> [\w$]++ )
    | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)

_SERVER_TOKEN = re.compile(
    r"""
      (?P<space> \s++ | --[^\n\r]*+ )
    | (?P<comment> /\* )
    | (?P<text> [eE]'(?:[^'\\]|''|\\.)*+' | (?:[uU]&|[bBnNxX])?'(?:[^']|'')*+' )
    | (?P<dollar> \$(?:[^\W\d]\w*+)?\$ )
    | (?P<name> (?:[uU]&)?"(?:[^"]|"")*+" )
    | (?P<unclosed> ['"] )
    | (?P<parameter> (?<!:):[^\W\d][\w$]*+ | \$\d++ )
    | (?P<word> \w[\w$]*+ )
    | (?P<other> :: | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT = re.compile(r"/\*|\*/")

#: What a reading statement begins with.
READING = ("SELECT", "WITH", "VALUES")

NO_WRITING = "ad-hoc SQL only reads the ledger"
RECORD = "`ledger add`, `assess`, `correct`, `settle` and `withdraw` record what changes"
_COPY = "for scratch tables use WITH name AS (SELECT …), or a copy of the file and another tool"
_SHORTEN = "shorten it: a long list of values can be a join or a range"
_SNAPSHOT = "leave it out: each statement reads one snapshot of the ledger as it is"
_ELSEWHERE = "write the answer out with --format csv and join it there"
SCHEMA = "`ledger sql --schema` shows the views and columns"
LACKS_ITS_OWN = "the ledger lacks one of its own: `ledger verify` says what was altered"
TOO_EARLY = "the statement ends too early: what is missing?"
WHOSE = "say whose it is, as in claims.status"

#: First words that are refused: what to do instead.
_REFUSED = {
    **dict.fromkeys(("INSERT", "UPDATE", "DELETE", "REPLACE"), RECORD),
    **dict.fromkeys(("CREATE", "DROP", "ALTER", "REINDEX", "ANALYZE", "VACUUM"), _COPY),
    **dict.fromkeys(
        ("BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE", "START"), _SNAPSHOT
    ),
    **dict.fromkeys(("ATTACH", "DETACH"), _ELSEWHERE),
    "PRAGMA": SCHEMA,
}

#: The same on a server, beside these.
_REFUSED_THERE = {
    **dict.fromkeys(("MERGE", "TRUNCATE", "CALL", "DO"), RECORD),
    **dict.fromkeys(("SET", "RESET", "LOCK", "ABORT", "PREPARE", "EXECUTE", "DECLARE"), _SNAPSHOT),
    "COPY": "`--format csv -o FILE` writes an answer out; `ledger import` takes rows in",
    "SHOW": SCHEMA,
}


class Token(NamedTuple):
    """A piece of a statement: its kind (a group of the pattern), its text, where it starts."""

    kind: str
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement that reads, without what stood around it, and the parameters it needs.

    `server` is whether it is PostgreSQL's SQL.
    """

    text: str
    parameters: tuple[str, ...]
    server: bool = False

    def filled(self, literals: Mapping[str, str]) -> str:
        """The text with SQL for its values in the place of its parameters."""
        parts, end = [], 0
        for piece in tokens(self.text, server=self.server):
            if piece.kind == "parameter":
                parts += [self.text[end : piece.start], literals[piece.text[1:]]]
                end = piece.start + len(piece.text)
        return "".join([*parts, self.text[end:]])


def tokens(text: str, *, server: bool = False) -> Iterator[Token]:
    """The pieces of a statement, without white space and comments."""
    if server:
        yield from _server_tokens(text)
        return
    for found in _TOKEN.finditer(text):
        if found.lastgroup and found.lastgroup != "space":
            yield Token(found.lastgroup, found[0], found.start())


def _server_tokens(text: str) -> Iterator[Token]:
    """The same as PostgreSQL cuts it: comments within comments, texts between dollars."""
    place = 0
    while found := _SERVER_TOKEN.match(text, place):
        kind, start, place = str(found.lastgroup), found.start(), found.end()
        if kind == "comment":
            place = _end_of_comment(text, start)
        elif kind == "dollar":
            end = text.find(found[0], place)
            kind, place = ("text", end + len(found[0])) if end >= 0 else ("unclosed", place)
        if kind not in ("space", "comment"):
            yield Token(kind, text[start:place], start)


def _end_of_comment(text: str, start: int) -> int:
    depth = 0
    for mark in _COMMENT.finditer(text, start):
        depth += 1 if mark[0] == "/*" else -1
        if not depth:
            return mark.end()
    return len(text)


def read(text: str, *, as_of: int | None = None, server: bool = False) -> Statement:
    """The one reading statement in `text`, or QueryError in words; `as_of` as for `query.ask`.

    `server` is whether it is for PostgreSQL.
    """
    _must_be_text(text)
    pieces = list(islice(tokens(text, server=server), MOST_PIECES + 1))
    if len(pieces) > MOST_PIECES:
        raise QueryError(f"the statement has over {MOST_PIECES:,} words and signs", _SHORTEN)
    while pieces and pieces[-1].text == ";":
        pieces.pop()
    if not pieces:
        raise QueryError("there is no statement", 'give one, such as "SELECT * FROM claims"')
    _must_read(pieces, server=server)
    _must_be_one(pieces)
    _must_be_closed(text, pieces)
    if as_of is not None:
        _must_not_pass_by(pieces, as_of, "public" if server else "main")
    end = pieces[-1].start + len(pieces[-1].text)
    return Statement(text[pieces[0].start : end], _parameters(pieces, server=server), server)


def first_word(pieces: list[Token]) -> str:
    """The word a statement begins with, in capitals; else whatever it begins with."""
    return pieces[0].text.upper()


def _must_be_text(text: str) -> None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise QueryError(
            f"the statement is not UTF-8: see character {error.start + 1}", "save it as UTF-8"
        ) from None
    if "\0" in text:
        raise QueryError(
            f"the statement has a NUL at character {text.index(chr(0)) + 1}", "take it out"
        )
    if size > LONGEST:
        raise QueryError(
            f"the statement is {size:,} bytes long; at most {LONGEST:,} are read",
            _SHORTEN,
        )


def _must_read(pieces: list[Token], *, server: bool) -> None:
    word = first_word(pieces)
    refused = {**_REFUSED, **_REFUSED_THERE} if server else _REFUSED
    if word == "EXPLAIN":
        _must_explain_a_plan(pieces, server=server)
    elif word in refused:
        raise QueryError(f"{word} is not allowed: {NO_WRITING}", refused[word])
    elif server and word in ("TABLE", "("):
        return
    elif word == "." and len(pieces) > 1:
        raise QueryError(
            f".{pieces[1].text} is no SQL; commands with a dot belong to the prompt",
            "`ledger sql` alone opens the prompt; " + SCHEMA,
        )
    elif word not in READING:
        raise QueryError(
            f"a statement begins with {', '.join(READING[:-1])} or {READING[-1]}, "
            f"not with {short(pieces[0].text)}",
            did_you_mean(word, READING) or SCHEMA,
        )


def _must_explain_a_plan(pieces: list[Token], *, server: bool) -> None:
    words = [piece.text.upper() for piece in pieces[:4]]
    if server and words[1:] and words[1] in READING:
        return  # EXPLAIN ANALYZE would carry it out
    if words[1:3] != ["QUERY", "PLAN"] or words[3:] == [] or words[3] not in READING:
        raise QueryError(
            "EXPLAIN is allowed as EXPLAIN QUERY PLAN before a SELECT, and no other way",
            "EXPLAIN QUERY PLAN SELECT … says how a query is carried out",
        )


def _must_be_one(pieces: list[Token]) -> None:
    ends = [number for number, piece in enumerate(pieces) if piece.text == ";"]
    if ends:
        after = next((piece.text for piece in pieces[ends[0] :] if piece.text != ";"), ";")
        raise QueryError(
            f"there is more than one statement: a second begins with {short(after)}",
            "give one at a time; UNION ALL joins two answers into one",
        )


def _must_be_closed(text: str, pieces: list[Token]) -> None:
    for piece in pieces:
        if piece.kind == "unclosed":
            line = text.count("\n", 0, piece.start) + 1
            raise QueryError(
                f"the {piece.text} in line {line} is never closed: "
                f"{short(text[piece.start : piece.start + 40])}",
                "a ' inside text is written twice: 'l''État'",
            )


def _must_not_pass_by(pieces: list[Token], as_of: int, schema: str) -> None:
    for name, dot in pairwise(pieces):
        if dot.text == "." and name.text.strip('"`[]').lower() == schema:
            raise QueryError(
                f"“{schema}.” would answer as of now, and not as of entry {as_of}",
                f"leave {schema}. out: every name then answers as of the entry",
            )


def _parameters(pieces: list[Token], *, server: bool) -> tuple[str, ...]:
    found = [piece.text for piece in pieces if piece.kind == "parameter"]
    for name in found:
        if name.startswith("?") or (name.startswith("$") and server):
            raise QueryError(
                f"{name} has no name, so nothing can be given for it",
                "write :name in the statement, and give its value with -p name VALUE",
            )
    return tuple(dict.fromkeys(name[1:] for name in found))


def short(text: str, longest: int = 60) -> str:
    """`text` on one line, cut where it is long: for quoting in a message."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def did_you_mean(word: str, known: tuple[str, ...] | list[str]) -> str:
    """“did you mean …?”, or nothing where no known word is close."""
    from rapidfuzz import fuzz, process  # 10 ms, for errors alone

    found = process.extract(
        word, known, scorer=fuzz.ratio, processor=str.casefold, score_cutoff=65, limit=3
    )
    names = [name for name, score, _ in found if score > found[0][1] - 5]
    return f"did you mean {' or '.join(names)}?" if names else ""


def mistake(said: str, sql: str) -> QueryError:
    """What SQLite says of a statement that is wrong, and what was most likely meant."""
    if said.startswith("Could not decode to UTF-8"):
        return QueryError("a text in the answer is not UTF-8", "hex(column) shows its bytes")
    for pattern, hint in _HINTS:
        if found := pattern.search(said):
            return QueryError(short(said, 200), typographic(sql) or hint(found))
    return QueryError(short(said, 200), typographic(sql))


def typographic(sql: str, *, server: bool = False) -> str:
    """What to do where a statement has the quotes that a word processor makes."""
    signs = (token.text for token in tokens(sql, server=server) if token.kind == "other")
    if any(mark in sign for sign in signs for mark in "‘’“”"):
        return "text stands in straight quotes: 'denies', not ‘denies’ or “denies”"
    return ""


def instead_of(function: str) -> str:
    """What does the work of a function that SQLite has no body for."""
    if function.upper() in ("REGEXP", "MATCH"):
        return "use LIKE '%word%' or GLOB '*word*'"
    return ""


def of_column(name: str, relations: Sequence[Relation]) -> str:
    """Whose column a name is that was looked for elsewhere, or which is meant; else nothing."""
    if owners := [each.name for each in relations if name in each.columns]:
        return f"{name} is a column of {', '.join(owners)}"
    known = list(dict.fromkeys(column for each in relations for column in each.columns))
    return did_you_mean(name, known)


def of_keyword(word: str) -> str:
    """Which keyword is meant where a statement cannot be read on; nothing where it is one."""
    return "" if word.upper() in KEYWORDS else did_you_mean(word, list(KEYWORDS))


def _no_column(found: re.Match[str]) -> str:
    name = found[1].rpartition(".")[2].strip('"')
    return of_column(name, RELATIONS) or f"a text stands in quotes: '{short(name)}'; {SCHEMA}"


def _no_table(found: re.Match[str]) -> str:
    name = found[1].rpartition(".")[2]
    if name.lower() in READABLE:
        return LACKS_ITS_OWN
    return did_you_mean(name, [each.name for each in RELATIONS]) or SCHEMA


def _no_function(found: re.Match[str]) -> str:
    return instead_of(found[1]) or did_you_mean(found[1], sorted(FUNCTIONS))


def _near(found: re.Match[str]) -> str:
    return of_keyword(found[1])


_HINTS = (
    (re.compile(r"no such column: (.+)"), _no_column),
    (re.compile(r"no such table: (.+)"), _no_table),
    (re.compile(r"no such function: (.+)"), _no_function),
    (re.compile(r"ambiguous column name: (.+)"), lambda _: WHOSE),
    (re.compile(r"incomplete input"), lambda _: TOO_EARLY),
    (re.compile(r'near "(.+)": syntax error'), _near),
)
