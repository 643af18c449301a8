"""`copy`: a whole ledger, its history and its head, into another database."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from ledger.cli.options import database, db_option
from ledger.cli.output import counted
from ledger.store import open_store
from ledger.visible import visible


@click.command("copy", epilog="Example:  ledger copy desk.db")
@click.argument("target", metavar="TO")
@db_option
@click.pass_context
def copy_command(ctx: click.Context, target: str, db: str | None) -> None:
    """Copy the whole ledger to TO, a file or an address: all its history, to the same head.

    From a file to a server, from a server to a file, or between two of a kind. TO must be empty, or
    not be there yet; a database that is not there is made. Both ledgers are verified, from the
    first row to the head, before the new one is there at all; the old one stays as it is.

    An address is postgresql+psycopg://user@host/database.
    """
    from ledger import copying

    source, there = open_store(database(ctx, db)), open_store(target)
    with _progress() as told:
        done = copying.copy(source, there, told=told)
    entries = counted(done.head.entry, "entry", "entries")
    versions = counted(done.versions, "version")
    click.echo(visible(f"copied {source.name} to {there.name}: {entries}, {versions} of rows"))
    click.echo(f"both verify; head {done.head.hash}")


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Bars of what is copied and verified, on a terminal; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def told(what: str, rows: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=of)
            bars.advance(tasks[what], rows)

        yield told
