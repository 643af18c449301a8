"""The ad-hoc door: one SQL statement that reads, in a process of its own, and stops in time.

What it may do is kept by the guard in `ledger.confined`, what it may use by `ledger.confining`, and
`ledger.statement` looks at its text. Here is what is put together for it, and what is said where it
fails. docs/security.md tells what each is for.
"""

import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

from ledger import pgwords
from ledger.confining import LONGEST_VALUE, Answer, Confined, FailedError, Limits, Question
from ledger.errors import LedgerError, QueryError
from ledger.sqlwords import FUNCTIONS, READABLE, RELATIONS, SEARCHED, SEARCHING, Relation
from ledger.statement import (
    NO_WRITING,
    RECORD,
    SCHEMA,
    Statement,
    instead_of,
    mistake,
    read,
    short,
)
from ledger.store import SEARCHED_VIEW, SQLiteStore, Store, narrowing

#: What a statement may use, unless told otherwise.
LIMITS = Limits()

#: A value for a parameter.
Value = str | int | float | bytes | None


@dataclass(frozen=True, slots=True)
class Result:
    """All rows of an answer; `truncated` where there were more than were asked for.

    Columns and values are as in `ledger.confining.Answer`.
    """

    columns: list[str]
    rows: list[tuple[Any, ...]]
    truncated: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What a statement may name on a ledger's database: to select from, and to call."""

    relations: tuple[Relation, ...]
    functions: frozenset[str]


def known(store: Store) -> Known:
    """What a statement on this ledger may name; for help and completion."""
    if store.dialect == "postgresql":
        return Known(pgwords.RELATIONS, pgwords.FUNCTIONS)
    return Known(RELATIONS, FUNCTIONS)


@contextmanager
def ask(
    store: Store,
    sql: str,
    *,
    as_of: int | None = None,
    parameters: Mapping[str, Value] | None = None,
    limits: Limits = LIMITS,
) -> Iterator[Answer]:
    """One statement's answer, whole, to be read row by row while the context is open.

    `as_of` is an entry's number; `parameters` are the values of :name. Whoever reads it may take
    any time: the ledger has been let go of by then. Raises QueryError where the statement is wrong,
    wants to do more than read, or goes beyond a limit; StoreError as `store.reader`.
    """
    statement = read(sql, as_of=as_of, server=store.dialect == "postgresql")
    values = _values(statement, parameters or {})
    with carry_out(store, statement, values, as_of=as_of, limits=limits) as answer:
        yield answer


@contextmanager
def carry_out(
    store: Store,
    statement: Statement,
    values: Mapping[str, Value],
    *,
    as_of: int | None = None,
    limits: Limits = LIMITS,
    searched: frozenset[str] = SEARCHED,
) -> Iterator[Answer]:
    """A statement's answer, whatever the statement says; `searched` are FTS5 tables to be matched.

    This is the barrier by itself: it holds for text that `ledger.statement` never saw, too.
    """
    try:
        if isinstance(store, SQLiteStore):
            answering = _confined(store, statement, values, as_of, limits, searched)
        else:
            answering = _served(store, statement, values, as_of, limits)
        with answering as answer:
            yield answer
    except FailedError as failure:
        _refuse(store, statement, limits, failure)


@contextmanager
def _served(
    store: Store,
    statement: Statement,
    values: Mapping[str, Value],
    as_of: int | None,
    limits: Limits,
) -> Iterator[Answer]:
    """An answer from a server."""
    from ledger import pgasking  # psycopg is an extra, and takes its time to load

    with pgasking.ask(store, statement, values, as_of=as_of, limits=limits) as answer:
        yield answer


@contextmanager
def _confined(
    store: SQLiteStore,
    statement: Statement,
    values: Mapping[str, Value],
    as_of: int | None,
    limits: Limits,
    searched: frozenset[str],
) -> Iterator[Answer]:
    """An answer from a file, by a process of its own."""
    question = Question(
        statement.text,
        values,
        store.address("ro"),
        store.busy_seconds,
        [SEARCHED_VIEW] if as_of is None else list(narrowing(as_of)),
        READABLE | searched,
        FUNCTIONS | (SEARCHING if searched else frozenset()),
        searched,
    )
    with _started() as process:
        with store.reader():  # while that starts: what is no ledger, or was left by a crash
            pass
        with process.ask(question, limits) as answer:
            yield answer


def _started() -> Confined:
    try:
        return Confined()
    except OSError as error:
        raise QueryError(
            f"no process can be started to run the statement in: {error.strerror}",
            "end other programs, or raise the limits of this one",
        ) from None


