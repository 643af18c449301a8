"""`log` and `undo`: what was recorded, entry by entry, and taking an entry back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import click
import sqlalchemy as sa

from ledger import history, log, lookup, schema, versions
from ledger.canonical import timestamp
from ledger.changes import NOTHING, Difference, Names, described, differences
from ledger.cli import types
from ledger.cli.options import Reader, Writer, reading, words, writing
from ledger.cli.output import Sheet
from ledger.cli.story import tell_story
from ledger.undo import Undone, reverse, undo_message
from ledger.visible import visible

#: How many entries fit a screen.
_SCREEN = 10

_COLUMNS = ("entry", "recorded_at", "recorded_by", "message", "counted", "rows", "wrote")
_BRIEF = {
    "entry": "entry",
    "recorded_at": "recorded",
    "recorded_by": "by",
    "message": "message",
    "wrote": "wrote",
}
_FIELDS = ("version", "entry", "recorded_at", "recorded_by", "message", "field", "before", "after")
_KINDS = {"recorded_at": "moment"} | dict.fromkeys(("entry", "rows", "version"), "whole")


@click.command("log", epilog="Example:  ledger log --by claim-ledger -n 2")
@click.argument("claim", type=types.Name("claim"), required=False)
@click.option("--claim", "about", type=types.Name("claim"), help="Only entries about this claim.")
@click.option(
    "-s",
    "--source",
    type=types.Name("source"),
    help="Only entries about this source, or what it says or relays.",
)
@click.option("--by", metavar="ANALYST", help="Only entries by this analyst.")
@click.option("--from", "first", type=types.Day(), help="Recorded on or after this day, UTC.")
@click.option("--to", "last", type=types.Day(), help="Recorded on or before this day, UTC.")
@click.option("--entry", type=click.IntRange(1), metavar="NUMBER", help="Only this entry.")
@click.option(
    "-n", "--limit", type=click.IntRange(1), help=f"How many entries; {_SCREEN} unless told."
)
@click.option("--all", "every", is_flag=True, help="All entries.")
@click.option(
    "--rows",
    type=click.IntRange(0),
    default=3,
    show_default=True,
    help="How many rows of an entry to name; the rest is counted.",
)
@reading()
def log_command(
    desk: Reader,
    *,
    claim: str | None,
    about: str | None,
    source: str | None,
    by: str | None,
    first: date | None,
    last: date | None,
    entry: int | None,
    limit: int | None,
    every: bool,
    rows: int,
) -> None:
    """Tell what was recorded: entries, newest first, and what each wrote.

    With CLAIM: every version of that claim, field by field, as it differs from the one before; who
    recorded it, when, and what for.
    """
    if limit and every:
        raise click.UsageError("--limit or --all, not both")
    if claim is not None:
        if any((about, source, by, first, last, entry, limit)):
            raise click.UsageError("CLAIM tells one claim's versions; --claim N filters entries")
        _tell_versions(desk, claim)
        return
    most = None if every else limit or _SCREEN
    with desk.open() as connection:
        if entry is not None:
            history.must_be_there(connection, entry)
        asked = log.Asked(
            claim=None if about is None else lookup.claim(connection, about),
            sources=[] if source is None else _one_and_merged(connection, source),
            recorded_by=None if by is None else lookup.analyst(connection, by),
            first=first,
            last=last,
            entry=entry,
        )
        logged = log.log(connection, asked, limit=most, rows=rows)
        table = desk.format in (None, "table")
        desk.write(
            Sheet(
                _COLUMNS,
                (_row(each) for each in logged),
                _BRIEF if table else {},
                empty="no entry fits",
                listed=True,
                kinds=_KINDS,
            )
        )
        left = 0 if most is None else log.count(connection, asked) - most
    if left > 0:
        words(f"{left:,} older {'entry is' if left == 1 else 'entries are'} not shown; --all")


def _row(logged: log.Logged) -> tuple[Any, ...]:
    told = list(logged.rows)
    if left := logged.total - len(told):
        told.append(f"{'and ' if told else ''}{left:,} more: {logged.counted} in all")
    return (
        logged.entry,
        logged.recorded_at,
        logged.recorded_by,
        logged.message,
        logged.counted,
        logged.total,
        "; ".join(told),
    )


def _one_and_merged(connection: sa.Connection, named: str) -> list[int]:
    """The source that is meant, and those that were merged into it."""
    found, table = lookup.source(connection, named), schema.source
    merged = sa.select(table.c.id).where(table.c.merged_into_id == found.id).order_by(table.c.id)
    return [found.id, *connection.execute(merged).scalars()]


def _tell_versions(desk: Reader, claim: str) -> None:
    with desk.open() as connection:
        number = lookup.claim(connection, claim)
        told = list(_versions(connection, number))
        title = described(Names(connection), versions.of_row(connection, "claim", number)[0])
    if desk.format in (None, "table"):
        tell_story(_story(title, told))
        return
    rows = (
        (place, *entry, each.field, each.before, each.after)
        for place, entry, found in told
        for each in found
    )
    desk.write(Sheet(_FIELDS, rows, kinds=_KINDS))


def _versions(connection: sa.Connection, claim: int) -> Iterator[tuple[int, Any, list[Difference]]]:
    """Each version's place, its entry, and what it changed."""
    names, entry = Names(connection), schema.entry
    for place, version in enumerate(versions.of_row(connection, "claim", claim), 1):
        row = connection.execute(
            sa.select(entry.c.id, entry.c.recorded_at, entry.c.recorded_by, entry.c.message).where(
                entry.c.id == version.entry
            )
        ).one()
        yield place, row, differences(names, version)


