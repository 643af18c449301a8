"""The exception tree: what went wrong, where, and what to do next.

Errors carry words and data and never an exit status; `ledger.cli` alone turns them into one.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class LedgerError(Exception):
    """Something was refused or failed.

    `message` says what and where, in one line; `hint` says what to do next, or is empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class StoreError(LedgerError):
    """The database cannot be opened, read or written."""


class BusyError(StoreError):
    """Another program holds the database."""


class SchemaError(StoreError):
    """The database is no ledger, or its schema is older or newer than this program's."""


class ForgedError(SchemaError):
    """The database says that it has another schema than is `there`; `what` is that in words."""

    def __init__(self, message: str, hint: str, there: str, what: str) -> None:
        super().__init__(message, hint)
        self.there, self.what = there, what


class NotFoundError(LedgerError):
    """What was named is not in the ledger. `close` holds names that look like it."""

    def __init__(self, message: str, hint: str = "", close: Sequence[str] = ()) -> None:
        super().__init__(message, hint)
        self.close = tuple(close)


class AmbiguousError(NotFoundError):
    """What was named fits more than one row; `close` holds all of them."""


class LookalikeError(NotFoundError):
    """A name that would be new looks like one or more that exist; `close` holds them."""


class QueryError(LedgerError):
    """An ad-hoc statement is wrong, or wants to do more than read."""


class InTheWayError(LedgerError):
    """An entry cannot be undone: the later `entry` changed one of its rows since."""

    def __init__(self, message: str, hint: str, entry: int) -> None:
        super().__init__(message, hint)
        self.entry = entry


class FormatError(LedgerError):
    """A key, a signed note, a checkpoint or a proof is not what its format says."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with one value.

    `column` names the value, `what` says what is wrong with it (the value quoted safely),
    `allowed` says what would be right.
    """

    column: str
    what: str
    allowed: str = ""

    def __str__(self) -> str:
        """In one line: column, what, and what is allowed."""
        return f"{self.column}: {self.what}" + (
            f" (allowed: {self.allowed})" if self.allowed else ""
        )


class InvalidError(LedgerError):
    """A row breaks the rules; `problems` lists every breach."""

    def __init__(self, message: str, problems: Sequence[Problem], hint: str = "") -> None:
        super().__init__(message, hint)
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class BadRow:
    """A problem and where it stands: a file and its 1-based line (the header is line 1)."""

    file: str
    line: int
    problem: Problem


class BadFileError(LedgerError):
    """A file cannot be taken; nothing of it was. `rows` lists every bad row."""

    def __init__(self, message: str, rows: Sequence[BadRow] = (), hint: str = "") -> None:
        super().__init__(message, hint)
        self.rows = tuple(rows)
