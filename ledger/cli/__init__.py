"""The command line: parses, calls and prints, and loads a command only when it is named.

This module is what `ledger --help` costs, so it imports click and the errors alone. Each command
lives in a module of its family; COMMANDS says which.
"""

import os
import sys
from dataclasses import dataclass
from typing import Any

import click

from ledger import __version__
from ledger.errors import BadFileError, InvalidError, LedgerError

#: Command → (module in this package, the line that help shows), grouped as help groups them.
COMMANDS: dict[str, dict[str, tuple[str, str]]] = {
    "Claims, all day": {
        "add": ("add", "Record a claim: who takes which stance on what."),
        "list": ("claims", "List claims."),
        "show": ("show", "Tell the whole story of one claim."),
        "search": ("searching", "Find claims by words in their quotes, notes and names."),
        "assess": ("judge", "Give claims a verification status, and say why."),
        "correct": ("correct", "Mend what was recorded of a claim."),
        "withdraw": ("judge", "Mark claims as entered in error."),
        "settle": ("judge", "Record the finding on a proposition."),
    },
    "What claims are about": {
        "source": ("sources", "Who speaks: add, list, show, edit, alias, merge."),
        "event": ("events", "What happened: add, list, show, edit."),
        "proposition": ("propositions", "What is in question: add, list, show, edit."),
        "document": ("documents", "Where it was published: add, list, show, edit, attach, check."),
    },
    "Answers": {
        "report": ("report", "Reports: versus, counts, positions, timeline, changes …"),
        "chart": ("chart", "Charts: ranges, positions, stances; as SVG, PNG or HTML."),
        "dossier": ("dossier", "All on an event or proposition, as a page to read and to print."),
        "site": ("site", "All of it as pages: a folder of files, to read or to publish."),
        "sql": ("sql", "Ask in SQL; reads only."),
        "serve": ("serve", "Show the ledger to browsers, to read."),
    },
    "In and out": {
        "import": ("transfer", "Take claims in from CSV."),
        "recipe": ("recipe", "How other people's tables become claims: list, show, new, check."),
        "export": ("transfer", "Write claims out as CSV."),
    },
    "The ledger itself": {
        "init": ("upkeep", "Make a ledger here, or upgrade one."),
        "copy": ("copy", "Copy the whole ledger to another database."),
        "grant": ("grant", "Say who may read, record and own a ledger on a server."),
        "revoke": ("grant", "Take such a role away."),
        "log": ("log", "Tell what was recorded, entry by entry, or a claim's versions."),
        "undo": ("log", "Take back what an entry recorded, as a new entry."),
        "verify": ("upkeep", "Check that nothing recorded was altered since."),
        "head": ("heads", "Print the head, which pins all that was recorded."),
        "key": ("heads", "Keys that sign checkpoints: new, show."),
        "checkpoint": ("heads", "Write a signed checkpoint, for others to hold."),
        "prove": ("proof", "Write the proof that a claim was recorded."),
        "verify-proof": ("proof", "Check such a proof, without the ledger."),
        "backup": ("safekeeping", "Copy the ledger to a file, and verify the copy."),
        "restore": ("safekeeping", "Make a backup the ledger again, if it verifies."),
        "doctor": ("safekeeping", "Tell whether the ledger is in good health."),
        "check": ("check", "Check as an experienced recorder would; accept what is right."),
        "completion": ("upkeep", "Print the completion script of a shell."),
    },
}

_MODULES = {name: entry for group in COMMANDS.values() for name, entry in group.items()}


@dataclass
class Shared:
    """What may stand before the command as well as after it."""

    db: str | None = None
    analyst: str | None = None


class LazyGroup(click.Group):
    """A group whose commands are imported when they are used, and whose errors become words."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # click suggests what a mistyped command is close to from the names here.
        self.commands = dict.fromkeys(_MODULES, click.Command(None))

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order of help."""
        return list(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        if cmd_name not in _MODULES:
            return None
        from importlib import import_module

        module = import_module(f"ledger.cli.{_MODULES[cmd_name][0]}")
        command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        if not isinstance(command, click.Command):
            raise TypeError(f"{cmd_name} is no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by family, from the table and without importing them."""
        widest = max(map(len, _MODULES))
        for title, commands in COMMANDS.items():
            with formatter.section(title):
                formatter.write_dl(
                    [(name.ljust(widest), line) for name, (_, line) in commands.items()]
                )

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; what it refuses is told on standard error, with exit status 1."""
        try:
            done = super().invoke(ctx)
            sys.stdout.flush()  # a full disk is to be told here, not when Python ends
        except LedgerError as error:
            tell(error)
            ctx.exit(1)
        return done


def tell(error: LedgerError) -> None:
    """Print an error's words, its details and its hint to standard error."""
    from ledger.visible import visible

    def line(text: str, colour: str | None = None) -> None:
        click.secho(visible(text), fg=colour, err=True)

    line(f"ledger: {error.message}", "red")
    if isinstance(error, InvalidError):
        for problem in error.problems:
            line(f"  {problem}")
    if isinstance(error, BadFileError):
        for row in error.rows:
            line(f"  {row.file}, line {row.line}, {row.problem}")
    if error.hint:
        line(f"  {error.hint}")


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example:  ledger report versus",
)
@click.option("--db", metavar="PATH|URL", help="The ledger; else LEDGER_DB, else ./ledger.db.")
@click.option("--as", "analyst", metavar="NAME", help="Who records; else LEDGER_ANALYST, else you.")
@click.version_option(__version__, "-V", "--version", message="claim-ledger %(version)s")
@click.pass_context
def cli(ctx: click.Context, db: str | None, analyst: str | None) -> None:
    """Who says what, who denies exactly what, and what is known.

    Claims are rows with a source, a stance and a verification status; reports set claim against
    denial; history is kept and cannot be altered unseen.
    """
    ctx.obj = Shared(db, analyst)


def main() -> None:
    """Run the command line: the entry point of `ledger` and `claim-ledger`."""
    if sys.stdout is None or sys.stderr is None:  # closed by whoever started us
        os._exit(1)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure") and stream.encoding.lower() != "utf-8":
            stream.reconfigure(encoding="utf-8")  # names are of every script; C locales are not
    if "_LEDGER_COMPLETE" in os.environ:
        from ledger.cli import complete

        complete.install()
    try:
        cli.main(prog_name="ledger")
    except OSError as error:  # standard output on a full disk; click ends closed pipes itself
        what = "the answer" if error.filename is None else error.filename
        hint = "see whether the disk is full or fails; `ledger log` tells what was recorded"
        tell(LedgerError(f"cannot write {what}: {error.strerror}", hint))
        os._exit(1)  # Python would try to write the rest once more