def run(
    store: Store,
    sql: str,
    *,
    as_of: int | None = None,
    parameters: Mapping[str, Value] | None = None,
    limits: Limits = LIMITS,
) -> Result:
    """One statement's whole answer; arguments and errors as for `ask`."""
    with ask(store, sql, as_of=as_of, parameters=parameters, limits=limits) as answer:
        rows = list(answer)
        return Result(answer.columns, rows, answer.truncated)


def _values(statement: Statement, given: Mapping[str, Value]) -> Mapping[str, Value]:
    """The values for a statement's parameters; QueryError where the two do not fit."""
    missing = [name for name in statement.parameters if name not in given]
    if missing:
        raise QueryError(
            f"the statement needs a value for :{', :'.join(map(short, missing[:5]))}"
            + (f" and {len(missing) - 5:,} more" if len(missing) > 5 else ""),
            "give it with " + " ".join(f"-p {short(name)} VALUE" for name in missing[:5]),
        )
    unused = [name for name in given if name not in statement.parameters]
    if unused:
        names = [f":{short(name)}" for name in statement.parameters[:20]]
        raise QueryError(
            f"the statement has no parameter :{short(unused[0])}",
            f"it has {', '.join(names)}" if names else "write :name where the value belongs",
        )
    for name, value in given.items():
        if isinstance(value, str) and not _is_utf8(value):
            raise QueryError(f"the value for :{short(name)} is not UTF-8", "give it as UTF-8")
    return given


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse(store: Store, statement: Statement, limits: Limits, failure: FailedError) -> NoReturn:
    """Raise what a failure means, in words."""
    told = _told(statement, limits, failure)
    if told is None and isinstance(store, SQLiteStore):
        told = store.told(failure.name, failure.message)
    if told is None:
        raise RuntimeError(f"{failure.name}: {failure.message}") from failure
    raise told from None


def _told(statement: Statement, limits: Limits, failure: FailedError) -> LedgerError | None:
    """What a failure means; None where it is about the file, which the store puts into words."""
    if failure.why == "late":
        return QueryError(
            f"the statement was stopped after {limits.seconds:g} seconds",
            "narrow it with WHERE, or give it longer with --timeout SECONDS (0: no limit)",
        )
    if failure.why == "memory":
        return QueryError(
            f"the statement needs more memory than {_size(limits.memory)}",
            "sort, group or join fewer rows, or give it more with --max-memory MIB (0: no limit)",
        )
    if failure.why == "size":
        return QueryError(
            f"the answer is larger than {_size(limits.size)}",
            "narrow it with WHERE, leave long columns out, or allow more with --max-size MIB "
            "(0: no limit)",
        )
    if failure.why == "disk":
        return QueryError(
            f"the answer cannot be put aside in {tempfile.gettempdir()}: {failure.message}",
            "free some space there, or name another folder with TMPDIR",
        )
    if failure.why == "died":
        return QueryError(
            f"SQLite did not survive the statement ({failure.message})",
            "the ledger is as it was; `ledger verify` looks it over, `ledger doctor` knows faults "
            "of SQLite",
        )
    if failure.why == "opening":
        return None
    if failure.denied:
        return _refusal(*failure.denied)
    if failure.name == "OVERFLOW":
        return QueryError("a value is too large for SQLite", "give it as text")
    if failure.name == "SQLITE_TOOBIG" or failure.why == "value":
        return QueryError(
            f"the statement makes or reads a text or blob of over {_size(LONGEST_VALUE)}",
            "leave that column out, or make it shorter",
        )
    if failure.name in ("", "SQLITE_ERROR", "SQLITE_MISMATCH", "SQLITE_RANGE", "SQLITE_AUTH"):
        return mistake(failure.message, statement.text)
    return None


def _size(size: int | None) -> str:
    return "there is" if size is None else f"{size / (1 << 20):g} MiB"


def _refusal(action: int, one: str | None, two: str | None) -> QueryError:
    """What the guard refused, in words."""
    if action == sqlite3.SQLITE_FUNCTION:
        return QueryError(
            f"the function {short(two or '')}() is not allowed here",
            instead_of(two or "") or "functions that only compute are",
        )
    if action == sqlite3.SQLITE_READ:
        return QueryError(f"{short(one or '')} is no table or view of the ledger", SCHEMA)
    if action == sqlite3.SQLITE_UPDATE and one == "sqlite_master":
        # SQLite declares a computed table by way of its catalogue.
        return QueryError(
            "only the ledger's own tables and views can be read here, and no computed ones "
            "(pragma_…, json_each, dbstat)",
            SCHEMA,
        )
    return QueryError(f"this statement would do more than read: {NO_WRITING}", RECORD)
