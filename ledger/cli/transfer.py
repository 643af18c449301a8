"""`import` and `export`: claims as CSV, one file or a folder of tables."""

import sys
from pathlib import Path

import click

from ledger.cli.options import Reader, Writer, reading, words, writing
from ledger.cli.output import counted, written

_PATH = click.Path(allow_dash=True, path_type=Path)


@click.command("import", epilog="Example:  ledger import claims.csv")
@click.argument("file", type=_PATH)
@click.option(
    "--new", is_flag=True, help="Sources whose names look like known ones are meant to be new."
)
@click.option("--raw", is_flag=True, help="The file was written with --raw: take text as it is.")
@writing
def import_command(desk: Writer, *, file: Path, new: bool, raw: bool) -> None:
    """Take claims in from FILE: a CSV of claims, a folder of tables, or - for standard input.

    All of it or nothing: a bad file imports nothing and every bad row is listed. What is there
    already is not added again. The columns are those that `ledger export` writes; of a claims file
    only proposition, source and stance are needed.
    """  # fmt: skip
    from ledger.exchange.importing import import_path, import_stream

    if str(file) == "-":
        done = import_stream(
            desk.store, sys.stdin.buffer, "standard input",
            recorded_by=desk.analyst, message=desk.message, new=new, raw=raw,
        )  # fmt: skip
    else:
        done = import_path(
            desk.store, file, recorded_by=desk.analyst, message=desk.message, new=new, raw=raw
        )
    for note in done.notes:
        words(f"note: {note}")
    added = {table: count for table, count in done.added.items() if count}
    present = {table: count for table, count in done.present.items() if count}
    if added:
        click.echo(f"added {_counted(added)}; entry {', '.join(map(str, done.entries))}")
    if present:
        click.echo(f"already there: {_counted(present)}")
    if not added:
        click.echo("nothing to add")


_WORDS = {"source_alias": ("alias", "aliases"), "evidence": ("ground", "grounds")}


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(
        counted(count, *_WORDS.get(table, (table,))) for table, count in counts.items()
    )


@click.command("export", epilog="Example:  ledger export -o claims.csv")
@click.argument("folder", required=False, type=click.Path(file_okay=False, path_type=Path))
@reading(formats=("csv",))
def export_command(desk: Reader, folder: Path | None) -> None:
    """Write every claim as CSV with all that describes it; or all tables into FOLDER.

    One file (standard output, or -o FILE) carries the claims and what they name; FOLDER gets a
    file for each table, texts included. `ledger import` takes either back, and an empty ledger
    then holds equal rows. A cell that a spreadsheet would run as a formula is disarmed; --raw
    writes the exact text.
    """
    from ledger.exchange.exporting import export_claims, export_folder

    if folder is not None and desk.output is not None:
        raise click.UsageError("write to FOLDER or to --output, not both")
    with desk.open() as connection:
        if folder is not None:
            done = export_folder(connection, folder, raw=desk.raw)
        elif desk.output in (None, "-"):
            done = export_claims(connection, sys.stdout, raw=desk.raw)
        else:
            with written(str(desk.output)) as stream:
                done = export_claims(connection, stream, raw=desk.raw)
    for note in done.notes:
        words(f"note: {note}")
    if folder is not None or desk.output not in (None, "-"):
        told = _counted({table.removesuffix("s"): count for table, count in done.rows.items()})
        words(f"wrote {told} to {folder or desk.output}")
