"""The migrated database is the one that the program speaks of, down to the constraints."""

import ast
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from ledger import model, schema, views
from ledger.sqlwords import SEARCHED

pytestmark = pytest.mark.sqlite("catalogues of files; of a server see tests/postgresql")

TABLES = sorted(schema.metadata.tables)


@pytest.fixture(scope="module")
def migrated(template: Path) -> Iterator[sa.Inspector]:
    with sa.create_engine(f"sqlite:///{template}").connect() as connection:
        yield sa.inspect(connection)


@pytest.fixture(scope="module")
def declared() -> Iterator[sa.Inspector]:
    with sa.create_engine("sqlite://").connect() as connection:
        schema.metadata.create_all(connection)
        yield sa.inspect(connection)


def ddl(inspector: sa.Inspector, name: str) -> str:
    connection = inspector.bind
    assert isinstance(connection, sa.Connection)
    query = sa.text("SELECT sql FROM sqlite_master WHERE name = :name")
    return " ".join(str(connection.execute(query, {"name": name}).scalar_one()).split())


def pragma(inspector: sa.Inspector, name: str, table: str) -> list[tuple[Any, ...]]:
    connection = inspector.bind
    assert isinstance(connection, sa.Connection)
    return [tuple(row) for row in connection.exec_driver_sql(f"PRAGMA {name}({table})")]


def checks(inspector: sa.Inspector, table: str) -> dict[str | None, str]:
    return {
        each["name"]: " ".join(each["sqltext"].split())
        for each in inspector.get_check_constraints(table)
    }


def test_there_are_the_tables_that_are_declared_and_no_more(migrated: sa.Inspector) -> None:
    beside = ("config", "data", "docsize", "idx")  # what FTS5 keeps of its tables
    searched = [f"{name}{part}" for name in SEARCHED for part in ("", *(f"_{p}" for p in beside))]
    assert sorted(migrated.get_table_names()) == sorted([*TABLES, "alembic_version", *searched])


@pytest.mark.parametrize("table", TABLES)
class TestTable:
    def test_columns(self, migrated: sa.Inspector, declared: sa.Inspector, table: str) -> None:
        # Order, name, type, nullability, default and place in the primary key.
        assert pragma(migrated, "table_xinfo", table) == pragma(declared, "table_xinfo", table)

    def test_keys(self, migrated: sa.Inspector, declared: sa.Inspector, table: str) -> None:
        for kind in ("get_pk_constraint", "get_foreign_keys", "get_unique_constraints"):
            mine, theirs = (getattr(each, kind)(table) for each in (migrated, declared))
            assert _sorted(mine) == _sorted(theirs), kind

    def test_checks(self, migrated: sa.Inspector, declared: sa.Inspector, table: str) -> None:
        assert checks(migrated, table) == checks(declared, table)
        # The inspector reads the text that was declared; hold it to the number that there are.
        assert len(checks(migrated, table)) == ddl(migrated, table).count(" CHECK ")

    def test_indexes(self, migrated: sa.Inspector, declared: sa.Inspector, table: str) -> None:
        names = [index["name"] for index in migrated.get_indexes(table)]
        assert names == [index["name"] for index in declared.get_indexes(table)]
        for name in filter(None, names):
            assert ddl(migrated, name) == ddl(declared, name)

    def test_storage(self, migrated: sa.Inspector, declared: sa.Inspector, table: str) -> None:
        ends = [ddl(each, table).endswith("WITHOUT ROWID") for each in (migrated, declared)]
        assert ends == [table.endswith("_history")] * 2


def _sorted(keys: object) -> object:
    if not isinstance(keys, list):
        return keys
    return sorted(keys, key=lambda key: str(key["name"]))


def test_every_constraint_has_a_name(migrated: sa.Inspector) -> None:
    for table in TABLES:
        text = ddl(migrated, table)
        kinds = r"PRIMARY KEY|FOREIGN KEY|UNIQUE|CHECK"
        assert len(re.findall(kinds, text)) == len(re.findall(rf"CONSTRAINT \w+ (?:{kinds})", text))


def test_every_versioned_table_has_a_twin_with_the_same_columns() -> None:
    assert sorted(TABLES) == sorted(
        [
            "entry",
            "stance",
            "status",
            *schema.VERSIONED,
            *(f"{name}_history" for name in schema.VERSIONED),
        ]
    )
    for table, twin in schema.VERSIONED.values():
        assert twin.c.keys() == [*table.c.keys(), "until_entry_id"]


def test_links_between_rows_are_checked_at_commit(migrated: sa.Inspector) -> None:
    for name in schema.VERSIONED:
        for key in migrated.get_foreign_keys(name):
            deferred = key["options"].get("initially") == "DEFERRED"
            assert deferred == (key["referred_table"] not in ("stance", "status")), key


def test_reference_tables_hold_the_vocabularies_of_the_model(migrated: sa.Inspector) -> None:
    connection = migrated.bind
    assert isinstance(connection, sa.Connection)
    for table, words in ((schema.stance, model.STANCES), (schema.status, model.STATUSES)):
        rows = connection.execute(sa.select(table).order_by(table.c.code)).all()
        expected = [tuple(getattr(word, c.name) for c in table.c) for word in words]
        assert sorted(map(tuple, rows)) == sorted(expected)


@pytest.mark.parametrize(
    ("table", "check", "words"),
    [
        ("source", "kind", model.SourceKind),
        ("source", "reliability", model.RELIABILITIES),
        ("proposition", "kind", model.Kind),
        ("proposition", "verdict", model.Verdict),
        ("claim", "basis", model.Basis),
        ("claim", "attribution", model.Attribution),
        ("claim", "stated_precision", model.Precision),
    ],
)
def test_the_words_of_a_check_are_those_of_the_model(
    migrated: sa.Inspector, table: str, check: str, words: Any
) -> None:
    text = checks(migrated, table)[f"ck_{table}_{check}"]
    assert re.findall(r"'([^']*)'", text) == [str(word) for word in words]


def test_views_are_those_that_are_documented(migrated: sa.Inspector) -> None:
    assert sorted(migrated.get_view_names()) == sorted(view.name for view in views.SQLITE_VIEWS)


@pytest.mark.parametrize("view", views.SQLITE_VIEWS, ids=lambda view: view.name)
def test_a_view_is_its_text_and_has_the_documented_columns(
    migrated: sa.Inspector, view: views.View
) -> None:
    assert ddl(migrated, view.name) == f"CREATE VIEW {view.name} AS {' '.join(view.sql.split())}"
    connection = migrated.bind
    assert isinstance(connection, sa.Connection)
    result = connection.exec_driver_sql(f"SELECT * FROM {view.name}")
    assert list(result.keys()) == list(view.columns)
    assert all(view.columns.values())


def test_revisions_are_those_of_the_scripts() -> None:
    config = Config()
    config.set_main_option("script_location", str(files("ledger.migrations")))
    config.set_main_option("path_separator", "os")
    scripts = list(ScriptDirectory.from_config(config).walk_revisions())
    assert tuple(script.revision for script in reversed(scripts)) == schema.REVISIONS


def test_migrations_import_nothing_of_the_program() -> None:
    for script in sorted(Path(str(files("ledger.migrations"))).rglob("*.py")):
        for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                imported = [node.module or ""]
            else:
                continue
            assert not [name for name in imported if name.split(".")[0] == "ledger"], script
