"""`recipe`: how other people's tables become claims: list, show, draft, check."""

import io
import sys
from contextlib import nullcontext
from pathlib import Path

import click

from ledger.cli.options import words
from ledger.cli.output import FORMATS, Sheet, counted, screen, written
from ledger.visible import visible

_FOUND = 3
#: What a table on a screen shows of a claim, as far as the recipe fills it.
_BRIEF = {
    "line": "line",
    "source": "source",
    "stance": "stance",
    "proposition": "on",
    "low": "low",
    "high": "high",
    "wording": "words",
    "verdict": "verdict",
    "stated_on": "said on",
    "document": "in",
}


@click.group("recipe", epilog="Example:  ledger recipe list")
def recipe_command() -> None:
    """Recipes for other people's tables: list, show, new, check.

    A recipe is a TOML file that says how a row becomes claims; docs/recipes.md tells what it may
    hold. `ledger import FILE --recipe RECIPE` takes the file in by it.
    """


@recipe_command.command("list", epilog="Example:  ledger recipe list")
@click.option("-f", "--format", "format_", type=click.Choice(FORMATS), help="How to write it.")
@click.option("-o", "--output", metavar="FILE", help="Where to write it; - is the screen.")
def recipe_list(format_: str | None, output: str | None) -> None:
    """List the recipes that come with ledger."""
    from ledger.recipes import shelf

    found = [shelf.recipe(name) for name in shelf.shipped()]
    rows = [
        (each.name, each.title, " ".join(each.about.split()), each.licence, each.homepage)
        for each in found
    ]
    columns = ("recipe", "title", "about", "licence", "homepage")
    brief = {"recipe": "recipe", "title": "of", "licence": "licence of the data"}
    Sheet(columns, rows, brief=brief, kinds=dict.fromkeys(columns, "text")).write(format_, output)


@recipe_command.command("show", epilog="Example:  ledger recipe show maverick")
@click.argument("recipe")
def recipe_show(recipe: str) -> None:
    """Print RECIPE as it is written: to read, or to start one's own from."""
    from ledger.recipes import shelf

    click.echo(visible(shelf.text(recipe), lines=True), nl=False)


@recipe_command.command(
    "new", epilog="Example:  ledger export -o claims.csv && ledger recipe new claims.csv"
)
@click.argument("file", type=click.Path(allow_dash=True, path_type=Path))
@click.option("-o", "--output", metavar="TOML", help="Where to write it; else to the screen.")
def recipe_new(file: Path, output: str | None) -> None:
    """Draft a recipe for FILE from its header and first rows.

    What the columns mean is guessed, and each guess is marked for you to look at. The draft passes
    `ledger recipe check` as it is.
    """
    from ledger.exchange import sheets
    from ledger.recipes import drafting

    if output not in (None, "-") and Path(str(output)).exists():
        raise click.UsageError(f"{output} exists; name another file")
    with nullcontext(sys.stdin.buffer) if str(file) == "-" else sheets.opened(file) as stream:
        text = drafting.draft(stream, file.name)
    if output in (None, "-"):
        screen().write(text)
        return
    with written(str(output), text=True) as target:
        target.write(text)
    words(f"wrote {output}; look at what is marked, then: ledger recipe check {output} {file}")


@recipe_command.command(
    "check",
    epilog="Example:  ledger recipe show maverick > mine.toml && ledger recipe check mine.toml",
)
@click.argument("recipe")
@click.argument("file", required=False, type=click.Path(allow_dash=True, path_type=Path))
@click.option(
    "-n", "--rows", type=click.IntRange(0), default=10, show_default=True,
    help="FILE: how many claims are shown.",
)  # fmt: skip
@click.option("-f", "--format", "format_", type=click.Choice(FORMATS), help="How to write them.")
@click.option("-o", "--output", metavar="OUT", help="Where to write them; - is the screen.")
def recipe_check(
    recipe: str, file: Path | None, rows: int, format_: str | None, output: str | None
) -> None:
    """Check RECIPE, and show what the rows of FILE become by it.

    All of FILE is read and nothing is written; the ledger is not asked. What it says to the claims
    tells `ledger import FILE --recipe RECIPE --dry-run`. Ends with status 3 where rows are bad.
    """
    from ledger.exchange import sheets
    from ledger.recipes import shelf
    from ledger.recipes.trying import tried

    read = shelf.recipe(recipe)
    if file is None:
        claims = sum("stance" in block.columns for block in read.blocks)
        words(
            f"{recipe} is sound: {read.title}, of {counted(len(read.input.columns), 'column')} "
            f"and {len(read.input.optional)} more that may be there; "
            f"a row makes up to {counted(claims, 'claim')}"
        )
        return
    if file.is_dir():
        done = tried(read, io.BytesIO(), file.name, file, rows)
    else:
        with nullcontext(sys.stdin.buffer) if str(file) == "-" else sheets.opened(file) as stream:
            done = tried(read, stream, file.name, None, rows)
    brief = {column: heading for column, heading in _BRIEF.items() if column in done.columns}
    kinds = {"line": "whole"} | dict.fromkeys(done.columns[1:], "text")
    Sheet(
        done.columns, done.rows, brief=brief, kinds=kinds, empty="no row makes a claim", listed=True
    ).write(format_, output)
    for note in done.notes:
        words(f"note: {note}")
    stances = ", ".join(f"{many:,} {visible(stance)}" for stance, many in done.stances.items())
    more = f", {counted(done.descriptions, 'description')}" if done.descriptions else ""
    words(
        f"{counted(done.records, 'row')} would make {counted(done.claims, 'claim')}"
        + (f" ({stances})" if stances else "") + more
    )  # fmt: skip
    for row in done.told:
        words(f"  {row.file}, line {row.line}, {row.problem}")
    if done.bad:
        words(f"{counted(done.bad, 'row')} would be bad")
        click.get_current_context().exit(_FOUND)
