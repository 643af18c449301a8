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
from ledger.model import UNREVIEWED
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

    What no claim speaks for has a row of its own, which has no stance: before the claims where an
    import must see it first to give all things the order that they have here, after them where it
    comes last. A source that was merged is written as another name of the one that is left. Texts
    attached to documents, the grounds of statuses and accepted findings are not in this form, and
    of a claim's statuses only the last is. The stream must not change line ends (newline="").
    """
    things = Things(connection)
    parts = {
        subject.table: _Details(things, subject, raw=raw) for subject in tables.CLAIMS.subjects
    }
    before, after = _arranged(connection, things)
    stream.write(line(tables.CLAIMS.columns))
    for table, number in before:
        stream.write(line(_description(things, parts, table, number), raw=raw))
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
    for table, number in after:
        stream.write(line(_description(things, parts, table, number), raw=raw))
    written = {"claims": count, "descriptions": len(before) + len(after)}
    return Exported(written, tuple(_left_out(connection)))


class _Details:
    """The cells that describe one kind of thing in a row of claims, made once for each thing."""

    def __init__(self, things: Things, subject: Subject, *, raw: bool) -> None:
        self.subject = subject
        self._things = things
        self._raw = raw
        self._made: dict[int, str] = {}
        self._nothing = "," * (len(subject.columns) - 1)

    def of(self, number: int | None) -> str:
        """The cells of a thing as they stand in a record; for no thing, as many empty ones."""
        if number is None:
            return self._nothing
        if number not in self._made:
            cells = self._things.cells(self.subject, number, merged_names=True)
            self._made[number] = _joined(cells, raw=self._raw)
        return self._made[number]


#: Something that a row describes: its table and number.
_Row = tuple[str, int]


def _arranged(connection: sa.Connection, things: Things) -> tuple[list[_Row], list[_Row]]:
    """The things that need a row of their own, before the claims and after them.

    An import numbers things in the order in which rows describe them, so these rows see to it that
    this is the order of their numbers; no more of them come first than that takes.
    """
    claim = schema.claim
    told: dict[str, dict[int, None]] = {"proposition": {}, "source": {}, "document": {}}
    query = sa.select(claim.c.proposition_id, claim.c.source_id, claim.c.document_id)
    for row in connection.execute(query.order_by(claim.c.id).execution_options(yield_per=10_000)):
        for described, number in zip(told.values(), row, strict=True):
            if number is not None:
                described[number] = None
    parted = {table: _parted(_standing(things, table), told[table]) for table in told}
    first, last = parted["proposition"]
    events = (
        things.rows["proposition"][number]["event_id"]
        for number in (*first, *told["proposition"], *last)
    )
    known = dict.fromkeys(number for number in events if number is not None)
    parted["event"] = _parted(_standing(things, "event"), known)
    # A proposition's row tells its event too, so those that must come first are told before.
    order = ("event", "source", "document", "proposition")
    before = [(table, number) for table in order for number in parted[table][0]]
    after = [(table, number) for table in reversed(order) for number in parted[table][1]]
    return before, after


def _standing(things: Things, table: str) -> list[int]:
    rows = things.rows[table].items()
    return [number for number, row in rows if row.get("merged_into_id") is None]


def _parted(order: list[int], told: Iterable[int]) -> tuple[list[int], list[int]]:
    """Of the numbers in `order`, those that must be told before the ones in `told`, and after."""
    place = {number: at for at, number in enumerate(told)}
    last = len(order)
    while last and order[last - 1] not in place:
        last -= 1
    first = last
    while first and order[first - 1] in place:
        if first < last and place[order[first - 1]] > place[order[first]]:
            break
        first -= 1
    return order[:first], order[last:]


def _description(things: Things, parts: dict[str, _Details], table: str, number: int) -> list[str]:
    """A row that describes one thing, and a proposition's event with it."""
    subject = parts[table].subject
    told = {subject.name: things.name(table, number), **_told(things, subject, number)}
    event = things.rows[table][number].get("event_id")
    if event is not None:
        told |= _told(things, parts["event"].subject, event)
    return [told.get(column, "") for column in tables.CLAIMS.columns]


def _told(things: Things, subject: Subject, number: int) -> dict[str, str]:
    cells = things.cells(subject, number, merged_names=True)
    return dict(zip((column.name for column in subject.columns), cells, strict=True))


def _left_out(connection: sa.Connection) -> Iterator[str]:
    """What the ledger holds and the wide form has no place for."""
    claim, document = schema.claim, schema.document
    judged = sa.or_(claim.c.status != UNREVIEWED, claim.c.because.is_not(None))
    judgements = _count(connection, sa.text(f"SELECT count(*) FROM ({ASSESSMENTS.sql}) AS step"))  # noqa: S608 - no input in it
    kept = _count(connection, sa.select(sa.func.count()).where(judged))
    texts = sa.select(sa.func.count()).where(document.c.text.is_not(None))
    for number, what in (
        (_count(connection, texts), "attached text"),
        (judgements - kept, "earlier assessment"),
        (_count(connection, sa.select(sa.func.count(schema.evidence.c.id))), "ground"),
        (_count(connection, sa.select(sa.func.count(schema.acceptance.c.id))), "accepted finding"),
    ):
        if number:
            yield f"left out: {_many(number, what)}; export a folder to keep them"


def _count(connection: sa.Connection, query: sa.Executable) -> int:
    return int(connection.execute(query).scalar_one())


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number > 1 else ''}"


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
                        (tables.GROUNDS, _grounds(connection, things)),
                        (tables.ACCEPTANCES, _acceptances(connection, things))):  # fmt: skip
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


def _acceptances(connection: sa.Connection, things: Things) -> list[list[str]]:
    table = schema.acceptance
    rows = connection.execute(sa.select(table).order_by(table.c.id)).mappings()
    return [[things.value(dict(row), column) for column in tables.ACCEPTANCES.own] for row in rows]
