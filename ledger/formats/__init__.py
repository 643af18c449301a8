"""The files that an answer is written as: csv, json, jsonl, md, html, xlsx, parquet.

FORMATS says which there are without loading any: a format's module, and its library with it, comes
when it is written. Here live rows and columns; nothing is known of the ledger or of the screen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import IO, Any


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be written: columns, rows of plain values, and what is known of the columns.

    `kinds` says what the columns hold that hold no text: `whole` numbers, `real` ones, `flag`s,
    `moment`s in UTC, `day`s; None: only the values tell. `meanings` explains columns, `title` names
    the answer and `empty` says why there are no rows, in the formats that people read.
    """

    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]
    kinds: Mapping[str, str] | None = field(default_factory=dict)
    meanings: Mapping[str, str] = field(default_factory=dict)
    title: str = "ledger"
    empty: str = "no rows"
    raw: bool = False


@dataclass(frozen=True, slots=True)
class Format:
    """A format: the ending of its files, the module that writes it, and whether it is text."""

    name: str
    module: str
    text: bool = True

    def write(self, stream: IO[Any], answer: Answer) -> list[str]:
        """Write an answer; comes back with what the reader should be told, in sentences.

        `stream` takes UTF-8 text, or bytes for a format that is no text. LedgerError where the
        format cannot hold the answer or its library is missing; nothing is to be kept then.
        """
        notes: list[str] | None = getattr(import_module(self.module), f"write_{self.name}")(
            stream, answer
        )
        return notes or []


FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        Format("csv", "ledger.formats.lines"),
        Format("json", "ledger.formats.lines"),
        Format("jsonl", "ledger.formats.lines"),
        Format("md", "ledger.formats.lines"),
        Format("html", "ledger.formats.page"),
        Format("xlsx", "ledger.formats.workbook", text=False),
        Format("parquet", "ledger.formats.columnar", text=False),
    )
}
