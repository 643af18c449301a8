"""A table on a screen: as wide as the terminal, no word broken while there is room.

rich draws it; the widths are ours, since every column must keep its words whole and nothing may be
cut unseen. What no screen holds is cut, with a mark.
"""

import io
import math
import os
import shutil
from collections.abc import Iterable, Sequence
from typing import IO, Any

from rich import box
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from ledger.cli.output import plain
from ledger.visible import cut, visible

#: Blank columns between two columns of a table.
GAP = 2


def draw(
    stream: IO[str], headings: Sequence[str], rows: Sequence[Sequence[Any]], *, listed: bool
) -> None:
    """Draw rows of values under their headings.

    Numbers stand at the right. If the table is `listed`, a cell may have several lines, and a
    column without any value is left out.
    """
    columns = [
        (visible(heading), values)
        for heading, values in zip(headings, zip(*rows, strict=True), strict=True)
        if not listed or any(plain(value) for value in values)
    ]
    texts = [[visible(cut(text), lines=listed) for text in _told(values)] for _, values in columns]
    width = _width(stream)
    many = any("\n" in cell for cells in texts for cell in cells)
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
        leading=int(many),
        collapse_padding=True,
    )
    whole = [[heading, *cells] for (heading, _), cells in zip(columns, texts, strict=True)]
    for (heading, values), wide in zip(columns, _widths(whole, width), strict=True):
        numeric = all(value is None or isinstance(value, int | float) for value in values)
        table.add_column(
            Text(heading), justify="right" if numeric else "left", overflow="fold", width=wide
        )
    for cells in zip(*texts, strict=True):
        table.add_row(*map(Text, cells))
    print_to(stream, [table])


def print_to(stream: IO[str], parts: Iterable[RenderableType]) -> None:
    """Print what rich draws, a blank line between two parts; no colour but on a terminal."""
    if stream.isatty():
        console = Console(file=stream, highlight=False, emoji=False)
        for number, part in enumerate(parts):
            console.print(*([""] if number else []), part, sep="\n")
        return
    for number, part in enumerate(parts):
        page = io.StringIO()
        Console(file=page, width=_piped_width(), highlight=False, emoji=False).print(part)
        lines = page.getvalue().splitlines()
        stream.writelines(f"{line.rstrip()}\n" for line in ([""] if number else []) + lines)


def _told(values: Sequence[Any]) -> list[str]:
    """A column's values as text; numbers with as many places as the one that has most of them."""
    texts = [plain(value) for value in values]
    reals = [text for text, value in zip(texts, values, strict=True) if isinstance(value, float)]
    places = max((len(text.partition(".")[2]) for text in reals if "e" not in text), default=0)
    return [
        f"{value:.{places}f}" if isinstance(value, float) and math.isfinite(value) else text
        for text, value in zip(texts, values, strict=True)
    ]


def fits(stream: IO[str], headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> bool:
    """Whether a table of these rows would break no word, where it is to be drawn."""
    longest = [
        max(
            (cell_len(word) for value in (heading, *values) for word in cut(plain(value)).split()),
            default=1,
        )
        for heading, values in zip(headings, zip(*rows, strict=True), strict=True)
    ]
    return sum(longest) + GAP * (len(longest) - 1) <= _width(stream)


def _width(stream: IO[str]) -> int:
    return shutil.get_terminal_size().columns if stream.isatty() else _piped_width()


def _widths(columns: Sequence[Sequence[str]], width: int) -> list[int]:
    """How wide each column of texts is to be, all of them and the gaps together within `width`.

    Each gets what its longest word needs, and of the rest as much as the others, or all it wants;
    words are broken only where even their sum is too much.
    """
    wanted = [
        max(cell_len(line) for cell in column for line in cell.split("\n") or [""])
        for column in columns
    ]
    words_ = [
        max((cell_len(word) for cell in column for word in cell.split()), default=1)
        for column in columns
    ]
    room = max(width - GAP * (len(columns) - 1), 4 * len(columns))

    def widths(most: int, least: int) -> list[int]:
        return [
            max(min(full, most), min(word, least), 1)
            for full, word in zip(wanted, words_, strict=True)
        ]

    least = max(words_)
    while least > 4 and sum(widths(0, least)) > room:
        least -= 1
    low, high = 0, max(wanted)
    while low < high:  # the most that fits
        most = (low + high + 1) // 2
        low, high = (most, high) if sum(widths(most, least)) <= room else (low, most - 1)
    return widths(low, least)


def _piped_width() -> int:
    """How wide a table is that no terminal bounds: COLUMNS, or room for everything."""
    given = os.environ.get("COLUMNS", "")
    return int(given) if given.isdecimal() and int(given) else 10_000
