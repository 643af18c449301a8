"""Records a ledger's package again: the same entries, by the same analysts, to the same head.

Into an empty ledger a package brings its whole history: entry by entry, in one transaction, by the
one writer and under all of its rules, each entry held against the hash that it had. Into a ledger
that holds something it is a folder of tables like another, and none of this room's business.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ledger import history, journal, schema
from ledger.errors import BadFileError, BadRow, InvalidError, LedgerError, Problem
from ledger.exchange import descriptor
from ledger.exchange.cells import READ
from ledger.exchange.descriptor import ENTRIES, HISTORY, OWN, cell_of, fingerprint, history_columns
from ledger.exchange.importing import WRITTEN, Imported
from ledger.exchange.spreadsheet import rearm
from ledger.journal import Draft, Transaction, Value
from ledger.rules import shown
from ledger.store import Store

#: Tables whose rows go by names: one row may give up the name that another takes.
_NAMED = WRITTEN[:5]
#: A descriptor longer than this is none of ours.
_LONGEST = 1 << 28

Row = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Package:
    """A folder that describes itself as a ledger's package: what it says of itself.

    `head` is the hash of its last entry, `entries` how many there are (0: it has no history), `raw`
    whether its cells are the exact text. `files` are the bytes and hash of each file, by path.
    """

    folder: Path
    head: str
    entries: int
    raw: bool
    files: dict[str, tuple[object, object]]


def found(folder: Path) -> Package | None:
    """The package that a folder is, or None where it does not say so.

    Raises BadFileError where its descriptor cannot be read.
    """
    file = folder / descriptor.FILE
    try:
        if not file.is_file():
            return None
        if file.stat().st_size > _LONGEST:
            raise BadFileError(f"{file} is too long for a ledger's")
        told = json.loads(file.read_bytes())
    except OSError as error:
        raise BadFileError(f"cannot read {file}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise BadFileError(f"{file} is no JSON", hint=_AS_TABLES) from None
    own = told.get(OWN) if isinstance(told, dict) else None
    if not isinstance(own, dict):
        return None  # somebody else's description of a folder of tables
    if own.get("form") != 1:
        raise BadFileError(
            f"{file} is of a form that this program does not know",
            hint="upgrade it: pip install --upgrade claim-ledger",
        )
    resources = told.get("resources")
    files = {
        each["path"]: (each.get("bytes"), each.get("hash"))
        for each in (resources if isinstance(resources, list) else [])
        if isinstance(each, dict) and isinstance(each.get("path"), str)
    }
    entries = own.get("entries")
    return Package(
        folder,
        str(own.get("head", "")),
        entries if isinstance(entries, int) else 0,
        own.get("cells") == "raw",
        files,
    )


_AS_TABLES = f"to import the tables as they stand, without history, take {descriptor.FILE} away"


def replay(store: Store, package: Package) -> Imported:
    """Record every entry of a package in an empty ledger; what was recorded.

    Raises BadFileError where a file is not what the descriptor says, or cannot be read, and
    LedgerError where the ledger is not empty, or an entry comes to another hash: it says which.
    Nothing is kept then.
    """
    _hold_files(package)
    with ExitStack() as opened:
        entries = _Table(package, ENTRIES, schema.entry.c, opened)
        versions = {
            name: _Table(package, name, table.c, opened)
            for name, (table, _) in schema.VERSIONED.items()
        }
        added = dict.fromkeys((*WRITTEN, "receipt"), 0)
        numbers: list[int] = []
        with journal.transaction(store) as transaction:
            if history.head(transaction.connection).entry:
                raise LedgerError(
                    f"{store.name} is not empty any more; nothing was imported", "import it again"
                )
            for _, entry in entries.rows():
                numbers.append(_record(transaction, package, entry, versions, added))
            for table in versions.values():
                table.must_be_done()
            head = history.head(transaction.connection).hash
            if head != package.head or len(numbers) != package.entries:
                raise BadFileError(
                    f"{package.folder}: {len(numbers)} entries come to another head than "
                    f"{descriptor.FILE} says; nothing was imported"
                )
    note = f"the package's own analysts, times and messages were kept; head {head}"
    records = {f"{name}.csv": table.count for name, table in versions.items()}
    return Imported(tuple(numbers), added, {}, records, (note,))


def _hold_files(package: Package) -> None:
    """Hold every file against the bytes and hash that the descriptor gives it."""
    wanted = [f"{HISTORY}/{name}.csv" for name in (ENTRIES, *schema.VERSIONED)]
    lacking = [path for path in wanted if path not in package.files]
    if lacking:
        raise BadFileError(f"{package.folder / descriptor.FILE} lacks {lacking[0]}")
    for path, (size, digest) in package.files.items():
        file = _inside(package.folder, path)
        try:
            told = fingerprint(file)
        except OSError as error:
            raise BadFileError(f"cannot read {file}: {error.strerror}") from None
        if (told["bytes"], told["hash"]) != (size, digest):
            raise BadFileError(
                f"{file} is not the file that {descriptor.FILE} describes; nothing was imported",
                hint=_AS_TABLES,
            )


def _inside(folder: Path, path: str) -> Path:
    """A file of the folder, and of nowhere else."""
    file = folder / path
    if not file.resolve().is_relative_to(folder.resolve()):
        raise BadFileError(f"{shown(path)} leads out of {folder}; nothing was imported")
    return file


def _record(
    transaction: Transaction,
    package: Package,
    entry: Row,
    versions: dict[str, "_Table"],
    added: dict[str, int],
) -> int:
    """Record one entry and hold its hash against the one it had; its number."""
    number, moment = entry["id"], entry["recorded_at"]
    where = f"{package.folder}: entry {number}"
    if not isinstance(number, int) or not isinstance(moment, datetime):
        raise BadFileError(f"{where} has no number or no time; nothing was imported")
    message = entry["message"]
    try:
        with transaction.entry(
            recorded_by=str(entry["recorded_by"] or ""),
            recorded_at=moment,
            message=None if message is None else str(message),
        ) as draft:
            _write(draft, versions, added, number)
    except InvalidError as error:
        raise InvalidError(
            f"{where} cannot be recorded; nothing was imported",
            error.problems,
            "`ledger backup` copies a ledger that was recorded under other rules",
        ) from error
    made = history.head(transaction.connection)
    if (made.entry, made.hash) != (number, entry["hash"]):
        raise BadFileError(
            f"{where} is not what was hashed: its rows, its words or the entry before it were "
            "altered; nothing was imported",
            hint=f"it should come to {entry['hash']}, and comes to {made.hash}",
        )
    return number


def _write(draft: Draft, versions: dict[str, "_Table"], added: dict[str, int], number: int) -> None:
    """Write the versions of one entry, in an order in which every rule lets them pass.

    An entry's versions were written in an order that nobody kept. What goes by names is changed
    before new rows take names, and what does not pass yet is tried again after the rest.
    """
    waiting: list[tuple[str, int, Row]] = []

    def change(table: str, changed: Iterable[tuple[int, Row]]) -> None:
        for each, row in changed:
            try:
                draft.update(table, each, row)
            except InvalidError:
                waiting.append((table, each, row))

    for table in _NAMED:
        change(table, versions[table].changed(number, draft.next_id(table)))
    _try_again(draft, waiting, give_up=False)
    for table in _NAMED:
        new = versions[table].new(number, draft.next_id(table))
        added[table] += draft.insert_all(table, new)
    for table in (*WRITTEN[5:], "receipt"):
        draft.update_all(table, versions[table].changed(number, draft.next_id(table)))
        new = versions[table].new(number, draft.next_id(table))
        added[table] += draft.insert_all(table, new)
    _try_again(draft, waiting, give_up=True)


def _try_again(draft: Draft, waiting: list[tuple[str, int, Row]], *, give_up: bool) -> None:
    """Try what did not pass until nothing more does; InvalidError then, where it is to be given."""
    while waiting:
        tried, problem = [*waiting], None
        waiting.clear()
        for table, number, row in tried:
            try:
                draft.update(table, number, row)
            except InvalidError as error:
                problem = error
                waiting.append((table, number, row))
        if problem is not None and len(waiting) == len(tried):
            if give_up:
                raise problem
            return


class _Table:
    """A file of the history, read row by row; `count` says how many were read."""

    def __init__(self, package: Package, name: str, columns: Any, opened: ExitStack) -> None:
        self._package = package
        self._path = f"{HISTORY}/{name}.csv"
        self._stored = columns
        self._names = (
            [column.name for column in columns] if name == ENTRIES else history_columns(name)
        )
        self.count = 0
        self._line = 1
        file = _inside(package.folder, self._path)
        stream = opened.enter_context(file.open(encoding="utf-8", newline=""))
        csv.field_size_limit(2**31 - 1)
        self._reader = csv.reader(stream, strict=True)
        self._rows = self._all()
        self._next: tuple[int, Row] | None = None
        if next(self._records(), None) != self._names:
            raise self._bad("the header is not the history's", ", ".join(self._names))
        self._step()

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Every row that is left, with its entry's number (of an entry: nothing, 0)."""
        while self._next is not None:
            yield self._next
            self._step()

    def changed(self, entry: int, first_new: int) -> Iterator[tuple[int, Row]]:
        """The versions that an entry wrote of rows numbered below `first_new`."""
        while (row := self._of(entry)) is not None:
            number = row["id"]
            if not isinstance(number, int) or number >= first_new:
                return
            self._step()
            yield number, {name: value for name, value in row.items() if name != "id"}

    def new(self, entry: int, first: int) -> Iterator[Row]:
        """The rows that an entry added, numbered from `first` on without a gap."""
        while (row := self._of(entry)) is not None:
            if row["id"] != first:
                raise self._bad(f"row {row['id']} of entry {entry} is out of order", str(first))
            self._step()
            first += 1
            yield {name: value for name, value in row.items() if name != "id"}

    def must_be_done(self) -> None:
        """Refuse what belongs to no entry."""
        if self._next is not None:
            raise self._bad(f"there is no entry {self._next[0]}, or it stands elsewhere")

    def _of(self, entry: int) -> Row | None:
        return self._next[1] if self._next is not None and self._next[0] == entry else None

    def _step(self) -> None:
        self._next = next(self._rows, None)

    def _all(self) -> Iterator[tuple[int, Row]]:
        for cells in self._records():
            if len(cells) != len(self._names):
                raise self._bad(f"has {len(cells)} cells", str(len(self._names)))
            row = {name: self._value(name, cell) for name, cell in zip(self._names, cells,
                                                                      strict=True)}  # fmt: skip
            entry = row.pop("entry_id", 0)
            if "text_file" in row:
                row["text"] = self._text(row.pop("text_file"))
            self.count += 1
            yield entry if isinstance(entry, int) else 0, row

    def _records(self) -> Iterator[list[str]]:
        try:
            for cells in self._reader:
                self._line = self._reader.line_num
                yield cells
        except (csv.Error, UnicodeDecodeError) as error:
            raise self._bad(f"cannot be read: {error}") from None

    def _value(self, name: str, cell: str) -> Value:
        if not cell:
            return None
        text = cell if self._package.raw else rearm(cell)
        if name not in self._stored:
            return text
        try:
            value = READ[cell_of(self._stored[name].type)](text)
        except ValueError as error:
            raise self._bad(str(error), column=name) from None
        return None if isinstance(value, tuple) else value

    def _text(self, path: Value) -> str | None:
        """The text that a version of a document has."""
        if path is None:
            return None
        if path not in self._package.files:
            raise self._bad(f"{descriptor.FILE} knows no {shown(str(path))}", column="text_file")
        try:
            return _inside(self._package.folder, str(path)).read_bytes().decode()
        except (OSError, UnicodeDecodeError) as error:
            raise self._bad(f"{shown(str(path))}: {error}", column="text_file") from None

    def _bad(self, what: str, allowed: str = "", column: str = "row") -> BadFileError:
        row = BadRow(self._path, self._line, Problem(column, what, allowed))
        name = self._package.folder
        return BadFileError(f"{name} cannot be taken; nothing was imported", [row])
