"""What is asked of one ledger on both databases is answered alike, to the last byte."""

from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from ledger import migrate, reports
from ledger.cli import cli
from ledger.exchange.seeds import seed
from ledger.store import SQLiteStore, Store
from ledger.store.postgresql import PostgreSQLStore
from ledger.views import VIEWS
from tests.places import Databases, address

#: In an order of their own: what ad-hoc SQL says of where the empty go is each database's.
_FIRST = {view.name: next(name for name in ("claim", "id", "entry", "alias", *view.columns)
                          if name in view.columns) for view in VIEWS}  # fmt: skip

ASKED = (
    *(("report", name, "-f", "csv") for name in reports.REPORTS if name != "changes"),
    ("report", "changes", "--since", "1", "-f", "csv"),
    *(("report", name, "-f", "json", "--as-of", "2") for name in ("versus", "agreement", "status")),
    *(("sql", f"SELECT * FROM {view} ORDER BY {first}, 2", "-f", "csv")
      for view, first in _FIRST.items()),
    ("list", "-f", "csv"),
    ("list", "-f", "json", "--as-of", "2"),
    ("log", "-f", "jsonl"),
    ("check", "-f", "csv"),
    ("source", "list", "-f", "csv"),
    ("export",),
    ("export", "-f", "stix"),
    ("prove", "1"),
    ("verify", "-f", "csv"),
)  # fmt: skip


@pytest.fixture(scope="module")
def both(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Store, Store]]:
    """The shipped ledger in a file and on the server."""
    file = SQLiteStore(tmp_path_factory.mktemp("alike") / "ledger.db")
    migrate.create(file, fill=seed)
    desk = databases.empty()
    assert isinstance(desk, PostgreSQLStore)
    seed(desk)
    yield file, desk
    databases.done(desk)


@pytest.mark.parametrize("words", ASKED, ids=" ".join)
def test_both_databases_answer_alike(both: tuple[Store, Store], words: tuple[str, ...]) -> None:
    said = []
    for store in both:
        answer = CliRunner().invoke(cli, ["--db", address(store), *words])
        said.append((answer.exit_code, answer.stdout, answer.stderr.replace(store.name, "DB")))
    assert said[0] == said[1]
    assert said[0][0] in (0, 3)  # the checks find something
