"""`ledger site`: the pages of the ledger as files, to be read from a disk or any web server."""

from datetime import date, datetime
from pathlib import Path

import click

from ledger.cli.options import Moment, Reader, database, db_option, words
from ledger.cli.output import counted, plain
from ledger.store import open_store


@click.command("site", epilog="Example:  ledger site pages --no-charts")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--title", default="The ledger", show_default=True, help="What the pages are headed.")
@click.option(
    "--claims/--no-claims",
    default=None,
    help="A page for each claim, or none; else up to 5,000 claims.",
)
@click.option("--charts/--no-charts", default=True, help="Draw charts, if there is what draws.")
@click.option("--force", is_flag=True, help="Even into a folder of other files.")
@click.option("--as-of", type=Moment(), help="The ledger as it stood then: a date or entry.")
@db_option
@click.pass_context
def site_command(
    ctx: click.Context,
    *,
    folder: Path,
    title: str,
    claims: bool | None,
    charts: bool,
    force: bool,
    as_of: int | date | datetime | None,
    db: str | None,
) -> None:
    """Write the ledger into FOLDER as pages that link to one another, to read or to publish.

    The board, every proposition, source and claim, what changed, and an index of names; beside each
    page its CSV and JSON. They need no server and no script. Made again, the site in FOLDER is
    replaced whole; what else is in FOLDER stays.
    """
    from ledger.web.site import write_site

    desk = Reader(open_store(database(ctx, db)), as_of, None, None, raw=False)
    done = write_site(
        desk.store,
        folder,
        as_of=desk.as_of_entry(),
        asked=None if as_of is None else plain(as_of),
        title=title,
        charts=charts,
        claims=claims,
        force=force,
    )
    for note in done.notes:
        words(f"note: {note}")
    words(
        f"wrote {folder}: {counted(done.pages, 'page')}, {done.size:,} bytes; head {done.of.head}"
    )
