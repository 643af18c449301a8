"""Where answers go: files by their endings, pipes, and what is refused."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("clash")

ASKED = (
    ("report", "versus"),
    ("report", "counts"),
    ("report", "status"),
    ("report", "totals"),
    ("list",),
    ("search", "died"),
    ("show", "1"),
    ("source", "list"),
    ("event", "list"),
    ("proposition", "list"),
    ("document", "list"),
    ("source", "show", "Ministry"),
    ("log",),
    ("log", "1"),
    ("head",),
    ("verify",),
    ("doctor",),
    ("check", "--list"),
    ("sql", "SELECT * FROM claims"),
    ("sql", "--schema"),
)


#: It would find faults in the server of the tests, which does not wait for its disk.
HASTY = pytest.mark.sqlite("doctor finds fault with a server that is set to be quick")


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(words, marks=[HASTY] if words == ("doctor",) else [], id=" ".join(words))
        for words in ASKED
    ],
)
def test_every_command_that_answers_answers_in_every_format(
    run: Run, words: tuple[str, ...]
) -> None:
    columns = run(*words, "-f", "csv").stdout.splitlines()[0].split(",")
    rows = [json.loads(line) for line in run(*words, "-f", "jsonl").stdout.splitlines()]
    # Not the values: `doctor` tells how much room the disk has.
    assert list(map(list, json.loads(run(*words, "-f", "json").stdout))) == list(map(list, rows))
    assert len(run(*words, "-f", "md").stdout.splitlines()) == len(rows) + 2
    assert f">{columns[-1]}</th>" in run(*words, "-f", "html").stdout
    run(*words, "-o", "answer.xlsx")
    sheet = openpyxl.load_workbook("answer.xlsx")["ledger"]
    assert [cell.value for cell in sheet[1]] == columns
    assert sheet.max_row == len(rows) + 1
    run(*words, "-o", "answer.parquet")
    table = pq.read_table("answer.parquet")
    assert (table.column_names, table.num_rows) == (columns, len(rows))


def test_numbers_moments_and_flags_have_their_types(run: Run) -> None:
    run("report", "status", "-o", "queue.parquet")
    schema = pq.read_table("queue.parquet").schema
    told = {field.name: str(field.type) for field in schema}
    assert told["claim"] == "int64"
    assert told["contested"] == "bool"
    assert told["touched_at"] == "timestamp[us, tz=UTC]"
    assert told["quote"] == "string"


def test_the_ending_of_the_file_says_the_format_and_every_column_is_there(run: Run) -> None:
    run("list", "-o", "claims.csv")
    assert Path("claims.csv").read_text("utf-8") == run("list", "-f", "csv").stdout
    assert "no format here goes by .doc" in run("list", "-o", "claims.doc", ok=1).stderr


def test_what_is_no_text_goes_to_a_pipe_and_never_to_a_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    piped = run("report", "versus", "-f", "parquet").stdout_bytes
    assert pq.read_table(io.BytesIO(piped)).num_rows == 3
    monkeypatch.setattr("ledger.cli.output.on_terminal", lambda: True)
    assert "-o FILE.xlsx" in run("report", "versus", "-f", "xlsx", ok=2).stderr


def test_a_library_that_is_missing_is_named_with_its_extra(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for library, format_ in (("xlsxwriter", "xlsx"), ("pyarrow", "parquet")):
        with monkeypatch.context() as patched:
            patched.setitem(sys.modules, library, None)
            told = run("head", "-o", f"head.{format_}", ok=1).stderr
        assert f'pip install "claim-ledger[{format_}]"' in told
        assert not list(Path().glob("*head*"))


def test_a_file_is_there_whole_or_not_at_all(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.formats.workbook.MOST_ROWS", 1)
    Path("claims.xlsx").write_text("what was there")
    assert "nothing was written" in run("list", "-o", "claims.xlsx", ok=1).stderr
    assert Path("claims.xlsx").read_text() == "what was there"
    assert run("list", "-f", "xlsx", ok=1).stdout_bytes == b""


def test_a_page_is_named_by_what_was_asked_and_as_of_when(run: Run) -> None:
    told: Any = run("report", "versus", "--as-of", "1", "-f", "html").stdout
    assert "<title>ledger report versus, as of 1</title>" in told
    assert "What the columns say" in told
