"""Tries a recipe on a file: what its first rows become, and what all of them come to."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ledger.errors import BadRow
from ledger.recipes.foreign import Foreign
from ledger.recipes.language import Recipe

#: So many bad rows are told.
_TOLD = 20


@dataclass(frozen=True, slots=True)
class Tried:
    """What a recipe made of a file.

    `columns` and `rows` are the first claims, each led by its line; `records` counts the file's
    rows, `claims` and `descriptions` what they make, `bad` those that are bad. `told` are the first
    bad rows, `notes` what was left out. `most` are the ones that come most often: column, cell, how
    often.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]
    records: int
    claims: int
    descriptions: int
    bad: int
    told: tuple[BadRow, ...]
    notes: tuple[str, ...]
    stances: dict[str, int]


def tried(recipe: Recipe, stream: BinaryIO, name: str, folder: Path | None, most: int) -> Tried:
    """What a recipe makes of a whole file; `most` rows of it are shown.

    The ledger is not asked: what it says to the claims, a dry run of import tells.
    """
    bad: list[BadRow] = []
    foreign = Foreign(recipe, stream, name, bad, folder)
    batches = iter(foreign)
    columns = tuple(next(batches).rows[0])
    stance = columns.index("stance")
    shown: list[tuple[str | int, ...]] = []
    stances: Counter[str] = Counter()
    told: list[BadRow] = []
    lines: set[int] = set()
    made = 0
    for batch in batches:
        made += len(batch.rows)
        stances.update([cells[stance] for cells in batch.rows])
        for line, cells in zip(batch.lines, batch.rows, strict=True):
            if len(shown) >= most:
                break
            shown.append((line, *cells))
        lines |= {row.line for row in bad}
        told += [foreign.told(row) for row in bad[: _TOLD - len(told)]]
        bad.clear()
    claims = made - stances.pop("", 0)
    return Tried(
        ("line", *columns),
        tuple(shown),
        foreign.records - 1,
        claims,
        made - claims,
        len(lines),
        tuple(told),
        tuple(foreign.notes()),
        dict(stances.most_common()),
    )
