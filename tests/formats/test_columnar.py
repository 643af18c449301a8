"""Parquet: every column has its type, also where nothing is in it."""

import io
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ledger.formats import FORMATS, Answer, columnar

KINDS = {"n": "whole", "r": "real", "f": "flag", "m": "moment", "d": "day"}


def table(columns: tuple[str, ...], rows: Any, **given: Any) -> pa.Table:
    file = io.BytesIO()
    FORMATS["parquet"].write(file, Answer(columns, rows, **given))
    return pq.read_table(file)


def types(found: pa.Table) -> list[str]:
    return [str(field.type) for field in found.schema]


def test_a_column_keeps_its_type_where_every_value_is_missing() -> None:
    columns = (*KINDS, "text")
    told = ["int64", "double", "bool", "timestamp[us, tz=UTC]", "date32[day]", "string"]
    assert types(table(columns, [], kinds=KINDS)) == told
    assert types(table(columns, [(None,) * 6], kinds=KINDS)) == told


def test_moments_and_flags_of_the_views_are_text_and_numbers_there() -> None:
    found = table(("m", "f", "d"), [("2026-03-01T12:00:00Z", 1, "2018-02-08")], kinds=KINDS)
    row = found.to_pylist()[0]
    assert row["m"] == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert row["f"] is True
    assert str(row["d"]) == "2018-02-08"


def test_where_nobody_says_the_values_do() -> None:
    columns = ("n", "r", "t", "none", "mixed", "large")
    rows = [
        (1, 1, "a", None, 1, 2**60),
        (None, 0.5, None, None, 2.5, 0.5),
        (3, 2, "b", None, "x", 1),
    ]
    found = table(columns, rows, kinds=None)
    assert types(found) == ["int64", "double", "string", "string", "string", "string"]
    assert found["mixed"].to_pylist() == ["1", "2.5", "x"]
    assert found["large"].to_pylist() == [str(2**60), "0.5", "1"]


def test_many_rows_come_in_batches_and_all_of_them() -> None:
    many = columnar._BATCH * 2 + 7
    rows = ((n, None if n < many - 1 else 0.5) for n in range(many))
    found = table(("n", "late"), rows, kinds=None)
    assert found["n"].to_pylist() == list(range(many))
    assert types(found) == ["int64", "double"]


def test_columns_of_one_name_are_kept_and_meanings_go_along() -> None:
    found = table(("a", "a"), [(1, "x")], kinds=None, meanings={"a": "what a is"})
    assert found.column_names == ["a", "a_2"]
    assert found.schema.field("a").metadata == {b"description": b"what a is"}


def test_it_is_compressed_with_zstandard() -> None:
    file = io.BytesIO()
    FORMATS["parquet"].write(file, Answer(("a",), [("x",)]))
    assert pq.ParquetFile(file).metadata.row_group(0).column(0).compression == "ZSTD"
