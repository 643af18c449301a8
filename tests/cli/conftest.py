"""The command line as a user has it: a ledger in a folder, an analyst, and commands typed."""

from pathlib import Path
from typing import Protocol

import pytest
from click.testing import CliRunner, Result

from ledger import journal
from ledger.cli import cli
from ledger.store import Store
from tests.build import NOON, a_claim, a_count, a_document, a_fact, a_source, an_event
from tests.places import Places, address


class Run(Protocol):
    """Types a command; `ok` says which exit status is expected (0, unless said otherwise)."""

    def __call__(self, *words: str, ok: int = 0, typed: str | None = None) -> Result: ...


@pytest.fixture
def run(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Type commands at an empty ledger, as maria; a file is in the folder where she is."""
    monkeypatch.setenv("LEDGER_DB", address(store))
    monkeypatch.setenv("LEDGER_ANALYST", "maria")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()

    def run_it(*words: str, ok: int = 0, typed: str | None = None) -> Result:
        result = runner.invoke(cli, words, input=typed, prog_name="ledger")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == ok, f"{words}: {result.output}"
        return result

    return run_it


@pytest.fixture
def clash(_clash: Store, store: Store, places: Places) -> str:
    """Where the test's ledger is, which holds what the small ledger of the clash does."""
    places.fill(store, _clash)
    return address(store)


@pytest.fixture(scope="session")
def _clash(places: Places) -> Store:
    """A small ledger: one event, a count and two facts, a government that denies, an outlet."""
    store = places.empty()
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        event = an_event(draft, "clash")
        a_count(draft, "killed", event_id=event)
        a_fact(draft, "they-came", event_id=event)
        a_fact(draft, "they-were-sent", event_id=event)
        government = a_source(draft, "Government", kind="government")
        a_source(draft, "Ministry", kind="government", member_of_id=government)
        a_source(draft, "Jim Mattis", kind="person")
        a_source(draft, "Gazette", kind="outlet")
        a_source(draft, "An official", kind="unnamed")
        article = a_document(draft, "article", url="https://example.org/1")
        a_claim(
            draft,
            source="Gazette",
            on="killed",
            low=101,
            wording="more than 100",
            document_id=article,
            quote="more than 100 died",
            said="2018-02-08",
        )
        a_claim(draft, source="Ministry", on="they-were-sent", stance="denies", answers_id=1,
                said="2018-02-10")  # fmt: skip
    return store
