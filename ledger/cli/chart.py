"""`ledger chart`: claimed ranges, positions over time and the stance matrix, drawn to files."""

import sys
from collections.abc import Callable
from typing import Any

import click

from ledger.cli import types
from ledger.cli.options import Reader, reading
from ledger.cli.output import on_terminal, plain, whole, written
from ledger.cli.report import filter_options, spelt
from ledger.errors import LedgerError

#: What a chart is written as; `ledger.charts.files` has a function for each.
FORMATS = ("svg", "png", "html")


@click.group("chart", epilog="Example:  ledger chart positions --event clash -o clash.svg")
def chart_command() -> None:
    """Charts: ranges, positions, stances; to a file or a pipe, as SVG, PNG or HTML.

    An HTML page answers to the pointer, holds all it needs and loads nothing.
    """


def _drawing(command: Callable[..., Any], *, left_out: str = "") -> Callable[..., Any]:
    """The command with the filters that all reports share, and where the chart goes."""
    drawing: Callable[..., Any] = reading(formats=FORMATS)(command)
    for name, option in reversed(filter_options("positions").items()):
        drawing = drawing if name == left_out else option(drawing)
    return drawing


def _drawing_of_one(command: Callable[..., Any]) -> Callable[..., Any]:
    """The same for a command whose argument is the proposition."""
    return _drawing(command, left_out="proposition")


@chart_command.command(
    "ranges", epilog="Example:  ledger chart ranges russians-killed -o russians-killed.svg"
)
@click.argument("proposition", type=types.Name("proposition"))
@_drawing_of_one
def ranges_command(desk: Reader, **given: Any) -> None:
    """Draw the figures claimed of PROPOSITION, a count: who says which range, and who denies it.

    An open end fades towards an arrow; a denied range is hatched; the finding, if there is any, is
    a band behind all. The filters choose whose figures.
    """
    _refuse_screen(desk)
    from ledger.charts.ranges import claimed, ranges

    with desk.open() as connection:
        frame, asked = claimed(connection, **given)
    filters = {name: value for name, value in given.items() if name != "proposition"}
    if any(value is not None for value in filters.values()):
        _refuse_nothing(frame, filters)
    _write(desk, ranges(frame, asked), asked.text)


@chart_command.command(
    "positions", epilog="Example:  ledger chart positions --event clash -o positions.html"
)
@_drawing
def positions_command(desk: Reader, **given: Any) -> None:
    """Draw each source's stance on each proposition over time, and its shifts of side.

    The filters choose steps, as in `ledger report positions`.
    """
    _refuse_screen(desk)
    from ledger.charts.lanes import lanes
    from ledger.reports.positions import positions

    with desk.open() as connection:
        frame = positions(connection, **given)
    _refuse_nothing(frame, given)
    title = _title("Positions over time", desk, given)
    _write(desk, lanes(frame, title), title)


@chart_command.command(
    "stances", epilog="Example:  ledger chart stances --side denies -o denials.png"
)
@_drawing
def stances_command(desk: Reader, **given: Any) -> None:
    """Draw sources by propositions: who stands on which side now.

    The filters choose positions: a source's newest stance on a proposition.
    """
    _refuse_screen(desk)
    from ledger.charts.matrix import matrix, stances

    with desk.open() as connection:
        frame = stances(connection, **given)
    _refuse_nothing(frame, given)
    title = _title("Who says what on what", desk, given)
    _write(desk, matrix(frame, title), title)


def _title(what: str, desk: Reader, given: dict[str, Any]) -> str:
    """What the chart shows, and by which filters."""
    asked = [
        spelt(name, value) if name == "contested" else f"{spelt(name, value)} {value}"
        for name, value in given.items()
        if value is not None
    ]
    if desk.as_of is not None:
        asked.append(f"as of {plain(desk.as_of)}")
    return f"{what}: {', '.join(asked)}" if asked else what


def _refuse_screen(desk: Reader) -> None:
    """Refuse to draw on a terminal, before anything is read."""
    if desk.output in (None, "-") and on_terminal():
        name = click.get_current_context().info_name
        raise click.UsageError(f"a chart is for a file: -o {name}.svg, .png or .html")


def _refuse_nothing(frame: Any, given: dict[str, Any]) -> None:
    """Refuse to draw what nothing fits."""
    asked = [spelt(name, value) for name, value in given.items() if value is not None]
    if frame.empty:
        fits = f"nothing fits --{' --'.join(asked)}" if asked else "nobody has taken a position yet"
        raise LedgerError(fits)


def _write(desk: Reader, chart: Any, title: str) -> None:
    from ledger.charts import files

    format_ = desk.format or FORMATS[0]
    drawn = files.html(chart, title) if format_ == "html" else getattr(files, format_)(chart)
    data = drawn.encode() if isinstance(drawn, str) else drawn
    on_screen = desk.output in (None, "-")
    with whole(sys.stdout.buffer) if on_screen else written(str(desk.output), text=False) as stream:
        stream.write(data)
