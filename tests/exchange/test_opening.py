"""The same rows, whatever the file is: CSV, TSV, JSON lines, Parquet, a workbook, packed or not."""

import csv
import gzip
import io
import json
from collections.abc import Callable
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
from pyarrow import parquet

from ledger.errors import BadFileError
from ledger.exchange.importing import import_stream
from ledger.store import Store
from tests.build import NOON
from tests.exchange.conftest import Fresh, public, wide

HEADER = [
    "claim", "proposition", "source", "stance", "low", "quote", "document", "answers", "stated_on",
    "note", "proposition_text", "kind", "unit", "source_aliases", "document_title", "published_on",
]  # fmt: skip
ROWS = [
    ["1", "killed", "Ministry", "asserts", "5", 'she said "no", twice', "doc", "", "2018-02-08",
     "=1+1", "How many?", "count", "people", "MoD; The house", "A report", "2018-02-08"],
    ["2", "killed", "الوزارة", "denies", "7", "007", "doc", "1", "2018-02", "'tis",
     "How many?", "count", "people", "", "A report", "2018-02-08"],
]  # fmt: skip


def separated(mark: str) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=mark).writerows([HEADER, *ROWS])
    return text.getvalue().encode()


def json_lines() -> bytes:
    objects = [{key: cell for key, cell in zip(HEADER, row, strict=True) if cell} for row in ROWS]
    objects[0] |= {"claim": 1, "low": 5.0, "source_aliases": ["MoD", "The house"]}  # type: ignore[dict-item]  # as JSON has them
    return "\n".join(json.dumps(each) for each in objects).encode()


def columns() -> bytes:
    cells = dict(zip(HEADER, zip(*ROWS, strict=True), strict=True))
    days = pa.array([18000, 18000], pa.date32())
    table: dict[str, Any] = {
        name: [cell or None for cell in found] for name, found in cells.items()
    }
    table |= {"claim": [1, 2], "low": [5, 7]}
    arrays = {name: pa.array(found) for name, found in table.items()}
    arrays["published_on"] = pa.array([17570, 17570], pa.date32())
    assert days.type == arrays["published_on"].type
    stream = io.BytesIO()
    parquet.write_table(pa.table(arrays), stream)
    return stream.getvalue()


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER)
    for row in ROWS:
        sheet.append([int(cell) if name in ("claim", "low") else cell or None
                      for name, cell in zip(HEADER, row, strict=True)])  # fmt: skip
        for cell in sheet[sheet.max_row]:
            cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


FILES: dict[str, Callable[[], bytes]] = {
    "csv": lambda: separated(","),
    "tsv": lambda: separated("\t"),
    "jsonl": json_lines,
    "parquet": columns,
    "xlsx": workbook,
}


class Pipe(io.RawIOBase):
    """What cannot be wound back."""

    def __init__(self, data: bytes) -> None:
        self._stream = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        return self._stream.readinto(into)


def take(store: Store, data: Any) -> Any:
    return import_stream(store, data, "f", recorded_by="maria", recorded_at=NOON, message="m")


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("kind", FILES)
def test_every_format_says_the_same(store: Store, fresh: Fresh, kind: str, packed: bool) -> None:
    theirs, data = fresh(), FILES[kind]()
    take(store, io.BytesIO(FILES["csv"]()))
    done = take(theirs, io.BufferedReader(Pipe(gzip.compress(data) if packed else data)))
    assert done.added["claim"] == 2
    assert public(store) == public(theirs)
    assert wide(store) == wide(theirs)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (gzip.compress(separated(","))[:40], "packed by gzip, and cut off"),
        (b"PK\x03\x04 no archive", "no workbook that can be read"),
        (b"PAR1 nothing", "Parquet that cannot be read"),
    ],
    ids=["gzip", "workbook", "parquet"],  # what is packed by gzip holds the time of day
)
def test_a_damaged_file_is_told(store: Store, data: bytes, told: str) -> None:
    with pytest.raises(BadFileError, match=told):
        take(store, io.BytesIO(data))


def test_a_line_that_is_no_object_is_a_bad_row(store: Store) -> None:
    good = '{"proposition": "p", "source": "s", "stance": "denies"}\n'
    lines = good + '[1]\n{"source": 1, "source": 2}\n{oops\n' + good.replace("}", ', "x": 1}')
    with pytest.raises(BadFileError) as refused:
        take(store, io.BytesIO(lines.encode()))
    found = {row.line: row.problem.what for row in refused.value.rows}
    assert found[2] == "is no object"
    assert found[3] == "names a key twice"
    assert found[4] == "is no JSON"
    assert found[5] == "is no column of the first line"


def test_what_no_database_holds_is_a_bad_row(store: Store) -> None:
    lines = '{"proposition": "p", "source": "s\\u0000", "stance": "denies"}\n'
    with pytest.raises(BadFileError) as refused:
        take(store, io.BytesIO((lines * 2).replace("s\\u0000", "s", 1).encode()))
    assert "holds a NUL character" in [row.problem.what for row in refused.value.rows]
