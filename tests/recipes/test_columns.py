"""Lists of columns, values carried on, remarks: for tables that are no plain lists of rows."""

import io
from pathlib import Path

import pytest

from ledger.errors import BadRow, InvalidError
from ledger.recipes import reading
from ledger.recipes.foreign import Foreign
from tests.cli.conftest import Run
from tests.recipes.taken import FOREIGN, Taken

HEAD = 'title = "A table"\n[input]\ncolumns = ["day"]\n'
CLAIM = """
[[claim]]
each = "loss"
proposition = "{loss.column|slug}-lost"
source = "Ministry"
stance = "asserts"
low = "{loss.cell}"
"""


def made(recipe: str, text: str) -> list[dict[str, str]]:
    """The rows that a file becomes."""
    bad: list[BadRow] = []
    foreign = Foreign(reading.read(recipe, "a.toml"), io.BytesIO(text.encode()), "a.csv", bad)
    (header,), *batches = [batch.rows for batch in foreign]
    assert not bad
    return [
        {name: cell for name, cell in zip(header, row, strict=True) if cell}
        for rows in batches
        for row in rows
    ]


def test_every_column_that_is_not_named_is_an_item_where_its_cell_is_filled() -> None:
    recipe = HEAD + '[lists.loss]\nwide = "*"\n' + CLAIM
    rows = made(recipe, "day,Tanks, Ships ,,odd\n1,5,,x,7\n2,,3,,\n")
    assert [(row["proposition"], row["low"]) for row in rows] == [
        ("Tanks-lost", "5"),
        ("odd-lost", "7"),
        ("Ships-lost", "3"),
    ]


def test_json_gives_the_same_whichever_record_a_key_begins_in() -> None:
    recipe = HEAD + '[lists.loss]\nwide = "*"\n' + CLAIM
    rows = made(recipe, '[{"day": 1, "Tanks": 5},\n {"day": 2, "Ships": 3, "Tanks": null}]')
    assert [(row["proposition"], row["low"]) for row in rows] == [
        ("Tanks-lost", "5"),
        ("Ships-lost", "3"),
    ]


def test_columns_that_are_named_come_in_the_order_of_the_file() -> None:
    recipe = (
        HEAD.replace("\n[input]", "\n[input]\noptional = ['ships', 'tanks', 'planes']")
        + '[lists.loss]\nwide = ["ships", "tanks", "planes"]\n'
        + CLAIM
    )
    rows = made(recipe, "day,tanks,ships\n1,5,3\n")
    assert [row["proposition"] for row in rows] == ["tanks-lost", "ships-lost"]


def test_numbered_columns_are_sets_as_many_as_the_file_has() -> None:
    recipe = (
        HEAD
        + """
[lists.party]
numbered = { name = "party_#_name", said = "party_#_said" }
[[claim]]
each = "party"
proposition = "it-happened"
source = "{party.name}"
stance = "asserts"
note = "{party.said}"
"""
    )
    rows = made(recipe, "day,party_1_name,party_1_said,party_2_name\n1,A,yes,B\n2,,,C\n")
    assert [(row["source"], row.get("note")) for row in rows] == [
        ("A", "yes"),
        ("B", None),
        ("C", None),
    ]


def test_an_empty_cell_has_what_the_row_before_of_its_key_had() -> None:
    recipe = """
title = "Threads"
[input]
columns = ["thread", "topic"]
[values.about]
from = "topic"
carried = "{thread}"
[[claim]]
proposition = "{about}"
source = "Someone"
stance = "asserts"
"""
    rows = made(recipe, "thread,topic\n1,fire\n2,flood\n1,\n2,\n1,frost\n1,\n3,storm\n")
    assert [row["proposition"] for row in rows] == [
        "fire", "flood", "fire", "flood", "frost", "frost", "storm",
    ]  # fmt: skip


def test_remarks_between_lines_of_json_are_passed_over() -> None:
    recipe = (
        HEAD.replace("[input]", '[input]\nremarks = "#"')
        + """
[[claim]]
proposition = "it-happened"
source = "{day}"
stance = "asserts"
"""
    )
    rows = made(recipe, '# one\n{"day": "mon"}\n# two\n\n# three\n{"day": "tue"}\n# end')
    assert [row["source"] for row in rows] == ["mon", "tue"]


def test_what_a_cell_names_twice_is_one_item() -> None:
    recipe = (
        HEAD
        + """
[lists.who]
from = "day"
[[claim]]
each = "who"
proposition = "it-happened"
source = "{who}"
stance = "asserts"
"""
    )
    rows = made(recipe, "day\nRadio; Ferry;radio ; Radio\n")
    assert [row["source"] for row in rows] == ["Radio", "Ferry"]


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ('wide = "*"\nfrom = "day"', "has two sources"),
        ('split = ","', "has no source"),
        ('numbered = { name = "party_name" }', "has no place for the number"),
        ('wide = ["tanks"]', "this name is not known"),
    ],
)
def test_a_list_of_columns_that_makes_no_sense_is_refused(table: str, fault: str) -> None:
    with pytest.raises(InvalidError) as refused:
        reading.read(HEAD + f"[lists.loss]\n{table}\n" + CLAIM, "a.toml")
    assert fault in " ".join(problem.what for problem in refused.value.problems)


def test_a_bad_record_of_json_is_mended_in_the_rejects_with_all_its_columns(run: Run) -> None:
    text = (FOREIGN / "losses-equipment.json").read_text().replace("2022-05-01", "1 May", 1)
    Path("losses.json").write_text(text)
    run("import", "losses.json", "--recipe", "claimed-losses", "--rejects", "bad.csv")
    ledger = Taken(run, "")
    assert {row["stated_on"] for row in ledger.claims()} == {"2022-03-01", "2026-01-02"}
    bad = Path("bad.csv")
    bad.write_text(bad.read_text().replace("1 May", "2022-05-01"))
    run("import", "bad.csv", "--recipe", "claimed-losses")
    assert ledger.claim(proposition="russian-tanks-lost-by-2022-05-01")["low"] == 1008
    assert len(ledger.claims()) == 16
