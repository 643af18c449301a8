"""Writes a ledger as CSV: all claims in one wide table, or every table in a folder.

UTF-8, cells quoted as RFC 4180 has it, lines that end in LF (what diff and git expect; every CSV
reader takes it). A cell that a spreadsheet would run is disarmed unless `raw` is asked for. Order
is that of the numbers, so the same ledger gives the same bytes.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import sqlalchemy as sa

from ledger import schema
from ledger.errors import LedgerError
from ledger.exchange import tables
from ledger.exchange.spreadsheet import disarm
from ledger.exchange.stored import Things, claim_cells, claims
from ledger.exchange.tables import Subject, Table
from ledger.views import ASSESSMENTS

_QUOTED = re.compile(r'[",\r\n]')
_TEXTS = "texts"
#: Longer file names are refused by common file systems, once written in UTF-8.
_LONGEST_NAME = 50


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote: `rows` by table, and what it could not carry.

    In the wide form the tables are `claims`, and `descriptions`: rows that make no claim, for what
    no claim describes.
    """

    rows: dict[str, int]
    notes: tuple[str, ...] = ()


def line(cells: Iterable[str], *, raw: bool = False) -> str:
    """One record of CSV with its line end: cells disarmed unless `raw`, quoted where they must."""
    return _joined(cells, raw=raw) + "\n"


def _joined(cells: Iterable[str], *, raw: bool) -> str:
    safe = cells if raw else map(disarm, cells)
    return ",".join(
        [f'"{cell.replace(_MARK, _MARK * 2)}"' if _QUOTED.search(cell) else cell for cell in safe]
    )


_MARK = '"'


def export_claims(connection: sa.Connection, stream: TextIO, *, raw: bool = False) -> Exported:
    """Write every claim with all that describes what it names, in the order of their numbers.

    Rows after the claims describe, by name, what no claim speaks for; they have no stance. A source
    that was merged is written as another name of the one that is left. Texts attached to documents
    and the grounds of statuses are not in this form, and of a claim's statuses only the last is.
    The stream must not change line ends (newline="").
    """
    things = Things(connection)
    parts = {
        subject.table: _Details(things, subject, raw=raw) for subject in tables.CLAIMS.subjects
    }
    stream.write(line(tables.CLAIMS.columns))
    count = 0
    for row in claims(connection):
        proposition = things.rows["proposition"][row["proposition_id"]]
        stream.write(
            ",".join(
                (
                    _joined(claim_cells(things, row), raw=raw),
                    parts["proposition"].of(row["proposition_id"]),
                    parts["event"].of(proposition["event_id"]),
                    parts["source"].of(row["source_id"]),
                    parts["document"].of(row["document_id"]),
                )
            )
            + "\n"
        )
        count += 1
    lone = 0
    for cells in _descriptions(things, parts):
        stream.write(line(cells, raw=raw))
        lone += 1
    return Exported({"claims": count, "descriptions": lone}, tuple(_left_out(connection)))


class _Details:
    """The cells that describe one kind of thing in a row of claims, made once for each thing."""

    def __init__(self, things: Things, subject: Subject, *, raw: bool) -> None:
        self.subject = subject
        self.seen: set[int] = set()
        self._things = things
        self._raw = raw
        self._made: dict[int, str] = {}
        self._nothing = "," * (len(subject.columns) - 1)

    def of(self, number: int | None) -> str:
        """The cells of a thing as they stand in a record; for no thing, as many empty ones."""
        if number is None:
            return self._nothing
        if number not in self._made:
            self.seen.add(number)
            cells = self._things.cells(self.subject, number, merged_names=True)
            self._made[number] = _joined(cells, raw=self._raw)
        return self._made[number]


def _descriptions(things: Things, parts: dict[str, _Details]) -> Iterator[list[str]]:
    """A row for everything that no claim's row has described, by kind and then by name."""
    for table in ("proposition", "event", "source", "document"):
        subject = parts[table].subject
        for name, number in sorted(
            (things.name(table, number), number)
            for number in things.rows[table].keys() - parts[table].seen
        ):
            row = things.rows[table][number]
            if row.get("merged_into_id") is not None:
                continue
            told = {subject.name: name, **_told(things, subject, number)}
            if table == "proposition" and row["event_id"] is not None:
                parts["event"].seen.add(row["event_id"])
                told |= _told(things, parts["event"].subject, row["event_id"])
            yield [told.get(column, "") for column in tables.CLAIMS.columns]


def _told(things: Things, subject: Subject, number: int) -> dict[str, str]:
    cells = things.cells(subject, number, merged_names=True)
    return dict(zip((column.name for column in subject.columns), cells, strict=True))


