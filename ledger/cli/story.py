"""A story on a screen: headings at the left, their text wrapped and hanging beside them."""

import shutil
import textwrap
from collections.abc import Iterable

import click

from ledger.visible import cut, visible

#: Columns that headings take.
MARGIN = 13


def tell_story(lines: Iterable[tuple[str, str]]) -> None:
    """Print (heading, text) pairs to standard output, as wide as the terminal.

    An empty heading goes on with the one before; an empty text is left out.
    """
    width = max(40, shutil.get_terminal_size((100, 24)).columns)
    for heading, text in lines:
        if not text:
            continue
        wrapped: list[str] = []
        for line in visible(cut(text), lines=True).splitlines():
            wrapped += textwrap.wrap(line, width - MARGIN, break_on_hyphens=False) or [""]
        for place, line in enumerate(wrapped):
            label = heading if place == 0 else ""
            click.echo(f"{click.style(f'{label:<{MARGIN - 1}}', bold=True)} {line}")
