"""Records in batches are the Reader's records, whatever the bytes and wherever they are cut."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.errors import BadFileError, BadRow
from ledger.exchange import batches
from ledger.exchange.batches import Batches
from ledger.exchange.reading import Reader

PIECES = [
    b"a", b",", b'"', b"\n", b"\r", b"\r\n", b'"a"', b'"",', b"\xff", b"\0", b"'", "é".encode(),
    b'"x\ny"', b"a,b\n", b"\xef\xbb\xbf",
]  # fmt: skip


def told(read: Callable[[list[BadRow]], Any]) -> Any:
    """Records with their lines, how many, and what was bad; or why there are none."""
    bad: list[BadRow] = []
    try:
        return read(bad), bad
    except BadFileError as error:
        return error.message, error.hint


@given(st.lists(st.sampled_from(PIECES), max_size=25).map(b"".join), st.integers(4, 50))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_batches_hold_what_the_reader_reads(
    monkeypatch: pytest.MonkeyPatch, data: bytes, size: int
) -> None:
    monkeypatch.setattr(batches, "_CHUNK", size)

    def one_by_one(bad: list[BadRow]) -> Any:
        reader = Reader(io.BytesIO(data), "f.csv", bad)
        return [(record.line, record.cells) for record in reader], reader.records

    def together(bad: list[BadRow]) -> Any:
        reader = Batches(io.BytesIO(data), "f.csv", bad)
        found = [(line, cells) for batch in reader for line, cells in zip(
            batch.lines, batch.rows, strict=True)]  # fmt: skip
        return found, reader.records

    assert told(one_by_one) == told(together)


def test_a_cell_that_may_be_marked_is_told() -> None:
    for text, marked in ((b"a,b\n", False), (b"a,'=b\n", True), (b"it's,b\n", False)):
        reader = Batches(io.BytesIO(text), "f.csv", [])
        list(reader)
        assert reader.marked is marked
