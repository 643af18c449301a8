"""MAVERICK, UCDP GED and Emergent: rows in their layouts become the claims that they make."""

from pathlib import Path

import pytest

from ledger.recipes import shelf
from tests.cli.conftest import Run
from tests.recipes.taken import FOREIGN, taken


@pytest.mark.parametrize("name", list(shelf.shipped()))
def test_a_shipped_recipe_is_sound_and_says_what_it_is_of(name: str) -> None:
    recipe = shelf.recipe(name)
    assert recipe.title
    assert recipe.about.strip()
    assert recipe.homepage.startswith("https://")
    assert recipe.licence


def test_maverick_reports_become_counts_by_outlet_with_date_and_document(run: Run) -> None:
    done = taken(run, "maverick", "maverick.csv")
    killed = done.claims(proposition="X-01-killed")
    assert [(row["source"], row["low"], row["high"]) for row in killed] == [
        ("Ocean News Agency", 7, 12),
        ("Deep Wire (All Seas)", 14, 14),
    ]
    first = killed[0]
    assert first["stated_on"] == "2011-01-03"
    assert first["document"].startswith("ocean-news-agency-2011-01-03-tide-")
    assert "best estimate of deaths 8, 7 to 12" in first["note"]
    assert "author Doe, J." in first["note"]
    assert done.claim(source="The Abyss Center")["stated_on"] == "2011-05"


def test_maverick_places_and_days_of_one_event_may_differ(run: Run) -> None:
    done = taken(run, "maverick", "maverick.csv")
    (event,) = done.rows("SELECT * FROM event WHERE slug = 'X-01'")
    assert (event["place"], event["started_on"]) == ("Poseidonis, Atlantis", "2011-01-03")
    assert "1 row tells of an event otherwise than the first" in done.said


def test_a_maverick_source_that_is_no_report_is_kept_whole_and_told(run: Run) -> None:
    done = taken(run, "maverick", "maverick.csv")
    claim = done.claim(source="A tablet without a date")
    assert (claim["proposition"], claim["low"], claim["stated_on"]) == ("X-02-killed", 0, None)
    assert "1 cell kept as it stands: source does not fit the pattern" in done.said


def test_maverick_twice_adds_nothing(run: Run) -> None:
    assert "nothing to add" in taken(run, "maverick", "maverick.csv", "maverick.csv").said


@pytest.fixture
def ged(run: Run, tmp_path: Path) -> str:
    """GED is imported, but for its bad rows; what was said."""
    file, bad = str(FOREIGN / "ged.csv"), str(tmp_path / "bad.csv")
    said = run("import", file, "--recipe", "ucdp-ged", "--rejects", bad).output
    return said + Path(bad).read_text()


def test_ged_rows_out_of_order_are_reported_and_not_mended(ged: str) -> None:
    assert "2 rows rejected" in ged
    assert '"low, best, high: best 10 is above high 5' in ged
    assert '"low, best, high: low 12 is above best 10' in ged


def test_the_estimate_of_ged_is_a_claim_by_ucdp(run: Run, ged: str) -> None:
    rows = run("sql", "SELECT low, high, wording, note FROM claims WHERE proposition = "
               "'ged-1-killed'", "--format", "csv", "--raw").stdout.splitlines()  # fmt: skip
    assert rows[1].startswith("3,9,best estimate 5,")
    assert "side B Divers: 3" in rows[1]
    assert "Five killed, two hurt" in rows[1]


def test_who_tells_of_a_ged_event_asserts_it_and_the_outlets_relay_it(run: Run, ged: str) -> None:
    query = "SELECT source, stance, stated_on FROM claims WHERE proposition = '{}' ORDER BY claim"
    first = run("sql", query.format("ged-1-happened"), "--format", "csv").stdout.splitlines()
    assert first[1:] == ["police,asserts,", "Deep Wire,relays,1990-06-02"]
    third = run("sql", query.format("ged-3-happened"), "--format", "csv").stdout.splitlines()
    assert third[1:] == ["Deep Wire,asserts,2014-06-02", "Ocean News,asserts,2014-06-03"]


def test_a_semicolon_in_a_headline_of_ged_loses_the_headlines_alone(run: Run, ged: str) -> None:
    assert "do not hold equally many: taken as the first does (first: line 5)" in ged
    query = (
        "SELECT source, document FROM claims WHERE proposition = 'ged-4-happened' ORDER BY claim"
    )
    rows = run("sql", query, "--format", "csv").stdout.splitlines()
    assert rows[1:] == ["residents,", "UN,", "Deep Wire,", "Ocean News,"]


def test_articles_of_emergent_take_stances_and_its_verdict_is_a_finding(run: Run) -> None:
    done = taken(run, "emergent-fnc1", "emergent.csv")
    assert [(row["source"], row["stance"]) for row in done.claims(proposition="emergent-c-1")] == [
        ("deepwire.example", "asserts"),
        ("oceannews.example", "denies"),
        ("seablog", "relays"),
    ]
    found = done.proposition("emergent-c-1")
    assert (found["verdict"], found["because"]) == ("supported", "Emergent found: true")
    assert done.proposition("emergent-c-2")["verdict"] == "open"
    assert "1 row left out: the article ignores the claim (first: line 5)" in done.said
    assert "1 cell left empty: url" in done.said
