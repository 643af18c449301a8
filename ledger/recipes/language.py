"""What a recipe says: its tables as values that are frozen, and everything by name.

Nothing here knows how a recipe is written (`reading`) or what is done by it (`cooking`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ledger.recipes.conditions import Condition
from ledger.recipes.templates import Template
from ledger.recipes.values import REJECT, Value

#: Columns that are always there.
FILE, LINE = "_file", "_line"
#: Columns of the records of an object under `records`.
KEY, WHOLE = "_key", "_value"
#: What stands for the whole of a file as the place of its records.
ITSELF = "."
#: Of JSON, the keys that a recipe does not name, as an object: for a list of all other columns.
OTHERS = "_others"
#: The parts of an item of wide columns.
COLUMN, CELL = "column", "cell"
#: What stands for the number in the names of numbered columns.
NUMBER = "#"


@dataclass(frozen=True, slots=True)
class Input:
    """How a file is read, and which columns it has."""

    columns: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    empty: frozenset[str] = frozenset()
    encoding: str = "utf-8"
    delimiter: str = ""
    records: tuple[str, ...] = ()
    remarks: str = ""
    files: str = "*"


@dataclass(frozen=True, slots=True)
class Listed:
    """Cells that hold several things; `columns` by part, the part of a single one being "".

    Or columns that hold one thing each: `wide` are named, or (none) all that the recipe names
    nowhere; where they are `numbered`, the columns bear NUMBER in their names.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    split: str = ";"
    uneven: str = REJECT
    wide: tuple[str, ...] | None = None
    numbered: bool = False

    @property
    def is_wide(self) -> bool:
        """Whether its items are in columns of their own."""
        return self.wide is not None or self.numbered

    @property
    def is_of_the_rest(self) -> bool:
        """Whether it is of every column that the recipe does not name."""
        return self.wide == ()

    def called(self, part: str) -> str:
        """The name under which templates find a part of an item, or the item itself."""
        return f"{self.name}.{part}" if part else self.name

    def has(self, name: str) -> bool:
        """Whether a name is that of its item, or of a part of it."""
        return name == self.name or name.startswith(f"{self.name}.")


@dataclass(frozen=True, slots=True)
class Check:
    """What must hold of a row, and what is done where it does not."""

    condition: Condition
    because: str = ""
    otherwise: str = REJECT


@dataclass(frozen=True, slots=True)
class Skip:
    """Rows that are left out, and why."""

    condition: Condition
    because: str


@dataclass(frozen=True, slots=True)
class Block:
    """A claim, or a description, that a row makes: templates by column of claims.csv."""

    place: str
    columns: dict[str, Template]
    when: Condition | None = None
    each: str = ""
    number: Template | None = None
    links: dict[str, Template] = field(default_factory=dict)

    def templates(self) -> Iterator[tuple[str, Template]]:
        """Every template, with the key it stands under."""
        yield from self.columns.items()
        yield from self.links.items()
        if self.number is not None:
            yield "id", self.number


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe that is sound. `name` is what errors call it, `text` the file as it is written."""

    name: str
    title: str
    about: str
    homepage: str
    licence: str
    input: Input
    values: tuple[Value, ...]
    lists: tuple[Listed, ...]
    skips: tuple[Skip, ...]
    checks: tuple[Check, ...]
    blocks: tuple[Block, ...]
    first: frozenset[str]
    settled: bool
    text: str = ""

    @property
    def takes_the_rest(self) -> bool:
        """Whether it makes something of columns that it does not name."""
        return any(listed.is_of_the_rest for listed in self.lists)

    @property
    def is_linked(self) -> bool:
        """Whether its claims name one another."""
        return any(block.number or block.links for block in self.blocks)

    def source_columns(self, name: str) -> tuple[str, ...]:
        """The columns of the foreign table that a name is made of in the end."""
        found: dict[str, None] = {}
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            each = waiting.pop(0)
            value = next((v for v in self.values if each in v.parts), None)
            listed = next((li for li in self.lists if li.has(each)), None)
            if value is not None and value.name not in seen:
                seen.add(value.name)
                waiting += value.names
            elif listed is not None:
                part = each.removeprefix(listed.name).removeprefix(".")
                columns = dict(listed.columns)
                if listed.wide is None:
                    found[columns.get(part, next(iter(columns.values())))] = None
                else:
                    found.update(dict.fromkeys(listed.wide or (each,)))
            else:
                found[each] = None
        return tuple(found)
