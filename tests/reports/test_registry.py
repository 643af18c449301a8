"""The registry: what the command line knows of reports without loading one."""

import subprocess
import sys
from datetime import UTC, datetime
from importlib import import_module
from string import Formatter

import pytest

from ledger import journal
from ledger.reports import FILTERS, REPORTS
from ledger.reports.agreement import BY, EACH
from ledger.reports.filters import Filters
from ledger.reports.policies import POLICIES
from ledger.reports.status import ORDERS
from ledger.store import Store
from tests.build import NOON, a_claim


def test_knowing_the_reports_does_not_load_pandas() -> None:
    code = "import sys; from ledger.reports import REPORTS; sys.exit('pandas' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_filters_are_the_ones_that_reports_take() -> None:
    # Whoever turns a report's pages asks for some propositions; an analyst has no option for it.
    assert {*FILTERS, "among"} == set(Filters.__annotations__)


def _named(cell: str) -> list[str]:
    """The columns that a cell of a table shows: its own, or those of its template."""
    named = [name for _, name, _, _ in Formatter().parse(cell) if name]
    return [name.partition("?")[0] for name in named] or [cell]  # {flag?word}: the word if so


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_tells_its_columns_and_gives_plain_rows(name: str, store: Store) -> None:
    report = REPORTS[name]
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        a_claim(draft, said="2018-02-08")
    given = {"today": NOON.date()} if report.needs_today else {}
    with store.reader() as connection:
        frame = report.frame(connection, **given)
    assert list(frame) == list(report.columns)
    shown = [name for cell in report.brief for name in _named(cell)]
    assert set(shown) <= set(report.columns)
    for row in report.rows(frame):
        assert {type(value) for value in row} <= {type(None), bool, int, float, str, datetime}
        assert all(value.tzinfo == UTC for value in row if isinstance(value, datetime))


def test_reports_read_as_of_an_entry(store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        claim = a_claim(draft)
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        a_claim(draft, source="Wire", stance="denies")
        journal.assess(draft, claim, "doubtful", "denied since")
    with store.reader(as_of=1) as connection:
        row = REPORTS["versus"].frame(connection).iloc[0]
    assert (row["denied_by"], row["statuses"]) == (None, "unreviewed 1")


@pytest.mark.parametrize("name", [name for name, report in REPORTS.items() if report.bundled])
def test_what_comes_in_bundles_is_the_frame(
    name: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = REPORTS[name]
    module = import_module(report.module)
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        for proposition in ("one", "two", "three"):
            a_claim(draft, on=proposition, said="2018-02-08")
            a_claim(draft, on=proposition, source="Wire")
    monkeypatch.setattr(module, "BUNDLE", 2)
    with store.reader() as connection:
        assert len(list(module.bundles(connection))) == 3
        rows, kinds = report.answer(connection)
        frame = report.frame(connection)
        assert list(rows) == list(report.rows(frame))
        assert kinds == report.kinds(frame)


def test_the_words_of_an_option_are_those_that_its_report_takes() -> None:
    taken = {
        ("counts", "policy"): tuple(POLICIES),
        ("status", "order"): ORDERS,
        ("agreement", "by"): BY,
        ("agreement", "each"): EACH,
    }
    told = {
        (name, option.name): option.words
        for name, report in REPORTS.items()
        for option in report.options
        if option.words
    }
    assert told == taken