def _story(title: str, told: list[tuple[int, Any, list[Difference]]]) -> Iterator[tuple[str, str]]:
    claim, _, says = title.partition(" added: ")
    yield claim, says
    for place, entry, found in told:
        for_what = f": {entry.message}" if entry.message else ""
        yield (
            f"version {place}",
            f"entry {entry.id}, {timestamp(entry.recorded_at)}, {entry.recorded_by}{for_what}",
        )
        for each in found:
            before, after = (NOTHING if v is None else v for v in (each.before, each.after))
            yield (
                "",
                f"{each.field}: {after}" if place == 1 else f"{each.field}: {before} → {after}",
            )


class _RehearsalError(Exception):
    """Raised inside an entry, so that nothing of it is kept."""


@click.command("undo", epilog="Example:  ledger undo 3 --dry-run")
@click.argument("entry", type=click.IntRange(1), metavar="ENTRY")
@click.option("-b", "--because", help="Why; the reason of the claims that are withdrawn, too.")
@click.option("-n", "--dry-run", is_flag=True, help="Say what it would do, and do nothing.")
@writing
def undo_command(desk: Writer, *, entry: int, because: str | None, dry_run: bool) -> None:
    """Take back what ENTRY recorded, as a new entry.

    Rows that it changed go back to what they said before. What it added is never deleted: claims
    are withdrawn; accepted findings, and what a status was said to rest on, are marked as taken
    back; sources, their other names, events, propositions and documents stay. If a later entry has
    changed any of its rows, nothing is undone, and that entry is named. An undo can be undone.
    """
    message = undo_message(entry, desk.message or because)
    told: list[str] = []
    number, undone = 0, Undone(0, {}, [])
    try:
        with replace(desk, message=message).entry() as draft:
            undone = reverse(draft, entry, because=undo_message(entry, because))
            number = draft.id
            counted, told = log.wrote(draft.connection, draft.id, rows=20)
            if dry_run:
                raise _RehearsalError
    except _RehearsalError:
        words("only shown; nothing was undone")
    else:
        click.echo(f"undid entry {entry} (entry {number}): {counted}")
    for line in told:
        click.echo(visible(line))
    if (left := undone.wrote - len(told)) > 0:
        click.echo(f"and {left:,} more")
    if stays := sum(undone.stays.values()):
        more = f" and {stays - len(undone.left):,} more" if stays > len(undone.left) else ""
        words(f"nothing recorded is deleted, so these stay: {', '.join(undone.left)}{more}")
