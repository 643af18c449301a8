"""Values: what a cell becomes when it is taken apart, mapped, or read as a date or a number.

A value is made a function once, which remembers what it made of a cell: most cells stand in many
rows.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ledger.model import Precision
from ledger.recipes.conditions import alike
from ledger.recipes.templates import Cells, Filled, Template, filling
from ledger.rules import stated_text

#: What may be done with a cell that does not fit.
REJECT, SKIP, EMPTY, KEEP = "reject", "skip", "empty", "keep"
OTHERWISE = (REJECT, SKIP, EMPTY, KEEP)
TYPES = ("text", "date", "number")

#: In a map: every other cell, and one that is empty (which no cell is written as).
ANY, EMPTY_CELL = "*", "\0"

_MANY = 50_000
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
#: What may stand behind a day: a time, with its zone or not.
_TIME = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_MONTH = re.compile(r"\d{4}-\d{2}", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_DIRECTIVE = re.compile(r"%-?([a-zA-Z%])")
_PRECISIONS = {"year": 4, "month": 7, "day": 10}


@dataclass(frozen=True, slots=True)
class Value:
    """How a value is made; `sources` are tried in turn, or `text` is filled.

    `groups` are the named groups of `pattern`; `choices` the cells of `mapped` as they are written.
    """

    name: str
    sources: tuple[str, ...] = ()
    text: Template | None = None
    if_empty: str = ""
    pattern: re.Pattern[str] | None = None
    choices: tuple[str, ...] = ()
    mapped: tuple[tuple[str, str], ...] = ()
    kind: str = "text"
    formats: tuple[str, ...] = ()
    precision: Template | None = None
    thousands: str = ""
    otherwise: str = REJECT
    default: str | None = None
    carried: Template | None = None

    @property
    def groups(self) -> tuple[str, ...]:
        """The names of its parts."""
        return tuple(self.pattern.groupindex) if self.pattern else ()

    @property
    def parts(self) -> tuple[str, ...]:
        """The names under which templates find it and its parts."""
        return (self.name, *(f"{self.name}.{group.lower()}" for group in self.groups))

    @property
    def names(self) -> tuple[str, ...]:
        """What it is made of."""
        found = self.text.names if self.text else self.sources
        more = [each.names for each in (self.precision, self.carried) if each is not None]
        return (*found, *(name for names in more for name in names))


@dataclass(frozen=True, slots=True)
class Unfit:
    """A cell that does not fit, and what would."""

    cell: str
    what: str
    allowed: str = ""


#: Makes a value of a row: itself and its parts, or why the cell does not fit.
Made = tuple[str, ...] | Unfit
Making = Callable[[Cells], Made]


def making(value: Value, at: Callable[[str], int]) -> Making:
    """What makes a value; `at` gives the number of a name."""
    read = _source(value, at)
    nothing = ("",) * len(value.parts)
    exact = filling(value.precision, at) if value.precision else None
    made_of: dict[tuple[str, str], Made] = {}

    def make_anew(cells: Cells) -> Made:
        cell = read(cells) or value.if_empty
        if not cell:
            return nothing
        precision = exact(cells) if exact else ""
        made = made_of.get((cell, precision))
        if made is None:
            if len(made_of) >= _MANY:
                made_of.clear()
            made = made_of[cell, precision] = _made(value, cell, precision)
        return made

    return _carrying(make_anew, filling(value.carried, at)) if value.carried else make_anew


def _carrying(make_anew: Making, key: Filled) -> Making:
    """What makes a value, or takes over what the row before with the same key had."""
    last: dict[str, Made] = {}

    def make(cells: Cells) -> Made:
        made = make_anew(cells)
        if isinstance(made, Unfit):
            return made
        if made[0]:
            last[key(cells)] = made
        return last.get(key(cells), made)

    return make


def fallback(value: Value, cell: str) -> tuple[str, ...]:
    """What stands for a value whose cell does not fit, where it is neither rejected nor skipped."""
    whole = "" if value.otherwise == EMPTY else cell
    whole = whole if value.default is None else value.default
    return (whole, *("" for _ in value.groups))


def _source(value: Value, at: Callable[[str], int]) -> Filled:
    if value.text is not None:
        return filling(value.text, at)
    places = [at(name) for name in value.sources]
    if len(places) == 1:
        place = places[0]
        return lambda cells: cells[place]
    return lambda cells: next((cells[place] for place in places if cells[place]), "")


def _made(value: Value, cell: str, precision: str) -> Made:
    groups: tuple[str, ...] = ("",) * len(value.groups)
    whole = cell
    if value.pattern is not None and cell != EMPTY_CELL:
        matched = value.pattern.fullmatch(cell)
        if matched is None:
            return Unfit(cell, "does not fit the pattern", value.pattern.pattern)
        groups = tuple((matched[group] or "").strip() for group in value.groups)
    if value.mapped:
        choices = dict(value.mapped)
        found = choices.get(alike(whole), choices.get(ANY))
        if found is None:
            return Unfit(cell, "is not in the map", ", ".join(value.choices))
        whole = found
    if value.kind == "date" and whole:
        return _dated(value, cell, whole, precision, groups)
    if value.kind == "number" and whole:
        return _counted(value, cell, whole, groups)
    return (whole, *groups)


def _counted(value: Value, cell: str, whole: str, groups: tuple[str, ...]) -> Made:
    digits = whole.replace(value.thousands, "") if value.thousands else whole
    number, _, rest = digits.partition(".")
    if not (number.isascii() and number.isdigit()) or rest.strip("0"):
        return Unfit(cell, "is no whole number", "digits")
    return (number.lstrip("0") or "0", *groups)


def _dated(value: Value, cell: str, whole: str, precision: str, groups: tuple[str, ...]) -> Made:
    if precision and precision not in _PRECISIONS:
        return Unfit(precision, "is no precision", ", ".join(_PRECISIONS))
    found = in_formats(whole, value.formats) if value.formats else _as_written(whole)
    if found is None:
        return Unfit(cell, "is no date", ", ".join(value.formats) or "2018-02-08, 2018-02 or 2018")
    return (found[: _PRECISIONS[precision or "day"]], *groups)


def _as_written(text: str) -> str | None:
    """A day with a time behind it or not, a month or a year, as ISO 8601 has them."""
    if (timed := _TIME.fullmatch(text)) is not None:
        text = timed["day"]
    for shape, rest in ((_DAY, ""), (_MONTH, "-01"), (_YEAR, "-01-01")):
        if shape.fullmatch(text):
            try:
                datetime.strptime(text + rest, "%Y-%m-%d")  # noqa: DTZ007  # a day has no zone
            except ValueError:
                return None
            return text
    return None


def in_formats(text: str, formats: tuple[str, ...]) -> str | None:
    """The date that a text is in the first format that it fits, as exact as that is."""
    for form in formats:
        try:
            found = datetime.strptime(text, form)  # noqa: DTZ007  # a day has no zone
        except ValueError:
            continue
        return stated_text(found.date(), told_by(form))
    return None


def told_by(form: str) -> Precision:
    """How exact a date of that format is; ValueError where it has no year."""
    directives = set(_DIRECTIVE.findall(form))
    if directives & {"c", "x"}:
        return Precision.DAY
    if not directives & {"Y", "y", "G"}:
        raise ValueError("has no year (%Y)")
    if directives & {"j"} or (directives & {"d"} and directives & {"m", "b", "B"}):
        return Precision.DAY
    return Precision.MONTH if directives & {"m", "b", "B"} else Precision.YEAR
