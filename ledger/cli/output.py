"""Where an answer goes: a table on the screen, or one of the formats, to standard output or a file.

Data goes to standard output, words to standard error. Width and colour only on a terminal; what is
no text never goes there.
"""

import io
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, TextIO, cast

import click

from ledger import formats
from ledger.errors import LedgerError
from ledger.formats.values import plain as plain
from ledger.placing import placed
from ledger.visible import visible

FORMATS = ("table", *formats.FORMATS)


@dataclass
class Sheet:
    """Columns and rows, and what a table on a screen shows of them.

    `brief` says what a table shows (all columns, if empty): a column, or a template such as
    "{name} ({number})", with its heading; the other formats always carry every column. In a table
    that is `listed`, what a cell joins by semicolons stands line by line. `narrow` is a
    `brief` of fewer columns, listed, for a screen on which the other would break words. `empty`
    is said where there are no rows. A table's first `grouped` cells are blank as far as they are
    those of the row above. `kinds`, `meanings` and `title` are as in `formats.Answer`.
    """

    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]
    brief: dict[str, str] = field(default_factory=dict)
    empty: str = "nothing to show"
    listed: bool = False
    narrow: dict[str, str] = field(default_factory=dict)
    grouped: int = 0
    kinds: Mapping[str, str] | None = field(default_factory=dict)
    meanings: Mapping[str, str] = field(default_factory=dict)
    title: str = "ledger"

    def write(self, format_: str | None, output: str | None, *, raw: bool = False) -> None:
        """Write the sheet; LedgerError where the file cannot be written, or not in that format."""
        chosen = chosen_format(format_, output)
        text = chosen == "table" or formats.FORMATS[chosen].text
        on_screen = output in (None, "-")
        refuse_screen(chosen, output)
        if on_screen and text:
            self._write_to(sys.stdout if chosen == "table" else screen(), chosen, raw)
            return
        with whole(sys.stdout.buffer) if on_screen else written(str(output), text=text) as stream:
            self._write_to(stream, chosen, raw)

    def _write_to(self, stream: IO[Any], format_: str, raw: bool) -> None:
        if format_ == "table":
            self._table(stream)
            return
        from ledger.cli.options import words

        answer = formats.Answer(
            self.columns, self.rows, self.kinds, self.meanings, self.title, self.empty, raw
        )
        for note in formats.FORMATS[format_].write(stream, answer):
            words(note)

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
    where it holds what joins the parts of a cell, `{recorded_at:day}` for the day of a moment.
    """
    first = re.split("[:?]", template[template.index("{") + 1 : template.index("}")])[0]
    if row[first] in (None, ""):
        return ""
    worded = _IF.sub(lambda match: match[2] if row[match[1]] else "", template)
    return worded.format_map({name: _Part(plain(value)) for name, value in row.items()})


class _Part(str):
    """A value that stands in a template."""

    def __format__(self, spec: str) -> str:
        """Itself; as a `name`, in quotes if it would be taken apart; of a moment the `day`."""
        if spec == "day":
            return self[:10]
        return f"“{self}”" if spec == "name" and _JOINT.search(self) else str(self)


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


def chosen_format(format_: str | None, output: str | None, known: Sequence[str] = FORMATS) -> str:
    """The format asked for, else that of `known` which the file's ending means, else the first."""
    return format_ or (known[0] if output in (None, "-") else _by_ending(output, known))


def refuse_screen(format_: str | None, output: str | None) -> None:
    """Refuse to write what is no text to a terminal."""
    known = formats.FORMATS.get(format_ or "")
    if known and not known.text and output in (None, "-") and on_terminal():
        raise click.UsageError(f"{known.name} is no text to show: -o FILE.{known.name}")


def on_terminal() -> bool:
    """Whether answers go to a terminal."""
    return sys.stdout.isatty()


class _Marking(io.TextIOBase):
    """A terminal that shows what would steer it as marks: what is redirected is exact instead."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, text: str) -> int:
        """Write text, its line ends as they are."""
        self._stream.write(visible(text, lines=True))
        return len(text)

    def flush(self) -> None:
        """Show what was written."""
        self._stream.flush()


def screen() -> TextIO:
    """Standard output for text that is written as it is; on a terminal nothing of it steers."""
    return cast("TextIO", _Marking(sys.stdout)) if on_terminal() else sys.stdout


@contextmanager
def written(output: str, *, text: bool = True) -> Iterator[Any]:
    """A file to write UTF-8 text or bytes to, which is there whole when the block ends, or not.

    Raises LedgerError where it cannot be written.
    """
    path = Path(output)
    special = path.exists() and not path.is_file()  # a pipe, /dev/stdout
    try:
        with (
            placed(path, text=text) as end,
            whole(end) if special and not text else nullcontext(end) as stream,
        ):
            yield stream
    except BrokenPipeError:
        raise
    except OSError as error:
        raise LedgerError(
            f"cannot write {path}: {error.strerror}", "name another file with -o"
        ) from None


@contextmanager
def whole(stream: IO[bytes]) -> Iterator[IO[bytes]]:
    """A file whose bytes go to `stream` when the block ends well: formats seek, and may give up."""
    with TemporaryFile() as kept:
        yield kept
        kept.seek(0)
        shutil.copyfileobj(kept, stream)
        stream.flush()


def _by_ending(output: str | None, known: Sequence[str]) -> str:
    ending = Path(output or "").suffix.removeprefix(".").lower()
    if ending in known:
        return ending
    if ending == "" or (ending == "txt" and "table" in known):
        return known[0]
    raise LedgerError(
        f"{output}: no format here goes by .{ending}",
        f"say it with --format: {', '.join(known)}",
    )
