"""The report `origins` on a screen: a tree a proposition, of its origins and what repeats what.

Every other format writes the same rows as a table, a claim each, with its depth.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import IO, TYPE_CHECKING, Any

from ledger.cli.output import Sheet, counted
from ledger.model import Side
from ledger.visible import cut, visible

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

Row = Mapping[str, Any]


class Trees(Sheet):
    """A sheet of `ledger.reports.lineage`, drawn as trees where a table is asked for."""

    def _table(self, stream: IO[str]) -> None:
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        if not rows:
            from ledger.cli.options import words

            words(self.empty)
            return
        from ledger.cli.tables import print_to

        by_proposition = groupby(rows, lambda row: row["proposition"])
        print_to(stream, (_tree(list(claims)) for _, claims in by_proposition))


def _tree(claims: Sequence[Row]) -> "Tree":
    from rich.tree import Tree

    tree = Tree(_text(_heading(claims)), style="not bold")
    for origin, roots in groupby(_roots(claims), lambda root: root[0]["origin"]):
        trees = list(roots)
        # One that stands alone is told with its origin in a line.
        alone = len(trees) == 1 and origin is not None
        branch = tree if alone else tree.add(_text(_origin(origin, trees)))
        for found in trees:
            _grow(branch, found, None if alone else origin)
    return tree


def _roots(claims: Iterable[Row]) -> Iterator[list[Row]]:
    """Each claim that repeats none of the tree, with those that stand under it."""
    grown: list[Row] = []
    for row in claims:
        if row["depth"] == 0 and grown:
            yield grown
            grown = []
        grown.append(row)
    yield grown


def _grow(branch: "Tree", claims: Sequence[Row], origin: int | None) -> None:
    """Add claims to a branch, each under the one it repeats; tell origins other than `origin`."""
    above = [(branch, origin)]
    for row in claims:
        del above[row["depth"] + 1 :]
        stem, told = above[-1]
        named = f"origin {row['origin']}: " if row["origin"] not in (None, told) else ""
        above.append((stem.add(_text(named + _claim(row))), row["origin"] or told))


def _heading(claims: Sequence[Row]) -> str:
    """How many claims there are, from how many origins on each side; then the sentence."""
    sides = {row["side"]: (row["sources"], row["origins"]) for row in claims}
    told = "; ".join(
        f"{side.value}: {counted(sides[side][0], 'source')}, {counted(sides[side][1], 'origin')}"
        for side in Side
        if sides.get(side, (0, 0))[0]
    )
    first = claims[0]
    return f"{first['proposition']}: {counted(len(claims), 'claim')}; {told}\n{first['text']}"


def _origin(origin: int | None, trees: Sequence[Sequence[Row]]) -> str:
    if origin is None:
        return "no longer held"
    row = trees[0][0]
    circle = ", a circle" if row["circular"] else ""
    return f"origin {origin}: {row['origin_of']}{circle}"


def _claim(row: Row) -> str:
    said = " ".join(filter(None, (row["source"], row["stance"], row["range"])))
    more = [row["since"], row["link"], "circular" if row["circular"] else None]
    newer = row["newer"] if row["newer"] != row["parent"] else None
    more += [None if newer is None else f"newer: {newer}"]
    return "; ".join([f"{row['claim']} {said}", *filter(None, more)])


def _text(text: str) -> "Text":
    from rich.text import Text

    return Text(visible(cut(text), lines=True), overflow="fold")
