"""Every test that touches a database gets a really migrated one: a template, copied."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from ledger import journal, migrate
from ledger.store import Store, open_store
from tests.build import NOON


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "ledger.db"
    migrate.create(open_store(path))
    return path


@pytest.fixture
def store(template: Path, tmp_path: Path) -> Store:
    """An empty ledger, in a folder of its own."""
    return open_store(shutil.copy(template, tmp_path / "ledger.db"))


@pytest.fixture
def draft(store: Store) -> Iterator[journal.Draft]:
    """One open entry on an empty ledger, committed when the test ends well."""
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as opened:
        yield opened


@pytest.fixture
def connection(store: Store) -> Iterator[sa.Connection]:
    """A reader on the test's ledger, as it stands when the test begins."""
    with store.reader() as opened:
        yield opened
