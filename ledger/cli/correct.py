"""`ledger correct`: mends what was recorded of a claim; the version before is kept."""

from collections.abc import Container, Iterable
from typing import Any

import click

from ledger import journal, lookup
from ledger.cli import naming, types
from ledger.cli.add import range_from_words
from ledger.cli.claim_options import claim_options
from ledger.cli.options import Writer, writing
from ledger.cli.output import differences
from ledger.journal import Value
from ledger.visible import visible

#: Option → the columns that `--clear OPTION` empties.
_CLEARED = {
    "low": ("low",),
    "high": ("high",),
    "wording": ("wording",),
    "quote": ("quote", "quote_prefix", "quote_suffix"),
    "quote-prefix": ("quote_prefix",),
    "quote-suffix": ("quote_suffix",),
    "document": ("document_id",),
    "via": ("via_id",),
    "answers": ("answers_id",),
    "repeats": ("repeats_id",),
    "said-on": ("stated_on", "stated_precision"),
    "note": ("note",),
}


def _one_or_the_other(said: Container[str], clear: Iterable[str]) -> None:
    """Wrong usage where an option sets what another empties."""
    for name in clear:
        for option, columns in _CLEARED.items():
            if option.replace("-", "_") in said and columns[0] in _CLEARED[name]:
                raise click.UsageError(f"--{option} and --clear {name}: the one or the other")


@click.command("correct", epilog="Example:  ledger correct 12 --said-on 2018-02")
@click.argument("claim", type=types.Name("claim"))
@click.option("-p", "--proposition", type=types.Name("proposition"), help="On another proposition.")
@click.option("-s", "--source", type=types.Name("source"), help="By another source.")
@click.option("-t", "--stance", type=types.STANCE, help="With another stance.")
@claim_options
@click.option(
    "--clear",
    multiple=True,
    type=types.Word(_CLEARED),
    help="Empty this: note, via, said-on …; may be repeated.",
)
@click.option("--new", is_flag=True, help="A source or document not yet known is meant as new.")
@writing
def correct_command(
    desk: Writer,
    *,
    claim: str,
    proposition: str | None,
    source: str | None,
    stance: str | None,
    clear: tuple[str, ...],
    new: bool,
    **given: Any,
) -> None:
    """Mend what was recorded of CLAIM.

    The version before is kept, with who changed it and when. To take a claim out, withdraw it; to
    judge it, assess it.
    """
    said = {name: value for name, value in given.items() if value is not None}
    if not (said or clear or proposition or source or stance):
        raise click.UsageError("say what to mend: any option of `ledger add`, or --clear")
    _one_or_the_other(said, clear)
    with desk.store.reader() as connection:
        number = lookup.claim(connection, claim)
        meant = {
            "source_id": naming.source(connection, source, new=new) if source else None,
            "via_id": naming.source(connection, said.pop("via"), new=new)
            if "via" in said
            else None,
            "document_id": (
                naming.document(connection, said.pop("document"), new=new)
                if "document" in said
                else None
            ),
        }
        changes: dict[str, Value] = {}
        for link in ("answers", "repeats"):
            if link in said:
                changes[f"{link}_id"] = lookup.claim(connection, said.pop(link))
        if proposition:
            changes["proposition_id"] = lookup.proposition(connection, proposition).id
    if stance:
        changes["stance"] = stance
    if "said_on" in said:
        day, precision = said.pop("said_on")
        changes |= {"stated_on": day, "stated_precision": precision.value}
    if "wording" in said:
        said = {"low": None, "high": None, **said}  # new words mean a new range
        range_from_words(said)
    changes |= said
    changes |= {column: None for name in clear for column in _CLEARED[name]}
    made: dict[tuple[str, str], int] = {}
    with desk.entry() as draft:
        changes |= {
            column: naming.number(draft, name, made) for column, name in meant.items() if name
        }
        before = draft.row("claim", number)
        journal.correct(draft, number, changes)
        told = differences(before, draft.row("claim", number))
    click.echo(f"claim {number}: corrected" if told else f"claim {number} says so already")
    for line in told:
        click.echo(visible(line))
