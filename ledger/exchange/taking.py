"""Takes in one file of claims, of any size: read, checked and written row by row, in one entry.

All of it or nothing; or all good rows of it, and the others written down with their reasons.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from ledger import journal
from ledger.errors import BadFileError, BadRow
from ledger.exchange import halves, sheets, tables
from ledger.exchange.batches import Batch
from ledger.exchange.beside import beside
from ledger.exchange.filing import Filing
from ledger.exchange.flat import Flat
from ledger.exchange.gathering import Gathered
from ledger.exchange.opening import Translated, Translation
from ledger.exchange.rejecting import named_lines, reasons, write_rejects
from ledger.exchange.scratch import copied
from ledger.journal import Draft
from ledger.store import Store
from ledger.uncollected import uncollected

#: Told what was done: a word for it, how much, and of how much (0: not known).
Progress = Callable[[str, int, int], None]

#: What an entry describes, in the order in which it is told.
_DESCRIBED = ("event", "source", "source_alias", "document", "proposition")
#: The tables of which an import tells the new rows, and the column that names them.
NAMED = {"source": "name", "event": "slug", "proposition": "slug"}


def quiet(what: str, done: int, of: int) -> None:
    """Progress that nobody looks at."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did; of a dry run, what it would do.

    `entries` are the numbers of the entries made, none where all was there already. `added` and
    `present` count rows by table (`claim`, `source`, …): written, and found to be there. `records`
    counts the rows read by file, the header aside. `notes` are sentences for the analyst. `names`
    has the names of the new sources, events and propositions; `rejected` counts the rows that were
    written down and not taken.
    """

    entries: tuple[int, ...]
    added: dict[str, int]
    present: dict[str, int]
    records: dict[str, int]
    notes: tuple[str, ...]
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rejected: int = 0
    changed: dict[str, int] = field(default_factory=dict)
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recording:
    """How a file is recorded; as for `import_stream`."""

    recorded_by: str
    recorded_at: datetime | None
    message: str
    new: bool
    dry_run: bool


class File:
    """A file to be taken in: its bytes, what errors in its rows call it, and how it is told as a
    whole; `raw` takes its cells as they are, `translation` opens a file of another form. It can be
    opened again, a stream that cannot be wound back while it is `kept`.
    """

    def __init__(
        self,
        stream: BinaryIO,
        name: str,
        raw: bool,
        told: str,
        size: int = 0,
        translation: Translation | None = None,
    ) -> None:
        self.name = name
        self._translation = translation
        self._translated: Translated | None = None
        self.raw = raw
        self.told = told
        self.size = size
        self._stream = stream
        self._first: tuple[Gathered, sheets.OpenSheet] | None = None

    def is_of_claims(self) -> bool:
        """Whether its header is that of claims."""
        gathered = Gathered()
        self._first = gathered, self._open(gathered)
        return self._first[1].table is tables.CLAIMS

    def opened(self, gathered: Gathered) -> sheets.OpenSheet:
        """Its header, and then its records; what cannot be read is told to `gathered`."""
        if self._first is not None:
            (first, opened), self._first = self._first, None
            gathered.bad, first.bad = first.bad, gathered.bad
            gathered.names_are_settled = first.names_are_settled
            gathered.first_stands = first.first_stands
            return opened
        self._stream.seek(0)
        return self._open(gathered)

    def _open(self, gathered: Gathered) -> sheets.OpenSheet:
        if self._translation is None:
            return sheets.OpenSheet(gathered, self._stream, self.name)
        translated = self._translated = self._translation(self._stream, self.name, gathered.bad)
        gathered.names_are_settled |= translated.settled
        gathered.first_stands = translated.first_stands
        return sheets.OpenSheet(
            gathered, self._stream, self.name, table=tables.CLAIMS, opening=lambda *_: translated
        )

    def originals(self) -> tuple[list[str], Iterator[Batch], bool]:
        """Its header and records as they stand in it, and whether they bear no marks."""
        gathered = Gathered()
        if self._translation is None:
            opened = self.opened(gathered)
            return opened.header, opened.batches(), opened.exact
        self._stream.seek(0)
        translated = self._translation(self._stream, self.name, gathered.bad)
        return translated.header, translated.originals(), translated.exact

    def links(self) -> Iterator[Batch]:
        """The columns that number its claims and those they name; then the records, bad or not."""
        if self._translation is not None:
            self._stream.seek(0)
            return self._translation(self._stream, self.name, []).links()
        opened = self.opened(Gathered())
        return chain((Batch([opened.header], [1]),), opened.batches())

    def in_its_words(self, bad: Iterable[BadRow]) -> list[BadRow]:
        """Bad rows in words of the file, where it is of another form."""
        translated = self._translated
        return [*bad] if translated is None else [translated.told(row) for row in bad]

    @property
    def descriptor(self) -> int | None:
        """What reads the file wherever it is asked to, if it is one on a disk, of no other form."""
        if self._translation is not None or not self.size:
            return None
        return self._stream.fileno()

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out of a file of another form, when it is read."""
        return () if self._translated is None else tuple(self._translated.notes())

    @contextmanager
    def kept(self) -> Iterator[None]:
        """See to it that it can be read again."""
        if self._stream.seekable():
            yield
            return
        with copied(self._stream) as copy:
            self._stream, self._first = copy, None
            yield


