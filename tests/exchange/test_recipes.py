"""A foreign table, imported by a recipe, is imported like one of ours."""

import csv
import gzip
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import history
from ledger.errors import BadFileError
from ledger.exchange.importing import Imported, import_path, import_stream
from ledger.recipes.foreign import reader
from ledger.recipes.reading import read
from ledger.store import Store
from tests.build import NOON
from tests.exchange.conftest import Fresh, Pair, public, take_into
from tests.exchange.test_flat import SOUND

INCIDENTS = """
title = "Incidents"
[input]
columns = ["incident", "place", "day", "reporter", "view", "killed"]
optional = ["remark", "answered"]
empty = ["-1"]
[values.stance]
from = "view"
map = { yes = "asserts", no = "denies" }
[values.killed]
from = "killed"
type = "number"
otherwise = "empty"
[[skip]]
if = { is = { remark = ["duplicate"] } }
because = "marked as a duplicate"
[things]
first = ["event"]
[every]
event = "{incident}"
event_title = "Incident {incident}[ at {place}]"
source = "{reporter}"
stance = "{stance}"
stated_on = "{day}"
note = "{remark}"
[[claim]]
when = { has = ["killed"] }
proposition = "{incident}-killed"
proposition_text = "How many were killed in {incident}?"
kind = "count"
unit = "people killed"
low = "{killed}"
high = "{killed}"
[[claim]]
id = "{incident} {reporter}"
proposition = "{incident}-happened"
proposition_text = "{incident} happened."
kind = "fact"
answers = "[{answered}]"
"""
HEADER = "incident,place,day,reporter,view,killed,remark,answered\n"
GOOD = "I1,Abobo,2018-02-08,Reuters,yes,5,,\n"


def by_recipe(
    store: Store, text: str | bytes, recipe: str = INCIDENTS, name: str = "f.csv", **options: Any
) -> Imported:
    """Import a file by a recipe."""
    translation = reader(read(recipe, "a recipe"))
    return take_into(store, text, name, translation=translation, **options)


def claims(store: Store, *columns: str) -> list[tuple[Any, ...]]:
    with store.reader() as connection:
        query = sa.text(f"SELECT {', '.join(columns)} FROM claims ORDER BY claim")
        return [tuple(row) for row in connection.execute(query)]


def head(store: Store) -> str:
    with store.reader() as connection:
        return history.head(connection).hash


def test_a_row_becomes_its_claims_in_the_order_of_rows_and_claims(store: Store) -> None:
    by_recipe(store, HEADER + GOOD + "I2,,2018-02,AFP,no,-1,,\n" + "I1,,,AFP,yes,7,,\n")
    assert claims(store, "proposition", "source", "stance", "low", "stated_on") == [
        ("I1-killed", "Reuters", "asserts", 5, "2018-02-08"),
        ("I1-happened", "Reuters", "asserts", None, "2018-02-08"),
        ("I2-happened", "AFP", "denies", None, "2018-02"),
        ("I1-killed", "AFP", "asserts", 7, None),
        ("I1-happened", "AFP", "asserts", None, None),
    ]


def test_importing_again_adds_nothing(store: Store) -> None:
    by_recipe(store, HEADER + GOOD)
    again = by_recipe(store, HEADER + GOOD)
    assert (again.entries, again.present["claim"]) == ((), 2)


def test_a_dry_run_tells_what_would_be_and_writes_nothing(store: Store) -> None:
    done = by_recipe(store, HEADER + GOOD, dry_run=True)
    assert (done.added["claim"], done.names["source"]) == (2, ("Reuters",))
    assert claims(store, "claim") == []


