"""What a check is, and what it finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ledger.checks.case import Case


class Severity(StrEnum):
    """How much a finding weighs: it cannot be right, it may be wrong, or something is left out."""

    FAULT = "fault"
    DOUBT = "doubt"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Found:
    """What a check sees on one row: the row's `table` and `id`, what is wrong, what to do."""

    table: str
    id: int
    what: str
    to_do: str


@dataclass(frozen=True, slots=True)
class Check:
    """One lint of the craft.

    `name` is stable: acceptances and `--only` go by it. `tables` says on what rows it may find
    something, the commonest first; `why` in one sentence why that matters. `look` yields at most
    one Found a row.
    """

    name: str
    severity: Severity
    tables: tuple[str, ...]
    why: str
    look: "Callable[[Case], Iterator[Found]]"


@dataclass(frozen=True, slots=True)
class Finding:
    """A Found with its check, and the row's name and state in words.

    `subject` is what a person calls the row (`claim 7`, `source TASS`); `about` is what the row
    says as it stands, or nothing.
    """

    check: Check
    table: str
    id: int
    subject: str
    about: str
    what: str
    to_do: str

    @property
    def words(self) -> str:
        """What is found, in full: the words that an acceptance accepts."""
        return f"{self.about}: {self.what}" if self.about else self.what
