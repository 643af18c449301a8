"""The command line as a user has it: a ledger in a folder, an analyst, and commands typed."""

import shutil
from pathlib import Path
from typing import Protocol

import pytest
from click.testing import CliRunner, Result

from ledger import journal
from ledger.cli import cli
from ledger.store import SQLiteStore, Store
from tests.build import NOON, a_claim, a_count, a_document, a_fact, a_source, an_event


class Run(Protocol):
    """Types a command; `ok` says which exit status is expected (0, unless said otherwise)."""

    def __call__(self, *words: str, ok: int = 0, typed: str | None = None) -> Result: ...


@pytest.fixture
def run(store: Store, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Type commands at an empty ledger, as maria, in the folder the ledger is in."""
    monkeypatch.setenv("LEDGER_DB", str(store.path))
    monkeypatch.setenv("LEDGER_ANALYST", "maria")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(store.path.parent)
    runner = CliRunner()

    def run_it(*words: str, ok: int = 0, typed: str | None = None) -> Result:
        result = runner.invoke(cli, words, input=typed, prog_name="ledger")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == ok, f"{words}: {result.output}"
        return result

    return run_it


@pytest.fixture
def clash(_clash: Path, store: Store) -> Path:
    """A copy of the small ledger of the clash."""
    return Path(shutil.copy(_clash, store.path))


@pytest.fixture(scope="session")
def _clash(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small ledger: one event, a count and two facts, a government that denies, an outlet."""
    store = SQLiteStore(Path(shutil.copy(template, tmp_path_factory.mktemp("clash") / "ledger.db")))
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
    return store.path
