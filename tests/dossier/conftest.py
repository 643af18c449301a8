"""Dossiers of ledgers that a test fills: the public views show only what an entry has written."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from ledger import journal
from ledger.dossier.drawings import drawn
from ledger.dossier.gathering import gather, subject
from ledger.dossier.openwork import checked
from ledger.dossier.values import Dossier
from ledger.journal import Draft
from ledger.store import Store
from tests.build import NOON
from tests.dossier.browser import program


class Desk:
    """A ledger to write into, an entry a call, and to make dossiers of."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def record(self, fill: Callable[..., Any], *given: Any, by: str = "maria") -> Any:
        with journal.entry(self.store, recorded_by=by, recorded_at=NOON) as draft:
            return fill(draft, *given)

    def dossier(self, name: str, *, as_of: int | None = None, charts: bool = False) -> Dossier:
        with self.store.reader(as_of=as_of) as connection:
            about = subject(connection, name)
            told = None if as_of is None else str(as_of)
            found = gather(connection, about, made_at=NOON, as_of=told)
            found = checked(connection, found, about, date(2026, 3, 1))
            return drawn(connection, found, about) if charts else found


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def assess(draft: Draft, claim: int, status: str, because: str) -> None:
    draft.update("claim", claim, {"status": status, "because": because})


def settle(draft: Draft, proposition: int, verdict: str, because: str, **found: int) -> None:
    draft.update("proposition", proposition, {"verdict": verdict, "because": because, **found})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud that no browser has seen the page, where there is none."""
    if program() is None and any(
        "test_browser" in report.nodeid for report in terminalreporter.stats.get("skipped", ())
    ):
        terminalreporter.write_sep("!", "the dossier was NOT tested in a browser: no chromium here")
