"""Writes the rows of a file that cannot be taken, each with the reason, to be mended and imported.

The rejects are a file of the same columns led by one more, `reason`, which an import leaves aside.
Rows that those name by number come with them, though they are taken: an import finds them there,
and so knows what is meant. A record that could not be read at all stands as it was.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ledger.errors import BadRow, LedgerError
from ledger.exchange.batches import Batch
from ledger.exchange.lines import line as as_line
from ledger.exchange.reading import Unread
from ledger.exchange.spreadsheet import disarm
from ledger.placing import placed

REASON = "reason"
_TAKEN = "was taken; a row here names it"
_LINKS = ("answers", "repeats")


def reasons(bad: Iterable[BadRow]) -> dict[int, list[str]]:
    """What is wrong, by line."""
    found: dict[int, list[str]] = defaultdict(list)
    for row in bad:
        said = str(row.problem)
        if said not in found[row.line]:
            found[row.line].append(said)
    return dict(found)


def write_rejects(
    path: Path,
    header: list[str],
    batches: Iterable[Batch],
    unread: Iterable[Unread],
    why: dict[int, list[str]],
    taken: frozenset[int],
    *,
    exact: bool,
) -> int:
    """Write the records on the lines of `why`, and those on the lines `taken`; how many are bad.

    `exact` says that the file's cells bear no spreadsheet's marks, as those of CSV do. Raises
    LedgerError where the file cannot be written.
    """
    guard: Callable[[str], str] = disarm if exact else str
    try:
        with placed(path, errors="surrogateescape") as stream:
            stream.write(as_line([REASON, *header], raw=True))
            count = 0
            for batch in batches:
                for line, cells in zip(batch.lines, batch.rows, strict=True):
                    if line in why:
                        count += 1
                        told = ["; ".join(why[line]), *map(guard, cells)]
                        stream.write(as_line(told, raw=True))
                    elif line in taken:
                        stream.write(as_line([_TAKEN, *map(guard, cells)], raw=True))
            for each in unread:
                lines = range(each.first, each.last + 1)
                said = "; ".join(reason for line in lines for reason in why.get(line, ()))
                end = "" if each.text.endswith(("\n", "\r")) else "\n"
                # What could not be read is not to be written as if it had been.
                stream.write('"' + said.replace('"', '""') + '",' + each.text + end)
                count += 1
    except OSError as error:
        raise LedgerError(
            f"cannot write {path}: {error.strerror}; nothing was imported", "name another file"
        ) from None
    return count


def named_lines(links: Callable[[], Iterator[Batch]], why: dict[int, list[str]]) -> frozenset[int]:
    """The lines of the claims that rejected rows name, and of those that these name, and so on.

    `links` reads the file again: its header, then records that have the columns of claims.
    """
    if not (named := _named(links(), why)):
        return frozenset()
    batches = links()
    at = next(batches).rows[0].index("claim")
    return frozenset(
        line
        for batch in batches
        for line, cells in zip(batch.lines, batch.rows, strict=True)
        if at < len(cells) and _number(cells[at]) in named
    )


def _named(batches: Iterator[Batch], why: dict[int, list[str]]) -> set[str]:
    """The numbers of the claims that rejected rows name, and those that these name, and so on."""
    header = next(batches).rows[0]
    if "claim" not in header or not any(link in header for link in _LINKS):
        return set()
    at = header.index("claim")
    ends_at = [header.index(link) for link in _LINKS if link in header]
    named: dict[str, list[str]] = {}
    wanted: list[str] = []
    for batch in batches:
        for line, cells in zip(batch.lines, batch.rows, strict=True):
            if len(cells) == len(header) and (
                ends := [_number(cells[end]) for end in ends_at if cells[end]]
            ):
                named[_number(cells[at])] = ends
                if line in why:
                    wanted += ends
    found: set[str] = set()
    while wanted:
        if (number := wanted.pop()) not in found:
            found.add(number)
            wanted += named.get(number, ())
    return found


def _number(cell: str) -> str:
    return cell.lstrip("0") or "0" if cell else ""
