"""A ledger in a notebook: the reports, the public views and SQL as pandas DataFrames.

>>> import ledger
>>> book = ledger.open("ledger.db")
>>> for row in book.counts(proposition="russians-killed").itertuples():
...     print(row.denied, "against a span of", row.span)
Source in the Russian Foreign Ministry 24–999 (“dozens and hundreds”) against a span of 24–999
>>> contested = book.versus(event="clash", contested=True)
>>> contested[["proposition", "affirmed_origins", "denied_origins"]].values.tolist()
[['russians-killed', 1, 1]]
>>> book.sql("SELECT stance, count(*) AS claims FROM claims WHERE source = 'Wagner' GROUP BY 1")
       stance  claims
0  no-comment       3

Everything only reads. `as_of` answers as the ledger stood: an entry's number, a day (to its end,
UTC), a moment, or any of these as text.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from difflib import get_close_matches
from os import PathLike, fspath
from typing import Any, TypeAlias, Unpack

import numpy as np
import pandas as pd
import sqlalchemy as sa

from ledger import history, query, views
from ledger.errors import InvalidError, NotFoundError, Problem
from ledger.history import Head
from ledger.reports import REPORTS
from ledger.reports.counts import counts
from ledger.reports.filters import Filters
from ledger.reports.frames import text, whole
from ledger.reports.status import status, status_totals
from ledger.reports.versus import versus
from ledger.rules import shown
from ledger.store import Store, open_store

AsOf: TypeAlias = int | date | datetime | str | None


def open_ledger(path: str | PathLike[str]) -> "Ledger":
    """Open the ledger at `path` (a file, or an address such as sqlite:///ledger.db) for reading.

    Raises StoreError where there is none (it creates nothing) and SchemaError where the file is no
    ledger of this program's revision.
    """
    opened = Ledger(open_store(fspath(path)))
    _ = opened.head  # what cannot be read is refused here, not at the first question
    return opened


class Ledger:
    """A ledger that is read as DataFrames; each answer reads one snapshot and then lets go.

    Text is str or None, whole numbers Int64, moments datetime64[s, UTC]. Raises LedgerErrors:
    NotFoundError for a filter or entry that is not there, InvalidError for an `as_of` that is
    neither an entry's number nor a date, StoreError where the file cannot be read.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def __repr__(self) -> str:
        """Where it is and how far it goes."""
        return f"<Ledger {self._store.name} at entry {self.head.entry}>"

    @property
    def head(self) -> Head:
        """The newest entry: its number, hash and time; entry 0 where nothing is recorded."""
        with self._store.reader() as connection:
            return history.head(connection)

    def versus(self, *, as_of: AsOf = None, **filters: Unpack[Filters]) -> pd.DataFrame:
        """Claim against denial, one row a proposition: see `ledger.reports.versus.versus`."""
        with self._reading(as_of) as connection:
            return versus(connection, **filters)

    def counts(self, *, as_of: AsOf = None, **filters: Unpack[Filters]) -> pd.DataFrame:
        """The figures claimed, one row a count: see `ledger.reports.counts.counts`."""
        with self._reading(as_of) as connection:
            return counts(connection, **filters)

    def status(
        self, *, today: date | None = None, as_of: AsOf = None, **filters: Unpack[Filters]
    ) -> pd.DataFrame:
        """The work queue, one row a claim that waits: see `ledger.reports.status.status`.

        `today` (a day, UTC) is what waiting is reckoned to; left out, it is the day of `as_of`,
        and without that today.
        """
        moment = _moment(as_of)
        with self._reading(moment) as connection:
            return status(connection, today=today or _day(connection, moment), **filters)

    def status_totals(self, *, as_of: AsOf = None, **filters: Unpack[Filters]) -> pd.DataFrame:
        """Claims by status, one row a status: see `ledger.reports.status.status_totals`."""
        with self._reading(as_of) as connection:
            return status_totals(connection, **filters)

    def report(self, name: str, *, as_of: AsOf = None, **asked: Any) -> pd.DataFrame:
        """Any report by its name, as `ledger report NAME` tells it; columns in docs/reports.md.

        `asked` are its filters and options, and True for what turns it into another:
        `report("positions", shifts=True)`. Raises NotFoundError where there is no such report.
        """
        if name not in REPORTS:
            close = get_close_matches(name, REPORTS, n=3)
            hint = f"did you mean {', '.join(close)}?" if close else f"one of {', '.join(REPORTS)}"
            raise NotFoundError(f"there is no report {shown(name)}", hint, close)
        report = REPORTS[name]
        for flag, variant in REPORTS[name].variants.items():
            if asked.pop(flag, False):
                report = variant
        moment = _moment(as_of)
        with self._reading(moment) as connection:
            if report.needs_today and asked.get("today") is None:
                asked["today"] = _day(connection, moment)
            return report.frame(connection, **asked)

    def claims(self, *, as_of: AsOf = None) -> pd.DataFrame:
        """The public view `claims`, one row a claim, by number; columns as the view tells them."""
        return self._view(views.CLAIMS, as_of)

    def propositions(self, *, as_of: AsOf = None) -> pd.DataFrame:
        """The public view `propositions`, one row each, by slug."""
        return self._view(views.PROPOSITIONS, as_of)

    def sources(self, *, as_of: AsOf = None) -> pd.DataFrame:
        """The public view `sources`, one row a source, by name; merged ones left out."""
        return self._view(views.SOURCES, as_of)

    def sql(self, text: str, *, as_of: AsOf = None) -> pd.DataFrame:
        """The answer to one SELECT over the public views and tables; QueryError if it is wrong.

        Rows in the order of the statement. A column of whole numbers comes as Int64, of other
        numbers as Float64, any other as it is stored.
        """
        number = self._entry(_moment(as_of))
        answer = query.run(self._store, text, as_of=number)
        columns = zip(*answer.rows, strict=True) if answer.rows else [()] * len(answer.columns)
        made = {place: _typed(list(values)) for place, values in enumerate(columns)}
        return pd.DataFrame(made).set_axis(list(answer.columns), axis="columns")

    def _view(self, view: views.View, as_of: AsOf) -> pd.DataFrame:
        table = sa.table(view.name, *(sa.column(name) for name in view.columns))
        question = sa.select(table).order_by(next(iter(table.c)))
        with self._reading(as_of) as connection:
            rows = connection.execute(question).all()
        columns = zip(*rows, strict=True) if rows else [()] * len(view.columns)
        return pd.DataFrame(
            {
                name: _READERS.get(name, text)(values)
                for name, values in zip(view.columns, columns, strict=True)
            }
        )

    def _entry(self, moment: int | date | datetime | None) -> int | None:
        if moment is None:
            return None
        with self._store.reader() as connection:
            return history.entry_as_of(connection, moment)

    @contextmanager
    def _reading(self, as_of: AsOf) -> Iterator[sa.Connection]:
        with self._store.reader(as_of=self._entry(_moment(as_of))) as connection:
            yield connection


def _moments(values: Any) -> "pd.Series[Any]":
    return pd.to_datetime(pd.Series(list(values), dtype=object), utc=True).dt.as_unit("s")


_WHOLE = (
    "claim",
    "answers",
    "repeats",
    "id",
    "entry",
    "low",
    "high",
    "finding_low",
    "finding_high",
)
_READERS: dict[str, Any] = {**dict.fromkeys(_WHOLE, whole), "recorded_at": _moments}


def _typed(values: list[Any]) -> "pd.Series[Any]":
    kinds = {type(value) for value in values} - {type(None)}
    if kinds == {int}:
        return pd.Series(values, dtype="Int64")
    if kinds and kinds <= {int, float}:
        return pd.Series(np.array(values, dtype=np.float64)).astype("Float64")
    return pd.Series(values, dtype=object)


def _moment(as_of: AsOf) -> int | date | datetime | None:
    """What `as_of` says: text read, and a time without a zone taken as UTC, as all times here."""
    if isinstance(as_of, str):
        as_of = _read_moment(as_of.strip())
    if isinstance(as_of, datetime) and as_of.tzinfo is None:
        return as_of.replace(tzinfo=UTC)
    return as_of


def _read_moment(words: str) -> int | date | datetime:
    try:
        if words.isdecimal():
            return int(words)
        return date.fromisoformat(words) if len(words) == 10 else datetime.fromisoformat(words)
    except ValueError:
        raise InvalidError(
            "the ledger cannot be read as of that",
            [
                Problem(
                    "as_of",
                    f"{shown(words)} is neither an entry's number nor a date",
                    "7, 2018-02-20, 2018-02-20T09:00:00Z",
                )
            ],
        ) from None


def _day(connection: sa.Connection, moment: int | date | datetime | None) -> date:
    """The day that `moment` lies in, UTC; today where there is none."""
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).date()
    if isinstance(moment, date):
        return moment
    newest = history.head(connection).recorded_at if moment is not None else None
    return (newest or datetime.now(UTC)).date()
