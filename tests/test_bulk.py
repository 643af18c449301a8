"""Very many rows at once: the same leaves, the same guards, the same links looked at."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from ledger import bulk, journal, schema
from ledger.canonical import leaf, row_leaves
from ledger.catalogue import catalogue_faults
from ledger.errors import InvalidError
from ledger.sheaf import Leaves
from ledger.store import Store
from ledger.verification import faults
from tests.build import NOON, a_fact, a_source

COLUMNS = [column.name for column in schema.claim.c if column.name != "leaf"]
VALUES = st.none() | st.integers(0, 2**53 - 1) | st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(st.tuples(*(VALUES for _ in COLUMNS)), min_size=1, max_size=5))
def test_leaves_made_together_are_those_made_one_by_one(rows: list[tuple[Any, ...]]) -> None:
    one_by_one = [leaf("claim", dict(zip(COLUMNS, row, strict=True))) for row in rows]
    columns = dict(zip(COLUMNS, zip(*rows, strict=True), strict=True))
    assert row_leaves("claim", columns) == one_by_one


def test_leaves_come_in_batches_in_their_order() -> None:
    leaves, hashes = Leaves(), [bytes([number]) * 32 for number in range(5)]
    leaves.add(1, hashes[0])
    leaves.extend(2, hashes[1:4])
    assert [*leaves.batches(3)] == [hashes[:3], hashes[3:4]]
    leaves.add(5, hashes[4])
    assert [each for some in leaves.batches(2) for each in some] == [*leaves] == hashes


def load(store: Store, count: int, *, source: int = 1) -> None:
    """Many claims, the last of them by `source`."""
    with (
        journal.transaction(store, loading=True) as transaction,
        transaction.entry(recorded_by="maria", recorded_at=NOON) as draft,
    ):
        a_fact(draft, "they-came")
        a_source(draft, "Pentagon")
        values: dict[str, Any] = {
            "proposition_id": 1, "stance": "denies", "basis": "unknown", "attribution": "named",
            "status": "unreviewed", "entry_id": draft.id,
        }  # fmt: skip
        with draft.load("claim", count) as write:
            for first in range(1, count + 1, 1_000):
                numbers = [*range(first, min(first + 1_000, count + 1))]
                columns = {name: [values.get(name)] * len(numbers) for name in COLUMNS}
                speakers = [source if number == count else 1 for number in numbers]
                write(bulk.ready("claim", {**columns, "id": numbers, "source_id": speakers}))


@pytest.mark.parametrize("count", [1, 5_000])
def test_the_catalogue_is_as_it_was_and_all_of_it_holds(store: Store, count: int) -> None:
    load(store, count)
    with store.reader() as connection:
        assert [*catalogue_faults(connection)] == []
        assert [*faults(connection)] == []
        assert connection.execute(sa.text("SELECT count(*) FROM claims")).scalar() == count


def test_a_row_that_names_what_is_not_there_is_refused(store: Store) -> None:
    with pytest.raises(InvalidError, match="cannot be recorded"):
        load(store, 5, source=9)
    with store.reader() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM claim")).scalar() == 0


def test_a_row_out_of_order_is_refused(store: Store) -> None:
    columns: dict[str, Any] = {name: [None] for name in COLUMNS}
    second = bulk.ready("claim", columns | {"id": [2], "entry_id": [1]})
    with (
        pytest.raises(ValueError, match="not the next row"),
        journal.transaction(store, loading=True) as transaction,
        transaction.entry(recorded_by="maria", recorded_at=NOON) as draft,
        draft.load("claim", 1) as write,
    ):
        write(second)


@pytest.mark.sqlite("it is killed when the file grows; of a server see tests/postgresql")
def test_an_import_that_is_killed_leaves_nothing(store: Store, tmp_path: Path) -> None:
    assert store.path is not None
    file = tmp_path / "claims.csv"
    with file.open("w") as stream:
        stream.write("proposition,source,stance,quote,proposition_text,kind\n")
        for number in range(40_000):
            stream.write(f"came,Agency,asserts,{'word ' * 40}{number},They came.,fact\n")
    ledger = [sys.executable, "-m", "ledger", "--db", str(store.path), "--as", "maria"]
    process = subprocess.Popen([*ledger, "import", str(file)], stderr=subprocess.DEVNULL)
    size = store.path.stat().st_size
    while process.poll() is None and store.path.stat().st_size == size:
        time.sleep(0.001)  # until it writes to the file itself
    process.kill()
    assert process.wait() == -signal.SIGKILL
    with store.reader() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM claim")).scalar() == 0
        assert [*faults(connection)] == []
    assert subprocess.run([*ledger, "import", str(file)], capture_output=True).returncode == 0
    with sqlite3.connect(os.fspath(store.path)) as driver:
        assert driver.execute("SELECT count(*) FROM claim").fetchone() == (40_000,)
    driver.close()
