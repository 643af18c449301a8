"""`ledger check`: the lints of the craft, and findings that are let stand with a reason."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import click
import sqlalchemy as sa
from click.core import ParameterSource

from ledger import lookup, views
from ledger.checks import CHECKS, findings
from ledger.checks.acceptance import State, Weighed, accept, take_back, weighed
from ledger.checks.case import Case
from ledger.checks.finding import Check, Severity
from ledger.checks.narrowing import narrowed
from ledger.cli import types
from ledger.cli.filters import Narrowed, claim_filters
from ledger.cli.options import Reader, Writer, reading, words, writing
from ledger.cli.output import Sheet
from ledger.errors import NotFoundError
from ledger.visible import visible

#: Each column of the answer, as csv and json carry them.
COLUMNS = (
    "check",
    "severity",
    "subject",
    "about",
    "what",
    "to_do",
    "state",
    "because",
    "accepted_by",
    "accepted_at",
)

_BRIEF = {
    "{check} ({severity})": "check",
    "subject": "on",
    "words": "finding",
    "to_do": "what to do",
}
_ACCEPTED = {"stands": "state"}

_NAME = types.Word(CHECKS, {check.name: check.why for check in CHECKS.values()})
_LEVEL = types.Word([severity.value for severity in Severity])
_because = click.option("-b", "--because", required=True, help="Why, in a sentence.")
_ARTICLE = "never-graded source article --because"


@click.group(
    "check", invoke_without_command=True, epilog="Example:  ledger check --except never-graded"
)
@click.option("--list", "listing", is_flag=True, help="Name every check, and why it is made.")
@click.option("--only", multiple=True, type=_NAME, help="Only this check; may be repeated.")
@click.option(
    "--except", "left_out", multiple=True, type=_NAME, help="All checks but this; may be repeated."
)
@click.option(
    "--at-least",
    type=_LEVEL,
    default=Severity.HINT.value,
    help="Leave out what weighs less: fault, doubt, hint.",
)
@click.option(
    "--all", "everything", is_flag=True, help="Show what was accepted too, with who and why."
)
@claim_filters
@reading()
def check_command(
    desk: Reader,
    *,
    listing: bool,
    only: Sequence[str],
    left_out: Sequence[str],
    at_least: str,
    everything: bool,
    **given: Any,
) -> None:
    """Check the ledger as an experienced recorder would: what cannot be right, what may be wrong.

    Nothing is changed. Exit status 3 if something is found. A finding that is as it should be is
    accepted, with a reason that the ledger keeps: `ledger check accept`. The filters keep the
    findings on the claims that fit, and on the sources, propositions, events and documents that
    these name; the checks themselves always look at the whole ledger.
    """  # fmt: skip
    context = click.get_current_context()
    if context.invoked_subcommand is not None:
        _refuse_options(context)
        return
    levels = list(Severity)[: list(Severity).index(Severity(at_least)) + 1]
    wanted = [
        check
        for check in CHECKS.values()
        if (not only or check.name in only)
        and check.name not in left_out
        and check.severity in levels
    ]
    if listing:
        _list(desk, wanted)
        return
    with desk.open() as connection:
        case = Case(connection, _today(desk))
        found = findings(case, [check.name for check in wanted])
        if any(value is not None for value in given.values()):
            found = narrowed(case, found, *_asked(connection, given))
        rows = list(weighed(connection, found))
    shown = [row for row in rows if everything or row.state is not State.ACCEPTED]
    _write(desk, shown, everything)
    _count(rows)
    if any(row.state is not State.ACCEPTED for row in rows):
        context.exit(3)


def _refuse_options(context: click.Context) -> None:
    """An option before `accept` would be lost: --db most of all."""
    for parameter in context.command.params:
        name = parameter.name or ""
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(
                f"{parameter.opts[0]} belongs after {context.invoked_subcommand}, or before check"
            )


def _list(desk: Reader, wanted: list[Check]) -> None:
    rows = [(c.name, c.severity.value, ", ".join(c.tables), c.why) for c in wanted]
    desk.write(Sheet(("check", "severity", "on", "why"), rows, listed=True))


def _today(desk: Reader) -> date:
    """The day it is, or was: that of --as-of where it names one."""
    if isinstance(desk.as_of, datetime):
        return desk.as_of.date()
    return desk.as_of if isinstance(desk.as_of, date) else datetime.now(UTC).date()


def _asked(connection: sa.Connection, given: dict[str, Any]) -> tuple[set[int], dict[str, int]]:
    """The claims that fit the filters, and the rows that the filters name."""
    claims = views.CLAIMS.table
    conditions = Narrowed.by(connection, claims, **given).conditions
    query = sa.select(claims.c.claim).where(*conditions).order_by(claims.c.claim)
    named = {
        table: find(connection, given[table]).id
        for table, find in lookup.FINDERS.items()
        if given.get(table)
    }
    return set(connection.execute(query).scalars()), named


def _write(desk: Reader, shown: list[Weighed], everything: bool) -> None:
    if desk.format in (None, "table"):
        brief = _BRIEF | (_ACCEPTED if everything else {})
        rows = [(*_row(row), row.finding.words, _stands(row)) for row in shown]
        # Said on standard error, with the count.
        if rows:
            desk.write(Sheet((*COLUMNS, "words", "stands"), rows, brief, listed=True))
    else:
        rows = [_row(row) for row in shown]
        desk.write(Sheet(COLUMNS, rows, empty="nothing found", kinds={"accepted_at": "moment"}))


def _stands(row: Weighed) -> str:
    """A finding's state in words: who accepted it, when and why."""
    if row.acceptance is None:
        return row.state.value
    on = row.acceptance.accepted_at.date()
    because = f"{row.acceptance.because} ({row.acceptance.accepted_by}, {on})"
    return f"accepted: {because}" if row.state is State.ACCEPTED else f"changed since: {because}"


