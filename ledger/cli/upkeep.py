"""`init`, `verify`, `completion`: the ledger itself."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime

import click
import sqlalchemy as sa

from ledger import history
from ledger.cli import types
from ledger.cli.ask import confirm, on_terminal
from ledger.cli.held import held, holding, pinned_entries, pinned_faults
from ledger.cli.options import Moment, Reader, database, db_option, reading, words
from ledger.cli.output import Sheet, counted
from ledger.errors import SchemaError
from ledger.revision import TABLE
from ledger.schema import REVISION, REVISIONS
from ledger.store import Store, open_store

_FAULT = ("entry", "table", "row", "what")
_KINDS = {"entry": "whole", "row": "whole"}


@click.command("init", epilog="Example:  ledger --db my.db init")
@db_option
@click.option("--seed", is_flag=True, help="Fill it with the article that ships with the program.")
@click.option("--upgrade", is_flag=True, help="Bring an older ledger to this program's schema.")
@click.pass_context
def init_command(ctx: click.Context, db: str | None, seed: bool, upgrade: bool) -> None:
    """Make a ledger, or upgrade an older one.

    Nothing that exists is overwritten; an empty file becomes a ledger, and so does an empty
    database of a server, which is made if it is not there. An upgrade happens only with --upgrade,
    or when the person at the terminal says so.
    """
    from ledger import migrate

    store = open_store(database(ctx, db))
    found = store.standing()
    if found == "there":
        if seed:
            raise click.UsageError(f"{store.name} exists; --seed fills new ledgers only")
        _upgrade(store, asked=upgrade)
        return
    if upgrade and found == "absent":
        raise click.UsageError(f"there is no ledger at {store.name} to upgrade")
    if seed:
        from ledger.exchange.seeds import seed as sow

        migrate.create(store, fill=sow)
    else:
        migrate.create(store)
    with store.reader() as connection:
        newest = history.head(connection)
    of = f" of the empty {'file' if store.path else 'database'}" if found == "blank" else ""
    click.echo(f"made {store.name}{of}, schema {REVISION}")
    if newest.entry:
        click.echo(f"head {newest.hash} (entry {newest.entry})")
    else:
        words("next: `ledger add`, or `ledger import FILE`")


def _upgrade(store: Store, *, asked: bool) -> None:
    from ledger import migrate

    found = migrate.current(store)
    if found == REVISION:
        click.echo(f"{store.name} is a ledger of schema {REVISION}; nothing to do")
        return
    if found is not None and found not in REVISIONS:
        migrate.upgrade(store)  # refuses, in words
    if found is None:  # a database of SQLite's without a table in it
        migrate.upgrade(store)
        click.echo(f"made {store.name} of the empty database, schema {REVISION}")
        return
    older = f"{store.name} has schema {found}; this program needs {REVISION}"
    if not asked and not (on_terminal() and confirm(f"{older}. Upgrade it?")):
        raise SchemaError(
            older,
            f"`ledger --db {store.name} init --upgrade` upgrades it; older programs cannot read it "
            "then",
        )
    migrate.upgrade(store)
    click.echo(f"upgraded {store.name} from schema {found} to {REVISION}")


@click.command("verify", epilog="Example:  ledger verify --since 2")
@holding
@click.option("--since", type=Moment(), help="Only what was recorded after this entry or date.")
@click.option(
    "--indexes/--no-indexes",
    default=True,
    help="Whether to hold every index against its table, which keeps a core busy.",
)
@reading()
def verify_command(
    desk: Reader,
    head: str | None,
    checkpoint: str | None,
    verifier_key: str | None,
    since: int | date | datetime | None,
    indexes: bool,
) -> None:
    """Check that nothing recorded was altered since: every row, every entry, every link.

    Also that the guards, views and tables are those that the program made, that no row names one
    that is not there, and that every index says what its table does. --since trusts all before it.

    Exit status 3 if something was; the faults are listed then. Whoever can rewrite the whole file
    can rewrite the chain too, or cut off its end: only a head or a checkpoint that was kept
    elsewhere shows that. --head and --checkpoint hold the ledger against it.
    """
    from ledger.catalogue import revision_fault
    from ledger.revision import check_revision, revision
    from ledger.soundness import findings

    if since is not None and (head or checkpoint):
        raise click.UsageError(
            "--since trusts what was before; what is held is held against it all"
        )
    kept = held(head, checkpoint, verifier_key)
    with desk.store.look() as connection:
        forged = revision_fault(connection, desk.store.name)
        if not forged and (found := revision(connection, desk.store.name)) is not None:
            check_revision(found, desk.store.name)
    if forged and forged.there != REVISION:  # of those tables nothing more can be told
        desk.write(Sheet(_FAULT, [(None, TABLE, None, forged.what)], kinds=_KINDS))
        words(f"{desk.store.name} does not verify: 1 fault", colour="red")
        click.get_current_context().exit(3)
    with desk.store.look() if forged or desk.as_of is None else desk.open() as connection:
        first = 0 if since is None else history.entry_as_of(connection, since)
        with _progress(connection, first) as told:
            damage, recorded = findings(
                desk.store, connection, since=first, indexes=indexes and not first, told=told
            )
        faults = [
            *([history.Fault(None, TABLE, None, forged.what)] if forged else []),
            *(history.Fault(None, None, None, what) for what in damage),
            *recorded,
            *pinned_faults(connection, kept),
        ]
        newest = history.head(connection)
        pinned = pinned_entries(connection, kept)
    if faults:
        rows = [(fault.entry, fault.table, fault.row, fault.what) for fault in faults]
        desk.write(Sheet(_FAULT, rows, kinds=_KINDS))
        words(f"{desk.store.name} does not verify: {counted(len(faults), 'fault')}", colour="red")
        click.get_current_context().exit(3)
    if desk.format in (None, "table"):
        many = counted(newest.entry - first, "entry", "entries")
        after = f" after entry {first}" if first else ""
        click.echo(f"verified {many}{after}; head {newest.hash}")
        if pinned:
            click.echo(f"unchanged since {kept.name}: entries 1 to {pinned}")
    else:
        desk.write(Sheet(_FAULT, [], empty="nothing was altered", kinds=_KINDS))


@contextmanager
def _progress(connection: sa.Connection, since: int) -> Iterator[Callable[[int], None]]:
    """A bar of the row versions that are read, on a terminal; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=history.versions(connection, since=since))
        yield lambda rows: bar.advance(task, rows)


@click.command("completion", epilog='Example:  eval "$(ledger completion bash)"')
@click.argument("shell", type=types.Word(("bash", "zsh", "fish")))
def completion_command(shell: str) -> None:
    """Print the completion script of a shell: slugs, sources, stances and statuses complete.

    bash and zsh: put `eval "$(ledger completion bash)"` in ~/.bashrc or ~/.zshrc. fish: write the
    script to ~/.config/fish/completions/ledger.fish.
    """
    from click.shell_completion import get_completion_class

    from ledger.cli import cli

    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"no completion for {shell}")
    for command in ("ledger", "claim-ledger"):
        click.echo(found(cli, {}, command, "_LEDGER_COMPLETE").source())
