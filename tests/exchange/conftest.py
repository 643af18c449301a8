"""Ledgers to fill, files to import, and what the public views say."""

import io
import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ledger.canonical import timestamp
from ledger.exchange.exporting import export_claims
from ledger.exchange.importing import Imported, import_stream
from ledger.store import Store
from ledger.views import VIEWS
from tests.build import NOON
from tests.places import Files, Places

Import = Callable[..., Imported]
Fresh = Callable[[], Store]
Pair = Callable[[], tuple[Store, Store]]

#: Columns that say when something was recorded, which an import cannot carry over.
RECORDED = {"entry", "recorded_at", "recorded_by", "assessed_at", "assessed_by"}


@pytest.fixture
def fresh(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Fresh:
    """Makes one more empty ledger: another analyst's, which is a file."""
    return Files(template, tmp_path_factory.mktemp).empty


@pytest.fixture
def emptied(store: Store, places: Places, template: Path, fresh: Fresh) -> Pair:
    """Empties two ledgers, the same two each time: the test's, and another analyst's in a file."""
    theirs = fresh()
    path = theirs.path
    assert path

    def empty() -> tuple[Store, Store]:
        places.clear(store)
        shutil.copy(template, path)
        return store, theirs

    return empty


@pytest.fixture
def take(store: Store) -> Import:
    """Imports the text of one CSV file into the test's ledger."""

    def run(text: str | bytes, name: str = "claims.csv", **options: Any) -> Imported:
        return take_into(store, text, name, **options)

    return run


def take_into(
    store: Store, text: str | bytes, name: str = "claims.csv", **options: Any
) -> Imported:
    data = text.encode() if isinstance(text, str) else text
    return import_stream(
        store, io.BytesIO(data), name, recorded_by="maria", recorded_at=NOON, **options
    )


def wide(store: Store, *, raw: bool = False) -> str:
    """The ledger as one wide table."""
    stream = io.StringIO(newline="")
    with store.reader() as connection:
        export_claims(connection, stream, raw=raw)
    return stream.getvalue()


def public(store: Store, *, but: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Every row of every public view, without what says when it was recorded."""
    found = {}
    with store.reader() as connection:
        for view in VIEWS:
            if view.name == "entries":
                continue
            columns = [name for name in view.columns if name not in RECORDED | {*but}]
            rows = connection.execute(sa.text(f"SELECT {', '.join(columns)} FROM {view.name}"))
            found[view.name] = sorted(repr(tuple(map(plain, row))) for row in rows)
    return found


def plain(value: object) -> object:
    """A value as either database gives it: a file knows neither days nor moments."""
    if isinstance(value, datetime):
        return timestamp(value)
    return value.isoformat() if isinstance(value, date) else value
