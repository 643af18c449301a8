"""Takes cells apart that hold several things, by a mark between them or as JSON; and puts columns
together that hold one thing each.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from ledger.errors import Problem
from ledger.exchange import tables
from ledger.recipes.conditions import alike
from ledger.recipes.language import NUMBER, OTHERS, Listed, Recipe
from ledger.recipes.tallies import Tally
from ledger.recipes.values import REJECT, SKIP
from ledger.rules import shown

#: As `split` and `uneven` have them.
JSON, WHOLE_CELL, BY_FIRST = "json", "whole", "first"


class UnsoundError(Exception):
    """A row that is bad."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems


class LeftOutError(Exception):
    """A row or an item that is left out; `key` is what it is counted under."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def parts(listed: Listed, recipe: Recipe) -> tuple[str, ...]:
    """The parts of an item of a list; of JSON those that anything in the recipe asks for."""
    if listed.split != JSON:
        return tuple(part for part, _ in listed.columns)
    asked = [name for value in recipe.values for name in value.names]
    for block in recipe.blocks:
        asked += [name for _, template in block.templates() for name in template.names]
        asked += block.when.names if block.when else ()
    found = dict.fromkeys(name for name in asked if listed.has(name))
    return tuple(name.removeprefix(listed.name).removeprefix(".") for name in found)


def of_file(listed: Listed, recipe: Recipe, header: Sequence[str]) -> Listed:
    """A list as a file has it: where it is of columns, those that the file has, in their order."""
    there = {tables.plain_name(name): name.strip() for name in header}
    if listed.wide is not None:
        named = {*recipe.input.columns, *recipe.input.optional, ""}
        wide = [name for name in there
                if (name in listed.wide if listed.wide else name not in named)]  # fmt: skip
        columns = tuple((there[name], name) for name in wide)
        return replace(listed, columns=columns, wide=tuple(wide))
    if listed.numbered:
        columns = ()
        for number in count(1):
            more = [(part, name.replace(NUMBER, str(number))) for part, name in listed.columns]
            if not any(name in there for _, name in more):
                break
            columns += tuple(more)
        return replace(listed, columns=columns)
    return listed


def items(
    listed: Listed, parts: Sequence[str], cells: Sequence[str], line: int, tally: Tally
) -> list[list[str]]:
    """The items of a list that is in `cells`, each by its parts.

    Raises UnsoundError where they cannot be told, and LeftOutError where the row is left out then.
    """
    if listed.wide is not None:
        return _of_wide(listed, cells)
    if listed.numbered:
        sets = [list(cells[at : at + len(parts)]) for at in range(0, len(cells), len(parts))]
        return [item for item in sets if any(item)]
    if listed.split == JSON:
        return _of_json(listed, parts, cells[0])
    split = [
        [piece.strip() for piece in cell.split(listed.split)] if cell else [] for cell in cells
    ]
    if len({len(pieces) for pieces in split if pieces}) > 1:
        return _uneven(listed, cells, split, line, tally)
    many = max(map(len, split), default=0)
    found = zip(*(pieces or [""] * many for pieces in split), strict=True)
    once: dict[tuple[str, ...], list[str]] = {}
    for item in found:
        if any(item):
            # What a cell names twice, it says once.
            once.setdefault(tuple(map(alike, item)), list(item))
    return list(once.values())


def _of_wide(listed: Listed, cells: Sequence[str]) -> list[list[str]]:
    found: list[list[str]] = []
    for (name, column), cell in zip(listed.columns, cells, strict=True):
        if column == OTHERS:
            besides = json.loads(cell or "{}")
            found += [[each.strip(), str(besides[each])] for each in besides if besides[each]]
        elif cell:
            found.append([name, cell])
    return found


def _uneven(
    listed: Listed, cells: Sequence[str], split: list[list[str]], line: int, tally: Tally
) -> list[list[str]]:
    columns = ", ".join(column for _, column in listed.columns)
    if listed.uneven == REJECT:
        what = f"do not hold equally many: {', '.join(str(len(pieces)) for pieces in split)}"
        raise UnsoundError(Problem(columns, what, "the same number in each"))
    if listed.uneven == SKIP:
        raise LeftOutError(f"rows left out: {columns} do not hold equally many")
    if listed.uneven == BY_FIRST:
        many = len(split[0])
        tally.count(f"rows whose {columns} do not hold equally many: taken as the first does", line)
        fit = [pieces if len(pieces) == many else [""] * many for pieces in split]
        return [list(item) for item in zip(*fit, strict=True) if any(item)]
    whole = listed.uneven == WHOLE_CELL
    done = "taken as one item" if whole else "no item taken"
    tally.count(f"rows whose {columns} do not hold equally many: {done}", line)
    return [list(cells)] if whole else []


def _of_json(listed: Listed, parts: Sequence[str], cell: str) -> list[list[str]]:
    if not cell:
        return []
    try:
        found = json.loads(cell, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list):
        what = f"{shown(cell)} is no JSON array"
        raise UnsoundError(Problem(listed.columns[0][1], what, "[…]"))
    each = ([json_cell(inside(item, part)) for part in parts] for item in found)
    return [item for item in each if any(item)]


def inside(value: object, path: str) -> object:
    """What stands under a key of JSON, or under several with dots; case does not matter."""
    while path:
        if not isinstance(value, dict):
            return None
        keys = {tables.plain_name(key): key for key in value}
        if path in keys:
            return value[keys[path]]
        head, _, path = path.partition(".")
        if head not in keys:
            return None
        value = value[keys[head]]
    return value


def json_cell(value: object) -> str:
    """A value of JSON as a cell: text as it is, a list or object as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value, ensure_ascii=False)
