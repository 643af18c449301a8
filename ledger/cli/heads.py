"""`head`, `key`, `checkpoint`: what is given to others, so that they can tell what was altered."""

import secrets
from pathlib import Path

import click

from ledger import history
from ledger.cli.held import checkpoint_file, signer, verifier
from ledger.cli.options import Reader, database, db_option, reading, words
from ledger.cli.output import Sheet
from ledger.errors import LedgerError
from ledger.placing import placed
from ledger.rules import shown
from ledger.store import open_store


@click.command("head", epilog="Example:  ledger head")
@reading()
def head_command(desk: Reader) -> None:
    """Print the head: the newest entry's number, hash and time.

    The hash stands for all that was recorded up to then. Print it in the report you hand over, or
    mail it to somebody: with it, `ledger verify --head HASH` finds any later alteration.
    """
    with desk.open() as connection:
        newest = history.head(connection)
    row = (newest.entry, newest.hash, newest.recorded_at)
    kinds = {"entry": "whole", "recorded_at": "moment"}
    desk.write(Sheet(("entry", "hash", "recorded_at"), [row], kinds=kinds))


@click.group("key", epilog="Example:  ledger key new our.key")
def key_command() -> None:
    """Keys that sign checkpoints: make one, show what to give to others."""


@key_command.command("new", epilog="Example:  ledger key new our.key --name example.org/our-ledger")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--name", help="Names ledger and key to all who verify; best an address without https://."
)
def key_new(file: Path, name: str | None) -> None:
    """Make an Ed25519 key in FILE, which must not exist yet, and print its verifier key.

    FILE is the secret: only you may read it, and it is never overwritten. The line that is printed
    is for everybody else. Use a key for one ledger only.
    """
    from ledger.notes import SignerKey, check_name

    secret = secrets.token_bytes(32)
    key = SignerKey(name or "", secret)
    if name is None:
        key = SignerKey(f"claim-ledger/{key.verifier().public.hex()[:16]}", secret)
    check_name(key.name)
    text = f"{key.text()}\n".encode()
    try:
        with placed(file, text=False, new=True) as stream:
            stream.write(text)
    except FileExistsError:
        raise LedgerError(
            f"{file} exists; a key is never overwritten",
            f"name another file, or see whose it is: ledger key show {file}",
        ) from None
    except OSError as error:
        raise LedgerError(f"cannot write {file}: {error.strerror}", "name another file") from None
    words(f"made {file}; keep it to yourself, and give the line below to those who verify")
    click.echo(str(key.verifier()))


@key_command.command("show", epilog="Example:  ledger key new our.key && ledger key show our.key")
@click.argument("file")
def key_show(file: str) -> None:
    """Print the verifier key of the key in FILE: for everybody, and no secret."""
    click.echo(str(verifier(file)))


@click.command(
    "checkpoint", epilog="Example:  ledger key new our.key && ledger checkpoint --key our.key"
)
@db_option
@click.option("--key", required=True, metavar="FILE", help="Signs it: a file of `ledger key new`.")
@click.option("-o", "--output", metavar="FILE", help="Where to write it; - is the screen.")
@click.pass_context
def checkpoint_command(ctx: click.Context, db: str | None, key: str, output: str | None) -> None:
    """Write a signed checkpoint: how many entries there are, and the root of their tree.

    Give it to others, or publish it: with it, `ledger verify --checkpoint FILE` finds any later
    alteration, and `ledger verify-proof` checks a single claim without the ledger. It is a C2SP
    checkpoint, a signed note that other transparency tools read. An older checkpoint in FILE is
    replaced, unless the ledger does not hold what it stood for.
    """
    from ledger import pins
    from ledger.notes import Checkpoint, sign

    signing = signer(key)
    store = open_store(database(ctx, db))
    with store.reader() as connection:
        older = Path(output) if output not in (None, "-") else None
        if older is not None and older.exists():
            _, kept = checkpoint_file(str(older))
            faults = [*pins.checkpoint_faults(connection, kept.size, kept.root)]
            if faults or kept.origin != signing.name:
                told = faults[0].what if faults else f"it is of {shown(kept.origin)}"
                raise LedgerError(
                    f"{older} holds another checkpoint, which stays: {told}",
                    "`ledger verify` checks the ledger; write to another file with -o",
                )
        size, root = pins.tree_of_entries(connection)
    text = sign(Checkpoint(signing.name, size, root).text(), signing).encode()
    if older is None:
        click.echo(text, nl=False)
        return
    try:
        with placed(older, text=False) as stream:
            stream.write(text)
    except OSError as error:
        raise LedgerError(f"cannot write {older}: {error.strerror}", "name another file") from None
    words(f"wrote the checkpoint of {size} entries to {older}")
