"""`import` and `export`: claims as CSV, one file or a folder of tables."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from ledger.cli.merge import merge
from ledger.cli.options import Reader, Writer, reading, words, writing
from ledger.cli.output import counted, screen, written
from ledger.visible import visible

if TYPE_CHECKING:
    import sqlalchemy as sa

    from ledger.exchange.exporting import Exported
    from ledger.exchange.taking import Imported

_PATH = click.Path(allow_dash=True, path_type=Path)


@click.command("import", epilog="Example:  ledger import claims.csv")
@click.argument("file", type=_PATH)
@click.option(
    "--new", is_flag=True, help="Sources whose names look like known ones are meant to be new."
)
@click.option("--raw", is_flag=True, help="The file was written with --raw: take text as it is.")
@click.option("--dry-run", is_flag=True, help="Tell what would happen, and do nothing.")
@click.option(
    "--rejects",
    metavar="CSV",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Take the good rows; write the bad ones here, with reasons.",
)
@click.option(
    "--recipe",
    metavar="RECIPE",
    help="FILE is another table, a folder of them, or JSON: by this recipe it becomes claims.",
)
@click.option(
    "--keep",
    type=click.Choice(["ours", "theirs"]),
    help="FILE is a ledger: whose word stands where the two contradict one another.",
)
@click.option(
    "--conflicts",
    metavar="CSV",
    type=click.Path(dir_okay=False, path_type=Path),
    help="FILE is a ledger: write what contradicts here, to be decided one by one.",
)
@click.option(
    "--decisions",
    metavar="CSV",
    type=click.Path(dir_okay=False, path_type=Path),
    help="FILE is a ledger: the file of conflicts, its column decision filled in.",
)
@writing
def import_command(
    desk: Writer,
    *,
    file: Path,
    new: bool,
    raw: bool,
    dry_run: bool,
    rejects: Path | None,
    recipe: str | None,
    keep: str | None,
    conflicts: Path | None,
    decisions: Path | None,
) -> None:
    """Take claims in from FILE: a table of claims, a folder of tables, or - for standard input.

    A table is CSV, TSV, JSON lines, Parquet or a workbook (.xlsx), packed by gzip or not: which, is
    told by how it begins.

    All of it or nothing: a bad file imports nothing and every bad row is listed, unless --rejects
    says where they go; mended there, they are imported like any file. What is there already is not
    added again. The columns are those that `ledger export` writes; of a claims file only
    proposition, source and stance are needed. A package (`ledger export FOLDER`) brings its history
    into an empty ledger: the same entries, to the same head. RECIPE is one of `ledger recipe list`,
    or a file of yours.

    FILE may be another analyst's ledger: what is new in it is added, what he has judged since is
    taken, and where the two contradict one another nothing is, until you have decided.
    """  # fmt: skip
    from ledger.exchange.doors import door
    from ledger.exchange.importing import import_path, import_stream
    from ledger.exchange.visiting import is_database

    _spare(desk, file, rejects, conflicts, decisions)
    is_ledger = is_database(file)
    if is_ledger and (raw or rejects or recipe):
        raise click.UsageError("--raw, --rejects and --recipe are for tables; FILE is a database")
    if not is_ledger and (keep or conflicts or decisions):
        raise click.UsageError("--keep, --conflicts and --decisions are for a ledger; FILE is none")
    with _progress() as progress:
        given: dict[str, Any] = {
            "recorded_by": desk.analyst, "message": desk.message, "new": new, "raw": raw,
        }  # fmt: skip
        if recipe is not None:
            given |= {"translation": _by_recipe(recipe, file)}
        if not file.is_dir() or recipe is not None:
            given |= {"dry_run": dry_run, "rejects": rejects, "progress": progress}
        elif rejects is not None:
            raise click.UsageError("--rejects is for one file, not for a folder")
        if is_ledger:
            done = merge(
                desk, file, new=new, dry_run=dry_run, keep=keep, conflicts=conflicts,
                decisions=decisions, progress=progress, tell=partial(_tell, dry_run=True),
            )  # fmt: skip
        elif str(file) == "-":
            done = import_stream(desk.store, sys.stdin.buffer, "standard input", **given)
        elif recipe is not None:
            done = import_path(desk.store, file, **given)
        elif file.is_dir() and dry_run:
            done = import_path(desk.store, file, dry_run=True, **given)
        else:
            done = door(desk.store, file)(desk.store, file, **given)
    _tell(done, dry_run=dry_run)
    if done.rejected:
        left = counted(done.rejected, "row")
        words(f"{left} would be rejected" if dry_run else f"{left} rejected: see {rejects}")


def _tell(done: "Imported", *, dry_run: bool) -> None:
    """Say what an import did, or would do."""
    for note in done.notes:
        words(f"note: {note}")
    added = {table: count for table, count in done.added.items() if count}
    changed = {table: count for table, count in done.changed.items() if count}
    present = {table: count for table, count in done.present.items() if count}
    if added and dry_run:
        click.echo(f"would add {_counted(added)}")
        for table, names in done.names.items():
            _tell_new(table, names)
    elif added:
        click.echo(f"added {_counted(added)}; entry {_run(done.entries)}")
    if changed and dry_run:
        click.echo(f"would change {_counted(changed)}")
        for line in done.changes:
            click.echo(f"  {visible(line)}")
    elif changed:
        click.echo(f"changed {_counted(changed)}; entry {_run(done.entries)}")
    if present:
        click.echo(f"already there: {_counted(present)}")
    if not added and not changed:
        click.echo("nothing to add")
        if done.entries:
            words(f"entry {_run(done.entries)} keeps that it was decided so")


def _by_recipe(recipe: str, file: Path) -> Any:
    from ledger.recipes import shelf
    from ledger.recipes.foreign import reader

    return reader(shelf.recipe(recipe), file if file.is_dir() else None)


#: So many new names of a kind a dry run tells.
_TOLD = 50


def _tell_new(table: str, names: Sequence[str]) -> None:
    if names:
        more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
        told = "; ".join(visible(name) for name in names[:_TOLD])
        click.echo(f"new {table}{'s' if len(names) > 1 else ''}: {told}{more}")


def _spare(
    desk: Writer, file: Path, rejects: Path | None, conflicts: Path | None, decisions: Path | None
) -> None:
    """Refuse to write rejects or conflicts over what they come from, or over the ledger."""
    for kept in (file, desk.store.path, decisions):
        for made in (rejects, conflicts):
            if made and kept and made.exists() and kept.exists() and made.samefile(kept):
                raise click.UsageError(f"{made} would be overwritten; name another file")


#: So many seconds lie between two looks of the bar.
_SHOWN_EVERY = 0.1


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar with the rate and the time left, on a terminal; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda what, done, of: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    # The bar has no thread of its own: a process with several is not copied, and then one process
    # does the work of two (`ledger.ahead`).
    with Progress(
        *columns, console=Console(stderr=True), transient=True, auto_refresh=False
    ) as bar:
        tasks: dict[str, TaskID] = {}
        shown = 0.0

        def told(what: str, done: int, of: int) -> None:
            nonlocal shown
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=of or None, rate="")
            speed = bar.tasks[tasks[what]].speed or 0
            rate = f"{speed / 1e6:.1f} MB/s" if what == "read" else f"{speed:,.0f} rows/s"
            bar.update(tasks[what], completed=done, rate=rate)
            if (now := monotonic()) - shown > _SHOWN_EVERY:
                bar.refresh()
                shown = now

        yield told


def _run(entries: Sequence[int]) -> str:
    """Entries as one reads them: `4`, or `4–9`; they follow on one another."""
    return str(entries[0]) if len(entries) == 1 else f"{entries[0]}–{entries[-1]}"


_WORDS = {"source_alias": ("alias", "aliases"), "evidence": ("ground", "grounds")}


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(
        counted(count, *_WORDS.get(table, (table,))) for table, count in counts.items()
    )


@click.command("export", epilog="Example:  ledger export -o claims.csv")
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@click.option("--history/--no-history", default=True, help="FOLDER: with every version, or none.")
@click.option("--name", help="FOLDER: what the package is called.")
@click.option("--license", "licence", help="FOLDER: its licence, such as CC-BY-4.0.")
@click.option(
    "--created",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]),
    metavar="DAY",
    help="FOLDER: the day it was made, UTC.",
)
@click.option("--publisher", help="claimreview: who publishes the reviews.")
@click.option("--url", help="claimreview: the page that they stand on.")
@reading(formats=("csv", "claimreview", "parquet", "stix"))
def export_command(
    desk: Reader,
    folder: Path | None,
    history: bool,
    name: str | None,
    licence: str | None,
    created: datetime | None,
    publisher: str | None,
    url: str | None,
) -> None:
    """Write every claim as CSV with all that describes it; or the whole ledger into FOLDER.

    One file (standard output, or -o FILE) carries the claims and what they name. FOLDER becomes a
    Frictionless Data Package: a file for each table, texts and every version of every row. `ledger
    import` takes either back: an empty ledger then holds equal rows, and of a package the same
    entries and the same head. A cell that a spreadsheet would run as a formula is disarmed; --raw
    writes the exact text.

    In other formats: claimreview, JSON-LD of what was asserted on settled propositions; stix, a
    STIX 2.1 bundle; parquet, a folder in FOLDER for each event's claims.
    """
    from ledger.exchange.descriptor import About
    from ledger.exchange.exporting import export_claims
    from ledger.exchange.packing import export_package
    from ledger.exchange.recital import beside

    if folder is not None and desk.output is not None:
        raise click.UsageError("write to FOLDER or to --output, not both")
    if (desk.format == "parquet") > (folder is not None):
        raise click.UsageError("parquet is written to a folder: ledger export -f parquet FOLDER")
    if desk.format in ("claimreview", "stix") and folder is not None:
        raise click.UsageError(f"{desk.format} is one file: -o FILE.json")
    with ExitStack() as stack:
        other = None
        if folder is not None or desk.format in ("claimreview", "stix"):
            connection = stack.enter_context(desk.open())
        else:
            both = beside(desk.store, desk.as_of_entry(), raw=desk.raw)
            connection, other = stack.enter_context(both)
        if folder is not None and desk.format == "parquet":
            done = _parquet(connection, folder)
        elif folder is not None:
            done = export_package(
                connection,
                folder,
                raw=desk.raw,
                about=About(name, licence, created and created.replace(tzinfo=UTC)),
                with_history=history,
            )
        else:
            whole = desk.output in (None, "-")
            with nullcontext(screen()) if whole else written(str(desk.output)) as stream:
                if desk.format == "claimreview":
                    from ledger.exchange.claimreview import export_claimreview

                    done = export_claimreview(connection, stream, publisher=publisher, url=url)
                elif desk.format == "stix":
                    from ledger.exchange.stix import export_stix

                    done = export_stix(connection, stream)
                else:
                    done = export_claims(connection, stream, raw=desk.raw, beside=other)
    for note in done.notes:
        words(f"note: {note}")
    if folder is not None or desk.output not in (None, "-"):
        words(f"wrote {_told(done.rows)} to {folder or desk.output}")


def _parquet(connection: "sa.Connection", folder: Path) -> "Exported":
    from ledger.exchange.exporting import Exported
    from ledger.exchange.parting import COLUMNS, parts, untold
    from ledger.formats import Answer
    from ledger.formats.partitioned import write_partitioned
    from ledger.views import CLAIMS

    counts: dict[str, int] = {}
    answers = (
        (event, Answer(COLUMNS, rows, kinds=CLAIMS.kinds, meanings=CLAIMS.columns))
        for event, rows in parts(connection, counts)
    )
    counts["parts"] = write_partitioned(folder, "event", answers)
    return Exported(counts, untold(connection))


def _told(rows: dict[str, int]) -> str:
    singular = {"entries": ("entry", "entries"), "identities": ("identity", "identities")}
    return ", ".join(
        counted(count, *singular.get(table, (table.removesuffix("s"),)))
        for table, count in rows.items()
    )
