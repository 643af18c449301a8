"""The options that say what a claim is: the same ones for `add` and `correct`."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from ledger.cli import types

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--low", type=types.Count(), help="Lowest number said or rejected, inclusive."),
    click.option("--high", type=types.Count(), help="Highest number, inclusive; left out: open."),
    click.option("-w", "--wording", type=types.Wording(),
                 help="The source's own number words: “more than 100”."),
    click.option("-q", "--quote", help="The words quoted, exactly as printed."),
    click.option("--quote-prefix", help="The text just before, where the quote stands twice."),
    click.option("--quote-suffix", help="The text just after, where the quote stands twice."),
    click.option("-d", "--document", type=types.Name("document"),
                 help="Where it was published: slug, number, address or part of the title."),
    click.option("-v", "--via", type=types.Name("source"), help="Who relayed it."),
    click.option("--attribution", type=types.ATTRIBUTION, help="How plainly the speaker is named."),
    click.option("--basis", type=types.BASIS, help="How the source knows."),
    click.option("-a", "--answers", type=types.Name("claim"), metavar="CLAIM",
                 help="Number of the claim it answers."),
    click.option("--repeats", type=types.Name("claim"), metavar="CLAIM",
                 help="Number of the claim it merely repeats."),
    click.option("--said-on", type=types.StatedOn(),
                 help="When it was said: 2018-02-08, 2018-02, 2018, today, yesterday."),
    click.option("--note", help="The analyst's note."),
)  # fmt: skip


def claim_options(command: F) -> F:
    """Add the options that describe a claim."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
