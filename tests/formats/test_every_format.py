"""One answer, written in each format and read back by somebody else's reader: the same cells."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet
import pytest

from ledger import views
from ledger.formats import FORMATS, Answer
from ledger.formats.values import plain
from ledger.store import open_store

COLUMNS = ("claim", "source", "said", "fits", "share", "recorded_at", "day", "missing")
KINDS = {
    "claim": "whole",
    "fits": "flag",
    "share": "real",
    "recorded_at": "moment",
    "day": "day",
    "missing": "whole",
}
SHIPPED = Path(__file__).parents[2] / "ledger.db"
WHEN = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
ROWS: list[tuple[Any, ...]] = [
    (1, "Ministry", "at least 5", True, 0.25, WHEN, date(2018, 2, 8), None),
    (2, "Министерство, “обороны”", "=1+1", False, None, None, None, None),
    (3, "وزارة الدفاع", " 007 \n and | <b>more</b>; ", None, 1e300, WHEN, None, None),
    (10**14, "Al; Bo", "1-2", True, -0.5, None, date(1066, 10, 14), None),
]


def written(name: str, **given: Any) -> bytes:
    answer = Answer(COLUMNS, given.pop("rows", ROWS), given.pop("kinds", KINDS), **given)
    if FORMATS[name].text:
        page = io.StringIO(newline="")
        FORMATS[name].write(page, answer)
        return page.getvalue().encode()
    file = io.BytesIO()
    FORMATS[name].write(file, answer)
    return file.getvalue()


def from_csv(data: bytes) -> list[list[Any]]:
    return list(csv.reader(io.StringIO(data.decode(), newline="")))[1:]


def from_json(data: bytes) -> list[list[Any]]:
    return [[plain(value) for value in row.values()] for row in json.loads(data)]


def from_jsonl(data: bytes) -> list[list[Any]]:
    return [[*map(plain, json.loads(line).values())] for line in data.decode().splitlines()]


def from_xlsx(data: bytes) -> list[list[Any]]:
    sheet = openpyxl.load_workbook(io.BytesIO(data))["ledger"]
    return [[plain(cell.value) for cell in row] for row in sheet.iter_rows(min_row=2)]


def from_parquet(data: bytes) -> list[list[Any]]:
    rows = pyarrow.parquet.read_table(io.BytesIO(data)).to_pylist()
    return [[plain(value) for value in row.values()] for row in rows]


class _Cells(HTMLParser):
    """The cells of the body of a table."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        self._inside |= tag in ("td", "th")
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside &= tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.rows[-1][-1] += data


def from_html(data: bytes) -> list[list[Any]]:
    page = _Cells()
    page.feed(data.decode())
    return list(page.rows[1:])


READ: dict[str, Callable[[bytes], list[list[Any]]]] = {
    "csv": from_csv,
    "json": from_json,
    "jsonl": from_jsonl,
    "xlsx": from_xlsx,
    "parquet": from_parquet,
    "html": from_html,
}


@pytest.mark.parametrize("name", READ)
def test_each_format_carries_the_same_cells(name: str) -> None:
    assert READ[name](written(name, raw=True)) == [[*map(plain, row)] for row in ROWS]


@pytest.mark.parametrize("name", FORMATS)
def test_an_answer_without_rows_keeps_its_columns_and_is_a_whole_file(name: str) -> None:
    data = written(name, rows=[])
    if name in READ:
        assert READ[name](data) in ([], [[""] * len(COLUMNS)])
    if name not in ("json", "jsonl"):
        assert data


def test_formats_are_named_by_the_endings_of_their_files() -> None:
    assert list(FORMATS) == ["csv", "json", "jsonl", "md", "html", "xlsx", "parquet"]


def test_the_public_views_hold_what_they_say_they_hold() -> None:
    kinds = {"whole": int, "flag": int, "moment": str, "day": str, "text": str}
    with open_store(SHIPPED).reader() as connection:
        for view in views.VIEWS:
            for row in connection.exec_driver_sql(f"SELECT * FROM {view.name}").mappings():
                for name, value in row.items():
                    kind = kinds[view.kinds.get(name, "text")]
                    assert value is None or isinstance(value, kind), (view.name, name, value)
