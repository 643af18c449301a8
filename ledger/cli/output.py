"""How an answer is written: table, csv, json, jsonl, md; to the screen or a file.

Data goes to standard output, words to standard error. Width and colour only on a terminal.
"""

import csv
import io
import json
import math
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, TextIO

from ledger.canonical import timestamp
from ledger.errors import LedgerError
from ledger.visible import visible

FORMATS = ("table", "csv", "json", "jsonl", "md")


@dataclass
class Sheet:
    """Columns and rows, and what a table on a screen shows of them.

    `brief` says what a table shows (all columns, if empty): a column, or a template such as
    "{name} ({number})", with its heading; the other formats always carry every column. In a table
    that is `listed`, what a cell joins by semicolons stands line by line. `narrow` is a
    `brief` of fewer columns, listed, for a screen on which the other would break words. `empty`
    is said where there are no rows. A table's first `grouped` cells are blank as far as they are
    those of the row above.
    """

    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]
    brief: dict[str, str] = field(default_factory=dict)
    empty: str = "nothing to show"
    listed: bool = False
    narrow: dict[str, str] = field(default_factory=dict)
    grouped: int = 0

    def write(self, format_: str | None, output: str | None, *, raw: bool = False) -> None:
        """Write the sheet; LedgerError where the file cannot be written."""
        chosen = chosen_format(format_, output)
        if output in (None, "-"):
            self._write_to(sys.stdout, chosen, raw)
            return
        with written(str(output)) as stream:
            self._write_to(stream, chosen, raw)

    def _write_to(self, stream: IO[str], format_: str, raw: bool) -> None:
        if format_ == "table":
            self._table(stream)
        elif format_ == "csv":
            write_csv(stream, self.columns, self.rows, raw=raw)
        else:
            _WRITERS[format_](stream, self.columns, self.rows)

    def _cells(self, row: Sequence[Any], brief: dict[str, str], *, listed: bool) -> list[Any]:
        """What a table shows of a row: its columns, or the templates of `brief` filled in."""
        if not brief:
            return list(row)
        named = dict(zip(self.columns, row, strict=True))
        cells = [named[part] if part in named else _filled(part, named) for part in brief]
        if listed:
            cells = [
                "\n".join(part.strip() for part in _JOINT.split(cell) if part.strip())
                if isinstance(cell, str)
                else cell
                for cell in cells
            ]
        return cells

    def _table(self, stream: IO[str]) -> None:
        whole = list(self.rows)
        if not whole:
            from ledger.cli.options import words

            words(self.empty)
            return
        from ledger.cli.tables import draw, fits

        brief, listed = self.brief, self.listed
        rows = [self._cells(row, brief, listed=listed) for row in whole]
        headings = list(brief.values() or self.columns)
        if self.narrow and not fits(stream, headings, rows):
            brief, listed = self.narrow, True
            rows = [self._cells(row, brief, listed=listed) for row in whole]
        rows = list(_said_once(rows, self.grouped))
        draw(stream, list(brief.values() or self.columns), rows, listed=listed)


def _said_once(rows: Iterable[list[Any]], columns: int) -> Iterator[list[Any]]:
    """The rows, the first `columns` of each blank as far as they are those of the row above."""
    above: list[Any] = []
    for row in rows:
        same = 0
        while same < columns and above and row[same] == above[same]:
            same += 1
        yield [None if place < same else cell for place, cell in enumerate(row)]
        above = row


#: What joins the parts of a cell; not what stands in a name's quotes, “Al; Bo”.
_JOINT = re.compile(r"; (?![^“”]{0,500}”)")
_IF = re.compile(r"\{(\w+)\?([^}]*)\}")


def _filled(template: str, row: dict[str, Any]) -> str:
    """A template with the row's values; nothing where the first of them is nothing.

    `{flag?word}` stands for the word where the flag is true; `{source:name}` for a name, in quotes
    where it holds what joins the parts of a cell.
    """
    first = template[template.index("{") + 1 : template.index("}")].partition(":")[0]
    if row[first] in (None, ""):
        return ""
    worded = _IF.sub(lambda match: match[2] if row[match[1]] else "", template)
    return worded.format_map({name: _Part(plain(value)) for name, value in row.items()})


class _Part(str):
    """A value that stands in a template."""

    def __format__(self, spec: str) -> str:
        """Itself; as a `name`, in quotes if it would be taken apart."""
        return f"“{self}”" if spec == "name" and _JOINT.search(self) else str(self)


