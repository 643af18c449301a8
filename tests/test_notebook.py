"""A ledger in a notebook: what is opened, what it answers, and as of when."""

import doctest
import shutil
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

import ledger
from ledger import journal, notebook
from ledger.errors import InvalidError, NotFoundError, QueryError, StoreError
from ledger.store import Store
from tests.build import NOON, a_claim
from tests.places import address

SHIPPED = Path(__file__).parent.parent / "ledger.db"


@pytest.fixture
def book(store: Store) -> notebook.Ledger:
    """A claim by maria, and a day later its denial."""
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        a_claim(draft, source="Wire", said="2018-02-08")
    with journal.entry(store, recorded_by="jun", recorded_at=NOON + timedelta(days=1)) as draft:
        a_claim(draft, stance="denies", said="2018-02-10")
    return ledger.open(address(store))


def test_the_documented_example_runs_on_the_shipped_ledger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(SHIPPED, tmp_path / "ledger.db")
    monkeypatch.chdir(tmp_path)
    assert doctest.testmod(notebook) == doctest.TestResults(0, 6)


def test_opening_what_is_not_there_fails_at_once_and_creates_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        ledger.open(tmp_path / "typo.db")
    assert not list(tmp_path.iterdir())


def test_a_ledger_says_where_it_is_and_how_far_it_goes(book: notebook.Ledger) -> None:
    assert book.head.entry == 2
    assert repr(book).endswith(" at entry 2>")


def test_reports_are_the_same_as_on_the_command_line(book: notebook.Ledger) -> None:
    assert book.versus(contested=True)["days_between"].tolist() == [2]
    assert book.counts().empty
    assert book.status_totals()["claims"].sum() == 2
    assert book.status(today=date(2026, 3, 11))["waiting_days"].tolist() == [10, 9]


def test_any_report_is_had_by_its_name(book: notebook.Ledger) -> None:
    assert book.report("timeline")["when"].tolist() == ["2018-02-08", "2018-02-10"]
    assert book.report("changes", since=1)["source"].tolist() == ["Ministry"] * 2
    assert book.report("positions", shifts=True).empty
    assert book.report("status", as_of=1)["waiting_days"].tolist() == [0]
    assert len(book.report("origins", source="Wire")) == 2
    with pytest.raises(NotFoundError, match="there is no report “timelines”") as caught:
        book.report("timelines")
    assert caught.value.close == ("timeline",)


@pytest.mark.parametrize(
    "moment",
    [
        1,
        "1",
        date(2026, 3, 1),
        "2026-03-01",
        "2026-03-01T12:00:00Z",
        "2026-03-01T14:00:00",
        datetime(2026, 3, 1, 20, tzinfo=UTC),
        datetime(2026, 3, 1, 20, tzinfo=timezone(timedelta(hours=2))),
        datetime(2026, 3, 1, 20),  # noqa: DTZ001 - taken as UTC
    ],
)
def test_every_answer_can_be_as_of_an_earlier_time(
    book: notebook.Ledger, moment: int | date | str
) -> None:
    assert book.versus(as_of=moment)["denied_by"].tolist() == [None]
    assert len(book.claims(as_of=moment)) == 1
    assert len(book.sources(as_of=moment)) == 1
    assert len(book.propositions(as_of=moment)) == 1
    assert book.sql("SELECT count(*) AS n FROM claims", as_of=moment)["n"].tolist() == [1]
    assert book.status(as_of=moment)["waiting_days"].tolist() == [0]


@pytest.mark.parametrize("wrong", ["soon", "2018-02", "2018-02-30", ""])
def test_what_is_no_time_is_refused(book: notebook.Ledger, wrong: str) -> None:
    with pytest.raises(InvalidError):
        book.versus(as_of=wrong)


def test_an_entry_that_is_not_there_is_refused(book: notebook.Ledger) -> None:
    with pytest.raises(NotFoundError):
        book.versus(as_of=99)


@pytest.mark.parametrize("report", ["versus", "counts", "status", "status_totals"])
def test_a_filter_that_is_none_is_named_with_what_was_meant(
    book: notebook.Ledger, report: str
) -> None:
    with pytest.raises(NotFoundError, match="there is no filter “evnt”") as refused:
        getattr(book, report)(evnt="clash")
    assert refused.value.hint == "did you mean event?"


def test_views_come_with_numbers_moments_and_text(book: notebook.Ledger) -> None:
    claims = book.claims()
    assert str(claims["claim"].dtype) == str(claims["low"].dtype) == "Int64"
    assert claims["recorded_at"].tolist() == [NOON, NOON + timedelta(days=1)]
    assert claims["stated_on"].tolist() == ["2018-02-08", "2018-02-10"]
    assert claims["wording"].tolist() == [None, None]
    assert book.claims(as_of=0).dtypes.equals(claims.dtypes)


def test_sql_reads_and_cannot_write(book: notebook.Ledger) -> None:
    found = book.sql("SELECT source, claim, 0.5 AS half, '007' AS text, NULL AS gap FROM claims")
    assert found["text"].tolist() == ["007", "007"]
    assert [str(kind) for kind in found.dtypes] == [
        "object",
        "Int64",
        "Float64",
        "object",
        "object",
    ]
    assert list(book.sql("SELECT 1 AS a, 2 AS a")) == ["a", "a"]
    with pytest.raises(QueryError):
        book.sql("DELETE FROM claim")
    assert len(book.claims()) == 2
