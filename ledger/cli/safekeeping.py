"""`backup`, `restore`, `doctor`: keeping the ledger safe, and finding out whether it is."""

from datetime import UTC, datetime
from pathlib import Path

import click

from ledger.canonical import timestamp
from ledger.cli.options import Reader, database, db_option, reading, words
from ledger.cli.output import Sheet
from ledger.history import Head
from ledger.store import open_store
from ledger.visible import visible

_force = click.option("--force", is_flag=True, help="Even where such a file exists.")


@click.command("backup", epilog="Example:  ledger backup ledger-backup.db")
@click.argument("file", type=click.Path(path_type=Path))
@db_option
@_force
@click.pass_context
def backup_command(ctx: click.Context, file: Path, db: str | None, force: bool) -> None:
    """Copy the ledger to FILE, and verify the copy.

    The copy is whole at one moment, whoever is recording meanwhile. It gets its name only when it
    verifies, from the first row to the head; print the head it tells, or send it to somebody.
    """
    from ledger import backup

    kept = backup.backup(open_store(database(ctx, db)), file, force=force)
    click.echo(visible(f"backed up to {file}: {_told(kept.size, kept.head)}"))


@click.command(
    "restore",
    epilog="Example:  ledger backup copy.db && ledger restore copy.db --to restored.db",
)
@click.argument("backup_file", metavar="BACKUP", type=click.Path(path_type=Path))
@click.option("--to", metavar="PATH", help="Where to; else the ledger that is meant.")
@db_option
@_force
@click.pass_context
def restore_command(
    ctx: click.Context, backup_file: Path, to: str | None, db: str | None, force: bool
) -> None:
    """Make BACKUP the ledger again, if it verifies.

    A ledger that is there is replaced only with --force, and then kept beside the new one under a
    dated name. Stop other programs that record in it first: what one of them still holds open is
    the old ledger.
    """
    from ledger import backup
    from ledger.schema import REVISION

    target = backup.in_a_file(open_store(to or database(ctx, db))).path
    kept = backup.restore(backup_file, target, force=force, now=datetime.now(UTC))
    click.echo(visible(f"restored {target} from {backup_file}: {_told(kept.size, kept.head)}"))
    if kept.aside:
        words(f"the ledger that was there is now {kept.aside}")
    if kept.revision != REVISION:
        words(f"it has schema {kept.revision}; `ledger init --upgrade` brings it to {REVISION}")


def _told(size: int, head: Head) -> str:
    when = "" if head.recorded_at is None else f" of {timestamp(head.recorded_at)}"
    entries = "1 entry" if head.entry == 1 else f"{head.entry:,} entries"
    return f"{size:,} bytes, {entries}; head {head.hash}{when}"


@click.command("doctor", epilog="Example:  ledger doctor")
@click.option("--reindex", is_flag=True, help="First make the index that `search` reads anew.")
@reading()
def doctor_command(desk: Reader, reindex: bool) -> None:
    """Tell whether the ledger is in good health: file or server, guards, views, index, clock.

    Each row is ok, warn or fault, with what to do; exit status 3 if any is a fault. It reads no
    rows: `ledger verify` checks what was recorded.
    """
    from ledger.doctor import State, examine
    from ledger.doctor import reindex as make_index_anew

    if desk.as_of is not None:
        raise click.UsageError("a ledger's health is of now: leave --as-of out")
    if reindex:
        make_index_anew(desk.store)
    checks = list(examine(desk.store, now=datetime.now(UTC)))
    rows = [(each.check, each.state.value, each.what, each.advice) for each in checks]
    desk.write(Sheet(("check", "state", "what", "advice"), rows))
    if faults := sum(each.state is State.FAULT for each in checks):
        words(f"{desk.store.name}: {faults} {'fault' if faults == 1 else 'faults'}", colour="red")
        click.get_current_context().exit(3)
