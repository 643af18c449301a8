"""`ledger serve`: the ledger in a browser, to read."""

from functools import partial
from pathlib import PurePath

import click

from ledger.cli.options import database, db_option, words
from ledger.errors import LedgerError
from ledger.store import open_store


@click.command("serve", epilog="Example:  ledger serve")
@db_option
@click.option(
    "--port", type=click.IntRange(1, 65_535), help="Where to listen; else one that is free."
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="An address of this machine; the default is for this machine alone.",
)
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="HOST",
    help="A name that a browser calls this server by, such as a proxy's; repeat for more.",
)
@click.option("--title", metavar="TEXT", help="What the ledger is called on its pages.")
@click.option("--no-open", is_flag=True, help="Open no browser.")
@click.pass_context
def serve_command(
    ctx: click.Context,
    *,
    db: str | None,
    port: int | None,
    host: str,
    names: tuple[str, ...],
    title: str | None,
    no_open: bool,
) -> None:
    """Serve the ledger to browsers, to read: board, propositions, sources, claims, tables, SQL.

    It prints the address and opens it; Ctrl-C stops it. It never writes, and answers this machine
    alone unless --host says otherwise; it knows no users, so whoever reaches it reads all of the
    ledger. docs/web.md tells how to put it behind a proxy. Needs the extra [web].
    """
    try:
        from ledger.web import serving
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("datasette", "uvicorn"):
            raise
        raise LedgerError(
            "`ledger serve` needs Datasette, which is not installed here",
            'pip install "claim-ledger[web]"; `ledger site` writes the same pages without it',
        ) from None

    target = database(ctx, db)
    with serving.listening(host, port) as listener:
        address = serving.address(listener)

        def ready() -> None:
            click.echo(address)
            words("Ctrl-C stops it")
            if not serving.is_private(listener):
                words("whoever reaches this address reads all of the ledger")
            if not no_open:
                click.launch(address)

        serving.serve(
            partial(open_store, target, busy_seconds=serving.WAITING),
            listener,
            name=title or _called(target),
            names=frozenset(names),
            ready=ready,
        )
    words("stopped")


def _called(target: str) -> str:
    """What a ledger is called after its file or its database, if that says anything."""
    name = PurePath(target.partition("?")[0]).stem
    return "The ledger" if name.lower() in ("", "ledger") else name
