"""xlsx: what a stranger wrote stays text, and what Excel cannot hold is told."""

import io
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import LedgerError
from ledger.formats import FORMATS, Answer, workbook

HOSTILE = (
    "=HYPERLINK(\"http://x\")",
    "+1",
    "-1+cmd|' /C calc'!A0",
    "@SUM(1)",
    "https://example.org/",
    "mailto:a@example.org",
    "007",
    "1-2",
    "TRUE",
    "<r>",
    "<r></is></c><c r='Z9'><f>1+1</f></c><c><is></r>",
    "<r><t>bold</t></r>",
    "{=1}",
    "'quoted",
)  # fmt: skip


def write(rows: Any, columns: tuple[str, ...] = ("a",)) -> tuple[bytes, list[str]]:
    file = io.BytesIO()
    notes = FORMATS["xlsx"].write(file, Answer(columns, rows))
    return file.getvalue(), notes


def read(data: bytes) -> list[tuple[Any, ...]]:
    sheet = openpyxl.load_workbook(io.BytesIO(data), rich_text=False)["ledger"]
    return list(sheet.iter_rows(min_row=2, values_only=True))


@pytest.mark.parametrize("text", HOSTILE)
def test_what_looks_like_something_else_stays_text(text: str) -> None:
    data, _ = write([(text,)])
    cell = openpyxl.load_workbook(io.BytesIO(data))["ledger"]["A2"]
    assert (cell.value, cell.data_type) == (text, "s")
    assert cell.number_format == "@"  # also when somebody edits the cell
    assert cell.hyperlink is None


@pytest.mark.parametrize("text", HOSTILE)
def test_a_workbook_holds_no_formula_and_no_link(text: str) -> None:
    data, _ = write([(text,)])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.endswith(".xml"):
                tags = {element.tag.rpartition("}")[2] for element in
                        ElementTree.fromstring(archive.read(name)).iter()}  # fmt: skip
                assert not tags & {"f", "hyperlink", "externalReference"}


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")))
def test_any_text_comes_back(text: str) -> None:
    data, _ = write([("x" + text,)])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        tree = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    cells = [element.text for element in tree.iter() if element.tag.endswith("}t")]
    # `_x0041_` is how Excel writes an A, and `_x005F_x0041_` how it writes those characters.
    assert cells[-1] == workbook_escaped("x" + text)


def workbook_escaped(text: str) -> str:
    return re.sub("(_x[0-9a-fA-F]{4}_)", r"_x005F\1", text)


def test_control_characters_that_xml_cannot_hold_are_shown() -> None:
    data, _ = write([("a\x1b[31mb\x00c\rd\ufffe",)])
    assert read(data) == [("a␛[31mb␀c␍d⟨U+FFFE⟩",)]


def test_numbers_are_numbers_unless_excel_would_round_them() -> None:
    data, _ = write([(5, 2.5, 10**15 - 1, 10**15, True, float("inf"))], tuple("abcdef"))
    assert read(data) == [(5, 2.5, 10**15 - 1, "1000000000000000", True, "inf")]


def test_a_text_that_no_cell_holds_is_cut_marked_and_told() -> None:
    data, notes = write([("short",), ("𝕏" * 20_000,), ("x" * 32_767,)], ("quote",))
    rows = read(data)
    assert rows[1][0].endswith("… (20,000 characters; other formats have all)")
    assert len(rows[1][0].encode("utf-16-le")) // 2 <= workbook.LONGEST
    assert rows[2] == ("x" * 32_767,)
    (note,) = notes
    assert note == (
        "1 cell cut, and marked: Excel holds 32,767 characters in one "
        "(the first in row 3, column quote); other formats have all"
    )


def test_more_rows_than_a_sheet_holds_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 10)
    assert len(read(write([(n,) for n in range(10)])[0])) == 10
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with pytest.raises(LedgerError, match="holds 10 rows") as refused:
        write((n,) for n in range(11))
    assert "parquet" in refused.value.hint
    assert list(tmp_path.iterdir()) == []


def test_the_header_stays_in_sight_and_columns_are_as_wide_as_what_they_hold() -> None:
    data, _ = write([("x" * 30, "y" * 500)], ("a", "b"))
    sheet = openpyxl.load_workbook(io.BytesIO(data))["ledger"]
    assert sheet.freeze_panes == "A2"
    assert 30 <= sheet.column_dimensions["A"].width < 40
    assert 55 <= sheet.column_dimensions["B"].width < 70
    assert sheet["B2"].alignment.wrap_text


def test_columns_that_have_a_meaning_are_explained_on_a_sheet_of_their_own() -> None:
    file = io.BytesIO()
    FORMATS["xlsx"].write(file, Answer(("a", "b"), [(1, 2)], meanings={"b": "=what b is"}))
    sheet = openpyxl.load_workbook(file)["columns"]
    assert list(sheet.iter_rows(values_only=True)) == [("column", "meaning"), ("b", "=what b is")]
