"""`ledger sql`: one statement that reads, from the line, a file or standard input; or a prompt."""

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import click
from click.shell_completion import CompletionItem

from ledger import query
from ledger.cli.options import Reader, reading, words
from ledger.cli.output import Sheet, chosen_format, written
from ledger.confining import Answer, Limits
from ledger.errors import LedgerError, NotFoundError, QueryError
from ledger.sqlwords import RELATIONS, Relation
from ledger.statement import did_you_mean

_MIB = 1 << 20

#: Seconds, and MiB of memory and of an answer, unless told otherwise.
SECONDS = int(query.LIMITS.seconds or 0)
MEMORY = (query.LIMITS.memory or 0) // _MIB
SIZE = (query.LIMITS.size or 0) // _MIB

#: Rows that a table shows unless told otherwise, and its size in MiB: a table is held and measured
#: before it is drawn.
TABLE_ROWS, TABLE_SIZE = 1_000, 64

#: Bytes that are read in search of a statement; a device may have no end.
_MOST_READ = 1 << 20


class _Seconds(click.FloatRange):
    """A time that can be over."""

    name = "seconds"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Seconds, none or more."""
        seconds = float(super().convert(value, param, ctx))
        if not math.isfinite(seconds):
            self.fail(f"{value!r} is no time (0: no limit)", param, ctx)
        return seconds


@dataclass(frozen=True)
class Asked:
    """The limits that were asked for: 0 is none, and None was not said.

    Seconds, rows, and MiB of the answer and of memory.
    """

    timeout: float
    max_rows: int | None
    max_size: int | None
    max_memory: int

    def limits(self, format_: str) -> Limits:
        """The limits for an answer in a format."""
        table = format_ == "table"
        rows = (TABLE_ROWS if table else 0) if self.max_rows is None else self.max_rows
        size = (TABLE_SIZE if table else SIZE) if self.max_size is None else self.max_size
        return Limits(
            seconds=self.timeout or None,
            rows=rows or None,
            size=size * _MIB or None,
            memory=self.max_memory * _MIB or None,
        )


def _views(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    if not ctx.params.get("schema"):
        return []
    return [
        CompletionItem(relation.name, help=relation.meaning)
        for relation in RELATIONS
        if relation.name.startswith(incomplete)
    ]


@click.command(
    epilog="\b\nExample:  ledger sql \"SELECT source, stance FROM claims WHERE side = 'denies'\""
)
@reading()
@click.argument("statement", nargs=-1, metavar="[STATEMENT]", shell_complete=_views)
@click.option("-i", "--input", "file", metavar="FILE", help="Read the statement from a file.")
@click.option(
    "-p",
    "--param",
    "parameters",
    type=(str, str),
    multiple=True,
    metavar="NAME VALUE",
    help="The value of :NAME in the statement, as text.",
)
@click.option(
    "--timeout",
    type=_Seconds(min=0),
    default=SECONDS,
    show_default=True,
    metavar="SECONDS",
    help="Stop the statement after this long; 0: never.",
)
@click.option(
    "--max-rows",
    type=click.IntRange(min=0),
    metavar="N",
    help=f"Stop after N rows; 0: never.  [default: {TABLE_ROWS} in a table, else 0]",
)
@click.option(
    "--max-size",
    type=click.IntRange(min=0),
    metavar="MIB",
    help="Refuse an answer larger than this; 0: none."
    f"  [default: {TABLE_SIZE} in a table, else {SIZE}]",
)
@click.option(
    "--max-memory",
    type=click.IntRange(min=0),
    default=MEMORY,
    show_default=True,
    metavar="MIB",
    help="Stop the statement when it needs more; 0: never.",
)
@click.option(
    "--schema",
    is_flag=True,
    help="Print the views (or the one named), their columns and what they mean.",
)
def sql_command(
    desk: Reader,
    statement: tuple[str, ...],
    file: str | None,
    parameters: tuple[tuple[str, str], ...],
    timeout: float,
    max_rows: int | None,
    max_size: int | None,
    max_memory: int,
    schema: bool,
) -> None:
    """Ask the ledger in SQL.

    STATEMENT is one statement that reads, in quotes, or a file that holds one; - reads it from
    standard input. Without one, on a terminal, a prompt opens. Nothing can be written this way. An
    answer is given whole or not at all.

    Values given with -p are text: write CAST(:n AS INTEGER) to compare one with a computed number.
    """
    if schema:
        show_schema(desk, statement, file)
        return
    asked = Asked(timeout, max_rows, max_size, max_memory)
    if len(statement) == 1 and file is None and _is_file(statement[0]):
        file = statement[0]
        statement = ()
    text = _statement(statement, file)
    if text is not None:
        answer(desk, text, dict(parameters), asked)
        return
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError(
            "give a statement in quotes, -i FILE, or - to read it from standard input; for one: "
            'ledger sql "SELECT * FROM claims"'
        )
    if desk.output not in (None, "-") or parameters:
        raise click.UsageError("--output and --param need a statement: give it in quotes")
    from ledger.cli.sql_prompt import converse  # prompt_toolkit takes its time to load

    converse(desk, asked)


def answer(
    desk: Reader,
    statement: str,
    parameters: Mapping[str, str],
    asked: Asked,
    *,
    tell: bool = False,
) -> None:
    """Ask one statement and write its answer; `tell` says how many rows came."""
    format_ = chosen_format(desk.format, desk.output)
    with query.ask(
        desk.store,
        statement,
        as_of=desk.as_of_entry(),
        parameters=parameters,
        limits=asked.limits(format_),
    ) as found:
        counted = _Counted(found)
        desk.write(Sheet(found.columns, counted, empty="no rows", kinds=None))
        if found.truncated:
            words(f"only the first {counted.number:,} rows; --max-rows 0 gives all")
        elif tell and counted.number:
            words(f"{counted.number:,} row{'s' if counted.number > 1 else ''}")


class _Counted:
    """An answer's rows, counted as they go by."""

    def __init__(self, rows: Answer) -> None:
        self.number = 0
        self._rows = rows

    def __iter__(self) -> Iterator[Sequence[object]]:
        for row in self._rows:
            self.number += 1
            yield row


