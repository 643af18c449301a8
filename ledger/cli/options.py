"""Options that commands share, and what they add up to: a Desk to read at or write at.

`reading` and `writing` decorate a command: they add the options and pass the Desk as its first
argument.
"""

import functools
import getpass
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ledger import history, journal
from ledger.cli import Shared
from ledger.cli.output import FORMATS, Sheet, chosen_format, plain, refuse_screen
from ledger.cli.types import DAYS_AGO, days_ago
from ledger.errors import NotFoundError
from ledger.rules import EARLIEST
from ledger.store import Store, open_store

if TYPE_CHECKING:
    import sqlalchemy as sa

F = TypeVar("F", bound=Callable[..., Any])


def database(ctx: click.Context, given: str | None = None) -> str:
    """Which ledger is meant: the option, before or after the command, else LEDGER_DB, else here."""
    shared = ctx.find_object(Shared)
    return given or (shared.db if shared else None) or os.environ.get("LEDGER_DB") or "ledger.db"


@dataclass(frozen=True)
class Reader:
    """Where a reading command reads, as of when, and how its answer is written."""

    store: Store
    as_of: int | date | datetime | None
    format: str | None
    output: str | None
    raw: bool

    def as_of_entry(self) -> int | None:
        """The number of the entry that `as_of` means, or None for now."""
        if self.as_of is None:
            return None
        with self.store.reader() as connection:
            number = _entry(connection, self.as_of)
        if number == 0:
            words("nothing had been recorded by then")
        return number

    @contextmanager
    def open(self) -> "Iterator[sa.Connection]":
        """A reader on the ledger as it stood at `as_of`."""
        with self.store.reader(as_of=self.as_of_entry()) as connection:
            yield connection

    def write(self, sheet: Sheet) -> None:
        """Write an answer in the format asked for, to where it was asked for."""
        context = click.get_current_context(silent=True)
        when = "" if self.as_of is None else f", as of {plain(self.as_of)}"
        named = replace(sheet, title=f"{context.command_path}{when}") if context else sheet
        named.write(self.format, self.output, raw=self.raw)


@dataclass(frozen=True)
class Writer:
    """Where a writing command writes, and who does."""

    store: Store
    analyst: str
    message: str | None

    @contextmanager
    def entry(self) -> Iterator[journal.Draft]:
        """One entry of the journal by this analyst."""
        with journal.entry(self.store, recorded_by=self.analyst, message=self.message) as draft:
            if draft.clock_behind.total_seconds() > 300:
                words(
                    f"this machine's clock is {draft.clock_behind} behind the newest entry; "
                    "recorded at that entry's time"
                )
            yield draft


def _entry(connection: "sa.Connection", as_of: int | date | datetime) -> int:
    try:
        return history.entry_as_of(connection, as_of)
    except NotFoundError as error:
        if isinstance(as_of, int) and EARLIEST.year <= as_of <= date.today().year:  # noqa: DTZ011
            hint = f"{error.hint}; a year is no date here: {as_of}-12-31"
            raise NotFoundError(error.message, hint) from None
        raise


def words(text: str, *, colour: str | None = None) -> None:
    """Say something that is no data: on standard error, made visible."""
    from ledger.visible import visible

    click.secho(visible(text, lines=True), fg=colour, err=True)


class Moment(click.ParamType[int | date | datetime]):
    """An entry's number, a day, or a moment with a time zone."""

    name = "date|entry"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | date | datetime:
        """What was typed, as history understands it."""
        if not isinstance(value, str):
            return value  # type: ignore[no-any-return]  # converted already
        try:
            return days_ago(value) if value in DAYS_AGO else history.moment(value)
        except ValueError:
            self.fail(
                f"{value!r} is neither an entry's number nor a date "
                "(allowed: 7, 2018-02-20, today, 2018-02-20T09:00:00Z)",
                param,
                ctx,
            )


#: Which ledger, after the command.
db_option = click.option(
    "--db", metavar="PATH|URL", help="The ledger; else LEDGER_DB, else ./ledger.db."
)


def _formats(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    return [name for name in FORMATS if name.startswith(incomplete)]


def reading(*, formats: Sequence[str] = FORMATS, default: str | None = None) -> Callable[[F], F]:
    """Make a command one that reads: adds --db, --as-of, --format, --output and --raw."""
    otherwise = "a table" if "table" in formats else formats[0]

    def with_raw(command: F) -> F:
        option = click.option("--raw", is_flag=True, help="CSV: leave formula-like text as it is.")
        return option(command) if "csv" in formats else command

    def decorate(command: F) -> F:
        @db_option
        @click.option(
            "--as-of", type=Moment(), help="Answer as the ledger stood then: a date or entry."
        )
        @click.option(
            "-f",
            "--format",
            type=click.Choice(formats),
            default=default,
            help=f"How to write it; else by the ending of --output, else {otherwise}.",
        )
        @click.option("-o", "--output", metavar="FILE", help="Where to write it; - is the screen.")
        @with_raw
        @click.pass_context
        @functools.wraps(command)
        def run(ctx: click.Context, /, **given: Any) -> Any:
            store = open_store(database(ctx, given.pop("db")))
            format_, output = given.pop("format"), given.pop("output")
            _spare(store, output)
            if output not in (None, "-") and len(formats) > 1:
                format_ = chosen_format(format_, output, formats)
            if given.get("folder") is None:  # where an answer goes that does not go to the screen
                refuse_screen(format_, output)
            desk = Reader(
                store,
                given.pop("as_of"),
                format_,
                output,
                given.pop("raw", False),
            )
            return command(desk, **given)

        return run  # type: ignore[return-value]  # wraps keeps what click needs

    return decorate


def writing(command: F) -> F:
    """Make a command one that writes: adds --db, --as and --message."""

    @db_option
    @click.option("--as", "analyst", metavar="NAME", help="Who records; else LEDGER_ANALYST.")
    @click.option("-m", "--message", help="What this entry is for, kept in the history.")
    @click.pass_context
    @functools.wraps(command)
    def run(ctx: click.Context, /, **given: Any) -> Any:
        desk = Writer(
            open_store(database(ctx, given.pop("db"))),
            analyst_name(ctx, given.pop("analyst")),
            given.pop("message"),
        )
        return command(desk, **given)

    return run  # type: ignore[return-value]  # wraps keeps what click needs


def _spare(store: Store, output: str | None) -> None:
    """Refuse to write an answer over the ledger that it is read from."""
    target = Path(output or "-")
    if store.path and target.exists() and store.path.exists() and target.samefile(store.path):
        raise click.UsageError(f"{output} is the ledger itself; write to another file")


def analyst_name(ctx: click.Context, given: str | None) -> str:
    """Who records: the option, before or after the command, else LEDGER_ANALYST, else the login."""
    shared = ctx.find_object(Shared)
    named = given or (shared.analyst if shared else None) or os.environ.get("LEDGER_ANALYST")
    if named:
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no login name: a container without a user table
        raise click.UsageError("say who records: --as NAME, or LEDGER_ANALYST") from None
