"""Values as text, and columns as keys: what every format says alike."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from ledger.canonical import timestamp


def plain(value: Any) -> str:
    """A value as text: nothing for None, ISO 8601 for times, numbers bare."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return timestamp(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def keys(columns: Sequence[str]) -> list[str]:
    """The columns' names, a second `id` as `id_2`: an object would keep only the last of them.

    As sqlite-utils and its kin name them; a number that is another column's name is skipped.
    """
    given = set(columns)
    numbers: dict[str, int] = {}  # the next one of each name
    named: dict[str, None] = {}
    for column in columns:
        key = column
        while key in named or (key != column and key in given):
            number = numbers.get(column, 2)
            key, numbers[column] = f"{column}_{number}", number + 1
        named[key] = None
    return list(named)