def _statement(given: tuple[str, ...], file: str | None) -> str | None:
    """The statement's text, from wherever it is to come; None where nothing says."""
    if file is not None and given:
        raise click.UsageError("give the statement or --input, not both")
    if len(given) > 1:
        raise click.UsageError(f"put the statement in quotes: got {len(given)} separate words")
    source = file if file is not None else (given[0] if given else None)
    if source == "-":
        return _read(sys.stdin.buffer, "standard input")
    if file is None:
        return source
    try:
        with Path(file).open("rb") as stream:
            return _read(stream, file)
    except OSError as error:
        raise LedgerError(f"cannot read {file}: {error.strerror}", "name another file") from None


def _is_file(text: str) -> bool:
    """Whether what stands for a statement is the name of a file that holds one."""
    try:
        return not any(char.isspace() for char in text) and Path(text).is_file()
    except (OSError, ValueError):  # too long for a name, or no name at all
        return False


def _read(stream: IO[bytes], name: str) -> str:
    content = stream.read(_MOST_READ + 1)
    if len(content) > _MOST_READ:
        raise QueryError(
            f"{name} is longer than any statement: over {_MOST_READ >> 20} MiB",
            "name a file that holds one statement",
        )
    return _decoded(content, name)


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise QueryError(
            f"{name} is not UTF-8: see byte {error.start + 1}", "save it as UTF-8"
        ) from None


def show_schema(desk: Reader, named: tuple[str, ...], file: str | None = None) -> None:
    """Write the views, or those that are named, with their columns' meanings.

    A table is told as text, view by view; every other format has a row for each column.
    """
    if file is not None:
        raise click.UsageError("--schema takes no --input; name a view, or nothing")
    known = query.known(desk.store).relations
    relations = [_relation(name, known) for name in named] or list(known)
    if chosen_format(desk.format, desk.output) == "table":
        _tell(desk, "\n\n".join(map(_described, relations)))
        return
    rows = [
        (relation.name, column, meaning)
        for relation in relations
        for column, meaning in relation.columns.items()
    ]
    desk.write(Sheet(("view", "column", "meaning"), rows))


def _tell(desk: Reader, text: str) -> None:
    if desk.output in (None, "-"):
        click.echo(text)
        return
    with written(str(desk.output)) as stream:
        stream.write(f"{text}\n")


def _relation(name: str, known: Sequence[Relation]) -> Relation:
    names = [relation.name for relation in known]
    if name.lower() not in names:
        raise NotFoundError(
            f"there is no view {name}", did_you_mean(name, names) or f"there are {', '.join(names)}"
        )
    return known[names.index(name.lower())]


def _described(relation: Relation) -> str:
    widest = max(map(len, relation.columns))
    lines = [f"  {column.ljust(widest)}  {said}" for column, said in relation.columns.items()]
    return "\n".join([f"{relation.name}: {relation.meaning}", *lines])


def in_format(desk: Reader, format_: str) -> Reader:
    """The same desk, writing in another format."""
    return replace(desk, format=format_)
