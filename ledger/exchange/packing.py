"""Writes a whole ledger to a folder: tables for people, its history, and what describes both.

The tables at the top (`sources.csv`, `claims.csv` …) say what the ledger says now, by names:
`seeds/` is such a folder. Under `history/` every entry and every version of every row stands as it
was recorded, by numbers, so that an import can record them again and come to the same head. With
`datapackage.json` the folder is a Frictionless Data Package.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa

from ledger import history, schema
from ledger.errors import LedgerError
from ledger.exchange import descriptor, tables
from ledger.exchange.cells import written
from ledger.exchange.descriptor import About, history_columns
from ledger.exchange.exporting import Exported
from ledger.exchange.lines import line
from ledger.exchange.stored import Things, claim_cells, claims
from ledger.exchange.tables import Table
from ledger.placing import placed_folder
from ledger.stored import raw as as_stored
from ledger.stored import rows_of
from ledger.views import ASSESSMENTS

_TEXTS = "texts"
#: Longer file names are refused by common file systems, once written in UTF-8.
_LONGEST_NAME = 50


@dataclass
class _Written:
    """The files written so far: readable tables with their columns, their rows, and the texts."""

    rows: dict[str, int] = field(default_factory=dict)
    tables: list[tuple[Table, Sequence[str]]] = field(default_factory=list)
    #: By document, the file of the text that it has now.
    texts: dict[int, str] = field(default_factory=dict)
    #: Files of texts that documents once had.
    earlier: list[str] = field(default_factory=list)


def export_folder(connection: sa.Connection, folder: Path, *, raw: bool = False) -> Exported:
    """Write every table as it stands to a folder, made if need be, and attached texts as files.

    Every assessment of a claim is in assessments.csv, so claims.csv says nothing of status here.
    Raises LedgerError where the folder holds tables already, or cannot be written to.
    """
    with _folder(folder) as part:
        return Exported(_readable(connection, part, raw=raw).rows)


def export_package(
    connection: sa.Connection,
    folder: Path,
    *,
    raw: bool = False,
    about: About | None = None,
    with_history: bool = True,
) -> Exported:
    """As `export_folder`, with every version of every row and `datapackage.json`.

    Imported into an empty ledger it gives the same entries and so the same head; without history
    it gives equal rows. What `about` leaves out is not in the descriptor, and is told.
    """
    about = about or About()
    with _folder(folder) as part:
        done = _readable(connection, part, raw=raw)
        head = history.head(connection)
        own = {"form": 1, "head": head.hash, "entries": head.entry if with_history else 0,
               "cells": "raw" if raw else "disarmed"}  # fmt: skip
        if with_history:
            done.rows["entries"] = _write_entries(connection, part, raw=raw)
            done.rows["versions"] = sum(
                _write_versions(connection, part, name, done, raw=raw) for name in schema.VERSIONED
            )
        told = descriptor.described(
            part,
            done.tables,
            [*done.texts.values(), *done.earlier],
            about=about,
            own=own,
            history=with_history,
        )
        text = json.dumps(told, ensure_ascii=False, indent=1) + "\n"
        (part / descriptor.FILE).write_text(text, encoding="utf-8", newline="")
    return Exported(done.rows, tuple(_untold(about)))


def _untold(about: About) -> Iterator[str]:
    for what, flag in (
        (about.name, "name: --name NAME"),
        (about.license, "licence: --license CC-BY-4.0, or another"),
        (about.created, "day of its making: --created DAY"),
    ):
        if what is None:
            yield f"{descriptor.FILE} says no {flag}"


@contextmanager
def _folder(folder: Path) -> Iterator[Path]:
    """What is to be in a folder without tables: all of it or nothing; in words what fails."""
    known = (descriptor.FILE, descriptor.HISTORY, _TEXTS)
    try:
        if any(folder.glob("*.csv")) or any((folder / name).exists() for name in known):
            raise LedgerError(
                f"{folder} holds tables already", "name an empty folder, or a new one"
            )
        with placed_folder(folder) as part:
            yield part
    except OSError as error:
        raise LedgerError(
            f"cannot write {error.filename or folder}: {error.strerror}", "name another folder"
        ) from None


def _readable(connection: sa.Connection, folder: Path, *, raw: bool) -> _Written:
    """Write the tables for people."""
    things = Things(connection)
    done = _Written(texts=_write_texts(connection, folder))

    def put(table: Table, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        done.rows[table.name] = _write(folder / table.file, columns, rows, raw=raw)
        done.tables.append((table, columns))

    for table in (tables.SOURCES, tables.EVENTS, tables.DOCUMENTS, tables.PROPOSITIONS):
        (subject,) = table.subjects
        rows = [
            [things.name(subject.table, number), *things.cells(subject, number, texts=done.texts)]
            for number in things.rows[subject.table]
        ]
        put(table, *_without_idle(table, rows))
    judged = [column.name in ("status", "because") for column in tables.CLAIM]
    bare = (
        ["" if hidden else cell for cell, hidden in zip(cells, judged, strict=True)]
        for cells in (claim_cells(things, row) for row in claims(connection))
    )
    put(tables.CLAIMS, [column.name for column in tables.CLAIM], bare)
    for table, rows in ((tables.ASSESSMENTS, _assessments(connection)),
                        (tables.GROUNDS, _grounds(connection, things)),
                        (tables.ACCEPTANCES, _acceptances(connection, things))):  # fmt: skip
        if rows or table is tables.ASSESSMENTS:
            put(table, table.columns, rows)
    return done


def _write_entries(connection: sa.Connection, folder: Path, *, raw: bool) -> int:
    (folder / descriptor.HISTORY).mkdir()
    entry = schema.entry
    rows = rows_of(connection, sa.select(*as_stored(entry.c)).order_by(entry.c.id))
    file = folder / descriptor.HISTORY / f"{descriptor.ENTRIES}.csv"
    cells = ([*map(written, row)] for row in rows)
    return _write(file, [column.name for column in entry.c], cells, raw=raw)


def _write_versions(
    connection: sa.Connection, folder: Path, name: str, done: _Written, *, raw: bool
) -> int:
    """Write every version of a table's rows, in the order in which the entries wrote them."""
    now, then = schema.VERSIONED[name]
    own = [column.name for column in now.c if column.name not in ("id", "entry_id", "leaf")]
    names = ["entry_id", "id", *own]
    both = sa.union_all(
        *(sa.select(*as_stored(table.c[each] for each in names)) for table in (now, then))
    ).subquery()
    rows = rows_of(connection, sa.select(both).order_by(both.c.entry_id, both.c.id))
    cells: Iterable[list[str]] = ([*map(written, row)] for row in rows)
    if now is schema.document:
        cells = _with_texts(connection, folder, cells, names.index("text"), done)
    columns = history_columns(name)
    return _write(folder / descriptor.HISTORY / f"{name}.csv", columns, cells, raw=raw)


def _with_texts(
    connection: sa.Connection, folder: Path, rows: Iterable[list[str]], at: int, done: _Written
) -> Iterator[list[str]]:
    """Versions of documents with the file of each text in the place of the text."""
    here = Path(descriptor.HISTORY, _TEXTS)
    for row in rows:
        if row[at]:
            data = row[at].encode()
            path = done.texts.get(int(row[1]), "")
            if not path or (folder / path).read_bytes() != data:
                path = (here / f"{sha256(data).hexdigest()}.txt").as_posix()
                if path not in done.earlier:
                    (folder / here).mkdir(exist_ok=True)
                    (folder / path).write_bytes(data)
                    done.earlier.append(path)
            row[at] = path
        yield row


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
