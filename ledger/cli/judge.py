"""`assess`, `withdraw`, `settle`: the analyst's judgements."""

from collections.abc import Sequence

import click
import sqlalchemy as sa

from ledger import journal, lookup, schema
from ledger.cli import types
from ledger.cli.ask import ask, on_terminal
from ledger.cli.options import Writer, writing
from ledger.model import UNREVIEWED, Range, Verdict
from ledger.standing import standing
from ledger.undo import TAKEN_BACK
from ledger.visible import visible

_because = click.option("-b", "--because", help="Why, in a sentence; asked for on a terminal.")


def _reason(given: str | None, *, needed: bool = True) -> str | None:
    """The reason given, or asked for; without a terminal a missing one is an error."""
    if given is not None or not needed:
        return given
    if not on_terminal():
        raise click.UsageError("missing: --because, the reason in a sentence")
    return ask("Because", str)


@click.command(
    "assess",
    epilog='Example:  ledger assess 4 unverified --because "no origin is given for the figure"',
)
@click.argument(
    "claims", metavar="CLAIM...", type=types.ClaimsThen(types.STATUS), nargs=-1, required=True
)
@click.argument("status", type=types.STATUS)
@_because
@click.option(
    "--rests-on",
    multiple=True,
    metavar="CLAIM|DOCUMENT",
    help="What the status rests on: a claim's number or a document; may be repeated.",
)
@writing
def assess_command(
    desk: Writer,
    *,
    claims: Sequence[str],
    status: str,
    because: str | None,
    rests_on: Sequence[str],
) -> None:
    """Give each CLAIM the verification STATUS, and say why.

    The status before is kept: `ledger show` tells every change.
    """
    reason = _reason(because, needed=status != UNREVIEWED)
    told = []
    with desk.entry() as draft:
        numbers = list(dict.fromkeys(lookup.claim(draft.connection, claim) for claim in claims))
        for number in numbers:
            before = draft.row("claim", number)["status"]
            changed = journal.assess(draft, number, status, reason)
            told.append(
                f"claim {number}: {before} → {status}" if changed else
                f"claim {number} is {status} already, for the same reason; nothing changed"
            )  # fmt: skip
            _rest(draft, number, rests_on)
    for line in told:
        click.echo(line)


def _rest(draft: journal.Draft, number: int, rests_on: Sequence[str]) -> None:
    """Record what a claim's status rests on, but not a ground it rests on already."""
    for text in rests_on:
        if text.removeprefix("#").isdecimal():
            column, on = "on_claim_id", lookup.claim(draft.connection, text)
        else:
            column, on = "on_document_id", lookup.document(draft.connection, text).id
        ground = schema.evidence
        known = draft.connection.execute(
            sa.select(ground.c.id, ground.c.note)
            .where(ground.c.claim_id == number, ground.c[column] == on)
            .order_by(ground.c.id)
            .limit(1)
        ).one_or_none()
        if known is None:
            draft.insert("evidence", {"claim_id": number, column: on})
        elif (known.note or "").startswith(TAKEN_BACK):
            draft.update("evidence", known.id, {"note": None})


@click.command("withdraw", epilog='Example:  ledger withdraw 2 --because "same as claim 1"')
@click.argument("claims", metavar="CLAIM...", type=types.Name("claim"), nargs=-1, required=True)
@_because
@writing
def withdraw_command(desk: Writer, *, claims: Sequence[str], because: str | None) -> None:
    """Mark each CLAIM as entered in error: kept, and left out of lists and reports.

    `ledger assess CLAIM unreviewed` brings it back.
    """
    reason = _reason(because)
    told = []
    with desk.entry() as draft:
        for number in dict.fromkeys(lookup.claim(draft.connection, claim) for claim in claims):
            changed = journal.withdraw(draft, number, str(reason))
            told.append(
                f"claim {number} is withdrawn"
                if changed
                else f"claim {number} was withdrawn already"
            )
    for line in told:
        click.echo(line)


@click.command(
    "settle",
    epilog="""Example:  ledger settle progov-killed open --because "one figure, no origin" """,
)
@click.argument("proposition", type=types.Name("proposition"))
@click.argument("verdict", type=types.VERDICT)
@click.option("--low", type=types.Count(), help="Lowest number found, for a count.")
@click.option("--high", type=types.Count(), help="Highest number found, inclusive.")
@_because
@writing
def settle_command(
    desk: Writer,
    *,
    proposition: str,
    verdict: str,
    low: int | None,
    high: int | None,
    because: str | None,
) -> None:
    """Record the finding on PROPOSITION: the VERDICT, why, and for a count the range found.

    A new finding replaces the one before, which is kept in the history.
    """
    reason = _reason(because, needed=verdict != Verdict.OPEN)
    with desk.entry() as draft:
        found = lookup.proposition(draft.connection, proposition)
        changed = journal.settle(draft, found.id, verdict, because=reason, low=low, high=high)
        now = standing(draft.connection, found.id)
    range_ = "" if low is None and high is None else f", {Range(low, high)}"
    already = "" if changed else " already"
    click.echo(visible(f"{found.name} is {verdict}{range_}{already}"))
    click.echo(f"{now}")
