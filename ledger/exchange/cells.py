"""What stands in a cell, both ways: the text of a file, the value of a row.

An empty cell is nothing. Text is text: "007" and "NA" stay what they are. What a column cannot
take raises ValueError in words for the analyst.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from enum import StrEnum

from ledger import rules
from ledger.canonical import timestamp
from ledger.model import Precision
from ledger.rules import shown

#: What a cell may stand for, once read.
Value = str | int | date | datetime | tuple[str, ...] | tuple[date, Precision] | None

#: In `low` of a claim whose words have a convention, that both ends are open all the same.
OPEN = "open"

_WHOLE = re.compile(r"\d+", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:Z|[+-]\d{2}:\d{2})", re.ASCII)
_NAMES = re.compile(r"((?:[^;\\]|\\.)*)(?:;|\Z)", re.DOTALL)


class Cell(StrEnum):
    """What a column's cells are."""

    TEXT = "text"
    WHOLE = "a whole number"
    BOUND = "a whole number, or “open”"
    DAY = "a day: 2018-02-08"
    STATED = "a day, month or year: 2018-02-08, 2018-02 or 2018"
    MOMENT = "a time in UTC: 2018-02-08T14:30:00Z"
    NAMES = "names, with semicolons between them"


def _whole(cell: str) -> int:
    if not _WHOLE.fullmatch(cell) or len(cell) > 30:
        raise ValueError(f"{shown(cell)} is no whole number (allowed: digits alone)")
    return int(cell)


def _bound(cell: str) -> int | str:
    return cell if cell == OPEN else _whole(cell)


def _moment(cell: str) -> datetime:
    if _MOMENT.fullmatch(cell):
        try:
            return datetime.fromisoformat(cell).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise ValueError(f"{shown(cell)} is no time (allowed: 2018-02-08T14:30:00Z)")


def _names(cell: str) -> tuple[str, ...]:
    """Split at semicolons; a semicolon or backslash in a name stands behind a backslash."""
    parts = (re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL) for part in _NAMES.findall(cell))
    return tuple(dict.fromkeys(name for part in parts if (name := part.strip())))


#: How each kind of cell that is not empty is read.
READ: dict[Cell, Callable[[str], Value]] = {
    Cell.TEXT: str,
    Cell.WHOLE: _whole,
    Cell.BOUND: _bound,
    Cell.DAY: rules.day,
    Cell.STATED: rules.stated,
    Cell.MOMENT: _moment,
    Cell.NAMES: _names,
}


def written(value: str | int | date | datetime | None) -> str:
    """A row's value as a cell's text; nothing is an empty cell."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return timestamp(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def joined(names: Iterable[str]) -> str:
    """Names as one cell, the way `READ[Cell.NAMES]` takes them apart."""
    return "; ".join(re.sub(r"([;\\])", r"\\\1", name) for name in names)