def _row(row: Weighed) -> tuple[Any, ...]:
    finding, acceptance = row.finding, row.acceptance
    return (
        finding.check.name,
        finding.check.severity.value,
        finding.subject,
        finding.about,
        finding.what,
        finding.to_do,
        row.state.value,
        acceptance and acceptance.because,
        acceptance and acceptance.accepted_by,
        acceptance and acceptance.accepted_at,
    )


def _count(rows: list[Weighed]) -> None:
    severities = [row.finding.check.severity for row in rows if row.state is not State.ACCEPTED]
    counts = Counter(severities)
    told = [_some(counts[severity], severity) for severity in Severity if counts[severity]]
    accepted = sum(row.state is State.ACCEPTED for row in rows)
    changed = sum(row.state is State.CHANGED for row in rows)
    told += [f"{accepted} accepted"] if accepted else []
    told += [f"{changed} changed since accepted"] if changed else []
    words(", ".join(told) or "nothing found", colour="red" if severities else None)


def _some(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


@check_command.command(
    "accept", epilog=f'Example:  ledger check accept {_ARTICLE} "a splice has no one outlet"'
)
@click.argument("check", type=_NAME)
@click.argument("subject", metavar="SUBJECT...", nargs=-1, required=True)
@_because
@writing
def accept_command(desk: Writer, *, check: str, subject: Sequence[str], because: str) -> None:
    """Let what CHECK finds on SUBJECT stand, and say why.

    SUBJECT is named as `ledger check` names it: claim 7, source TASS; where the check is on one
    kind of thing, its kind may be left out. It is accepted while the finding says the same: when
    the row is changed so that it says something else, it is open again.
    """
    with desk.entry() as draft:
        table, number = _subject(draft.connection, CHECKS[check], subject)
        case = Case(draft.connection, draft.recorded_at.date())
        named = case.subject(table, number)
        found = [
            each for each in findings(case, [check]) if (each.table, each.id) == (table, number)
        ]
        if not found:
            raise NotFoundError(
                f"{check} finds nothing on {named}", f"`ledger check --only {check}` lists them"
            )
        changed = accept(draft, found[0], because)
    click.echo(visible(f"{named}: {found[0].words}"))
    click.echo("accepted" if changed else "accepted already, for the same reason; nothing changed")


@check_command.command(
    "reopen", epilog=f'Example:  ledger check reopen {_ARTICLE} "the outlet is known"'
)
@click.argument("check", type=_NAME)
@click.argument("subject", metavar="SUBJECT...", nargs=-1, required=True)
@_because
@writing
def reopen_command(desk: Writer, *, check: str, subject: Sequence[str], because: str) -> None:
    """Take an acceptance back, and say why: what CHECK finds on SUBJECT is open again."""
    with desk.entry() as draft:
        table, number = _subject(draft.connection, CHECKS[check], subject)
        named = Case(draft.connection, draft.recorded_at.date()).subject(table, number)
        if not take_back(draft, CHECKS[check], table, number, because):
            raise NotFoundError(
                f"nothing that {check} finds on {named} is accepted",
                "`ledger check --all` lists what is",
            )
    click.echo(visible(f"{named}: {check} is open again"))


def _subject(connection: sa.Connection, check: Check, typed: Sequence[str]) -> tuple[str, int]:
    """What was typed, as a row that the check may find something on."""
    whole = " ".join(typed)
    kind, _, name = whole.partition(" ")  # in one argument too: so it is printed, and pasted
    if name and kind in check.tables:
        try:
            return kind, _number(connection, kind, name)
        except NotFoundError as error:
            if len(check.tables) > 1:
                raise
            try:  # a name that begins with the word for its kind
                return kind, _number(connection, kind, whole)
            except NotFoundError:
                raise error from None
    if len(check.tables) > 1:
        kinds = " or ".join(check.tables)
        raise click.UsageError(f"say what {visible(whole)} is: {kinds}, before its name")
    return check.tables[0], _number(connection, check.tables[0], whole)


def _number(connection: sa.Connection, table: str, name: str) -> int:
    if table == "claim":
        return lookup.claim(connection, name)
    try:
        return lookup.FINDERS[table](connection, name).id
    except NotFoundError:
        for known, _ in lookup.suggestions(connection, table):
            if visible(known) == name != known:  # as it is printed, and pasted
                return lookup.FINDERS[table](connection, known).id
        raise
