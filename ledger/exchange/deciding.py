"""Conflicts between two ledgers, and what an analyst decides on them: on the screen, or in a CSV.

A decision is on a conflict as it was seen: where either side has come to say something else, it is
asked for again.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from ledger.errors import BadFileError, BadRow, LedgerError, Problem
from ledger.exchange.lines import line as as_line
from ledger.exchange.spreadsheet import rearm
from ledger.exchange.taking import Imported
from ledger.placing import placed
from ledger.rules import shown


class Decision(StrEnum):
    """Whose word stands; `both` where a slug means two different things."""

    OURS = "ours"
    THEIRS = "theirs"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Side:
    """What one ledger says, and which entry of it says so, by whom."""

    said: str
    by: str
    entry: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two ledgers that say different things of one row: of which, and in what.

    `kind` is the row's table, `name` what it goes by here. Where `may_be_two`, nothing but a slug
    says that it is one thing.
    """

    kind: str
    name: str
    matter: str
    ours: Side
    theirs: Side
    may_be_two: bool = False

    @property
    def key(self) -> tuple[str, ...]:
        """What a decision on it is known by."""
        told = self.kind, self.name, self.matter, self.ours.said, self.theirs.said
        return tuple(map(_plain, told))


class ConflictError(LedgerError):
    """A merge that waits for decisions; nothing was written.

    `conflicts` are all of them, `planned` is what would happen besides.
    """

    def __init__(
        self, message: str, conflicts: Sequence[Conflict], planned: Imported, hint: str = ""
    ) -> None:
        super().__init__(message, hint)
        self.conflicts = tuple(conflicts)
        self.planned = planned


@dataclass
class Decisions:
    """What was decided: for `every` conflict, and on single ones, which go before."""

    every: Decision | None = None
    single: dict[tuple[str, ...], Decision] = field(default_factory=dict)
    #: How many conflicts were met that had been decided.
    met: int = 0

    def on(self, conflict: Conflict) -> Decision | None:
        """The decision on a conflict, or None where there is none."""
        found = self.single.get(conflict.key, self.every)
        if found is Decision.BOTH and not conflict.may_be_two:
            return None
        return found

    def both(self, kind: str, name: str) -> bool:
        """Whether anything of a row was decided to be two."""
        return any(
            decision is Decision.BOTH and key[:2] == (kind, _plain(name))
            for key, decision in self.single.items()
        )


_SIDES = ("ours", "ours_by", "ours_entry", "theirs", "theirs_by", "theirs_entry")
#: The columns of the file.
COLUMNS = ("decision", "kind", "name", "matter", *_SIDES, "may_be")


def write_conflicts(path: Path, conflicts: Iterable[Conflict]) -> None:
    """Write conflicts to a CSV whose first column is to be filled; LedgerError where it cannot."""
    try:
        with placed(path) as stream:
            stream.write(as_line(COLUMNS))
            for each in conflicts:
                may_be = ("ours", "theirs", *(("both",) if each.may_be_two else ()))
                cells = (
                    "", each.kind, each.name, each.matter, each.ours.said, each.ours.by,
                    str(each.ours.entry), each.theirs.said, each.theirs.by, str(each.theirs.entry),
                    " or ".join(may_be),
                )  # fmt: skip
                stream.write(as_line(cells))
    except OSError as error:
        raise LedgerError(f"cannot write {path}: {error.strerror}", "name another file") from None


def read_decisions(path: Path) -> dict[tuple[str, ...], Decision]:
    """The decisions of a file that `write_conflicts` wrote and somebody filled in.

    An empty decision is none. Raises BadFileError that lists every row that cannot be read.
    """
    found: dict[tuple[str, ...], Decision] = {}
    bad: list[BadRow] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            needed = {"decision", "kind", "name", "matter", "ours", "theirs"}
            if lacking := sorted(needed - {*(reader.fieldnames or ())}):
                raise BadFileError(
                    f"{path} is no file of conflicts: it lacks {', '.join(lacking)}",
                    hint="`ledger import FILE --conflicts CSV` writes one",
                )
            for row in reader:
                said = (row["decision"] or "").strip().lower()
                if said in ("ours", "theirs", "both"):
                    names = ("kind", "name", "matter", "ours", "theirs")
                    found[tuple(_plain(rearm(row[name] or "")) for name in names)] = Decision(said)
                elif said:
                    what = f"{shown(said)} is no decision"
                    problem = Problem("decision", what, "ours, theirs, both, or nothing yet")
                    bad.append(BadRow(path.name, reader.line_num, problem))
    except OSError as error:
        raise LedgerError(f"cannot read {path}: {error.strerror}", "name the CSV") from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadFileError(
            f"{path} cannot be read: {error}", hint="save it as CSV, UTF-8"
        ) from None
    if bad:
        raise BadFileError(f"{path}: {len(bad)} decisions cannot be read", bad)
    return found


def _plain(text: str) -> str:
    """A text but for its white space, which spreadsheets do not keep."""
    return " ".join(text.split())
