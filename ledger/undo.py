"""Taking an entry back: the reverse of what it wrote, as versions of a new entry.

A row that the entry changed goes back to the version before. A row that it added cannot go, since
nothing recorded is ever deleted: a claim is withdrawn; an accepted finding is taken back; a ground
is marked as taken back in its note; a source, name, event, proposition or document stays as it is.
Where a later entry changed one of the rows since, nothing is undone.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from ledger import schema
from ledger.changes import Names, noun, titled
from ledger.errors import InTheWayError, InvalidError, LedgerError
from ledger.history import must_be_there
from ledger.journal import Draft, Value
from ledger.model import WITHDRAWN
from ledger.neighbours import batches
from ledger.rules import shown
from ledger.versions import Version, all_written, of_row, superseded

#: How many rows go back at once.
_BATCH = 500

#: How the note of a ground begins that was taken back.
TAKEN_BACK = "taken back: "


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did: how many rows it wrote, and how many it had to leave, by table.

    `left` names the first few of those that stay.
    """

    wrote: int
    stays: dict[str, int]
    left: list[str]


def undo_message(entry: int, why: str | None) -> str:
    """What the undo of an entry is for, as its own entry says it."""
    return f"undo of entry {entry}: {why}" if why else f"undo of entry {entry}"


def reverse(draft: Draft, entry: int, *, because: str, named: int = 5) -> Undone:
    """Write the reverse of `entry` into `draft`; `because` is why its claims are withdrawn.

    Up to `named` of the rows that stay are named. Raises NotFoundError where there is no such
    entry, InTheWayError where a later entry changed one of its rows, InvalidError where a row
    cannot go back because it would break the rules as things are now, and LedgerError where
    nothing of it can be undone.
    """
    must_be_there(draft.connection, entry)
    _must_stand(draft.connection, entry)
    names, stays, left = Names(draft.connection), dict[str, int](), list[str]()
    refused: list[tuple[Version, dict[str, Value]]] = []
    for table in schema.VERSIONED:
        for some in batches(all_written(draft.connection, entry, table), _BATCH):
            back: list[tuple[Version, dict[str, Value]]] = []
            for version in some:
                changes = _reversed(version, because)
                if changes is not None:
                    back.append((version, changes))
                    continue
                stays[table] = stays.get(table, 0) + 1
                if len(left) < named:
                    left.append(titled(names, version))
            refused += _refused(draft, table, back)
    _again(draft, entry, names, refused)
    if not draft.rows:
        what = ", ".join(f"{count:,} {noun(table, count)}" for table, count in stays.items())
        raise LedgerError(
            f"entry {entry} has nothing to undo: it added {what or 'what is taken back already'}",
            "nothing recorded is ever deleted; edit it, or merge a source into another",
        )
    return Undone(draft.rows, stays, left)


def _must_stand(connection: sa.Connection, entry: int) -> None:
    """Refuse if anything that the entry wrote was changed since."""
    newest, found = None, 0
    for table in schema.VERSIONED:
        for each in superseded(connection, entry, table):
            found += 1
            if newest is None or each.by > newest.by:
                newest = each
    if newest is None:
        return
    message = connection.execute(
        sa.select(schema.entry.c.message).where(schema.entry.c.id == newest.by)
    ).scalar()
    row = titled(Names(connection), of_row(connection, newest.table, newest.id)[-1])
    more = f"; {found:,} of its rows were changed" if found > 1 else ""
    told = f" ({shown(message)})" if message else ""
    raise InTheWayError(
        f"entry {entry} cannot be undone: entry {newest.by}{told} has changed {row} since{more}",
        f"nothing was undone; `ledger undo {newest.by}` first, if it was wrong too",
        newest.by,
    )


def _reversed(version: Version, because: str) -> dict[str, Value] | None:
    """What has to change so that the version is undone; None where the row can only stay."""
    if version.before is not None:
        return {column: value for column, value in version.before.items() if column != "id"}
    if version.table == "claim":
        return {"status": WITHDRAWN, "because": because}
    if version.table == "evidence":
        was = version.row["note"]
        return {"note": f"{TAKEN_BACK}{because}" + (f" (it said: {was})" if was else "")}
    if version.table == "acceptance":
        return {"taken_back": because}
    return None


def _refused(
    draft: Draft, table: str, back: list[tuple[Version, dict[str, Value]]]
) -> list[tuple[Version, dict[str, Value]]]:
    """Write what goes back; those rows that cannot."""
    try:
        draft.update_all(table, ((version.id, changes) for version, changes in back))
    except InvalidError:
        # Again, row by row: where a row was written already, there is nothing left to change.
        return [pair for pair in back if not _written(draft, *pair)]
    return []


def _written(draft: Draft, version: Version, changes: dict[str, Value]) -> bool:
    try:
        draft.update(version.table, version.id, changes)
    except InvalidError:
        return False
    return True


def _again(
    draft: Draft, entry: int, names: Names, refused: list[tuple[Version, dict[str, Value]]]
) -> None:
    """Try what was refused: two rows may have to go back in an order that only trying tells."""
    while refused:
        still = [pair for pair in refused if not _written(draft, *pair)]
        if len(still) == len(refused):
            version, changes = still[0]
            try:
                draft.update(version.table, version.id, changes)
            except InvalidError as error:
                raise InvalidError(
                    f"entry {entry} cannot be undone: {titled(names, version)} would break the "
                    "rules as it was before",
                    error.problems,
                    "nothing was undone; mend what stands against it first",
                ) from error
        refused = still
