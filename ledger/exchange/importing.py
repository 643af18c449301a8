"""Imports a file of claims or a folder of tables: all of it or nothing, and nothing twice.

Files are read before the ledger is opened, so that nobody waits for a slow pipe. Then, under the
write lock, every name is given its number, everything is held against the ledger and the rules,
and only if no row of it is bad is anything written.
"""

import io
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from ledger import journal
from ledger.errors import BadFileError, BadRow, LedgerError
from ledger.exchange import sheets
from ledger.exchange.accepting import Acceptances
from ledger.exchange.claiming import Claims
from ledger.exchange.describing import Described, Fields
from ledger.exchange.gathering import Gathered
from ledger.exchange.grounding import Grounds
from ledger.exchange.known import Known
from ledger.exchange.naming import Naming
from ledger.exchange.opening import Translation
from ledger.exchange.taking import (
    NAMED,
    File,
    Imported,
    Progress,
    Recording,
    in_order,
    looking,
    quiet,
    refusal,
    take,
    take_good,
)
from ledger.journal import Draft
from ledger.store import Store

__all__ = ["Imported", "Plan", "assess_all", "import_gathered", "import_path", "import_stream"]

#: The order in which tables are written: a claim's rules ask for its proposition and document.
WRITTEN = (
    "event",
    "source",
    "source_alias",
    "document",
    "proposition",
    "claim",
    "evidence",
    "acceptance",
)


class Plan:
    """What is to be written for all that was gathered, and what is there already.

    `rows` are the new rows by table, in the order of their numbers; `rounds` the assessments of
    new claims (number, status, because), the first of each claim in the first round and so on,
    since an entry holds one version of a row. Raises BadFileError that lists every bad row.
    """

    def __init__(self, gathered: Gathered, draft: Draft, *, new: bool, name: str) -> None:
        known = Known(draft.connection)
        naming = Naming(gathered, draft, known, new=new)
        described = Described(gathered, naming, known, draft.recorded_at.date())
        claims = Claims(gathered, naming, described, draft)
        grounds = Grounds(gathered, naming, claims)
        acceptances = Acceptances(gathered, naming, claims)
        unseen: list[BadRow] = []
        naming.refused_unseen(unseen)
        bad = [*gathered.bad, *described.bad, *claims.bad, *grounds.bad, *acceptances.bad, *unseen]
        if bad:
            raise BadFileError(refusal(name, bad), in_order(bad, gathered.records))
        claims.tell_apart()
        grounds.tell_apart(draft.connection)
        acceptances.tell_apart(draft.connection)
        self.rows: dict[str, list[Fields]] = {
            **{table: described.rows(table) for table in WRITTEN[:5]},
            "claim": claims.rows,
            "evidence": grounds.rows,
            "acceptance": acceptances.rows,
        }
        self.present = {
            **described.present,
            "claim": claims.present,
            "evidence": grounds.present,
            "acceptance": acceptances.present,
        }
        self.notes = (*described.notes, *claims.notes, *acceptances.notes)
        self.rounds: list[list[tuple[int, Fields]]] = []
        for place, steps in sorted(claims.assessments.items()):
            if claims.is_new(place):
                for turn, step in enumerate(steps):
                    if turn == len(self.rounds):
                        self.rounds.append([])
                    self.rounds[turn].append((claims.id_at(place), step))

    def write(self, draft: Draft, tables: Iterable[str] = WRITTEN) -> None:
        """Write the new rows of `tables`, each as it is first."""
        for table in WRITTEN:
            if table in tables and self.rows[table]:
                draft.insert_all(table, self.rows[table])

    def judge_at_once(self, first: int) -> None:
        """Put the first round into the claims themselves, the first of which is number `first`."""
        for number, step in self.rounds.pop(0) if self.rounds else ():
            self.rows["claim"][number - first] |= step


def assess_all(draft: Draft, steps: Iterable[tuple[int, Fields]]) -> None:
    """Write one round of assessments."""
    for number, step in steps:
        journal.assess(draft, number, step["status"], step["because"])