def _left_out(connection: sa.Connection) -> Iterator[str]:
    """What the ledger holds and the wide form has no place for."""
    texts = connection.execute(
        sa.select(sa.func.count()).where(schema.document.c.text.is_not(None))
    ).scalar_one()
    grounds = connection.execute(sa.select(sa.func.count(schema.evidence.c.id))).scalar_one()
    for number, what in ((texts, "attached text"), (grounds, "ground")):
        if number:
            some = f"{number} {what}{'s' if number > 1 else ''}"
            yield f"left out: {some}; export a folder to keep them"


def export_folder(connection: sa.Connection, folder: Path, *, raw: bool = False) -> Exported:
    """Write every table of the ledger to a folder, made if need be, and attached texts as files.

    Every assessment of a claim is in assessments.csv, so claims.csv says nothing of status here.
    Raises LedgerError where the folder holds tables already, or cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.glob("*.csv")) or (folder / _TEXTS).exists():
            raise LedgerError(
                f"{folder} holds tables already", "name an empty folder, or a new one"
            )
        return _export_folder(connection, folder, raw=raw)
    except OSError as error:
        raise LedgerError(
            f"cannot write {error.filename or folder}: {error.strerror}", "name another folder"
        ) from None


def _export_folder(connection: sa.Connection, folder: Path, *, raw: bool) -> Exported:
    things = Things(connection)
    texts = _write_texts(connection, folder)
    written: dict[str, int] = {}
    for table in (tables.SOURCES, tables.EVENTS, tables.DOCUMENTS, tables.PROPOSITIONS):
        (subject,) = table.subjects
        rows = [
            [things.name(subject.table, number), *things.cells(subject, number, texts=texts)]
            for number in things.rows[subject.table]
        ]
        columns, rows = _without_idle(table, rows)
        written[table.name] = _write(folder / table.file, columns, rows, raw=raw)
    judged = [column.name in ("status", "because") for column in tables.CLAIM]
    bare = (
        ["" if hidden else cell for cell, hidden in zip(cells, judged, strict=True)]
        for cells in (claim_cells(things, row) for row in claims(connection))
    )
    names = [column.name for column in tables.CLAIM]
    written["claims"] = _write(folder / tables.CLAIMS.file, names, bare, raw=raw)
    for table, rows in ((tables.ASSESSMENTS, _assessments(connection)),
                        (tables.GROUNDS, _grounds(connection, things))):  # fmt: skip
        if rows or table is tables.ASSESSMENTS:
            written[table.name] = _write(folder / table.file, table.columns, rows, raw=raw)
    return Exported(written)


def _write(file: Path, columns: Sequence[str], rows: Iterable[Sequence[str]], *, raw: bool) -> int:
    count = 0
    with file.open("x", encoding="utf-8", newline="") as stream:
        stream.write(line(columns))
        for row in rows:
            stream.write(line(row, raw=raw))
            count += 1
    return count


def _without_idle(table: Table, rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """The columns and rows without those sparing columns that nothing stands in."""
    kept = [
        place
        for place, name in enumerate(table.columns)
        if name not in table.sparing or any(row[place] for row in rows)
    ]
    return [table.columns[place] for place in kept], [[row[p] for p in kept] for row in rows]


def _write_texts(connection: sa.Connection, folder: Path) -> dict[int, str]:
    """Write each attached text to a file of its own; its path in the folder, by document."""
    table = schema.document
    paths: dict[int, str] = {}
    taken: set[str] = set()
    rows = connection.execute(
        sa.select(table.c.id, table.c.slug, table.c.text)
        .where(table.c.text.is_not(None))
        .order_by(table.c.id)
        .execution_options(yield_per=10)
    )
    for number, slug, text in rows:
        name = slug[:_LONGEST_NAME]
        if name.casefold() in taken or name != slug:  # some file systems do not tell A from a
            name = f"{name}-{number}"
        taken.add(name.casefold())
        paths[number] = f"{_TEXTS}/{name}.txt"
        (folder / _TEXTS).mkdir(exist_ok=True)
        with (folder / paths[number]).open("xb") as file:
            file.write(text.encode())
    return paths


def _assessments(connection: sa.Connection) -> list[list[str]]:
    """Every change of status, claim by claim, the oldest first."""
    rows = connection.execute(
        sa.text(
            f"SELECT claim, to_status, because FROM ({ASSESSMENTS.sql}) AS step"  # noqa: S608
            " ORDER BY claim, entry"
        )
    )
    return [[str(claim), status, because or ""] for claim, status, because in rows]


def _grounds(connection: sa.Connection, things: Things) -> list[list[str]]:
    table = schema.evidence
    rows = connection.execute(sa.select(table).order_by(table.c.id)).mappings()
    return [[things.value(dict(row), column) for column in tables.GROUNDS.own] for row in rows]