def plain(value: Any) -> str:
    """A value as text: nothing for None, ISO 8601 for times, numbers bare."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return timestamp(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its word: `1 entry`, `3 entries`; `many` is `one` and an s unless given."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """A line for each column in which two versions of a row differ."""
    return [
        f"  {column}: {plain(before[column]) or '–'} → {plain(after[column]) or '–'}"
        for column in before
        if before[column] != after[column]
    ]


def _jsonable(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has no infinity
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return plain(value)


def write_csv(
    stream: IO[str], columns: Sequence[str], rows: Iterable[Sequence[Any]], *, raw: bool = False
) -> None:
    """Write RFC 4180 CSV; a cell that a spreadsheet would run is disarmed unless `raw`."""
    from ledger.exchange.spreadsheet import disarm

    guard: Callable[[str], str] = (lambda text: text) if raw else disarm
    writer = csv.writer(stream, lineterminator="\n")  # as export writes it
    writer.writerow(map(guard, columns))
    for row in rows:
        writer.writerow([guard(plain(value)) for value in row])


def _write_json(stream: IO[str], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    keys, joint = _keys(columns), "["
    for row in rows:
        stream.write(joint + _object(keys, row))
        joint = ",\n "
    stream.write("[]\n" if joint == "[" else "]\n")


def _write_jsonl(stream: IO[str], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    keys = _keys(columns)
    for row in rows:
        stream.write(_object(keys, row) + "\n")


def _keys(columns: Sequence[str]) -> list[str]:
    """The columns' names, a second `id` as `id_2`: an object would keep only the last of them.

    As sqlite-utils and its kin name them; a number that is another column's name is skipped.
    """
    keys: list[str] = []
    for column in columns:
        key, number = column, 2
        while key in keys or (key != column and key in columns):
            key, number = f"{column}_{number}", number + 1
        keys.append(key)
    return keys


def _object(keys: Sequence[str], row: Sequence[Any]) -> str:
    return json.dumps(
        {key: _jsonable(value) for key, value in zip(keys, row, strict=True)},
        ensure_ascii=False,
    )


def _write_md(stream: IO[str], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    def line(cells: Iterable[str]) -> str:
        return "| " + " | ".join(cells) + " |\n"

    stream.write(line(map(_markdown, columns)))
    stream.write(line("---" for _ in columns))
    for row in rows:
        stream.write(line(_markdown(plain(value)) for value in row))


#: What Markdown or the HTML that it becomes would take for its own.
_MARKDOWN = str.maketrans(
    {char: f"\\{char}" for char in "\\|*_`[]#~"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
)


def _markdown(text: str) -> str:
    return visible(text, lines=True).translate(_MARKDOWN).replace("\n", "<br>")


_WRITERS: dict[str, Callable[[IO[str], Sequence[str], Iterable[Sequence[Any]]], None]] = {
    "json": _write_json,
    "jsonl": _write_jsonl,
    "md": _write_md,
}


def chosen_format(format_: str | None, output: str | None) -> str:
    """The format asked for, else the one the file's ending means, else a table."""
    return format_ or ("table" if output in (None, "-") else _by_ending(output))


@contextmanager
def written(output: str) -> Iterator[TextIO]:
    """A file to write text to, which is there whole when the block ends, or not at all.

    Raises LedgerError where it cannot be written.
    """
    path = Path(output)
    special = path.exists() and not path.is_file()  # a pipe, /dev/stdout
    part = path if special else path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as stream:
            yield stream
        if not special:
            part.replace(path)
    except BaseException as error:
        if not special:
            part.unlink(missing_ok=True)
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
            raise LedgerError(
                f"cannot write {path}: {error.strerror}", "name another file with -o"
            ) from None
        raise


def _by_ending(output: str | None) -> str:
    ending = Path(output or "").suffix.removeprefix(".").lower()
    if ending in FORMATS:
        return ending
    if ending in ("", "txt"):
        return "table"
    raise LedgerError(
        f"{output}: no format goes by .{ending}", f"say it with --format: {', '.join(FORMATS)}"
    )


def as_text(sheet: Sheet, format_: str) -> str:
    """A sheet as a string: for what is embedded in other output."""
    stream = io.StringIO()
    sheet._write_to(stream, format_, raw=False)
    return stream.getvalue()
