"""What sources, events, propositions and documents have in common: add, list, show, edit.

A Noun says which table, which options set which columns, and how a row is named; `family` makes
the group of commands from it. What only one noun does stands in that noun's own module.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import click
import sqlalchemy as sa

from ledger import lookup, names, views
from ledger.cli import types
from ledger.cli.ask import confirm, on_terminal
from ledger.cli.options import Reader, Writer, reading, writing
from ledger.cli.output import Sheet, differences, plain
from ledger.cli.story import tell_story
from ledger.errors import LookalikeError, NotFoundError
from ledger.journal import Draft, Value
from ledger.lookup import Found
from ledger.rules import shown
from ledger.story import told
from ledger.views import View
from ledger.visible import visible


@dataclass(frozen=True)
class Field:
    """An option that sets a column; `refers` names the table it points to, if it points."""

    option: str
    column: str
    help: str
    type: click.ParamType[Any] = click.STRING
    refers: str | None = None

    @property
    def name(self) -> str:
        """What click calls the option's value."""
        return self.option.replace("-", "_")


Story = Callable[[sa.Connection, dict[str, Any]], Iterator[tuple[str, str]]]


@dataclass(frozen=True)
class Noun:
    """One kind of row: its table and view, the column of its words, its options, its examples."""

    table: str
    view: View
    words: str
    """The column that `add` takes as its argument: a name, a title, a sentence."""
    meaning: str
    fields: tuple[Field, ...]
    brief: dict[str, str]
    examples: dict[str, str]
    story: Story

    @property
    def one(self) -> str:
        """The noun with its article."""
        return f"{'an' if self.table[0] in 'aeiou' else 'a'} {self.table}"

    @property
    def slugged(self) -> bool:
        """Whether it goes by a slug rather than by its words."""
        return self.words != "name"

    def find(self, connection: sa.Connection, text: str) -> Found:
        """The row that `text` names."""
        return lookup.FINDERS[self.table](connection, text)


class Family(click.Group):
    """A noun's commands, in the order in which they were made."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """As made: add and list first."""
        return list(self.commands)


def family(noun: Noun) -> click.Group:
    """The group `ledger NOUN`, with add, list, show and edit."""
    group = Family(noun.table, help=noun.meaning, epilog=f"Example:  {noun.examples['list']}")
    for make in (_adding, _listing, _showing, _editing):
        group.add_command(make(noun))
    return group


def _with_fields(noun: Noun, command: Callable[..., Any]) -> Callable[..., Any]:
    for field in reversed(noun.fields):
        command = click.option(f"--{field.option}", field.name, type=field.type, help=field.help)(
            command
        )
    return command


def _adding(noun: Noun) -> click.Command:
    def add(desk: Writer, text: str, new: bool, slug: str | None = None, **given: Any) -> None:
        with desk.store.reader() as connection:
            _must_be_new(connection, noun, text, new=new)
            values = _resolved(connection, noun, given)
        with desk.entry() as draft:
            values[noun.words] = text
            if noun.slugged:
                taken = lookup.taken_slugs(draft.connection, noun.table)
                values["slug"] = slug or names.slug(text, taken)
            number = draft.insert(noun.table, values)
        click.echo(visible(f"{noun.table} {number}: {values['slug'] if noun.slugged else text}"))

    add.__doc__ = f"Record {noun.one}; prints its number and the name it goes by."
    command = _with_fields(noun, add)
    if noun.slugged:
        command = click.option("--slug", help="A short name to type; made from the text if none.")(
            command
        )
    command = click.option("--new", is_flag=True, help="It is meant to be new, though it looks "
                           "like one that exists.")(command)  # fmt: skip
    command = click.argument("text", metavar=noun.words.upper())(command)
    return click.command("add", epilog=f"Example:  {noun.examples['add']}")(writing(command))


def _must_be_new(
    connection: sa.Connection, noun: Noun, text: str, *, new: bool, own: Found | None = None
) -> None:
    """Ask about words that look like a row that exists; LookalikeError without a terminal.

    What the row `own` goes by is its own to change.
    """
    if noun.table == "source":
        _must_be_free(connection, text, own)
        known = [
            name
            for name, _ in lookup.suggestions(connection, "source")
            if own is None or lookup.source(connection, name, part=False) != own
        ]
    else:
        known = [
            title
            for slug, title in lookup.suggestions(connection, noun.table)
            if own is None or slug != own.name
        ]
    if new:
        return
    close = [text] if text in known else names.lookalikes(text, known)
    if not close:
        return
    listed = ", ".join(shown(name) for name in close)
    if on_terminal() and confirm(f"{shown(text)} looks like {listed}. Record it all the same?"):
        return
    raise LookalikeError(
        f"{shown(text)} looks like {listed}, which the ledger has",
        "use that one, or add --new to say that it is another",
        close,
    )


def _must_be_free(connection: sa.Connection, name: str, own: Found | None) -> None:
    """Refuse a source's name that means another source already, as whatever it is meant."""
    meant = dict(lookup.suggestions(connection, "source")).get(name)
    if meant is None:
        return
    owner = lookup.source(connection, name, part=False)
    if owner != own:
        what = f"another name of {shown(owner.name)}" if meant else "in the ledger already"
        raise LookalikeError(f"{shown(name)} is {what}", "use it as it is", [owner.name])


def _listing(noun: Noun) -> click.Command:
    @click.command("list", epilog=f"Example:  {noun.examples['list']}")
    @reading()
    def list_(desk: Reader) -> None:
        view = noun.view.table
        with desk.open() as connection:
            rows = connection.execute(sa.select(view).order_by(view.c.id)).all()
        table = desk.format in (None, "table")
        desk.write(
            Sheet(
                list(noun.view.columns),
                rows,
                noun.brief if table else {},
                f"no {noun.table} is recorded",
                kinds=noun.view.kinds,
                meanings=noun.view.columns,
            )
        )

    list_.help = f"List the {noun.view.name}, in the order they were recorded."
    return list_


