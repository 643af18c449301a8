"""`ledger dossier`: all that the ledger holds on an event or proposition, for readers and paper."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from ledger.cli import types
from ledger.cli.options import Reader, reading, words
from ledger.cli.output import counted, plain, screen, written
from ledger.cli.report import today_of

if TYPE_CHECKING:
    from ledger.dossier.values import Dossier

#: What a dossier is written as; to a screen or a pipe it is the first.
FORMATS = ("md", "html")


class _Subject(types.Name):
    """An event or a proposition: both are offered."""

    def __init__(self) -> None:
        super().__init__("event")

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The events, then the propositions."""
        propositions = types.Name("proposition").shell_complete(ctx, param, incomplete)
        return [*super().shell_complete(ctx, param, incomplete), *propositions]


@click.command("dossier", epilog="Example:  ledger dossier clash -o clash.html")
@click.argument("name", metavar="EVENT|PROPOSITION", type=_Subject())
@click.option(
    "--event", "kind", flag_value="event", help="The name is an event's, if it could be both."
)
@click.option(
    "--proposition", "kind", flag_value="proposition", help="The name is a proposition's."
)
@reading(formats=FORMATS)
def dossier_command(desk: Reader, *, name: str, kind: str | None) -> None:
    """Write the dossier on EVENT or PROPOSITION: one page to read, to send or to print.

    What is in question; who says what in which words; figures, charts, origins; the verdict and
    every one before it; and at the foot the head that pins all of it. HTML loads nothing; it is
    Markdown on a screen. Charts need the extra [charts]; without it the rest is there.
    """
    from ledger.dossier.gathering import gather, subject
    from ledger.dossier.openwork import checked

    today = today_of(desk)
    as_of = None if desk.as_of is None else plain(desk.as_of)
    with desk.open() as connection:
        about = subject(connection, name, kind)
        found = gather(connection, about, made_at=datetime.now(UTC), as_of=as_of)
        found = checked(connection, found, about, today)
        if desk.format == "html":
            from ledger.dossier.drawings import drawn

            found = drawn(connection, found, about)
    _write(desk, found)


def _write(desk: Reader, dossier: "Dossier") -> None:
    from ledger.dossier.markdown import markdown

    if desk.format == "html":
        from ledger.dossier.page import html as rendered
    else:
        rendered = markdown
    text = rendered(dossier)
    for note in dossier.notes:
        words(note)
    if desk.output in (None, "-"):
        screen().write(text)
        return
    with written(str(desk.output)) as stream:
        stream.write(text)
    held = [counted(len(dossier.propositions), "proposition"), counted(dossier.claims, "claim")]
    words(f"wrote {desk.output}: {', '.join(held)}, {len(text.encode()):,} bytes")
