"""`ledger source`: who speaks."""

from collections.abc import Iterator, Sequence
from typing import Any

import click
import sqlalchemy as sa

from ledger import journal, lookup, views
from ledger.cli import types
from ledger.cli.ask import confirm, on_terminal
from ledger.cli.nouns import Field, Noun, claims_where, family, scalar_lines
from ledger.cli.options import Writer, writing
from ledger.cli.story import tell_story
from ledger.errors import LookalikeError
from ledger.rules import shown
from ledger.visible import visible


def _story(connection: sa.Connection, row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    aliases, sources = views.ALIASES.table, views.SOURCES.table
    yield from scalar_lines(
        connection,
        "also called",
        sa.select(aliases.c.alias).where(aliases.c.id == row["id"]).order_by(aliases.c.alias),
    )
    yield from scalar_lines(
        connection,
        "members",
        sa.select(sources.c.source)
        .where(sources.c.member_of == row["source"])
        .order_by(sources.c.source),
    )
    yield from claims_where(connection, "says", "source", row["source"])
    relayed = list(claims_where(connection, "relays", "via", row["source"]))
    if relayed[0][1] != "none":
        yield from relayed


SOURCE = Noun(
    table="source",
    view=views.SOURCES,
    words="name",
    meaning="Who speaks or relays: people, organisations, governments, outlets, the unnamed.",
    fields=(
        Field("kind", "kind", "What it is.", types.SOURCE_KIND),
        Field(
            "member-of", "member_of_id", "The source it belongs to.", types.Name("source"), "source"
        ),
        Field("side", "side", "The side it stands on: a word, such as Russia."),
        Field(
            "reliability",
            "reliability",
            "Admiralty grade A to F; F is “cannot be judged”.",
            types.RELIABILITY,
        ),
        Field("note", "note", "The analyst's note."),
    ),
    brief={
        "id": "#",
        "source": "source",
        "kind": "kind",
        "member_of": "member of",
        "side": "side",
        "reliability": "grade",
    },
    examples={
        "add": 'ledger source add "Ministry of Health" --kind government --side Syria',
        "list": "ledger source list",
        "show": "ledger source show Mattis",
        "edit": "ledger source edit TASS --reliability C",
    },
    story=_story,
)

source_command = family(SOURCE)


@source_command.command("alias", epilog='Example:  ledger source alias Pentagon "US DoD"')
@click.argument("source", type=types.Name("source"))
@click.argument("aliases", metavar="ALIAS...", nargs=-1, required=True)
@click.option("--new", is_flag=True, help="Take it, though it looks like another source's name.")
@writing
def alias_command(desk: Writer, *, source: str, aliases: Sequence[str], new: bool) -> None:
    """Record another name that SOURCE goes by; either name then means it."""
    with desk.entry() as draft:
        found = lookup.source(draft.connection, source)
        known = dict(lookup.suggestions(draft.connection, "source"))
        added = []
        for alias in dict.fromkeys(aliases):
            if alias in known:
                owner = lookup.source(draft.connection, alias)
                if owner == found:
                    continue
                raise LookalikeError(
                    f"{shown(alias)} is the name of {shown(owner.name)}",
                    f"if the two are one: ledger source merge {owner.id} {found.id}",
                    [owner.name],
                )
            if not new:
                _must_not_mislead(draft, found, alias)
            draft.insert("source_alias", {"source_id": found.id, "name": alias})
            added.append(alias)
    for alias in dict.fromkeys(aliases):
        if alias not in added:
            click.echo(visible(f"{alias} is a name of {found.name} already"))
    if added:
        click.echo(visible(f"{found.name} is also {', '.join(added)}"))


def _must_not_mislead(draft: journal.Draft, found: lookup.Found, alias: str) -> None:
    """An alias may look like the source's own names, but not like another's."""
    try:
        lookup.new_source(draft.connection, alias)
    except LookalikeError as error:
        others = [
            name
            for name in error.close
            if lookup.source(draft.connection, name, part=False) != found
        ]
        if others:
            raise LookalikeError(
                f"{shown(alias)} looks like {', '.join(map(shown, others))}, another source",
                "add --new to take it all the same",
                others,
            ) from None


@source_command.command("merge", epilog='Example:  ledger source merge CBS "CBS News" --yes')
@click.argument("source", type=types.Name("source"))
@click.argument("into", type=types.Name("source"))
@click.option("-y", "--yes", is_flag=True, help="They are one: do not ask.")
@writing
def merge_command(desk: Writer, *, source: str, into: str, yes: bool) -> None:
    """Make one of two: SOURCE's claims, members and names become INTO's.

    SOURCE's name goes on to mean INTO. What was recorded under it before is in the history. Two
    sources that merely agree are not one: merge what is the same speaker under two names.
    """
    if not yes:
        _sure(desk, source, into)
    with desk.entry() as draft:
        gone = lookup.source(draft.connection, source)
        kept = lookup.source(draft.connection, into)
        counts = journal.merge_sources(draft, gone.id, kept.id)
    moved = ", ".join(
        f"{count} × {table.replace('_', ' ')}" for table, count in counts.items() if count
    )
    click.echo(visible(f"{gone.name} is now {kept.name}; moved: {moved or 'nothing'}"))


def _sure(desk: Writer, source: str, into: str) -> None:
    """Say what a merger would move, and have it confirmed; without a terminal, ask for --yes."""
    with desk.store.reader() as connection:
        gone, kept = lookup.source(connection, source), lookup.source(connection, into)
        moved = list(claims_where(connection, "would move", "source", gone.name))
    if not on_terminal():
        raise click.UsageError(f"add --yes: {visible(gone.name)} would become {visible(kept.name)}")
    tell_story(moved)
    if not confirm(f"{visible(gone.name)} becomes {visible(kept.name)}. Is it the same speaker?"):
        raise click.Abort
