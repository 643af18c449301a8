"""`ledger report`: the reports by name, with the filters and formats that all of them share."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import click

from ledger.cli import types
from ledger.cli.options import Reader, reading
from ledger.cli.output import Sheet
from ledger.reports import REPORTS, Report

_EXAMPLES = {
    "versus": "ledger report versus --event clash",
    "counts": "ledger report counts --format csv",
    "status": "ledger report status --side denies",
    "totals": "ledger report totals",
}

_FILTERS = (
    click.option("--event", type=types.Name("event"), help="Only propositions about this event."),
    click.option("-p", "--proposition", type=types.Name("proposition"),
                 help="Only this proposition."),
    click.option("-s", "--source", type=types.Name("source"),
                 help="Only propositions on which this source speaks."),
    click.option("--side", type=types.SIDE, help="… on which a stance points this way."),
    click.option("-t", "--stance", type=types.STANCE, help="… on which this stance is taken."),
    click.option("--status", type=types.STATUS, help="… with a claim of this status."),
    click.option("--contested/--uncontested", default=None,
                 help="Only propositions that are contested, or that are not."),
)  # fmt: skip


class _Reports(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        """The reports in the order of REPORTS."""
        return list(REPORTS)


@click.group("report", cls=_Reports, epilog="Example:  ledger report versus")
def report_command() -> None:
    """Reports: one question each, in every format.

    On the screen a report shows the columns that fit it; csv, json and md carry all of them.
    """


def _made(report: Report) -> click.Command:
    def run(desk: Reader, **given: Any) -> None:
        with desk.open() as connection:
            if report.needs_today:
                given["today"] = _today(desk)
            frame = report.frame(connection, **given)
        table = desk.format in (None, "table")
        desk.write(
            Sheet(
                list(report.columns),
                report.rows(frame),
                dict(report.brief) if table else {},
                _nothing(given),
                listed=True,
            )
        )

    run.__doc__ = report.meaning
    command: Callable[..., Any] = run
    for option in reversed(_FILTERS):
        command = option(command)
    return click.command(report.name, epilog=f"Example:  {_EXAMPLES[report.name]}")(
        reading()(command)
    )


def _today(desk: Reader) -> date:
    """The day that waiting is reckoned to: that of --as-of where it names one."""
    if isinstance(desk.as_of, datetime):
        return desk.as_of.date()
    if isinstance(desk.as_of, date):
        return desk.as_of
    return datetime.now(UTC).date()


def _nothing(given: dict[str, Any]) -> str:
    """What an empty report says."""
    asked = [name for name, value in given.items() if value is not None and name != "today"]
    if asked:
        return f"nothing fits --{' --'.join(asked)}"
    return "nothing to report: the ledger holds nothing of the kind yet"


for _report in REPORTS.values():
    report_command.add_command(_made(_report))
