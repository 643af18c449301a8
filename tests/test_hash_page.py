"""docs/hash.md is enough to check a ledger: its example is ours, and hashlib alone agrees."""

import hashlib
import json
import re
import runpy
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ledger import schema

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "hash.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The ledger of the example, and the lines that the script prints of it."""
    path = tmp_path_factory.mktemp("vector") / "ledger.db"
    script = runpy.run_path(str(DOCS / "hash_vector.py"))
    script["write"](path)
    return path, list(script["example"](path))


def test_the_page_shows_what_the_script_prints(example: tuple[Path, list[str]]) -> None:
    (block,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert block.splitlines() == example[1]


def test_the_example_can_be_computed_with_hashlib_alone() -> None:
    (block,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    leaves: list[bytes] = []
    text, previous = "", "0" * 64
    for line in block.splitlines():
        kind, _, said = line.strip().partition(" ")
        said = said.strip()
        if kind == "entry" and said.isdigit():
            leaves = []
        elif kind in ("row", "entry"):
            text = said
            assert json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False,
                              separators=(",", ":")) == text  # fmt: skip
        elif kind == "leaf":
            leaves.append(hashlib.sha256(b"\0" + text.encode()).digest())
            assert leaves[-1].hex() == said
        elif kind == "root":
            assert root(leaves).hex() == said
        else:
            assert json.loads(text)["previous"] == previous
            previous = hashlib.sha256(text.encode()).hexdigest()
            assert previous == said


def root(leaves: list[bytes]) -> bytes:
    """As the page words it."""
    if len(leaves) == 1:
        return leaves[0]
    first = max(2**power for power in range(64) if 2**power < len(leaves))
    return hashlib.sha256(b"\1" + root(leaves[:first]) + root(leaves[first:])).digest()


def test_the_page_and_sqlite_alone_check_a_ledger(example: tuple[Path, list[str]]) -> None:
    """A second reading of the page, with no line of the program's: sqlite3, json and hashlib."""
    tables = re.findall(
        r"`(\w+)`", PAGE.partition("Nine tables hold versions:")[2].partition(".")[0]
    )
    assert tables == sorted(schema.VERSIONED)
    with closing(sqlite3.connect(example[0])) as raw:
        raw.row_factory = sqlite3.Row
        previous = "0" * 64
        for number, entry in enumerate(raw.execute("SELECT * FROM entry ORDER BY id"), start=1):
            leaves = []
            for table in tables:
                found = [
                    {key: row[key] for key in row.keys() if key != "until_entry_id"}  # noqa: SIM118
                    for name in (table, f"{table}_history")
                    for row in raw.execute(f"SELECT * FROM {name} WHERE entry_id = ?", (number,))
                ]
                for row in sorted(found, key=lambda row: row["id"]):
                    stored = row.pop("leaf")
                    leaves.append(
                        hashlib.sha256(b"\0" + canonical({**row, "table": table})).digest()
                    )
                    assert leaves[-1] == stored
            assert root(leaves).hex() == entry["root"]
            assert entry["previous"] == previous
            said = {key: entry[key] for key in entry.keys() if key != "hash"}  # noqa: SIM118
            previous = hashlib.sha256(canonical(said)).hexdigest()
            assert previous == entry["hash"]


def canonical(said: dict[str, object]) -> bytes:
    kept = {key: value for key, value in said.items() if value is not None}
    text = json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode()


def test_the_sql_of_the_page_runs_and_names_every_column(example: tuple[Path, list[str]]) -> None:
    versions, entries = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    with closing(sqlite3.connect(example[0])) as raw:
        cursor = raw.execute(versions)
        assert [column[0] for column in cursor.description] == schema.source.c.keys()
        cursor = raw.execute(entries)
        assert [column[0] for column in cursor.description] == schema.entry.c.keys()
