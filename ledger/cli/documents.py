"""`ledger document`: where claims were published, and whether the quotes stand there."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa

from ledger import lookup, views
from ledger.cli import types
from ledger.cli.nouns import Field, Noun, claims_where, family
from ledger.cli.options import Reader, Writer, reading, words, writing
from ledger.cli.output import Sheet, counted
from ledger.errors import LedgerError
from ledger.visible import visible


def _story(connection: sa.Connection, row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield from claims_where(connection, "claims", "document", row["document"])


DOCUMENT = Noun(
    table="document",
    view=views.DOCUMENTS,
    words="title",
    meaning="Where claims were published: outlet, title, address, date, and the text's SHA-256.",
    fields=(
        Field("url", "url", "Its address."),
        Field("publisher", "publisher_id", "Who published it.", types.Name("source"), "source"),
        Field("published-on", "published_on", "The day it was published.", types.Day()),
        Field("language", "language", "Language tag, such as en or ar-SY."),
        Field("sha256", "sha256", "SHA-256 of its text's bytes, in hexadecimal."),
        Field("retrieved-at", "retrieved_at", "When it was fetched, UTC.", types.Instant()),
        Field("archive-url", "archive_url", "Address of an archived copy."),
        Field("note", "note", "The analyst's note."),
    ),
    brief={
        "id": "#",
        "document": "document",
        "title": "title",
        "publisher": "publisher",
        "published_on": "published",
        "attached": "text",
    },
    examples={
        "add": 'ledger document add "Ministry statement" --url https://example.org/1',
        "list": "ledger document list",
        "show": "ledger document show article",
        "edit": "ledger document edit article --language en",
    },
    story=_story,
)

document_command = family(DOCUMENT)

_FILE = click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
)


def _bytes(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as error:
        raise LedgerError(f"cannot read {file}: {error.strerror}") from None


@document_command.command("attach", epilog="Example:  ledger document attach article article.txt")
@click.argument("document", type=types.Name("document"))
@_FILE
@writing
def attach_command(desk: Writer, *, document: str, file: Path) -> None:
    """Keep the text of FILE in the ledger as DOCUMENT's.

    Its SHA-256 is recorded, or must be the recorded one; every quote must stand in it, and from
    then on a quote that does not is refused.
    """
    from ledger.exchange.documents import attach

    data = _bytes(file)
    with desk.entry() as draft:
        found = lookup.document(draft.connection, document)
        attach(draft, found.id, data)
    click.echo(visible(f"{found.name}: {len(data)} bytes attached"))


@document_command.command("check", epilog="Example:  ledger document check article article.txt")
@click.argument("document", type=types.Name("document"))
@click.argument(
    "file",
    required=False,
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
)
@reading()
def check_command(desk: Reader, *, document: str, file: Path | None) -> None:
    """Check FILE, or the attached text, against what is recorded of DOCUMENT.

    Its SHA-256 must be the recorded one, and every quote of its claims must stand in it. Exit
    status 3 if something does not. A quote that stands there more than once is listed too, since
    nobody can tell which is meant, but is no fault.
    """
    from ledger.exchange.documents import check_document

    with desk.open() as connection:
        found = lookup.document(connection, document)
        report = check_document(connection, found.id, None if file is None else _bytes(file))
    faults = [finding for finding in report if not finding.holds]
    doubts = [finding for finding in report if finding.doubtful]
    plainly = desk.format in (None, "table")
    if faults or doubts or not plainly:
        shown = [each for each in report if each in faults or each in doubts or not plainly]
        rows = [(finding.claim, finding.quote, finding.found, finding.what) for finding in shown]
        kinds = {"claim": "whole", "found": "whole"}
        desk.write(Sheet(("claim", "quote", "found", "what"), rows, kinds=kinds))
    if plainly and not faults:
        for finding in report:
            if finding.claim is None:
                click.echo(visible(finding.what))
        quotes = sum(finding.claim is not None for finding in report)
        click.echo(f"{counted(quotes, 'quote')} found")
    if faults:
        words(f"{found.name} does not check: {counted(len(faults), 'fault')}", colour="red")
        click.get_current_context().exit(3)
