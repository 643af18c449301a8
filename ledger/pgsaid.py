"""What PostgreSQL says of a statement that is wrong, in words, and what was most likely meant.

By the code of the error (https://www.postgresql.org/docs/current/errcodes-appendix.html): the words
of a server may be of any language, but names in them stand in quotes.
"""

import re
from collections.abc import Callable

from ledger.errors import QueryError
from ledger.pgguard import instead_of
from ledger.pgwords import FUNCTIONS, READABLE, RELATIONS
from ledger.statement import (
    LACKS_ITS_OWN,
    NO_WRITING,
    RECORD,
    SCHEMA,
    TOO_EARLY,
    WHOSE,
    did_you_mean,
    of_column,
    of_keyword,
    short,
)

_QUOTED = re.compile(r"[\"“„«](.+?)[\"”»]")
_CALL = re.compile(r"([\w.]+)\(")

_LARGER = "leave that column out, or make it shorter"


def mistake(code: str, said: str, typographic: str = "", hint: str = "") -> QueryError:
    """What the server `said` of a statement, by the error's `code`, with its own `hint`.

    `typographic` is what is to be said of the marks in it, before all else.
    """
    if code in ("25006", "0A000", "55000"):  # in a transaction that only reads, in or of a view
        return QueryError(f"this statement would do more than read: {NO_WRITING}", RECORD)
    if code == "42P16":  # names the column as the view has it
        kind = said.rpartition(" ")[2]
        return QueryError(f"a column of the answer is of the type {kind}, which no answer has", "")
    advise = _HINTS.get(code)
    own = typographic or (advise(said) if advise else "")
    return QueryError(short(said, 200), own or short(hint, 200))


def _named(said: str) -> str:
    found = _QUOTED.search(said)
    return found[1].rpartition(".")[2] if found else ""


def _column(said: str) -> str:
    # “column "sorce" does not exist”, or “column c.sorce does not exist”.
    name = _named(said) or next((w.rpartition(".")[2] for w in said.split() if "." in w), "")
    quoted = f"a text stands in single quotes: '{short(name)}'; {SCHEMA}"
    return of_column(name, RELATIONS) or quoted


def _table(said: str) -> str:
    name = _named(said)
    if name in READABLE:
        return LACKS_ITS_OWN
    return did_you_mean(name, sorted(READABLE)) or SCHEMA


def _function(said: str) -> str:
    found = _CALL.search(said)
    if found is None:  # an operator, of types that it is not for
        return "CAST(value AS type) makes one type of two"
    name = found[1].rpartition(".")[2]
    return instead_of(name) or did_you_mean(name, sorted(FUNCTIONS))


def _near(said: str) -> str:
    word = _named(said)
    return of_keyword(word) if word else TOO_EARLY


_HINTS: dict[str, Callable[[str], str]] = {
    "42601": _near,
    "42703": _column,
    "42P01": _table,
    "3F000": _table,
    "42883": _function,
    "42702": lambda _: WHOSE,
    "42501": lambda _: "ask the ledger's owner: `ledger grant reader YOU` lets you read it",
    "42P22": lambda _: 'say how texts are compared: source COLLATE "C"',
    "54000": lambda _: _LARGER,
    "54001": lambda _: "nest less deeply",
    "53400": lambda _: "sort, group or join fewer rows",
}
