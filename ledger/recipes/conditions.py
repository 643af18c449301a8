"""Conditions: what must hold of a row, and why it does not."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from ledger.errors import Problem
from ledger.recipes.templates import Cells
from ledger.rules import shown

_SIGNS = re.compile(r"\s*(<=|<|=)\s*")
_DATE = re.compile(r"\d{4}(?:-\d{2}){0,2}", re.ASCII)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
_BREACH = {"<=": "is above", "<": "is not below", "=": "is not"}


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold, all of it; names are columns and values."""

    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    is_one: tuple[tuple[str, tuple[str, ...]], ...] = ()
    is_none: tuple[tuple[str, tuple[str, ...]], ...] = ()
    order: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """What it asks about."""
        asked = (*self.has, *self.lacks, *(name for name, _ in (*self.is_one, *self.is_none)))
        return tuple(dict.fromkeys((*asked, *ordered(self.order)[0])))


#: Says what a row does not fulfil; nothing where all holds.
Breach = Callable[[Cells], Problem | None]


def ordered(text: str) -> tuple[list[str], list[str]]:
    """The names and the signs of an order: `low <= best`; ValueError where it is none."""
    if not text:
        return [], []
    pieces = _SIGNS.split(text.strip())
    found, signs = pieces[::2], pieces[1::2]
    if not signs or not all(found):
        raise ValueError("is no order such as low <= best <= high")
    return found, signs


@lru_cache(1 << 14)
def alike(text: str) -> str:
    """A text as it is compared: case and spaces do not matter."""
    return " ".join(text.casefold().split())


def breach(condition: Condition, at: Callable[[str], int]) -> Breach:
    """What says whether a row breaks a condition, and how; `at` gives the number of a name."""
    asked: list[Breach] = []
    asked += [_present(name, at(name)) for name in condition.has]
    asked += [_absent(name, at(name)) for name in condition.lacks]
    asked += [_one_of(name, at(name), values) for name, values in condition.is_one]
    asked += [_none_of(name, at(name), values) for name, values in condition.is_none]
    if condition.order:
        asked.append(_in_order(condition.order, at))
    if len(asked) == 1:
        return asked[0]

    def all_hold(cells: Cells) -> Problem | None:
        for each in asked:
            if (problem := each(cells)) is not None:
                return problem
        return None

    return all_hold


def _present(name: str, place: int) -> Breach:
    missing = Problem(name, "is empty", "something")
    return lambda cells: None if cells[place] else missing


def _absent(name: str, place: int) -> Breach:
    return lambda cells: (
        Problem(name, f"{shown(cells[place])} stands here", "nothing") if cells[place] else None
    )


def _one_of(name: str, place: int, values: tuple[str, ...]) -> Breach:
    known = frozenset(map(alike, values))

    def one_of(cells: Cells) -> Problem | None:
        if alike(cells[place]) in known:
            return None
        return Problem(name, f"is {shown(cells[place])}", ", ".join(values))

    return one_of


def _none_of(name: str, place: int, values: tuple[str, ...]) -> Breach:
    known = frozenset(map(alike, values))

    def none_of(cells: Cells) -> Problem | None:
        if alike(cells[place]) not in known:
            return None
        return Problem(name, f"is {shown(cells[place])}", "anything else")

    return none_of


def _in_order(order: str, at: Callable[[str], int]) -> Breach:
    found, signs = ordered(order)
    places = [at(name) for name in found]
    column = ", ".join(found)

    def in_order(cells: Cells) -> Problem | None:
        before = -1
        for here, place in enumerate(places):
            cell = cells[place]
            if not cell:
                continue
            if not (_NUMBER.fullmatch(cell) or _DATE.fullmatch(cell)):
                return Problem(found[here], f"{shown(cell)} is no number and no date", order)
            if before >= 0:
                sign = _strictest(signs[before:here])
                if not _holds(cells[places[before]], sign, cell):
                    left, right = cells[places[before]], cell
                    what = f"{found[before]} {left} {_BREACH[sign]} {found[here]} {right}"
                    return Problem(column, what, order)
            before = here
        return None

    return in_order


def _strictest(signs: list[str]) -> str:
    return "<" if "<" in signs else "<=" if "<=" in signs else "="


def _holds(left: str, sign: str, right: str) -> bool:
    one: str | float
    other: str | float
    one, other = left, right
    if _NUMBER.fullmatch(left) and _NUMBER.fullmatch(right):
        one, other = _number(left), _number(right)
    if sign == "=":
        return one == other
    return (one < other) if sign == "<" else (one <= other)  # type: ignore[operator]  # of one kind


def _number(text: str) -> float:
    return int(text) if "." not in text else float(text)
