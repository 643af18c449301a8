"""Holds what stands on a file's shelves against the ledger and the rules, and writes what is new.

What is sound is written as it stands there. A thing that a rule finds fault with, or of which the
ledger says otherwise, becomes a Thing, and is told of as all Things are: by `describing`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from ledger import bulk, rules, schema
from ledger.bulk import Columns
from ledger.exchange.cellar import Cells
from ledger.exchange.cells import written
from ledger.exchange.describing import Described, Fields
from ledger.exchange.gathering import POINTS_TO
from ledger.exchange.known import Known, chunks
from ledger.exchange.naming import Naming
from ledger.exchange.shelf import Shelf
from ledger.journal import Draft
from ledger.model import Kind, Verdict

_AT_ONCE = 2_000
#: A thing's columns as they are stored, without its number, its entry and its leaf.
_COLUMNS = {
    table: tuple(
        column.name
        for column in schema.VERSIONED[table][0].c
        if column.name not in ("id", "entry_id", "leaf")
    )
    for table in ("event", "document", "proposition")
}
#: A proposition's kind by its place; the first stands for none.
_KINDS = ("", *(kind.value for kind in Kind))
#: What stands in a column of which nothing is said.
_UNSAID: dict[str, Fields] = {"proposition": {"verdict": Verdict.OPEN.value}}


class ShelvedKinds:
    """The kinds of propositions by number: a byte for each of the `many` new ones, from `first`."""

    def __init__(self, first: int, many: int) -> None:
        self._first = first
        self._new = bytearray(many)
        self._others: dict[int, str] = {}

    def __setitem__(self, number: int, kind: str) -> None:
        """Keep the kind of a proposition."""
        if 0 <= number - self._first < len(self._new) and kind in _KINDS:
            self._new[number - self._first] = _KINDS.index(kind)
        else:
            self._others[number] = kind

    def take_in(self, others: Mapping[int, str]) -> None:
        """Keep the kinds of others."""
        for number, kind in others.items():
            self[number] = kind

    def get(self, number: int, /) -> str | None:
        """The kind of a proposition; None where there is none of it."""
        at = number - self._first
        place = self._new[at] if 0 <= at < len(self._new) else 0
        return _KINDS[place] if place else self._others.get(number)


class Shelved:
    """What the shelves come to. `present` counts what is there by table; `kinds` has the kind of
    each proposition, new or there, by number. Things are in `described`.
    """

    def __init__(
        self, shelves: Mapping[str, Shelf], naming: Naming, known: Known, draft: Draft
    ) -> None:
        self.present: dict[str, int] = {}
        self.kinds = ShelvedKinds(draft.next_id("proposition"), len(naming.new["proposition"]))
        self._shelves = shelves
        self._naming = naming
        self._known = known
        self._draft = draft
        self._today = draft.recorded_at.date()
        for table in shelves:
            self.present[table] = self._look(table)

    def _look(self, table: str) -> int:
        """Leave on a shelf what needs no more than that; how many of it are there."""
        shelf = self._shelves[table]
        known: dict[int, int] = {}
        for at, (name, told) in enumerate(zip(shelf.names, shelf.cells, strict=True)):
            number = self._naming.number(table, name)
            if told is None or number is None:
                continue
            if not self._naming.is_new(table, number):
                known[number] = at
            elif (fields := self._fields(table, at, told)) is None or not (
                table == "document" or self._is_sound(table, {"id": number, **fields})
            ):
                shelf.open(at)
            elif table == "proposition":
                self.kinds[number] = str(fields["kind"])
        still = 0
        for some in chunks(sorted(known)):
            still += self._compare(table, {number: known[number] for number in some})
        shelf.put_in_order()
        return still

    def _compare(self, table: str, known: dict[int, int]) -> int:
        """See that the ledger says of things what the file does; of how many, by number."""
        shelf = self._shelves[table]
        said = {number: shelf.said(shelf.cells[at] or ()) for number, at in known.items()}
        # Of what nothing is told only the kind may be asked for.
        asked = known if table == "proposition" else [n for n, fields in said.items() if fields]
        opened = 0
        for number, row in self._known.rows(table, asked).items():
            if not self._says(row, said[number]):
                shelf.open(known[number])
                opened += 1
            elif table == "proposition":
                self.kinds[number] = str(row["kind"])
        return len(known) - opened

    def _says(self, row: Fields, said: dict[str, str]) -> bool:
        for field, cell in said.items():
            have = row[field]
            if have is None:
                return False
            if field in POINTS_TO:
                have = self._known.final(have) if POINTS_TO[field] == "source" else have
                if have != self._naming.number(POINTS_TO[field], cell):
                    return False
            elif written(have) != cell:
                return False
        return True

    def _fields(self, table: str, at: int, told: Cells) -> Fields | None:
        """What is said of a thing by the stored row's fields, names turned into numbers; None where
        one was refused, or a document is not sound.
        """
        shelf = self._shelves[table]
        fields: Fields | None
        if table == "document":
            fields = {**found} if (found := shelf.fields(at, told, self._latest)) else None
        else:
            fields = {**shelf.values(told)}
        if fields is None:
            return None
        fields["slug"] = shelf.names[at]
        for field in shelf.pointing:
            if field in fields:
                fields[field] = self._naming.number(POINTS_TO[field], fields[field])
                if fields[field] is None:
                    return None
        return fields

    @property
    def _latest(self) -> date:
        return self._today + rules.AHEAD

    def _is_sound(self, table: str, row: Fields) -> bool:
        for problems in (
            rules.text_problems(row),
            rules.PROBLEMS[table](row),
            rules.ahead_problems(row, self._today),
        ):
            if any(problems):
                return False
        return True

    def write(self, described: Described) -> None:
        """Write what is new, of all shelves."""
        for table in self._shelves:
            if new := len(self._naming.new[table]):
                with self._draft.load(table, new) as write:
                    for columns in self.columns(table, described):
                        write(bulk.ready(table, columns))
            # The claims that come now need the room.
            self._shelves[table].close()

    @property
    def tables(self) -> tuple[str, ...]:
        """Those of which all new rows come from the shelves."""
        return tuple(self._shelves)

    def columns(self, table: str, described: Described) -> Iterator[Columns]:
        """The new rows of a table as they are stored, some at a time by the order of their numbers:
        column by column, without the leaf.
        """
        names = ("id", *_COLUMNS[table], "entry_id")
        return (by_column(names, rows) for rows in self._rows(table, described))

    def _rows(self, table: str, described: Described) -> Iterator[list[tuple[Any, ...]]]:
        shelf, entry = self._shelves[table], self._draft.id
        things, unsaid = described.new(table), _UNSAID.get(table, {})
        rows: list[tuple[Any, ...]] = []
        for at, (name, told) in enumerate(zip(shelf.names, shelf.cells, strict=True)):
            number = self._naming.number(table, name)
            if number is None or not self._naming.is_new(table, number):
                continue
            fields = things[number] if told is None else self._fields(table, at, told) or {}
            whole = {**unsaid, **fields}
            rows.append((number, *[as_stored(whole.get(name)) for name in _COLUMNS[table]], entry))
            if len(rows) == _AT_ONCE:
                yield rows
                rows = []
        if rows:
            yield rows


def by_column(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> Columns:
    """The values of rows by column."""
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    return dict(zip(names, columns, strict=True))


def as_stored(value: Any) -> Any:
    """A value as the database has it: text, a whole number or nothing."""
    return written(value) if isinstance(value, date) else value
