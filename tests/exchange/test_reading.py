import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import BadFileError, BadRow
from ledger.exchange.lines import line
from ledger.exchange.reading import Reader


def records(data: str | bytes) -> tuple[list[tuple[int, list[str]]], list[BadRow]]:
    bad: list[BadRow] = []
    raw = data.encode() if isinstance(data, str) else data
    found = [(record.line, record.cells) for record in Reader(io.BytesIO(raw), "a.csv", bad)]
    return found, bad


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
                         min_size=1), min_size=1))  # fmt: skip
def test_what_is_written_is_read_back(rows: list[list[str]]) -> None:
    text = "header\n" + "".join(line(row, raw=True) for row in rows)
    found, bad = records(text)
    assert not bad
    assert [cells for _, cells in found[1:]] == [row for row in rows if any(row)]


@given(st.binary())
def test_no_bytes_make_anything_but_records_and_errors(data: bytes) -> None:
    with suppress(BadFileError):
        found, bad = records(data)
        lines = 1 + data.count(b"\n") + data.count(b"\r")
        assert all(1 <= line <= lines for line, _ in found)
        assert all(1 <= row.line <= lines for row in bad)


def test_a_record_is_named_by_the_line_it_begins_on() -> None:
    found, _ = records('a,b\n"two\nlines",x\n\nlast,y\n')
    assert [line for line, _ in found] == [1, 2, 5]


@pytest.mark.parametrize(
    "text", ["\ufeffa,b\r\n1,2\r\n", "a,b\r1,2\r", "a,b\n1,2", "a,b\n\n1,2\n\n"]
)
def test_what_other_programs_write_is_read(text: str) -> None:
    assert [cells for _, cells in records(text)[0]] == [["a", "b"], ["1", "2"]]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ('a\nx "y" z\n', 2, "a quote mark stands in cell 1, which is not quoted"),
        ('a\n"x"y\n', 2, "text follows the closing quote mark of cell 1"),
        ('a\nb\n"x\ny\n', 3, "a quote mark opens cell 1 and is never closed"),
        ("a\nb\0c\n", 2, "holds a NUL character"),
    ],
)
def test_what_is_no_csv_is_told_by_line(text: str, line: int, what: str) -> None:
    _, bad = records(text)
    assert [(row.line, row.problem.what) for row in bad] == [(line, what)]


def test_a_byte_that_is_no_utf8_is_told_by_its_place() -> None:
    _, bad = records(b"\xef\xbb\xbfa\nb\ncaf\xe9\n")
    assert str(bad[0].problem) == (
        "row: byte 10 of the file (0xe9) is no UTF-8; it looks like Windows-1252 "
        "(allowed: UTF-8; save the file as such)"
    )
    assert bad[0].line == 3


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"", "empty"),
        (b"\xff\xfea\0", "UTF-16"),
    ],
)
def test_what_is_another_kind_of_file_is_called_by_its_name(start: bytes, what: str) -> None:
    with pytest.raises(BadFileError, match=what):
        records(start)


def test_a_cell_may_be_longer_than_the_csv_module_likes() -> None:
    found, bad = records("a\n" + "x" * 200_000 + "\n")
    assert not bad
    assert len(found[1][1][0]) == 200_000


def test_carriage_returns_in_a_cell_are_quoted() -> None:
    assert line(["a\rb"], raw=True) == '"a\rb"\n'
    assert next(csv.reader(io.StringIO(line(["a\rb"], raw=True), newline=""))) == ["a\rb"]
