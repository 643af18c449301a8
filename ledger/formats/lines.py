"""Formats that are lines of text: csv, json, jsonl, md. Each writes row by row, as rows come."""

import json
import math
from collections.abc import Iterable, Sequence
from typing import IO, Any

from ledger.exchange.lines import line
from ledger.formats import Answer
from ledger.formats.values import keys, plain
from ledger.visible import visible


def write_csv(stream: IO[str], answer: Answer) -> None:
    """Write RFC 4180 CSV; a cell that a spreadsheet would run is disarmed unless `raw`."""
    stream.write(_record(answer.columns, raw=answer.raw))
    for row in answer.rows:
        stream.write(_record([plain(value) for value in row], raw=answer.raw))


def _record(cells: Sequence[str], *, raw: bool) -> str:
    # As export writes it: a carriage return in a cell is quoted, which Python's csv leaves bare.
    return '""\n' if [*cells] == [""] else line(cells, raw=raw)


def write_json(stream: IO[str], answer: Answer) -> None:
    """Write one JSON array (RFC 8259), an object a row."""
    named, joint = keys(answer.columns), "["
    for row in answer.rows:
        stream.write(joint + _object(named, row))
        joint = ",\n "
    stream.write("[]\n" if joint == "[" else "]\n")


def write_jsonl(stream: IO[str], answer: Answer) -> None:
    """Write JSON lines, an object a row."""
    named = keys(answer.columns)
    for row in answer.rows:
        stream.write(_object(named, row) + "\n")


def _object(named: Sequence[str], row: Sequence[Any]) -> str:
    return json.dumps(
        {key: jsonable(value) for key, value in zip(named, row, strict=True)},
        ensure_ascii=False,
    )


def jsonable(value: Any) -> Any:
    """A value as JSON has it: numbers, flags and text as they are, all else as plain text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has no infinity
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return plain(value)


def write_md(stream: IO[str], answer: Answer) -> None:
    """Write a table of GitHub Flavored Markdown, with nothing in it that would be markup."""

    def across(cells: Iterable[str]) -> str:
        return "| " + " | ".join(cells) + " |\n"

    stream.write(across(map(_markdown, answer.columns)))
    stream.write(across("---" for _ in answer.columns))
    for row in answer.rows:
        stream.write(across(_markdown(plain(value)) for value in row))


#: What Markdown or the HTML that it becomes would take for its own.
_MARKDOWN = str.maketrans(
    {char: f"\\{char}" for char in "\\|*_`[]#~"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
)


def _markdown(text: str) -> str:
    return visible(text, lines=True).translate(_MARKDOWN).replace("\n", "<br>")
