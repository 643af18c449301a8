"""Gives every name in the files a number: of the row it means, or of the row that will be.

A source is found by name or alias, exactly or but for case and spaces; other things by slug. A new
source whose name looks like a known one is refused, so that a source does not split in two.
"""

from array import array
from collections.abc import Iterable, Sequence

from ledger import names
from ledger.errors import BadRow
from ledger.exchange.gathering import POINTS_TO, Gathered, Place, Thing
from ledger.exchange.known import Known, Spellings
from ledger.journal import Draft
from ledger.rules import shown

TABLES = ("event", "source", "document", "proposition")

#: What must be said of a thing that is new: the field, and the columns of a file of claims.
_NEEDED = {
    "event": ("title", "the column event_title"),
    "document": ("title", "the column document_title"),
    "proposition": ("text", "the columns proposition_text and kind"),
}

#: Suggestions cost a search each; whoever has more unknown slugs than this has another mistake.
_SUGGESTIONS = 50


class Naming:
    """The number behind each name. `new` has the names of the rows to be, in their order.

    Each new row's number is its place in `new`, counted from `Draft.next_id` on.
    """

    def __init__(self, gathered: Gathered, draft: Draft, known: Known, *, new: bool) -> None:
        self.new: dict[str, list[str]] = {table: [] for table in TABLES}
        self._gathered = gathered
        self._known = known
        self._first = {table: draft.next_id(table) for table in TABLES}
        self._numbers: dict[str, dict[str, int]] = {table: {} for table in TABLES}
        # Of what stands on a shelf the number is found by its index there; -1 where it was refused.
        self._by_index = {table: array("q") for table in gathered.shelves}
        self._refused: dict[tuple[str, str], tuple[str, str]] = {}
        self._told: set[tuple[str, str]] = set()
        self._name_sources(lookalikes_pass=new)
        for table in _NEEDED:
            self._name_slugs(table)

    def number(self, table: str, name: str) -> int | None:
        """What a name means; None where it was refused."""
        if (numbers := self._by_index.get(table)) is None:
            return self._numbers[table].get(name)
        at = self._gathered.shelves[table].index.get(name, -1)
        return numbers[at] if at >= 0 and numbers[at] >= 0 else None

    def numbers(self, table: str, names: Sequence[str]) -> "array[int]":
        """What names mean, all those of a shelf in their order; -1 where it was refused."""
        if table in self._by_index:
            return self._by_index[table]
        return array("q", [self._numbers[table].get(name, -1) for name in names])

    def row_number(self, thing: Thing) -> int | None:
        """The row that bears a thing's name: not the one it was merged into."""
        if thing.table == "source" and thing.name in self._known.own:
            return self._known.own[thing.name]
        return self.number(thing.table, thing.name)

    def is_new(self, table: str, number: int) -> bool:
        """Whether the row of that number is yet to be written."""
        return number >= self._first[table]

    def name_of_new(self, table: str, number: int) -> str:
        """The name of a row that is yet to be written."""
        return self.new[table][number - self._first[table]]

    def reference(self, field: str, name: str, place: Place, bad: list[BadRow]) -> int | None:
        """What a field points to; a name that was refused is a bad row, here."""
        table = POINTS_TO[field]
        number = self.number(table, name)
        if number is None:
            self._told.add((table, name))
            bad.append(place.bad(*self._refused[table, name]))
        return number

    def refused_unseen(self, bad: list[BadRow]) -> None:
        """Make bad rows of the refused names that nothing pointed to."""
        for (table, name), why in self._refused.items():
            if (table, name) not in self._told:
                bad.append(self._gathered.place_of(table, name).bad(*why))

    def _name_sources(self, *, lookalikes_pass: bool) -> None:
        things = self._gathered.things["source"]
        numbers, known = self._numbers["source"], self._known.sources
        aliases = {
            alias: thing.name
            for thing in things.values()
            for alias in thing.aliases
            if alias != thing.name and not things.get(alias, thing).in_own_table
        }
        theirs = Spellings(known)
        for name in things:
            number = known.get(name)
            if number is None and name in aliases:
                continue
            if number is None:
                number = self._but_for_case(theirs.folded(name))
            if number is None and not lookalikes_pass and (close := theirs.lookalikes(name)):
                listed = ", ".join(shown(other) for other in close)
                self._refused["source", name] = (
                    f"{shown(name)} looks like {listed}, which is known",
                    "that name, or --new to say that it is another source",
                )
                continue
            if number is None:
                number = self._add("source", name)
                if not self._gathered.names_are_settled:
                    theirs.add(name)
            numbers[name] = number
        for alias, name in aliases.items():
            if alias in things and alias not in numbers and name in numbers:
                numbers[alias] = numbers[name]
            elif alias in things and alias not in numbers:
                circular = (f"{shown(alias)} is another name of a source without one", "a name")
                self._refused["source", alias] = self._refused.get(("source", name), circular)

    def _but_for_case(self, same: set[str]) -> int | None:
        """The one source that names equal but for case and spaces stand for, if it is one."""
        numbers = self._numbers["source"]
        meant = {self._known.sources.get(name, numbers.get(name)) for name in same}
        return meant.pop() if len(meant) == 1 else None

    def _name_slugs(self, table: str) -> None:
        needed, columns = _NEEDED[table]
        slugs = self._known.slugs[table]
        for name, is_told in self._gathered.named(table, needed):
            number = slugs.get(name)
            if number is None and is_told:
                number = self._add(table, name)
            elif number is None:
                self._refused[table, name] = (
                    f"{table} {shown(name)} is not in the ledger",
                    f"{self._meant(table, name)}another {table}, or add {columns}",
                )
            if (numbers := self._by_index.get(table)) is not None:
                numbers.append(-1 if number is None else number)
            elif number is not None:
                self._numbers[table][name] = number

    def _meant(self, table: str, name: str) -> str:
        if len(self._refused) > _SUGGESTIONS:
            return ""
        numbers: Iterable[tuple[str, int]] = self._numbers[table].items()
        if table in self._by_index:
            numbers = zip(self._gathered.shelves[table].index, self._by_index[table], strict=False)
        named = [name for name, number in numbers if number >= 0]
        close = names.close(name, [*self._known.slugs[table], *named], most=1)
        return f"did you mean {shown(close[0])}? " if close else ""

    def _add(self, table: str, name: str) -> int:
        self.new[table].append(name)
        return self._first[table] + len(self.new[table]) - 1
