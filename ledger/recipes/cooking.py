"""Makes rows of claims.csv of a row of a foreign table, by a recipe that was made functions once.

While a row is made, every column, value and filled template of it has a number, and stands in one
list: so that rows are picked out of it by C. What does not fit is counted, or told as a bad row.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from operator import itemgetter

from ledger.errors import BadRow, Problem
from ledger.exchange import tables
from ledger.recipes import listing, soundness
from ledger.recipes.blocks import LINKS
from ledger.recipes.conditions import Breach, alike, breach
from ledger.recipes.language import COLUMN, FILE, LINE, Block, Listed, Recipe
from ledger.recipes.listing import LeftOutError, UnsoundError
from ledger.recipes.tallies import Tally
from ledger.recipes.templates import Cells, Filled, Template, filling, slug
from ledger.recipes.values import EMPTY, REJECT, SKIP, Making, Unfit, Value, fallback, making
from ledger.rules import shown

#: Columns that name things by slugs, which are made typeable.
_SLUGS = frozenset({"proposition", "event", "document"})


@dataclass(frozen=True, slots=True)
class _Step:
    """A value, what makes it, and where it stands."""

    value: Value
    make: Making
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Dish:
    """A block: its condition, what is filled for it and where, and what picks its row."""

    block: Block
    when: Breach | None
    filled: tuple[tuple[int, Filled], ...]
    row: Callable[[Cells], Sequence[str]]
    steps: tuple[_Step, ...]
    relay: str


class Kitchen:
    """A recipe made ready for a file with the columns of `header`, spelt as the file has them.

    `made` are the columns of the rows that come out, `used` those of the file that are looked at.
    `tally` counts what was left out or replaced, `bad` is told of bad rows; `file` is what they
    call the file.
    """

    def __init__(self, recipe: Recipe, header: Sequence[str], file: str, bad: list[BadRow]) -> None:
        self.recipe = recipe
        self.file = file
        self.tally = Tally()
        self._bad = bad
        self._spelt = {tables.plain_name(name): name.strip() for name in header}
        self._at: dict[str, int] = {}
        self._base: list[str] = []
        places = {tables.plain_name(name): place for place, name in enumerate(header)}
        lists = [listing.of_file(listed, recipe, header) for listed in recipe.lists]
        named = {*recipe.input.columns, *recipe.input.optional}
        named |= {column for listed in lists if listed.is_wide for _, column in listed.columns}
        used = [name for name in places if name in named]
        self.used = frozenset(used)
        self._columns = [places[name] for name in used]
        hidden = {value.name for value in recipe.values} | {li.name for li in recipe.lists}
        own = {name: self._room() for name in used}
        self._at = {name: at for name, at in own.items() if name not in hidden}
        self._nothing = self._room()
        for name in (FILE, LINE):
            self._at[name] = self._room()
        self._own = own
        self._slots: dict[str, list[int]] = {}
        for listed in recipe.lists:
            parts = listing.parts(listed, recipe)
            self._at |= {listed.called(part): self._room() for part in parts}
            self._slots[listed.name] = [self._at[listed.called(part)] for part in parts]
        ordered = soundness.order(recipe)
        of_items = soundness.items(recipe)
        for value in ordered:
            for part in value.parts:
                self._at[part] = self._room()
        steps = [(of_items.get(value.name, ""), self._step(value)) for value in ordered]
        self._steps = tuple(step for listed, step in steps if not listed)
        self._skips = [(breach(skip.condition, self.at), skip.because) for skip in recipe.skips]
        self._checks = [(breach(check.condition, self.at), check) for check in recipe.checks]
        self._lists = [
            (of_file, listing.parts(listed, recipe), self._list_columns(of_file))
            for listed, of_file in zip(recipe.lists, lists, strict=True)
        ]
        filled = {key for block in recipe.blocks for key, _ in block.templates()}
        self.made = [
            name
            for name in tables.CLAIMS.columns
            if name in filled
            or name in tables.CLAIMS.required
            or (name == "claim" and "id" in filled)
        ]
        self._dishes = [
            self._dish(
                block, tuple(step for listed, step in steps if listed and listed == block.each)
            )
            for block in recipe.blocks
        ]
        self._source = self.made.index("source")
        self._via = self.made.index("via") if "via" in self.made else 0
        self._picked = _picker(self._columns)
        self._width = len(self._columns)
        self._empty = recipe.input.empty

    def _room(self) -> int:
        self._base.append("")
        return len(self._base) - 1

    def at(self, name: str) -> int:
        """The number of a name; of a column that the file does not have, one that is empty."""
        return self._at.get(name, self._nothing)

    def _step(self, value: Value) -> _Step:
        def at(name: str) -> int:
            # A value that is called as its column is made of the column.
            return self._own.get(name, self._nothing) if name in value.parts else self.at(name)

        start = self._at[value.name]
        return _Step(value, making(value, at), start, start + len(value.parts))

    def _list_columns(self, listed: Listed) -> list[int]:
        return [
            self._own.get(column, self._nothing)
            if listed.is_wide or column == listed.name
            else self.at(column)
            for _, column in listed.columns
        ]

    def _dish(self, block: Block, steps: tuple[_Step, ...]) -> _Dish:
        filled: list[tuple[int, Filled]] = []
        places = []
        for name in self.made:
            template = block.columns.get(name)
            if name in ("answers", "repeats"):
                template = block.links.get(name)
            elif name == "claim":
                template = block.number
            if template is None:
                places.append(self._nothing)
                continue
            fill = self._fill(name, template)
            if isinstance(fill, int):
                places.append(fill)
                continue
            places.append(self._room())
            if template.constant is not None:
                self._base[-1] = fill(())
            else:
                filled.append((places[-1], fill))
        when = breach(block.when, self.at) if block.when else None
        via = block.columns.get("via")
        relay = alike(via.constant or "") if via is not None else ""
        return _Dish(block, when, tuple(filled), _picker(places), steps, relay)

    def _fill(self, name: str, template: Template) -> Filled | int:
        """What fills a column, or the number of the name that stands there as it is."""
        done = (
            slug
            if name in _SLUGS
            else numbered
            if name in ("claim", "answers", "repeats")
            else None
        )
        if done is None and template.plain is not None:
            return self.at(template.plain)
        fill = filling(template, self.at)
        return fill if done is None else _then(fill, done)

    # A row.

    def cook(self, line: int, row: Sequence[str], file: str = "") -> list[list[str]]:
        """The rows that a row becomes; `file` is the name of the file that it is in."""
        cells = self._laid_out(row)
        cells[self._at[FILE]] = file
        cells[self._at[LINE]] = str(line)
        try:
            rows = self._cooked(line, cells)
        except LeftOutError as left:
            self.tally.count(left.key, line)
            return []
        except UnsoundError as unsound:
            self._bad += [BadRow(self.file, line, problem) for problem in unsound.problems]
            return []
        return rows

    def _laid_out(self, row: Sequence[str]) -> list[str]:
        """Everything that a row is made of, so far its columns."""
        cells = self._base.copy()
        picked = [cell.strip() for cell in self._picked(row)]
        if self._empty:
            picked = ["" if cell in self._empty else cell for cell in picked]
        cells[: self._width] = picked
        return cells

    def _cooked(self, line: int, cells: list[str]) -> list[list[str]]:
        problems: list[Problem] = []
        left: LeftOutError | None = None
        for step in self._steps:
            try:
                self._take(step, line, cells)
            except UnsoundError as unsound:
                problems += unsound.problems
            except LeftOutError as out:
                left = left or out
        for unbroken, because in self._skips:
            if unbroken(cells) is None:
                raise LeftOutError(f"rows left out: {because}")
        if left is not None:
            raise left
        for broken, check in self._checks:
            if (problem := broken(cells)) is not None:
                if check.otherwise == SKIP:
                    raise LeftOutError(f"rows left out: {check.because or problem.what}")
                problems.append(self._told(problem, check.because))
        items: dict[str, list[list[str]]] = {}
        for listed, parts, places in self._lists:
            try:
                items[listed.name] = listing.items(
                    listed, parts, [cells[place] for place in places], line, self.tally
                )
            except UnsoundError as unsound:
                problems += [self._told(problem, "") for problem in unsound.problems]
        if problems:
            raise UnsoundError(*problems)
        rows: list[list[str]] = []
        claims = 0
        for dish in self._dishes:
            if not dish.block.each:
                made = self._made(dish, line, cells)
            else:
                made = [
                    each
                    for item in items[dish.block.each]
                    for each in self._of_item(dish, item, line, cells)
                ]
            rows += made
            claims += len(made) if "stance" in dish.block.columns else 0
        if not claims:
            self.tally.count("rows make no claim", line)
        return rows

    def _made(self, dish: _Dish, line: int, cells: list[str]) -> list[list[str]]:
        if dish.when is not None and dish.when(cells) is not None:
            return []
        for place, fill in dish.filled:
            cells[place] = fill(cells)
        row = list(dish.row(cells))
        if dish.relay and alike(row[self._source]) == dish.relay:
            # Whom the recipe names as relay is here the source, and relayed by nobody.
            row[self._via] = ""
        return [row]

    def _of_item(
        self, dish: _Dish, item: list[str], line: int, cells: list[str]
    ) -> list[list[str]]:
        for place, cell in zip(self._slots[dish.block.each], item, strict=True):
            cells[place] = cell
        try:
            for step in dish.steps:
                self._take(step, line, cells)
        except LeftOutError as left:
            self.tally.count(left.key.replace("rows", "items", 1), line)
            return []
        return self._made(dish, line, cells)

    def links(self, row: Sequence[str]) -> list[list[str]]:
        """The number of each claim that a row could make, and those that it answers and repeats.

        A row that is bad names claims all the same.
        """
        cells = self._laid_out(row)
        tally, self.tally = self.tally, Tally()
        for step in self._steps:
            with suppress(UnsoundError, LeftOutError):
                self._take(step, 0, cells)
        items: dict[str, list[list[str]]] = {"": [[]]}
        for listed, parts, places in self._lists:
            with suppress(UnsoundError, LeftOutError):
                held = [cells[place] for place in places]
                items[listed.name] = listing.items(listed, parts, held, 0, self.tally)
        found = []
        for dish in self._dishes:
            for item in items.get(dish.block.each, ()):
                for place, cell in zip(self._slots.get(dish.block.each, ()), item, strict=True):
                    cells[place] = cell
                for step in dish.steps:
                    with suppress(UnsoundError, LeftOutError):
                        self._take(step, 0, cells)
                for place, fill in dish.filled:
                    cells[place] = fill(cells)
                made = dict(zip(self.made, dish.row(cells), strict=True))
                found.append([made.get(name, "") for name in ("claim", *LINKS)])
        self.tally = tally
        return found

    def _take(self, step: _Step, line: int, cells: list[str]) -> None:
        """Work a value out."""
        made = step.make(cells)
        if not isinstance(made, Unfit):
            cells[step.start : step.end] = made
            return
        value = step.value
        column = self._stood(value, cells) or self.spelt(value.name)
        if value.default is None and value.otherwise == REJECT:
            cells[step.start : step.end] = ("",) * (step.end - step.start)
            raise UnsoundError(Problem(column, f"{shown(made.cell)} {made.what}", made.allowed))
        if value.default is None and value.otherwise == SKIP:
            raise LeftOutError(f"rows left out: {column} {made.what}")
        instead = "left empty" if value.otherwise == EMPTY else "kept as they stand"
        if value.default is not None:
            instead = f"taken for {shown(value.default)}"
        self.tally.count(f"cells {instead}: {column} {made.what}", line, shown(made.cell))
        cells[step.start : step.end] = fallback(value, made.cell)

    # Words.

    def _stood(self, value: Value, cells: list[str]) -> str:
        """The column in which the cell of a value stood, where a list is of columns."""
        for listed, _, _ in self._lists:
            if listed.wide is not None and any(listed.has(name) for name in value.names):
                return cells[self.at(listed.called(COLUMN))]
        return ""

    def spelt(self, name: str) -> str:
        """The columns of the file that a name is made of, as the file spells them."""
        found = self.recipe.source_columns(name)
        return ", ".join(self._spelt.get(each, each) for each in found) or name

    def _told(self, problem: Problem, because: str) -> Problem:
        column = ", ".join(dict.fromkeys(map(self.spelt, problem.column.split(", "))))
        what = f"{because}: {problem.what}" if because else problem.what
        return Problem(column, what, problem.allowed)

    def foreign(self, column: str) -> str:
        """What a column of claims.csv was made of, as a bad row tells it."""
        key = {"claim": "id"}.get(column, column)
        made_of = dict.fromkeys(
            self.spelt(name)
            for block in self.recipe.blocks
            for each, template in block.templates()
            if each == key
            for name in template.names
        )
        return f"{', '.join(made_of)} → {column}" if made_of else f"{column}, by the recipe"


def _picker(places: Sequence[int]) -> Callable[[Sequence[str]], Sequence[str]]:
    if len(places) > 1:
        return itemgetter(*places)
    return lambda cells: [cells[place] for place in places]


def _then(fill: Filled, done: Callable[[str], str]) -> Filled:
    return lambda cells: done(fill(cells))


@lru_cache(1 << 12)
def numbered(text: str) -> str:
    """The number of a claim in a file, of what a recipe calls it: 59 bits of its hash."""
    if not text:
        return ""
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return str((int.from_bytes(digest, "big") >> 5) + 1)
