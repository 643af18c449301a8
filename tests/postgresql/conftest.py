"""Ledgers on the test server alone, for what only a server does."""

from collections.abc import Iterator

import pytest

from ledger.store.postgresql import PostgreSQLStore
from tests.places import Databases


@pytest.fixture
def desk(databases: Databases) -> Iterator[PostgreSQLStore]:
    """An empty ledger on the server."""
    made = databases.empty()
    assert isinstance(made, PostgreSQLStore)
    yield made
    databases.done(made)


@pytest.fixture
def spoilt(databases: Databases) -> Iterator[PostgreSQLStore]:
    """An empty ledger on the server whose schema the test alters."""
    made = databases.empty()
    assert isinstance(made, PostgreSQLStore)
    yield made
    databases.spoilt(made)
