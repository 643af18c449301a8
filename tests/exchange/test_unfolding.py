"""A small file that unfolds to a large one is refused with its place; what people send is not."""

import gzip
import io
import sys
import zipfile
from collections.abc import Callable

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import BadFileError, BadRow
from ledger.exchange.opening import records
from ledger.exchange.reading import Reader
from ledger.exchange.unfolding import Unpacked, bounded, hold_archive, lines

HEADER = b"claim,proposition,source,stance\n"
SHEET = "xl/worksheets/sheet1.xml"


def read(data: bytes) -> list[list[str]]:
    return [row for batch in records(io.BytesIO(data), "f", []) for row in batch.rows]


def workbook(rows: int = 3) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for number in range(rows):
        book.active.append([f"a{number}", "b"])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def changed(name: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook of which one part is another."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook())) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for part in old.namelist():
            data = old.read(part)
            new.writestr(part, change(data) if part == name else data)
    return stream.getvalue()


def test_a_packed_file_that_unfolds_to_many_times_its_size_is_refused() -> None:
    packed = io.BytesIO(gzip.compress(HEADER + b"1,a,b,denies\n" * 200_000))
    with pytest.raises(BadFileError, match=r"^f unfolds to more than 1 MiB, \d+ times its") as told:
        Unpacked(packed, "f", plenty=1 << 20, ratio=50).readall()
    assert "unpack it yourself" in told.value.hint


def test_a_packed_file_of_ordinary_rows_is_read_whatever_it_unfolds_to() -> None:
    data = b"".join(b"%d,%d,some words,denies\n" % (n, n * 7) for n in range(100_000))
    assert Unpacked(io.BytesIO(gzip.compress(data)), "f", plenty=1 << 20).readall() == data


def test_a_line_without_an_end_is_refused_by_its_number() -> None:
    packed = gzip.compress(b'{"claim": 1}\n{"claim": "' + b" " * (65 << 20), compresslevel=1)
    with pytest.raises(BadFileError, match=r"^f: line 2 is longer than 64 MiB; nothing was"):
        read(packed)


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        (b'"de\n' + b"3,a,b,denies\n" * 100, "a quote mark opens cell 4 and is never closed"),
        (b"de" * 1_000, "has no end"),
    ],
    ids=["a quote", "a line"],
)
def test_a_record_without_an_end_is_told_by_where_it_begins(rest: bytes, said: str) -> None:
    bad: list[BadRow] = []
    data = HEADER + b"1,a,b,denies\n2,a,b," + rest
    with pytest.raises(BadFileError, match="a record does not end within") as told:
        list(Reader(io.BytesIO(data), "f", bad, longest=1_000))
    assert [(row.line, row.problem.what) for row in told.value.rows] == [(3, said)]


@given(st.lists(st.sampled_from([b"\r", b"\n", b"a", b"bc"])).map(b"".join), st.integers(3, 9))
def test_lines_are_all_of_a_file_in_pieces_that_end_where_lines_do(data: bytes, most: int) -> None:
    found = []
    try:
        for line in lines(io.BytesIO(data), "f", longest=most):
            found.append(line)
    except BadFileError:
        rest = data[len(b"".join(found)) :]
        assert not {*b"\r\n"} & {*rest[: most - 1]}
        return
    assert b"".join(found) == data
    assert all(len(line) <= most + 1 for line in found)
    assert all(line[-1:] in b"\r\n" for line in found[:-1])


def test_a_workbook_that_unfolds_to_many_times_its_size_is_refused() -> None:
    data = changed(SHEET, lambda sheet: sheet + b" " * (2 << 20))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        with pytest.raises(BadFileError, match=r"^f unfolds to more than 2 MiB, \d+ times its"):
            hold_archive(archive, len(data), "f", plenty=1 << 20, ratio=100)
        hold_archive(archive, len(data), "f")


def test_a_part_of_a_workbook_that_is_taken_as_a_whole_may_not_be_large() -> None:
    data = changed("xl/styles.xml", lambda part: part + b" " * (65 << 20))
    with pytest.raises(BadFileError, match=r"f: xl/styles.xml in it unfolds to more than 64 MiB"):
        read(data)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda sheet: sheet.replace(b'<row r="3"', b'<row r="999999999999"'), "more than 1,048,"),
        (lambda sheet: sheet[: len(sheet) // 2], "no workbook that can be read"),
        (lambda sheet: sheet.replace(b"<sheetData>", b"<sheetData><row"), "can be read"),
    ],
    ids=["rows without an end", "cut off", "no XML"],
)
def test_a_sheet_that_cannot_be_read_is_told(change: Callable[[bytes], bytes], said: str) -> None:
    with pytest.raises(BadFileError, match=said):
        read(changed(SHEET, change))


@pytest.mark.parametrize("told", [b'ref="A1"', b'ref="A1:B999999999"', b'ref="A1:ZZZ2"'])
def test_a_sheet_is_read_whole_whatever_it_says_of_its_size(told: bytes) -> None:
    data = changed(SHEET, lambda sheet: sheet.replace(b'ref="A1:B3"', told))
    assert told in zipfile.ZipFile(io.BytesIO(data)).read(SHEET)
    assert read(data) == [["a0", "b"], ["a1", "b"], ["a2", "b"]]


def test_what_takes_more_memory_than_it_may_is_refused_and_the_rest_goes_on() -> None:
    with (
        pytest.raises(BadFileError, match="f unfolds to more than 64 MiB of memory"),
        bounded("f", 64 << 20),
    ):
        bytearray((1 << 62) if sys.platform != "linux" else 1 << 30)
    assert len(bytearray(256 << 20)) == 256 << 20