def test_a_bad_row_is_told_by_the_column_of_the_foreign_table(store: Store) -> None:
    rows = "I2,,soon,AFP,perhaps,6,,\nI3,,2018-02-08,,yes,,,\nI4,,someday,AFP,yes,,,\nI5,x\n"
    with pytest.raises(BadFileError) as refused:
        by_recipe(store, HEADER + GOOD + rows)
    told = [(row.line, row.problem.column, row.problem.what) for row in refused.value.rows]
    assert (3, "view", "“perhaps” is not in the map") in told
    assert (4, "reporter → source", "is missing") in told
    assert (6, "row", "has 2 cells where the header has 8") in told
    assert any(line == 5 and column == "day → stated_on" for line, column, _ in told)
    assert {row.file for row in refused.value.rows} == {"f.csv"}
    assert claims(store, "claim") == []


def test_rejects_are_foreign_rows_and_are_imported_by_the_same_recipe_when_mended(
    store: Store, fresh: Fresh, tmp_path: Path
) -> None:
    bad = '"I2, really",,2018-02-08,"=AFP",perhaps,6,,\n'
    done = by_recipe(store, HEADER + GOOD + bad, rejects=tmp_path / "bad.csv")
    assert (done.added["claim"], done.rejected) == (2, 1)
    with (tmp_path / "bad.csv").open(newline="") as stream:
        header, row = csv.reader(stream)
    assert header == ["reason", *HEADER.strip().split(",")]
    assert row[0].startswith("view: “perhaps” is not in the map")
    assert row[1:6] == ["I2, really", "", "2018-02-08", "'=AFP", "perhaps"]
    mended = (tmp_path / "bad.csv").read_text().replace(",perhaps,", ",no,")
    assert by_recipe(store, mended).added["claim"] == 2
    whole = fresh()
    by_recipe(whole, HEADER + GOOD + bad.replace("perhaps", "no"))
    assert public(store) == public(whole)


def test_all_claims_of_a_bad_row_are_left_out_together(store: Store, tmp_path: Path) -> None:
    # The second claim of the row is bad: its day is none. The first was sound.
    text = HEADER + GOOD + "I2,,2018-02-31,AFP,yes,6,,\n"
    done = by_recipe(store, text, rejects=tmp_path / "bad.csv")
    assert (done.added["claim"], done.added["event"]) == (2, 1)


def test_a_rejected_row_brings_the_rows_that_it_names(store: Store, tmp_path: Path) -> None:
    text = HEADER + GOOD + "I1,,2018-02-09,AFP,perhaps,,,I1 Reuters\n"
    by_recipe(store, text, rejects=tmp_path / "bad.csv")
    lines = (tmp_path / "bad.csv").read_text().splitlines()
    assert lines[1].startswith("was taken; a row here names it,I1")
    assert lines[2].startswith('"view:')
    by_recipe(store, (tmp_path / "bad.csv").read_text().replace("perhaps", "no"))
    assert claims(store, "claim", "answers") == [(1, None), (2, None), (3, 2)]


def test_a_claim_that_names_none_is_told_by_the_foreign_column(store: Store) -> None:
    with pytest.raises(BadFileError) as refused:
        by_recipe(store, HEADER + "I1,,,AFP,no,,,I1 Reuters\n" + "I1,,,BBC,no,,,\n" * 2)
    assert [(row.line, row.problem.column, row.problem.what) for row in refused.value.rows] == [
        (2, "answered → answers", "names no claim of this file"),
        (4, "incident, reporter → claim", "is the id of line 3 too"),
    ]


def test_a_claim_answers_one_that_stands_further_down(store: Store) -> None:
    by_recipe(store, HEADER + "I1,,2018-02-09,AFP,no,,,I1 Reuters\n" + GOOD)
    assert claims(store, "source", "proposition", "answers") == [
        ("AFP", "I1-happened", 3),
        ("Reuters", "I1-killed", None),
        ("Reuters", "I1-happened", None),
    ]


def test_what_is_left_out_or_replaced_is_counted_and_told(store: Store) -> None:
    rows = (
        "I2,,2018-02-08,AFP,yes,many,,\nI3,,2018-02-08,AFP,yes,,duplicate,\n"
        "I4,,2018-02-08,AFP,yes,few,,\n"
    )
    done = by_recipe(store, HEADER + GOOD + rows)
    assert done.notes == (
        "2 cells left empty: killed is no whole number (first: line 3, “many”)",
        "1 row left out: marked as a duplicate (first: line 4)",
    )


