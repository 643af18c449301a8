"""Every test that touches a database gets a really migrated one, and runs on SQLite and PostgreSQL.

Properties are tried on 50 examples, in CI on the same ones each time, and of a test with many cases
three are tried on PostgreSQL; with HYPOTHESIS_PROFILE=thorough there are 2,000 examples, and every
case. No test depends on how fast the machine is.
"""

import gc
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings

from ledger import journal, migrate
from ledger.store import Store, open_store
from tests.build import NOON
from tests.places import Databases, Files, Places
from tests.postgresql.servers import NoServerError, a_server

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


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "sqlite(why): it is about the file itself, and runs on SQLite alone"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that touches a database on each of them."""
    if "database" in metafunc.fixturenames:
        databases = ["sqlite", "postgresql"]
        metafunc.parametrize("database", databases, indirect=True, scope="session")


#: So many cases of a test are tried on a server; with the profile `thorough`, every one.
SOME = 3


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out on PostgreSQL what is about a file itself, and most of a test's many cases."""
    tried: Counter[str] = Counter()

    def belongs(item: pytest.Item) -> bool:
        if not _on_a_server(item):
            return True
        if _is_of_files(item):
            return False
        test = item.nodeid.partition("[")[0]
        tried[test] += 1
        return tried[test] <= SOME or settings.get_current_profile_name() == "thorough"

    items[:] = [item for item in items if belongs(item)]


def pytest_collection_finish() -> None:
    """Look for garbage no more among the thousands of tests: none of them ends before the run."""
    gc.collect()
    gc.freeze()


def _on_a_server(item: pytest.Item) -> bool:
    specified = getattr(item, "callspec", None)
    return specified is not None and specified.params.get("database") == "postgresql"


def _is_of_files(item: pytest.Item) -> bool:
    return item.get_closest_marker("sqlite") is not None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if marker := item.get_closest_marker("sqlite"):
        item.user_properties.append(("sqlite", str(marker.args[0])))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Try a property on a server with a fifth of the examples: SQLite has tried all of them."""
    test = getattr(item, "obj", None)
    given: settings | None = getattr(test, _USED, None)
    if given is None or not _on_a_server(item):
        return (yield)
    setattr(test, _USED, settings(given, max_examples=max(2, given.max_examples // 5)))
    try:
        return (yield)
    finally:
        setattr(test, _USED, given)


#: Where Hypothesis keeps what a test is set to.
_USED = "_hypothesis_internal_use_settings"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why which tests ran on SQLite alone, and say aloud where PostgreSQL was not tested."""
    reports = [report for some in terminalreporter.stats.values() for report in some]
    alone = Counter(
        why
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, why in report.user_properties
        if name == "sqlite"
    )
    if alone:
        terminalreporter.write_line(f"{alone.total()} tests ran on SQLite alone:")
        for why, tests in alone.most_common():
            terminalreporter.write_line(f"  {tests:>4}  {why}")
    untested = [
        r for r in terminalreporter.stats.get("skipped", ()) if NOT_TESTED in str(r.longrepr)
    ]
    if untested:
        terminalreporter.write_sep("!", f"{NOT_TESTED}: {len(untested)} tests were skipped")


#: Said where there is no server.
NOT_TESTED = "PostgreSQL was NOT tested"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty ledger in a file, to be copied by tests that are about files."""
    path = tmp_path_factory.mktemp("template") / "ledger.db"
    migrate.create(open_store(path))
    return path


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest) -> str:
    """Which database a test runs on: `sqlite` or `postgresql`."""
    return str(request.param)


@pytest.fixture(scope="session")
def server() -> Iterator[sa.URL]:
    """An administrator's address of the test server; each process that runs tests has its own."""
    with ExitStack() as stack:
        try:
            found = stack.enter_context(a_server())
        except NoServerError as error:
            if os.environ.get("CI") == "true":
                pytest.fail(f"{NOT_TESTED}: {error}")
            pytest.skip(f"{NOT_TESTED}: {error}")
        yield found


@pytest.fixture(scope="session")
def places(
    request: pytest.FixtureRequest, database: str, tmp_path_factory: pytest.TempPathFactory
) -> Places:
    """Where the ledgers of a test are, on the database that it runs on."""
    if database == "sqlite":
        return Files(request.getfixturevalue("template"), tmp_path_factory.mktemp)
    found: Places = request.getfixturevalue("databases")
    return found


@pytest.fixture(scope="session")
def databases(server: sa.URL) -> Iterator[Databases]:
    """The ledgers of a test server."""
    made = Databases(server)
    yield made
    made.close()


@pytest.fixture
def store(places: Places, tmp_path: Path) -> Iterator[Store]:
    """An empty ledger; a file is in a folder of its own."""
    made = places.empty(tmp_path)
    yield made
    places.done(made)


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
