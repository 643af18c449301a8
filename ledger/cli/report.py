"""`ledger report`: the reports by name, with the filters and formats that all of them share."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import click
from click.core import ParameterSource

from ledger.cli import types
from ledger.cli.held import Since
from ledger.cli.options import Reader, reading
from ledger.cli.output import Sheet
from ledger.cli.trees import Trees
from ledger.model import Precision
from ledger.reports import FILTERS, REPORTS, Report
from ledger.rules import stated_text

_EXAMPLES = {
    "versus": "ledger report versus --event clash",
    "counts": "ledger report counts --format csv",
    "positions": "ledger report positions --source Mattis",
    "timeline": "ledger report timeline --event clash",
    "origins": "ledger report origins --proposition contractors-hit",
    "changes": "ledger report changes --since 1",
    "status": "ledger report status --side denies",
    "totals": "ledger report totals",
    "sources": "ledger report sources --event clash",
    "agreement": "ledger report agreement --by event",
}


#: How options that are no flags and no words are read.
_KINDS: dict[str, click.ParamType[Any]] = {
    "text": click.STRING,
    "whole": types.Count(),
    "since": Since(),
}


def _bound(
    _: click.Context, __: click.Parameter, given: tuple[date, Precision] | None
) -> str | None:
    """A date that a report is narrowed to, as exact as it was given: 2018-02-08, 2018-02, 2018."""
    return None if given is None else stated_text(*given)


#: What the filters mean where the rows are of one thing or another, as `Report.chooses` says.
_HELPS = {
    "propositions": (
        "Only propositions about this event.",
        "Only this proposition.",
        "Only propositions on which this source speaks.",
        "… on which a stance points this way.",
        "… on which this stance is taken.",
        "… with a claim of this status.",
        "… with a claim said on or after this date.",
        "… with a claim said on or before this date.",
        "Only propositions that are contested, or that are not.",
    ),
    "sources": (
        "Only sources that speak on this event.",
        "Only sources that speak on this proposition.",
        "Only this source.",
        "… with a claim whose stance points this way.",
        "… with a claim that takes this stance.",
        "… with a claim of this status.",
        "… with a claim said on or after this date.",
        "… with a claim said on or before this date.",
        "… with a claim on a contested proposition, or on another.",
    ),
    "changes": (
        "Only changes about this event.",
        "Only changes about this proposition.",
        "Only changes about this source.",
        "… of claims whose stance points this way now.",
        "… of claims that take this stance now.",
        "… of claims that have this status now.",
        "… of claims said on or after this date.",
        "… of claims said on or before this date.",
        "Only changes about contested propositions, or about others.",
    ),
}


def _helps(chooses: str) -> tuple[str, ...]:
    """What each filter means, for rows that are claims unless said otherwise."""
    return _HELPS.get(chooses) or (
        f"Only {chooses} on this event.",
        f"Only {chooses} on this proposition.",
        f"Only {chooses} by this source.",
        "… whose stance points this way.",
        "… that take this stance.",
        "… of a claim with this status.",
        "… said on or after this date.",
        "… said on or before this date.",
        f"Only {chooses} on contested propositions, or on the others.",
    )


def filter_options(chooses: str = "propositions") -> dict[str, Callable[..., Any]]:
    """The option of each filter that all reports and charts share; `chooses`: what it chooses."""
    event, proposition, source, side, stance, status, first, last, contested = _helps(chooses)
    options = (
        click.option("--event", type=types.Name("event"), help=event),
        click.option("-p", "--proposition", type=types.Name("proposition"), help=proposition),
        click.option("-s", "--source", type=types.Name("source"), help=source),
        click.option("--side", type=types.SIDE, help=side),
        click.option("-t", "--stance", type=types.STANCE, help=stance),
        click.option("--status", type=types.STATUS, help=status),
        click.option("--from", "first", type=types.StatedOn(), callback=_bound, help=first),
        click.option("--to", "last", type=types.StatedOn(), callback=_bound, help=last),
        click.option("--contested/--uncontested", default=None, help=contested),
    )
    return dict(zip(FILTERS, options, strict=True))


class _Reports(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        """The reports in the order of REPORTS."""
        return list(REPORTS)


@click.group("report", cls=_Reports, epilog="Example:  ledger report versus")
def report_command() -> None:
    """Reports: one question each, in every format.

    On the screen a report shows the columns that fit it; every other format carries all.
    """


def _made(report: Report) -> click.Command:
    def run(desk: Reader, **given: Any) -> None:
        asked = _variant(report, given)
        with desk.open() as connection:
            if asked.needs_today:
                given["today"] = today_of(desk)
            rows, kinds = asked.answer(connection, **given)
            table = desk.format in (None, "table")
            sheet = Trees if asked.tree else Sheet
            desk.write(
                sheet(
                    list(asked.columns),
                    rows,
                    dict(asked.brief) if table else {},
                    _nothing(asked, given),
                    listed=True,
                    narrow=dict(asked.narrow) if table else {},
                    grouped=asked.grouped,
                    kinds=kinds,
                    meanings=asked.columns,
                )
            )

    run.__doc__ = report.meaning
    command: Callable[..., Any] = run
    for option in reversed((*_own(report), *filter_options(report.chooses).values())):
        command = option(command)
    return click.command(report.name, epilog=f"Example:  {_EXAMPLES[report.name]}")(
        reading()(command)
    )


def _own(report: Report) -> Iterator[Callable[..., Any]]:
    """The options that this report alone has: its variants' flags, then its own."""
    for flag, variant in report.variants.items():
        yield click.option(f"--{flag}", is_flag=True, help=variant.meaning)
    for option in report.options:
        named = f"--{option.name.replace('_', '-')}"
        if option.words:
            word = types.Word(option.words)
            default = option.default or (None if option.required else option.words[0])
            yield click.option(
                named,
                type=word,
                required=option.required,
                show_default=default is not None,
                help=option.meaning,
                **_default(default),
            )
        elif option.kind in _KINDS:
            yield click.option(
                named,
                type=_KINDS[option.kind],
                required=option.required,
                help=option.meaning,
                **_default(option.default),
            )
        else:
            yield click.option(named, is_flag=True, help=option.meaning)