def _showing(noun: Noun) -> click.Command:
    @click.command("show", epilog=f"Example:  {noun.examples['show']}")
    @click.argument("name", metavar=noun.table.upper(), type=types.Name(noun.table))
    @reading()
    def show(desk: Reader, name: str) -> None:
        with desk.open() as connection:
            found = noun.find(connection, name)
            view = noun.view.table
            row = dict(
                connection.execute(sa.select(view).where(view.c.id == found.id)).mappings().one()
            )
            if desk.format not in (None, "table"):
                rows, kinds, meanings = [list(row.values())], noun.view.kinds, noun.view.columns
                desk.write(Sheet(list(row), rows, kinds=kinds, meanings=meanings))
                return
            lines = [
                (heading.replace("_", " "), plain(value))
                for heading, value in row.items()
                if heading not in ("id", "entry", "recorded_at", "recorded_by")
            ]
            lines += list(noun.story(connection, row))
            entry = f"{plain(row['recorded_at'])} by {row['recorded_by']} (entry {row['entry']})"
            lines.append(("recorded", entry))
        tell_story(lines)

    show.help = f"Tell what is recorded of {noun.one}, and the claims that go with it."
    return show


def _editing(noun: Noun) -> click.Command:
    options = {field.option: field.column for field in noun.fields}
    renaming = "rename" if noun.table == "source" else noun.words

    def edit(
        desk: Writer,
        name: str,
        clear: Sequence[str],
        new: bool,
        slug: str | None = None,
        **given: Any,
    ) -> None:
        renamed = given.pop("renamed")
        for field in noun.fields:
            if field.option in clear and given[field.name] is not None:
                raise click.UsageError(f"--{field.option} and --clear {field.option}: the one or "
                                       "the other")  # fmt: skip
        with desk.store.reader() as connection:
            found = noun.find(connection, name)
            changes = _resolved(connection, noun, given)
            if renamed is not None:
                _must_be_new(connection, noun, renamed, new=new, own=found)
        if slug is not None:
            changes["slug"] = slug
        if renamed is not None:
            changes[noun.words] = renamed
        changes |= {options[option]: None for option in clear}
        if not changes:
            raise click.UsageError("say what to change: an option, or --clear")
        with desk.entry() as draft:
            lines = changed(draft, noun.table, found.id, changes)
        click.echo(visible(f"{noun.table} {found.id}: {found.name}"))
        for line in lines or ["  says so already"]:
            click.echo(visible(line))

    edit.__doc__ = f"Change what is recorded of {noun.one}; the version before is kept."
    command = _with_fields(noun, edit)
    if noun.slugged:
        command = click.option("--slug", help="Another slug.")(command)
    command = click.option("--new", is_flag=True, help=f"Another {noun.words} is meant, though it "
                           "looks like one that exists.")(command)  # fmt: skip
    command = click.option(f"--{renaming}", "renamed", help=f"Another {noun.words}.")(command)
    command = click.option(
        "--clear", multiple=True, type=types.Word(options), help="Empty this; may be repeated."
    )(command)
    command = click.argument("name", metavar=noun.table.upper(), type=types.Name(noun.table))(
        command
    )
    return click.command("edit", epilog=f"Example:  {noun.examples['edit']}")(writing(command))


def changed(draft: Draft, table: str, number: int, changes: dict[str, Value]) -> list[str]:
    """Write a new version of a row; a line for each column that changed."""
    before = draft.row(table, number)
    draft.update(table, number, changes)
    return differences(before, draft.row(table, number))


def _resolved(connection: sa.Connection, noun: Noun, given: dict[str, Any]) -> dict[str, Value]:
    """Options as columns: what names a row becomes its number, what was not given is left out."""
    values: dict[str, Value] = {}
    for field in noun.fields:
        value = given.get(field.name)
        if value is None:
            continue
        if field.refers is not None:
            value = _row_meant(connection, field.refers, value)
        values[field.column] = value
    return values


def _row_meant(connection: sa.Connection, table: str, text: str) -> int:
    try:
        return lookup.FINDERS[table](connection, text).id
    except NotFoundError as error:
        hint = error.hint if error.close else f"record it first: ledger {table} add"
        raise NotFoundError(error.message, hint, error.close) from None


def claims_where(
    connection: sa.Connection, heading: str, column: str, name: str, *, most: int = 40
) -> Iterator[tuple[str, str]]:
    """The claims of which a column of the public view says `name`, a line each."""
    claims = views.CLAIMS.table
    select = sa.select(claims).where(claims.c[column] == name).order_by(claims.c.claim)
    total = 0
    for total, row in enumerate(connection.execute(select).mappings(), start=1):
        if total > most:
            continue
        count = told(dict(row))
        status = "" if row["status"] == "unreviewed" else f" [{row['status']}]"
        yield (
            heading if total == 1 else "",
            (
                f"{row['claim']}: {row['source']} {row['stance']} {row['proposition']}"
                f"{f' ({count})' if count else ''}{status}"
            ),
        )
    if total > most:
        yield "", f"… and {total - most} more: ledger list"
    if not total:
        yield heading, "none"


def scalar_lines(
    connection: sa.Connection, heading: str, select: sa.Select[Any]
) -> Iterator[tuple[str, str]]:
    """Names from a query as one comma-separated line, where there are any."""
    found = [str(name) for name in connection.execute(select).scalars()]
    if found:
        yield heading, ", ".join(found)
