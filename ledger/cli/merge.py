"""`ledger import other.db`: another analyst's ledger comes in."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ledger.cli.options import Writer, words
from ledger.cli.output import counted
from ledger.visible import visible

if TYPE_CHECKING:
    from ledger.exchange.deciding import Conflict, Decisions
    from ledger.exchange.taking import Imported

#: So many conflicts are told on the screen.
_TOLD = 20


def merge(
    desk: Writer,
    file: Path,
    *,
    new: bool,
    dry_run: bool,
    keep: str | None,
    conflicts: Path | None,
    decisions: Path | None,
    progress: Callable[[str, int, int], None],
    tell: Callable[["Imported"], None],
) -> "Imported":
    """Merge the ledger `file`; conflicts that nobody has decided are told, and refused.

    Of a dry run `tell` says first what would happen besides.
    """
    from ledger.exchange.deciding import ConflictError
    from ledger.exchange.merging import merge_path

    try:
        return merge_path(
            desk.store,
            file,
            recorded_by=desk.analyst,
            message=desk.message,
            new=new,
            dry_run=dry_run,
            decisions=_decided(keep, decisions),
            conflicts=conflicts,
            progress=progress,
        )
    except ConflictError as error:
        if dry_run:
            tell(error.planned)
        for each in error.conflicts[:_TOLD]:
            _tell_conflict(each)
        if len(error.conflicts) > _TOLD:
            words(f"and {counted(len(error.conflicts) - _TOLD, 'more conflict')}")
        raise


def _decided(keep: str | None, decisions: Path | None) -> "Decisions":
    from ledger.exchange.deciding import Decision, Decisions, read_decisions

    every = None if keep is None else Decision(keep)
    return Decisions(every, {} if decisions is None else read_decisions(decisions))


def _tell_conflict(conflict: "Conflict") -> None:
    kind = conflict.kind.replace("_", " ")
    click.echo(visible(f"{kind} {conflict.name}: {conflict.matter}"))
    for whose, side in (("ours", conflict.ours), ("theirs", conflict.theirs)):
        who = f"(entry {side.entry} by {side.by})"
        click.echo(visible(f"  {whose:<7} {side.said} {who}"))
    if conflict.may_be_two:
        click.echo(visible(f"  or both: two things that are called {conflict.name}"))
