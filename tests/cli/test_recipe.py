"""`ledger recipe`, and `ledger import --recipe`."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run

TABLE = "incident_id,city,date,outlet,stance,deaths_low,deaths_best,deaths_high\n"
ROW = "I-1,Abobo,08/02/2018,Reuters,for,3,4,6\n"


@pytest.fixture
def table(run: Run) -> Path:
    """A table of somebody else's, in the folder where commands are typed."""
    path = Path("theirs.csv")
    path.write_text(TABLE + ROW + ROW.replace("Reuters,for", "AFP,against"))
    return path


def test_the_recipes_that_come_with_ledger_are_listed_with_their_licence(run: Run) -> None:
    listed = run("recipe", "list", "--format", "csv").stdout
    assert "maverick,MAVERICK event reports," in listed


def test_a_recipe_that_is_not_there_is_named_with_what_is_close(run: Run) -> None:
    assert "did you mean maverick?" in run("recipe", "show", "mavrick", ok=1).stderr


def test_a_draft_passes_the_check_and_imports_what_it_was_drafted_for(
    run: Run, table: Path
) -> None:
    run("recipe", "new", "theirs.csv", "-o", "mine.toml")
    draft = Path("mine.toml").read_text()
    assert 'order = "deaths_low <= deaths_best <= deaths_high"' in draft
    assert 'map = { "against" = "denies", "for" = "asserts" }' in draft
    assert 'formats = ["%d/%m/%Y"]' in draft
    run("recipe", "check", "mine.toml")
    assert "2 rows would make 2 claims" in run("recipe", "check", "mine.toml", "theirs.csv").stderr
    assert "2 claims" in run("import", "theirs.csv", "--recipe", "mine.toml").stdout


def test_a_draft_is_not_written_over_a_file(run: Run, table: Path) -> None:
    run("recipe", "new", "theirs.csv", "-o", "theirs.csv", ok=2)
    assert table.read_text().startswith(TABLE)


@pytest.mark.parametrize(
    "text",
    ["a\n", "a,b\n1,2\n", "id;who;said\n1;x;y\n", '[{"a": {"b": 1}, "c": [1]}]',
     "day,date,verdict\n1,2018-02-08,true\n",
     "source,x [y]\nReuters (2011-01-10) Dead,1\n"],
)  # fmt: skip
def test_a_draft_is_sound_whatever_the_table(run: Run, text: str) -> None:
    Path("t.csv").write_text(text)
    Path("d.toml").write_text(run("recipe", "new", "t.csv").stdout)
    run("recipe", "check", "d.toml")


def test_a_table_of_which_no_column_can_be_named_has_no_draft(run: Run) -> None:
    Path("t.csv").write_text("x{y,a|b\n1,2\n")
    assert "no column" in run("recipe", "new", "t.csv", ok=1).stderr


def test_all_that_is_wrong_with_a_recipe_is_told_at_once(run: Run) -> None:
    Path("r.toml").write_text(
        'titel = "x"\n[input]\ncolumns = ["a"]\n[values.b]\nfrom = "a"\nmap = { x = "y" }\n'
        'otherwise = "ignore"\n[[claim]]\nproposition = "{a"\nsource = "{a}"\nstance = "affirms"\n'
    )
    told = run("recipe", "check", "r.toml", ok=1).stderr
    assert "title: is missing" in told
    assert "titel: this key is not known (allowed: did you mean title?)" in told
    assert "[values.b] otherwise: “ignore” is not known" in told
    assert "[[claim]] proposition: a brace stands alone" in told


def test_names_and_words_of_a_recipe_are_checked_too(run: Run) -> None:
    Path("r.toml").write_text(
        'title = "x"\n[input]\ncolumns = ["reporter"]\n[[claim]]\nproposition = "p"\n'
        'source = "{reportr}"\nstance = "affirms"\n'
    )
    told = run("recipe", "check", "r.toml", ok=1).stderr
    assert "{reportr}: this name is not known (allowed: did you mean reporter?)" in told
    assert "stance: “affirms” is not known" in told


def test_no_toml_is_told_with_its_line(run: Run) -> None:
    Path("r.toml").write_text('title = "x\n')
    assert "r.toml is no TOML: " in run("recipe", "check", "r.toml", ok=1).stderr


def test_a_check_of_a_file_with_bad_rows_ends_with_status_3_and_writes_nothing(
    run: Run, table: Path
) -> None:
    run("recipe", "new", "theirs.csv", "-o", "mine.toml")
    table.write_text(TABLE + ROW.replace("3,4,6", "9,4,6"))
    told = run("recipe", "check", "mine.toml", "theirs.csv", ok=3).stderr
    assert "theirs.csv, line 2, deaths_low, deaths_best, deaths_high: deaths_low 9 is above" in told
    assert run("list").stdout.strip() in ("", "no claims")
