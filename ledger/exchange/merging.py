"""Brings another analyst's ledger in: what is new of it, as one entry, all of it or nothing.

Its rows are met with ours, table by table; what they say otherwise is held against what both sides
had before; and only where no conflict is left is anything written. Rows come as they are stored
there, some at a time, so that memory does not grow with them. The versions that they had before
stay in their ledger: receipts name the entries.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

import sqlalchemy as sa

from ledger import history, journal, schema
from ledger.errors import BadFileError, InvalidError
from ledger.exchange.deciding import ConflictError, Decisions, write_conflicts
from ledger.exchange.differing import Row, rows
from ledger.exchange.importing import WRITTEN
from ledger.exchange.kinship import kin
from ledger.exchange.meeting import Meeting
from ledger.exchange.receiving import receipts
from ledger.exchange.taking import NAMED, Imported, Progress, Recording, looking, quiet
from ledger.exchange.visiting import visited
from ledger.history import Head
from ledger.journal import Draft
from ledger.neighbours import attached_problems, batches
from ledger.rules import shown
from ledger.store import Store
from ledger.uncollected import uncollected

_AT_ONCE = 500
#: So many analysts, and notes of one sort, are told by name.
_NAMED_AT_MOST = 10


def merge_path(
    store: Store,
    path: Path,
    *,
    recorded_by: str,
    recorded_at: datetime | None = None,
    message: str | None = None,
    new: bool = False,
    dry_run: bool = False,
    decisions: Decisions | None = None,
    conflicts: Path | None = None,
    progress: Progress = quiet,
) -> Imported:
    """Merge the ledger at `path` into `store`; what was added, changed, and there already.

    `new` lets sources pass whose names look like known ones. Where the two contradict one another
    and `decisions` do not say whose word stands, ConflictError lists every conflict, and they are
    written to the CSV `conflicts` if one is named; nothing else is written then. `dry_run` tells
    what would happen. Raises LedgerError where the other ledger is not whole, and BadFileError for
    sources that look like known ones.
    """
    with uncollected(), visited(path, store, progress) as theirs:
        head = history.head(theirs)
        recording = Recording(
            recorded_by, recorded_at, _message(theirs, path, head, message), new, dry_run
        )
        decided = decisions or Decisions()
        if dry_run:
            with looking(store, recorded_by, recorded_at) as draft:
                return _Merge(draft, theirs, path, recording, decided, conflicts, progress).plan()
        with (
            journal.transaction(store, loading=True) as transaction,
            transaction.entry(
                recorded_by=recorded_by, recorded_at=recorded_at, message=recording.message
            ) as draft,
        ):
            merge = _Merge(draft, theirs, path, recording, decided, conflicts, progress)
            plan = merge.plan()
            try:
                merge.write()
            except InvalidError as error:
                raise InvalidError(
                    f"{path}: {error.message}; nothing was imported", error.problems, error.hint
                ) from error
            return replace(plan, entries=(draft.id,) if draft.rows else ())


def _message(theirs: sa.Connection, path: Path, head: Head, message: str | None) -> str:
    """What the entry is for: which ledger came in, and who recorded it."""
    table = schema.entry.c
    analysts = theirs.execute(
        sa.select(table.recorded_by)
        .group_by(table.recorded_by)
        .order_by(sa.func.min(table.id))
        .limit(_NAMED_AT_MOST + 1)
    ).scalars()
    names = [*analysts]
    by = ", ".join(names[:_NAMED_AT_MOST]) + (" and more" if len(names) > _NAMED_AT_MOST else "")
    many = f"{head.entry} entr{'y' if head.entry == 1 else 'ies'}" + (f" by {by}" if by else "")
    origin = f"{path.resolve().name}, head {head.hash}, {many}"
    return f"{message} (merge of {origin})" if message else f"merge of {origin}"


@dataclass
class _Merge:
    """One merge on its way: `plan` finds out all there is to do, `write` does it."""

    draft: Draft
    theirs: sa.Connection
    path: Path
    recording: Recording
    decisions: Decisions
    conflicts: Path | None
    progress: Progress

    def __post_init__(self) -> None:
        self.ours = self.draft.connection
        self.kin = kin(self.ours, self.theirs)
        self.meeting = Meeting(
            self.draft,
            self.theirs,
            self.kin,
            self.decisions,
            self.path.name,
            new=self.recording.new,
        )
        self.compared = self.meeting.compared

    def plan(self) -> Imported:
        """Meet every row and compare those that say something new; ConflictError for conflicts."""
        meeting, changed = self.meeting, dict[str, int]()
        steps = {
            "event": lambda: meeting.things("event"),
            "source": meeting.sources,
            "source_alias": meeting.names,
            "document": lambda: meeting.things("document"),
            "proposition": lambda: meeting.things("proposition"),
            "claim": meeting.claims,
            "evidence": meeting.grounds,
            "acceptance": meeting.acceptances,
        }
        for done, table in enumerate(WRITTEN):
            steps[table]()
            changed[table] = sum(1 for _ in self._changes(table, told=True))
            self.progress("compared", done + 1, len(WRITTEN))
        if meeting.refused:
            many = len(meeting.refused)
            raise BadFileError(
                f"{self.path}: {many} source{'s look' if many > 1 else ' looks'} like others here; "
                "nothing was imported",
                meeting.refused,
            )
        added = {table: meeting.new[table] for table in WRITTEN}
        added["source_alias"] += len(meeting.aliases)
        present = {
            table: sum(0 < number < meeting.first[table] for number in meeting.ids[table])
            for table in WRITTEN
        }
        planned = Imported(
            entries=(),
            added=added,
            present=present,
            records={},
            notes=tuple(self._notes(any(added.values()) or any(changed.values()))),
            names={table: tuple(self._new_names(table, key)) for table, key in NAMED.items()},
            changed=changed,
            changes=tuple(self.compared.taken),
        )
        if self.compared.conflicts:
            self._refuse(planned)
        return planned

    def write(self) -> None:
        """Write what is new, what changes, and whose it was."""
        for table in WRITTEN:
            self.draft.update_all(table, self._changes(table, told=False))
            total = self.meeting.new[table]
            if total:
                # Indexes of very many claims are built when they are there, and not row by row.
                room: AbstractContextManager[object] = (
                    self.draft.load(table, total) if table == "claim" else nullcontext()
                )
                with room:
                    self.draft.insert_all(table, self._watched(self._new(table), total))
            if table == "source_alias" and self.meeting.aliases:
                self.draft.insert_all(table, self.meeting.aliases)
        # A decision for ours writes nothing; that it was made is worth an entry all the same.
        if self.draft.rows or self.decisions.met:
            made = receipts(self.theirs, self.meeting, self.kin.seen, self.kin.runs, self.kin.ids)
            self.draft.insert_all("receipt", made)

    def _refuse(self, planned: Imported) -> None:
        found = self.compared.conflicts
        many = len(found)
        if self.conflicts is not None:
            write_conflicts(self.conflicts, found)
        file = self.conflicts or "conflicts.csv"
        again = f"`ledger import {self.path} --decisions {file}`"
        one_by_one = f"fill in the column decision of {file}, then {again}"
        if self.conflicts is None:
            one_by_one = (
                f"--keep ours or --keep theirs decides all; one by one: --conflicts {file}, fill "
                f"in its column decision, then {again}"
            )
        raise ConflictError(
            f"{self.path}: {many} conflict{'s' if many > 1 else ''}; nothing was imported",
            found,
            planned,
            one_by_one,
        )

    def _changes(self, table: str, *, told: bool) -> Iterator[tuple[int, Row]]:
        """Our rows that change, and what of them; with `told` conflicts are noted."""
        ids, met = self.meeting.ids[table], self.meeting.met(table)
        news = rows(self.theirs, table, lambda c: c.entry_id > self.kin.seen)
        for some in batches((row for row in news if met(row)), _AT_ONCE):
            numbers = {ids[row["id"]] for row in some}
            here = {row["id"]: row for row in rows(self.ours, table, lambda c: c.id.in_(numbers))}  # noqa: B023 - read at once
            texts = self._texts(some) if table == "document" else {}
            for row in some:
                own = here[ids[row["id"]]]
                if not self.meeting.is_heard(table, own["id"], row["id"]):
                    continue  # two sources there are one here
                changes = self.compared.changes(table, own, row, told=told)
                if row["id"] in texts and self._takes_text(own, row, changes, told=told):
                    changes["text"] = self._text(row["id"])
                if changes:
                    yield own["id"], changes

    def _texts(self, some: Iterable[Row]) -> set[int]:
        """Which documents there hold their text."""
        table = schema.document.c
        numbers = [row["id"] for row in some]
        query = sa.select(table.id).where(table.id.in_(numbers), table.text.is_not(None))
        return {*self.theirs.execute(query.order_by(table.id)).scalars()}

    def _takes_text(self, own: Row, theirs: Row, changes: Row, *, told: bool) -> bool:
        """Whether a document takes the text that it has there: it is its own, and holds our quotes.

        What does not hold them is noted, and is left where it is.
        """
        other = changes.get("sha256", own["sha256"]) not in (theirs["sha256"], None)
        if other or (own["id"] in self._with_text and "sha256" not in changes):
            return False
        held = {"id": own["id"], "text": self._text(theirs["id"])}
        problem = next(attached_problems(self.ours, held), None)
        if problem is not None:
            if told:
                what = f"the text of document {shown(own['slug'])} was left in {self.path}"
                self.meeting.notes.append(f"{what}: {problem.what}")
            changes.pop("sha256", None)
        return problem is None

    @cached_property
    def _with_text(self) -> set[int]:
        return self.meeting.known.documents_with_text()

    def _text(self, number: int) -> str | None:
        table = schema.document.c
        return self.theirs.execute(sa.select(table.text).where(table.id == number)).scalar()

    def _new(self, table: str) -> Iterator[Row]:
        """The rows to be written, as they are to be here, in the order of their numbers."""
        ids, first = self.meeting.ids[table], self.meeting.first[table]
        lowest = next(number for number, own in enumerate(ids) if own >= first)
        for row in rows(self.theirs, table, lambda c: c.id >= lowest):
            number = row["id"]
            if not self.meeting.is_new(table, number):
                continue
            mapped = self.compared.here(table, row)
            if (slug := self.meeting.slugs.get((table, number))) is not None:
                mapped["slug"] = slug
            if table == "document":
                mapped["text"] = self._text(number)
            del mapped["id"], mapped["entry_id"]
            yield mapped

    def _watched(self, new: Iterator[Row], total: int) -> Iterator[Row]:
        for done, row in enumerate(new, 1):
            yield row
            if done % _AT_ONCE == 0:
                self.progress("written", done, total)

    def _new_names(self, table: str, key: str) -> Iterator[str]:
        for row in rows(self.theirs, table):
            if self.meeting.is_new(table, row["id"]):
                yield self.meeting.slugs.get((table, row["id"])) or str(row[key])

    def _notes(self, anything: bool) -> Iterator[str]:
        notes = self.meeting.notes
        yield from notes[:_NAMED_AT_MOST]
        if len(notes) > _NAMED_AT_MOST:
            yield f"and {len(notes) - _NAMED_AT_MOST} more that go by other names here"
        newest, mine = history.head(self.theirs).entry, history.head(self.ours).entry
        if anything and newest > self.kin.shared == mine:
            yield (
                f"{self.path} goes on from all that is here; `ledger restore {self.path} --force` "
                "takes it in this ledger's place, with its entries as they are"
            )
        if anything:
            yield (
                f"earlier versions and assessments stay in {self.path}; the view receipts names "
                "the entries there that its rows came from"
            )