def test_a_column_that_the_recipe_does_not_use_is_told(store: Store) -> None:
    done = by_recipe(store, HEADER.strip() + ",weather\n" + GOOD.strip() + ",rain\n")
    assert done.notes == ("1 column that the recipe does not use: weather",)


def test_where_rows_differ_on_an_event_the_first_stands_and_the_others_are_counted(
    store: Store,
) -> None:
    text = HEADER + GOOD + "I1,Cocody,,AFP,yes,,,\nI1,Plateau,,BBC,yes,,,\nI1,Abobo,,DPA,no,,,\n"
    done = by_recipe(store, text)
    assert done.notes == (
        (
            "2 rows tell of an event otherwise than the first, which stands (first: line 3: "
            "event_title “Incident I1 at Cocody” of “I1”, not as line 2)"
        ),
    )
    again = by_recipe(store, HEADER + "I1,Yopougon,,TASS,yes,,,\n")
    assert again.notes[0].startswith("1 event is told of otherwise than in the ledger")
    assert again.added["claim"] == 1
    with store.reader() as connection:
        titles = connection.execute(sa.text("SELECT title FROM event")).scalars().all()
    assert titles == ["Incident I1 at Abobo"]


def test_without_that_a_row_that_differs_is_bad(store: Store) -> None:
    strict = INCIDENTS.replace('first = ["event"]', "")
    with pytest.raises(BadFileError) as refused:
        by_recipe(store, HEADER + GOOD + "I1,Cocody,,AFP,yes,,,\n", strict)
    (row,) = refused.value.rows
    assert row.problem.column == "incident, place → event_title"
    assert "contradicts line 2 of f.csv" in row.problem.what


def test_a_file_of_another_kind_is_refused_with_what_is_close(store: Store) -> None:
    with pytest.raises(BadFileError) as refused:
        by_recipe(store, "incidnt,place,day,reporter,killed\n")
    assert [(row.problem.column, row.problem.allowed) for row in refused.value.rows] == [
        ("incident", "did you mean incidnt?"),
        ("view", ""),
    ]
    assert "“Incidents”" in refused.value.message


def test_names_that_look_alike_are_refused_unless_the_recipe_settles_them(store: Store) -> None:
    text = HEADER + GOOD + "I1,Abobo,,The Reuters,no,,,\n"
    with pytest.raises(BadFileError):
        by_recipe(store, text)
    settled = INCIDENTS.replace("[things]", "[things]\nsettled = true")
    assert by_recipe(store, text, settled).added["source"] == 2


@pytest.mark.parametrize(
    ("encoding", "given"),
    [("utf-8", ""), ("utf-8-sig", ""), ("windows-1252", 'encoding = "windows-1252"'),
     ("utf-16", 'encoding = "utf-16"')],
)  # fmt: skip
@pytest.mark.parametrize("packed", [False, True])
def test_a_file_of_any_encoding_is_read(
    store: Store, encoding: str, given: str, packed: bool
) -> None:
    recipe = INCIDENTS.replace("[input]", f"[input]\n{given}")
    data = (HEADER + GOOD.replace("Abobo", "Duékoué")).encode(encoding)
    by_recipe(store, gzip.compress(data) if packed else data, recipe)
    with store.reader() as connection:
        title = connection.execute(sa.text("SELECT title FROM event")).scalar_one()
    assert title == "Incident I1 at Duékoué"


def test_cells_may_be_parted_by_what_the_recipe_says(store: Store) -> None:
    recipe = INCIDENTS.replace("[input]", '[input]\ndelimiter = "|"')
    text = (HEADER + GOOD).replace(",", "|").replace("Abobo", '"Abobo | north"')
    assert by_recipe(store, text, recipe).added["claim"] == 2