def _default(given: str | None) -> dict[str, Any]:
    """A default that click takes; None would be one, and nothing would be required any more."""
    return {} if given is None else {"default": given}


def _variant(report: Report, given: dict[str, Any]) -> Report:
    """The report that the flags ask for; takes out of `given` what it does not take."""
    flags = [flag for flag in report.variants if given.pop(flag)]
    if len(flags) > 1:
        raise click.UsageError(f"--{flags[0]} and --{flags[1]} are two reports: ask for one")
    if not flags:
        return report
    variant = report.variants[flags[0]]
    taken = {option.name for option in variant.options}
    typed = click.get_current_context().get_parameter_source
    for option in report.options:
        if option.name not in taken:
            given.pop(option.name)
            if typed(option.name) is ParameterSource.COMMANDLINE:
                unasked = option.name.replace("_", "-")
                raise click.UsageError(f"--{flags[0]} takes no --{unasked}: leave one of them out")
    return variant


def today_of(desk: Reader) -> date:
    """The day that waiting is reckoned to: that of --as-of where it names one."""
    if isinstance(desk.as_of, datetime):
        return desk.as_of.date()
    if isinstance(desk.as_of, date):
        return desk.as_of
    return datetime.now(UTC).date()


def _nothing(report: Report, given: dict[str, Any]) -> str:
    """What an empty report says."""
    asked = [spelt(name, given[name]) for name in FILTERS if given.get(name) is not None]
    asked += [
        option.name.replace("_", "-")
        for option in report.options
        if not option.required and not option.words and given.get(option.name)
    ]
    if asked == ["contested"]:
        return "nothing is contested"
    if asked == ["uncontested"]:
        return "there is nothing but what is contested"
    if asked:
        return f"nothing fits --{' --'.join(asked)}"
    return report.nothing


def spelt(name: str, value: object) -> str:
    """A filter as its option is spelt."""
    if name == "contested" and not value:
        return "uncontested"
    return {"first": "from", "last": "to"}.get(name, name)


for _report in REPORTS.values():
    report_command.add_command(_made(_report))
