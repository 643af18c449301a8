"""`grant` and `revoke`: who may read, record, and own a ledger on a server."""

import sys

import click

from ledger import roles
from ledger.cli import types
from ledger.cli.options import database, db_option, words
from ledger.cli.output import Sheet
from ledger.errors import LedgerError
from ledger.store import Store, open_store
from ledger.visible import visible

_role = types.Word(tuple(roles.ROLES))


@click.command("grant", epilog="Example:  ledger grant")
@click.argument("role", type=_role, required=False, metavar="[ROLE]")
@click.argument("user", required=False, metavar="[USER]")
@click.option("--login", is_flag=True, help="Make the user, who may then log in to the server.")
@click.option(
    "--password",
    is_flag=True,
    help="With --login: ask for the user's password; not at a terminal: a line of standard input.",
)
@db_option
@click.pass_context
def grant_command(
    ctx: click.Context,
    role: str | None,
    user: str | None,
    login: bool,
    password: bool,
    db: str | None,
) -> None:
    """Let USER do what ROLE may with a ledger on a server; alone, list who may do what.

    ROLE is reader (reports, exports and SQL), analyst (records as well, and alters nothing that is
    recorded) or owner (upgrades, and gives and takes roles). USER is a login of the server. The
    server itself keeps to it, whatever program asks. A file knows no roles.

    The server is sent a password's SCRAM verifier, and never the password.
    """
    store = open_store(database(ctx, db))
    if role is None:
        if login or password:
            raise click.UsageError("--login and --password go with a ROLE and a USER")
        _list(store)
        return
    if user is None:
        raise click.UsageError(f"say who is to be {role}: ledger grant {role} USER")
    if password and not login:
        raise click.UsageError("--password goes with --login, which makes a user")
    given = _password(user) if password else None
    if roles.grant(store, role, user, login=login, password=given):
        click.echo(visible(f"{user} is {role} of {store.name}: {roles.ROLES[role]}"))
    else:
        click.echo(visible(f"{user} is {role} of {store.name} already"))


def _list(store: Store) -> None:
    if store.dialect != "postgresql":
        words(f"{store.name} is a file: who may write it may write all of it; it knows no roles")
        return
    rows = [(each.user, each.role, "yes" if each.login else "no", roles.ROLES[each.role])
            for each in roles.members(store)]  # fmt: skip
    sheet = Sheet(("user", "role", "logs in", "may"), rows, empty="nobody has a role yet")
    sheet.write(None, None)


@click.command("revoke", epilog="Example:  ledger revoke --help")
@click.argument("role", type=_role)
@click.argument("user")
@db_option
@click.pass_context
def revoke_command(ctx: click.Context, role: str, user: str, db: str | None) -> None:
    """Take a ROLE from USER: reader, analyst or owner. Their login stays."""
    store = open_store(database(ctx, db))
    roles.revoke(store, role, user)
    click.echo(visible(f"{user} is no {role} of {store.name} any more"))


def _password(user: str) -> str:
    """The password, asked for twice at a terminal, unseen."""
    if sys.stdin.isatty():
        asked = click.prompt(
            visible(f"Password for {user}"), hide_input=True, confirmation_prompt=True, err=True
        )
        return str(asked)
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise LedgerError("there is no password on standard input", "give it as one line")
    return line