RECORD = {"incident": "I1", "place": None, "day": "2018-02-08", "reporter": "AFP", "view": "yes",
          "killed": 5}  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([RECORD, {**RECORD, "reporter": "BBC"}]),
        json.dumps([RECORD, {**RECORD, "reporter": "BBC"}], indent=1),
        "\n".join(json.dumps(each) for each in (RECORD, {**RECORD, "reporter": "BBC"})),
    ],
)
def test_json_is_read_record_by_record(store: Store, text: str) -> None:
    by_recipe(store, text, name="f.json")
    assert [row[0] for row in claims(store, "source")] == ["AFP", "AFP", "BBC", "BBC"]


def test_a_json_record_that_lacks_a_key_is_bad_and_stands_in_the_rejects(
    store: Store, tmp_path: Path
) -> None:
    less = {key: value for key, value in RECORD.items() if key != "view"}
    text = json.dumps([RECORD, {**less, "reporter": "BBC"}])
    done = by_recipe(store, text, name="f.json", rejects=tmp_path / "bad.csv")
    assert (done.added["claim"], done.rejected) == (2, 1)
    mended = (tmp_path / "bad.csv").read_text().replace("BBC,,", "BBC,yes,")
    assert by_recipe(store, mended).added["claim"] == 2


def test_a_folder_is_one_table_and_bad_rows_are_told_by_their_own_file(
    store: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "a.csv").write_text(HEADER + GOOD)
    (folder / "b.csv").write_text(HEADER + GOOD.replace("Reuters", "AFP") + "I9,,,BBC,huh,,,\n")

    def run(**options: Any) -> Imported:
        translation = reader(read(INCIDENTS, "a recipe"), folder)
        return import_path(
            store, folder, recorded_by="maria", recorded_at=NOON, translation=translation, **options
        )

    with pytest.raises(BadFileError) as refused:
        run()
    assert [(row.file, row.line) for row in refused.value.rows] == [("b.csv", 3)]
    done = run(rejects=tmp_path / "bad.csv")
    assert (done.added["claim"], done.rejected, len(done.entries)) == (4, 1, 1)


#: The columns of the wide form, but for the number, as a recipe that changes nothing.
OURS = [name for name in SOUND if name not in ("answers", "repeats")]
IDENTITY = "\n".join(
    [
        'title = "Ours"',
        "[input]",
        f"columns = {json.dumps([*OURS, 'claim', 'answers', 'repeats'])}",
        "[[claim]]",
        'id = "{claim}"',
        'answers = "{answers}"',
        'repeats = "{repeats}"',
        *(f'{name} = "{{{name}}}"' for name in OURS),
    ]
)


@st.composite
def ours(draw: st.DrawFn) -> str:
    """A file of claims, most of it sound; cells without spaces around them."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["claim", *SOUND])
    for number in range(1, draw(st.integers(1, 6)) + 1):
        cells = {name: draw(st.sampled_from(cells)).strip() for name, cells in SOUND.items()}
        if cells["answers"] == str(number):
            cells["answers"] = ""
        writer.writerow([str(number), *cells.values()])
    return text.getvalue()


def _words(error: BadFileError) -> list[tuple[int, str]]:
    """What is wrong in which line; of a claim's number, the file's own and not ours."""
    number = re.compile(r"no claim of this file has the number \d+")
    return [
        (row.line, number.sub("names no claim of this file", row.problem.what))
        for row in error.rows
    ]


@given(st.lists(ours(), min_size=1, max_size=2))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_recipe_that_changes_nothing_imports_the_same(emptied: Pair, texts: list[str]) -> None:
    plain, cooked = emptied()
    common: dict[str, Any] = {"recorded_by": "maria", "recorded_at": NOON, "message": "m"}
    translation = reader(read(IDENTITY, "ours"))
    for text in texts:
        done: list[Any] = []
        for store, more in ((plain, {"raw": True}), (cooked, {"translation": translation})):
            try:
                told = import_stream(store, io.BytesIO(text.encode()), "f.csv", **common, **more)
                done.append((told.added, told.present, told.notes))
            except BadFileError as error:
                done.append(_words(error))
        assert done[0] == done[1]
        assert head(plain) == head(cooked)
