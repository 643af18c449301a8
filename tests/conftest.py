"""Every test that touches a database gets a really migrated one: a template, copied.

Properties are tried on 50 examples, in CI on the same ones each time; with
HYPOTHESIS_PROFILE=thorough on 2,000 of them. No test depends on how fast the machine is.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings

from ledger import journal, migrate
from ledger.store import Store, open_store
from tests.build import NOON

settings.register_profile(
    "quick",
    max_examples=50,
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("thorough", settings.get_profile("quick"), max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

#: For a property of which each example writes a ledger or more.
COSTLY = settings(max_examples=settings().max_examples // 5)


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
