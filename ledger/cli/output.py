"""How an answer is written: table, csv, json, jsonl, md; to the screen or a file.

Data goes to standard output, words to standard error. Width and colour only on a terminal.
"""

import csv
import io
import json
import math
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from ledger.canonical import timestamp
from ledger.cli.visible import visible
from ledger.errors import LedgerError

FORMATS = ("table", "csv", "json", "jsonl", "md")


@dataclass
class Sheet:
    """Columns and rows, and what a table on a screen shows of them.

    `brief` says what a table shows (all columns, if empty): a column, or a template such as
    "{name} ({number})", with its heading; the other formats always carry every column. In a table
    that is `listed`, what a cell joins by semicolons stands line by line. `empty` is said where
    there are no rows.
    """

    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]
    brief: dict[str, str] = field(default_factory=dict)
    empty: str = "nothing to show"
    listed: bool = False

    def write(self, format_: str | None, output: str | None, *, raw: bool = False) -> None:
        """Write the sheet; LedgerError where the file cannot be written."""
        chosen = chosen_format(format_, output)
        if output in (None, "-"):
            self._write_to(sys.stdout, chosen, raw)
            return
        path = Path(str(output))
        try:
            with path.open("w", encoding="utf-8", newline="") as stream:
                self._write_to(stream, chosen, raw)
        except OSError as error:
            raise LedgerError(
                f"cannot write {path}: {error.strerror}", "name another file with -o"
            ) from None

    def _write_to(self, stream: IO[str], format_: str, raw: bool) -> None:
        if format_ == "table":
            self._table(stream)
        elif format_ == "csv":
            write_csv(stream, self.columns, self.rows, raw=raw)
        else:
            _WRITERS[format_](stream, self.columns, self.rows)

    def _cells(self, row: Sequence[Any]) -> list[Any]:
        """What a table shows of a row: its columns, or the templates of `brief` filled in."""
        if not self.brief:
            return list(row)
        named = dict(zip(self.columns, row, strict=True))
        cells = [named[part] if part in named else _filled(part, named) for part in self.brief]
        if self.listed:
            cells = [
                "\n".join(part.strip() for part in cell.split("; "))
                if isinstance(cell, str)
                else cell
                for cell in cells
            ]
        return cells

    def _table(self, stream: IO[str]) -> None:
        from rich import box
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        headings = list(self.brief.values() or self.columns)
        rows = [self._cells(row) for row in self.rows]
        if not rows:
            from ledger.cli.options import words

            words(self.empty)
            return
        shown = [
            (heading, ["" if value is None else value for value in values])
            for heading, values in zip(headings, zip(*rows, strict=True), strict=True)
            if not self.listed or any(plain(value) for value in values)
        ]
        texts = [
            [visible(plain(value), lines=self.listed) for value in values] for _, values in shown
        ]
        width = shutil.get_terminal_size().columns if stream.isatty() else _piped_width()
        widths = _widths(
            [[visible(heading), *cells] for (heading, _), cells in zip(shown, texts, strict=True)],
            width,
        )
        many = any("\n" in cell for cells in texts for cell in cells)
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, leading=int(many))
        for (heading, values), wide in zip(shown, widths, strict=True):
            numeric = all(isinstance(value, int | float) or value == "" for value in values)
            table.add_column(
                Text(visible(heading)),
                justify="right" if numeric else "left",
                overflow="fold",
                width=wide,
            )
        for cells in zip(*texts, strict=True):
            table.add_row(*map(Text, cells))
        if stream.isatty():
            Console(file=stream, highlight=False, emoji=False).print(table)
            return
        page = io.StringIO()
        Console(file=page, width=_piped_width(), highlight=False, emoji=False).print(table)
        stream.writelines(f"{line.rstrip()}\n" for line in page.getvalue().splitlines())


def _widths(columns: Sequence[Sequence[str]], width: int) -> list[int]:
    """How wide each column of texts is to be, all of them and the gaps together within `width`.

    Each gets what its longest word needs, and of the rest as much as the others, or all it wants;
    words are broken only where even their sum is too much.
    """
    from rich.cells import cell_len

    wanted = [
        max(cell_len(line) for cell in column for line in cell.split("\n") or [""])
        for column in columns
    ]
    words_ = [
        max((cell_len(word) for cell in column for word in cell.split()), default=1)
        for column in columns
    ]
    room = max(width - 3 * len(columns) + 2, 4 * len(columns))

    def widths(most: int, least: int) -> list[int]:
        return [
            max(min(full, most), min(word, least), 1)
            for full, word in zip(wanted, words_, strict=True)
        ]

    least = max(words_)
    while least > 4 and sum(widths(0, least)) > room:
        least -= 1
    low, high = 0, max(wanted)
    while low < high:  # the most that fits
        most = (low + high + 1) // 2
        low, high = (most, high) if sum(widths(most, least)) <= room else (low, most - 1)
    return widths(low, least)


def _filled(template: str, row: dict[str, Any]) -> str:
    """A template with the row's values; nothing where the first of them is nothing."""
    first = template[template.index("{") + 1 : template.index("}")]
    if row[first] in (None, ""):
        return ""
    return template.format_map({name: plain(value) for name, value in row.items()})


def _piped_width() -> int:
    """How wide a table is that no terminal bounds: COLUMNS, or room for everything."""
    given = os.environ.get("COLUMNS", "")
    return int(given) if given.isdecimal() and int(given) else 10_000


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
    writer = csv.writer(stream)
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
