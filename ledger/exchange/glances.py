"""Cells that are looked at once for many rows; what takes more than a glance is None.

The slow way (`sheets`, `drafting`) reads those, and says what is wrong with them.
"""

from ledger import wording
from ledger.exchange.cells import OPEN, READ, Cell
from ledger.model import SIDE_OF, STATUSES, Attribution, Basis
from ledger.rules import is_count

#: Stance, basis, attribution and status (None: not said) as they are stored.
Words = tuple[str, str, str, str | None]

#: A number of so many digits is surely one that an array holds.
_DIGITS = 18


def judged(stance: str, basis: str, attribution: str, status: str) -> Words | None:
    """The words of vocabularies as they are stored; None where one is not known."""
    known = (
        stance in SIDE_OF
        and (not basis or basis in Basis.__members__.values())
        and (not attribution or attribution in Attribution.__members__.values())
        and (not status or status in _STATUSES)
    )
    if not known:
        return None
    return (
        stance,
        basis or Basis.UNKNOWN.value,
        attribution or Attribution.NAMED.value,
        status or None,
    )


_STATUSES = frozenset(status.code for status in STATUSES)


def ranged(low: str, high: str, words: str) -> tuple[int | None, int | None, bool] | None:
    """The range that the cells give, or the words; whether it takes more than their convention.

    None where the cells cannot be read, or where there is no such range.
    """
    try:
        ends = [READ[Cell.BOUND](cell) if cell else None for cell in (low, high)]
    except ValueError:
        return None
    lowest, highest = (None if end == OPEN else end for end in ends)
    vague = False
    if words and ends == [None, None]:
        meant = wording.parse(words)
        vague = meant is None
        if meant is not None:
            lowest, highest = meant.low, meant.high
    if not all(end is None or is_count(end) for end in (lowest, highest)):
        return None
    if isinstance(lowest, int) and isinstance(highest, int) and lowest > highest:
        return None
    return lowest, highest, vague  # type: ignore[return-value]  # is_count has seen to it


def number(cell: str) -> int | None:
    """A cell's whole number; ValueError where the slow way must read it."""
    if not cell:
        return None
    if len(cell) > _DIGITS or not (cell.isascii() and cell.isdigit()):
        raise ValueError(cell)
    return int(cell)
