"""Imports a file of claims or a folder of tables: all of it or nothing, and nothing twice.

Files are read before the ledger is opened, so that nobody waits for a slow pipe. Then, under the
write lock, every name is given its number, everything is held against the ledger and the rules,
and only if no row of it is bad is anything written.
"""

import gc
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from ledger import journal
from ledger.errors import BadFileError, BadRow
from ledger.exchange import sheets, tables
from ledger.exchange.accepting import Acceptances
from ledger.exchange.claiming import Claims
from ledger.exchange.describing import Described, Fields
from ledger.exchange.filing import Filing
from ledger.exchange.flat import Flat
from ledger.exchange.gathering import Gathered
from ledger.exchange.grounding import Grounds
from ledger.exchange.known import Known
from ledger.exchange.naming import Naming
from ledger.journal import Draft
from ledger.store import Store

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


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did.

    `entries` are the numbers of the entries made, none where all was there already. `added` and
    `present` count rows by table (`claim`, `source`, …): written, and found to be there. `records`
    counts the rows read by file, the header aside. `notes` are sentences for the analyst.
    """

    entries: tuple[int, ...]
    added: dict[str, int]
    present: dict[str, int]
    records: dict[str, int]
    notes: tuple[str, ...]


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
            raise BadFileError(_refusal(name, bad), _in_order(bad, gathered.records))
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
) -> Imported:
    """Import a CSV file or a folder of them; see `import_gathered`.

    Raises LedgerError where it cannot be read, and BadFileError with every bad row.
    """
    message = message or f"import of {path.resolve().name}"
    if path.is_dir():
        gathered = Gathered()
        sheets.read_path(gathered, path, raw=raw)
        return import_gathered(
            store, gathered, name=str(path), recorded_by=recorded_by, recorded_at=recorded_at,
            message=message, new=new,
        )  # fmt: skip
    with sheets.opened(path) as stream:
        return import_file(
            store, stream, path.name, told=str(path), recorded_by=recorded_by,
            recorded_at=recorded_at, message=message, new=new, raw=raw,
        )  # fmt: skip


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
) -> Imported:
    """Import one CSV file from a stream of bytes; `name` is what errors call it."""
    return import_file(
        store, stream, name, told=name, recorded_by=recorded_by, recorded_at=recorded_at,
        message=message or f"import of {name}", new=new, raw=raw,
    )  # fmt: skip


def import_file(
    store: Store,
    stream: BinaryIO,
    name: str,
    *,
    told: str,
    recorded_by: str,
    recorded_at: datetime | None,
    message: str,
    new: bool,
    raw: bool,
) -> Imported:
    """Import one file: claims row by row as they come, another table as `import_gathered` does.

    `name` is what errors in rows call it, `told` what the refusal of the whole does.
    """
    gathered = Gathered()
    opened = sheets.OpenSheet(gathered, stream, name)
    if opened.table is not tables.CLAIMS:
        sheets.read_on(gathered, opened, name, raw=raw)
        return import_gathered(
            store, gathered, name=told, recorded_by=recorded_by, recorded_at=recorded_at,
            message=message, new=new,
        )  # fmt: skip
    with uncollected(), closing(Flat(gathered, name, opened.header)) as flat:
        for batch in opened.batches():
            flat.take(batch, marked=opened.marked and not raw)
        gathered.records[name] = opened.records
        with (
            journal.transaction(store, loading=True) as transaction,
            transaction.entry(
                recorded_by=recorded_by, recorded_at=recorded_at, message=message
            ) as draft,
        ):
            return _file(flat, draft, told, new=new)


def _file(flat: Flat, draft: Draft, told: str, *, new: bool) -> Imported:
    filing = Filing(flat, draft, new=new)
    filing.match()
    described = {table: filing.described.rows(table) for table in _DESCRIBED}
    sound = not filing.bad
    added = {table: len(rows) for table, rows in described.items()}
    if sound:
        for table, rows in described.items():
            if rows and table != "document":
                draft.insert_all(table, rows)
        added["document"] = filing.write_documents()
        with draft.load("claim", flat.count) as write:
            filing.go_through(write)
    else:
        filing.go_through(None)
    if bad := filing.bad:
        raise BadFileError(_refusal(told, bad), _in_order(bad, flat.gathered.records))
    added |= {"claim": filing.claims, "evidence": 0, "acceptance": 0}
    return Imported(
        entries=(draft.id,) if draft.rows else (),
        added=added,
        present=filing.present,
        records=dict(flat.gathered.records),
        notes=(*filing.described.notes, *filing.notes),
    )


_DESCRIBED = WRITTEN[:5]


def import_gathered(
    store: Store,
    gathered: Gathered,
    *,
    name: str,
    recorded_by: str,
    recorded_at: datetime | None,
    message: str,
    new: bool,
) -> Imported:
    """Write what files say, in one transaction.

    It is one entry; where folders tell that a claim was assessed more than once, each later
    assessment is in an entry after it. `new` lets sources pass whose names look like known ones.
    `recorded_at` is a moment with a zone (default: now). Raises BadFileError, and then nothing is
    written.
    """
    entries: list[int] = []
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
    return Imported(
        entries=tuple(entries),
        added={table: len(rows) for table, rows in plan.rows.items()},
        present=plan.present,
        records=dict(gathered.records),
        notes=plan.notes,
    )


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the garbage collector from walking every row again and again: a fifth of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _refusal(name: str, bad: list[BadRow]) -> str:
    rows = len({(row.file, row.line) for row in bad})
    return f"{name}: {rows} bad row{'s' if rows > 1 else ''}; nothing was imported"


def _in_order(bad: list[BadRow], files: Iterable[str]) -> list[BadRow]:
    place = {file: number for number, file in enumerate(files)}
    return sorted(dict.fromkeys(bad), key=lambda row: (place.get(row.file, 0), row.line))