def import_path(
    store: Store,
    path: Path,
    *,
    recorded_by: str,
    recorded_at: datetime | None = None,
    message: str | None = None,
    new: bool = False,
    raw: bool = False,
    dry_run: bool = False,
    rejects: Path | None = None,
    progress: Progress = quiet,
    translation: Translation | None = None,
) -> Imported:
    """Import a file or a folder of tables; see `import_gathered`, and `import_stream` for the rest.

    With a `translation` a folder is one table of files of another form.

    Raises LedgerError where it cannot be read, and BadFileError with every bad row.
    """
    recording = Recording(
        recorded_by, recorded_at, message or f"import of {path.resolve().name}", new, dry_run
    )
    if path.is_dir() and translation is not None:
        # What opens it knows the folder; there is no stream of it.
        file = File(io.BytesIO(), path.name, raw, str(path), translation=translation)
        return _import_file(store, file, recording, rejects, progress)
    if path.is_dir():
        if rejects is not None:
            raise LedgerError("rejects are of one file, not of a folder", "import file by file")
        gathered = Gathered()
        sheets.read_path(gathered, path, raw=raw)
        return _import_gathered(store, gathered, str(path), recording)
    with sheets.opened(path) as stream:
        file = File(stream, path.name, raw, str(path), path.stat().st_size, translation)
        return _import_file(store, file, recording, rejects, progress)


def import_stream(
    store: Store,
    stream: BinaryIO,
    name: str,
    *,
    recorded_by: str,
    recorded_at: datetime | None = None,
    message: str | None = None,
    new: bool = False,
    raw: bool = False,
    dry_run: bool = False,
    rejects: Path | None = None,
    progress: Progress = quiet,
    translation: Translation | None = None,
) -> Imported:
    """Import one file from a stream of bytes; `name` is what errors call it.

    `dry_run` tells what an import would do and does nothing. With `rejects` the good rows are taken
    and the bad ones written to that file, with their reasons. `progress` is told what was done: a
    word for it, how much, and of how much (0: not known). `translation` opens a file of another
    form, as a recipe does.
    """
    recording = Recording(recorded_by, recorded_at, message or f"import of {name}", new, dry_run)
    file = File(stream, name, raw, name, translation=translation)
    return _import_file(store, file, recording, rejects, progress)


def _import_file(
    store: Store, file: File, recording: Recording, rejects: Path | None, progress: Progress
) -> Imported:
    """Claims row by row as they come, another table as `import_gathered` does."""
    try:
        return _take_file(store, file, recording, rejects, progress)
    except BadFileError as error:
        raise BadFileError(error.message, file.in_its_words(error.rows), error.hint) from None


def _take_file(
    store: Store, file: File, recording: Recording, rejects: Path | None, progress: Progress
) -> Imported:
    if rejects is not None:
        with file.kept():
            if not file.is_of_claims():
                raise LedgerError(f"{file.told} holds no claims, and so has no rejects", "without")
            return take_good(store, file, recording, rejects, progress)
    if file.is_of_claims():
        return take(store, file, recording, progress)
    gathered = Gathered()
    sheets.read_on(gathered, file.opened(gathered), file.name, raw=file.raw)
    return _import_gathered(store, gathered, file.told, recording)


def _import_gathered(store: Store, gathered: Gathered, name: str, recording: Recording) -> Imported:
    return import_gathered(
        store,
        gathered,
        name=name,
        recorded_by=recording.recorded_by,
        recorded_at=recording.recorded_at,
        message=recording.message,
        new=recording.new,
        dry_run=recording.dry_run,
    )


def import_gathered(
    store: Store,
    gathered: Gathered,
    *,
    name: str,
    recorded_by: str,
    recorded_at: datetime | None,
    message: str,
    new: bool,
    dry_run: bool = False,
) -> Imported:
    """Write what files say, in one transaction.

    It is one entry; where folders tell that a claim was assessed more than once, each later
    assessment is in an entry after it. `new` lets sources pass whose names look like known ones.
    `recorded_at` is a moment with a zone (default: now). Raises BadFileError, and then nothing is
    written.
    """
    entries: list[int] = []
    if dry_run:
        with looking(store, recorded_by, recorded_at) as draft:
            return _done(Plan(gathered, draft, new=new, name=name), gathered, ())
    with journal.transaction(store) as opened:
        with opened.entry(
            recorded_by=recorded_by, recorded_at=recorded_at, message=message
        ) as draft:
            first = draft.next_id("claim")
            plan = Plan(gathered, draft, new=new, name=name)
            plan.judge_at_once(first)
            plan.write(draft)
            entries += [draft.id] if draft.rows else []
        for steps in plan.rounds:
            with opened.entry(
                recorded_by=recorded_by,
                recorded_at=recorded_at,
                message=f"{message}: later assessments",
            ) as draft:
                assess_all(draft, steps)
                entries.append(draft.id)
    return _done(plan, gathered, tuple(entries))


def _done(plan: Plan, gathered: Gathered, entries: tuple[int, ...]) -> Imported:
    return Imported(
        entries=entries,
        added={table: len(rows) for table, rows in plan.rows.items()},
        present=plan.present,
        records=dict(gathered.records),
        notes=plan.notes,
        names={
            table: tuple(str(row[key]) for row in plan.rows[table]) for table, key in NAMED.items()
        },
    )