def take(
    store: Store,
    file: File,
    recording: Recording,
    progress: Progress = quiet,
    *,
    leave: frozenset[int] = frozenset(),
    before: Callable[[], int] = lambda: 0,
) -> Imported:
    """Import a file of claims but for the records on the lines to `leave`.

    `before` is called when all is written, just before that is kept; what it returns are the
    rejected rows. Raises BadFileError with every bad row; nothing is imported then.
    """
    with uncollected(), closing(_read(file, leave, progress)) as flat:
        notes = (*file.notes, *_differing(flat.gathered))
        if recording.dry_run:
            with looking(store, recording.recorded_by, recording.recorded_at) as draft:
                return _filed(flat, draft, file.told, recording, progress, before, notes)
        with (
            journal.transaction(store, loading=True) as transaction,
            transaction.entry(
                recorded_by=recording.recorded_by,
                recorded_at=recording.recorded_at,
                message=recording.message,
            ) as draft,
        ):
            return _filed(flat, draft, file.told, recording, progress, before, notes)


def _read(file: File, leave: frozenset[int], progress: Progress) -> Flat:
    """What a file says, but for the records on the lines to `leave`; to be closed."""
    if not leave and (descriptor := file.descriptor) is not None:
        whole = halves.read(descriptor, file.name, raw=file.raw, progress=progress)
        if whole is not None:
            return whole
    gathered = Gathered()
    opened = file.opened(gathered)
    flat = Flat(gathered, file.name, opened.header, leave)
    try:
        for batch in opened.batches():
            flat.take(batch, marked=opened.marked and not file.raw)
            # What is packed holds more than its own size says.
            progress("read", opened.read, file.size if opened.read <= file.size else 0)
    except BaseException:
        flat.close()
        raise
    gathered.bad[:] = [row for row in gathered.bad if row.line not in leave]
    gathered.records[file.name] = opened.records
    flat.forget()
    return flat


def take_good(
    store: Store, file: File, recording: Recording, rejects: Path, progress: Progress = quiet
) -> Imported:
    """Import the good rows of a file of claims, and write the others to `rejects`.

    A row that is bad once others are left out (it names one of them) is left out as well. Where no
    row is bad there is no file of rejects. Of a dry run there is none either.
    """
    bad: list[BadRow] = []

    def write() -> int:
        if not bad or recording.dry_run:
            return len(reasons(bad))
        opened = file.opened(Gathered())
        for _ in opened.batches():
            pass

        taken = named_lines(file.links, reasons(bad))
        unread = opened.unread
        header, records, exact = file.originals()
        words = file.in_its_words(bad)
        why = reasons(
            BadRow(row.file, row.line, said.problem)  # by the line that it was read on
            for row, said in zip(bad, words, strict=True)
        )
        return write_rejects(rejects, header, records, unread, why, taken, exact=exact)

    while True:
        leave = frozenset(row.line for row in bad)
        try:
            return take(store, file, recording, progress, leave=leave, before=write)
        except BadFileError as error:
            if not error.rows or leave.issuperset(row.line for row in error.rows):
                raise
            bad += error.rows


def _filed(
    flat: Flat,
    draft: Draft,
    told: str,
    recording: Recording,
    progress: Progress,
    before: Callable[[], int],
    notes: tuple[str, ...],
) -> Imported:
    filing = Filing(flat, draft, new=recording.new)
    filing.match()
    described, naming = filing.described, filing.naming
    unshelved = {table: described.rows(table) for table in ("source", "source_alias")}
    added = {
        table: len(unshelved[table] if table in unshelved else naming.new[table])
        for table in _DESCRIBED
    }
    if recording.dry_run or filing.bad:
        filing.go_through(None, progress)
    else:
        with beside(filing, draft) as other:
            for table, rows in unshelved.items():
                if rows:
                    draft.insert_all(table, rows)
            filing.shelved.write(described)
            with draft.load("claim", flat.count) as write:
                filing.go_through(write, progress, other.glances() if other else None)
            if other is not None and not filing.bad:
                other.give_words(draft)
    if bad := filing.bad:
        raise BadFileError(refusal(told, bad), in_order(bad, flat.gathered.records))
    added |= {"claim": filing.claims, "evidence": 0, "acceptance": 0}
    return Imported(
        entries=(draft.id,) if draft.rows else (),
        added=added,
        present=filing.present,
        records=dict(flat.gathered.records),
        notes=(*notes, *described.notes, *filing.notes),
        names={
            table: tuple(str(row["name"]) for row in unshelved[table])
            if table in unshelved
            else tuple(naming.new[table])
            for table in NAMED
        },
        rejected=before(),
    )


@contextmanager
def looking(store: Store, recorded_by: str, recorded_at: datetime | None) -> Iterator[Draft]:
    """A draft of an entry that is not to be written, beside whoever writes meanwhile."""
    with store.reader() as connection:
        moment = recorded_at or datetime.now(UTC)
        yield Draft(connection, recorded_by=recorded_by, recorded_at=moment)


def _differing(gathered: Gathered) -> Iterator[str]:
    for table, (count, example) in gathered.differing.items():
        rows = "row tells" if count == 1 else "rows tell"
        yield (
            f"{count:,} {rows} of {'an' if table == 'event' else 'a'} {table} otherwise than the "
            f"first, which stands (first: {example})"
        )


def refusal(name: str, bad: list[BadRow]) -> str:
    """That a file was refused for its bad rows."""
    rows = len({(row.file, row.line) for row in bad})
    return f"{name}: {rows} bad row{'s' if rows > 1 else ''}; nothing was imported"


def in_order(bad: list[BadRow], files: Iterable[str]) -> list[BadRow]:
    """Bad rows by file and line, each once."""
    place = {file: number for number, file in enumerate(files)}
    return sorted(dict.fromkeys(bad), key=lambda row: (place.get(row.file, 0), row.line))
