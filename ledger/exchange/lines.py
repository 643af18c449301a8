"""Records of CSV as they are written: cells disarmed, quoted as RFC 4180 has it, ended by LF.

LF is what diff and git expect, and every CSV reader takes it. A cell that a spreadsheet would run
is disarmed unless raw text is asked for. Most cells need neither, which is seen at a glance: to
look for a character costs a fifth of what a pattern does.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from ledger.exchange.spreadsheet import disarm

K = TypeVar("K", bound=Hashable)

#: Makes a cell as it stands in a record.
Text = Callable[[str], str]

#: How many cells are kept to be written again.
_KEPT = 100_000


def quoted(cell: str) -> str:
    """A cell as it stands in a record: in quote marks where it must be."""
    if '"' in cell:
        return '"' + cell.replace('"', '""') + '"'
    return f'"{cell}"' if "," in cell or "\n" in cell or "\r" in cell else cell


def safe(cell: str) -> str:
    """A cell as it stands in a record, disarmed where a spreadsheet would run it."""
    # Nothing dangerous begins with a letter or digit, and hardly any text with anything else.
    if not cell[:1].isalnum():
        cell = disarm(cell)
    if '"' in cell or "," in cell or "\n" in cell or "\r" in cell:
        return quoted(cell)
    return cell


def texts(*, raw: bool) -> Text:
    """What makes cells as they stand in a record, `raw` or disarmed."""
    return quoted if raw else safe


def joined(cells: Iterable[str], *, raw: bool = False) -> str:
    """Some cells of a record."""
    return ",".join(map(texts(raw=raw), cells))


def line(cells: Iterable[str], *, raw: bool = False) -> str:
    """One record with its line end."""
    return joined(cells, raw=raw) + "\n"


class Kept(dict[K, str]):
    """Cells by what they are made of: each made once, while there are not too many."""

    def __init__(self, make: Callable[[K], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: K) -> str:
        """Make it, and keep it."""
        if len(self) >= _KEPT:
            self.clear()
        made = self[key] = self._make(key)
        return made
