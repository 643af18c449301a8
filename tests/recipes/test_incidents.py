"""ACLED and Airwars: incidents become events with facts and counts in question."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.recipes.taken import Taken, taken


@pytest.fixture
def acled(run: Run) -> Taken:
    return taken(run, "acled", "acled.csv")


@pytest.fixture
def airwars(run: Run) -> Taken:
    return taken(run, "airwars", "airwars.csv")


def test_each_source_that_acled_lists_asserts_that_it_happened(acled: Taken) -> None:
    on = acled.claims(proposition="acled-LVA101-happened")
    assert [(row["source"], row["via"], row["attribution"]) for row in on] == [
        ("Radio Ferry", "ACLED", "uncertain"),
        ("Daily Ferry", "ACLED", "uncertain"),
    ]


def test_a_source_listed_twice_is_one_claim(acled: Taken) -> None:
    assert len(acled.claims(source="Radio Ferry")) == 1


def test_how_many_were_killed_is_said_by_acled_alone(acled: Taken) -> None:
    on = acled.claim(proposition="acled-LVA101-killed")
    assert (on["source"], on["low"], on["high"]) == ("ACLED", 5, 5)


def test_no_fatalities_is_no_claim_that_nobody_died(acled: Taken) -> None:
    assert acled.claims(proposition="acled-LVA102-killed") == []


def test_a_figure_with_a_comma_is_a_figure(acled: Taken) -> None:
    assert acled.claim(proposition="acled-LVA103-killed")["low"] == 1200


def test_an_event_without_sources_still_has_its_fact(acled: Taken) -> None:
    assert "O'Hara" in acled.proposition("acled-LVA103-happened")["note"]


def test_an_event_has_its_place_and_day(acled: Taken) -> None:
    (event,) = acled.rows("SELECT * FROM events WHERE event = 'acled-LVA103'")
    assert (event["started_on"], event["latitude"]) == ("2023-03-16", 56.50470123)
    assert event["place"] == "Liepaja, Kurzeme, Latvia"


def test_a_day_that_acled_guessed_is_marked(acled: Taken) -> None:
    (event,) = acled.rows("SELECT * FROM events WHERE event = 'acled-LVA102'")
    assert "the day is not" in event["note"]


def test_the_api_and_the_export_tool_tell_the_same(acled: Taken) -> None:
    assert "nothing to add" in taken(acled.run, "acled", "acled-api.json").said


def test_a_table_with_semicolons_of_older_years_is_read(run: Run) -> None:
    ledger = taken(run, "acled", "acled-old.csv")
    assert ledger.claim(proposition="acled-LVA7-killed")["low"] == 2


def test_headers_in_capitals_and_half_a_place_are_no_matter(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "upper.csv"
    file.write_text(
        "EVENT_ID_CNTY,EVENT_DATE,SOURCE,FATALITIES,LATITUDE,LONGITUDE\n"
        "LVA9,02-May-2019,24; Radio Ferry,3,56.9,\n"
    )
    run("import", str(file), "--recipe", "acled")
    ledger = Taken(run, "")
    assert [row["source"] for row in ledger.claims(kind="fact")] == ["“24”", "Radio Ferry"]
    (event,) = ledger.rows("SELECT * FROM events")
    assert (event["latitude"], event["started_on"]) == (None, "2019-05-02")


def test_a_source_that_is_the_relay_is_relayed_by_nobody(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("event_id_cnty,event_date,source\nLVA9,2019-05-02,Acled; Radio Ferry\n")
    run("import", str(file), "--recipe", "acled")
    assert [row["via"] for row in Taken(run, "").claims()] == [None, "ACLED"]


def test_what_sources_say_is_a_range_with_the_grade_as_its_status(airwars: Taken) -> None:
    killed = airwars.claim(proposition="airwars-XX001-civilians-killed", stance="asserts")
    assert (killed["low"], killed["high"], killed["status"]) == (5, 8, "corroborated")
    assert (killed["source"], killed["via"]) == ("Sources collected by Airwars", "Airwars")
    assert (killed["wording"], killed["because"]) == ("5–8", "Airwars: Fair")
    children = airwars.claim(proposition="airwars-XX001-children-killed")
    assert (children["low"], children["high"]) == (1, 2)


def test_a_discounted_incident_is_refuted(airwars: Taken) -> None:
    on = airwars.claims(event="airwars-XX002")
    assert {row["status"] for row in on} == {"refuted"}
    assert {(row["proposition"], row["low"], row["high"]) for row in on} == {
        ("airwars-XX002-civilians-killed", 0, 1),
        ("airwars-XX002-fighters-killed", 3, 4),
    }


def test_a_last_day_is_meant_where_the_date_is_a_range(airwars: Taken) -> None:
    days = airwars.rows("SELECT event, ended_on FROM events ORDER BY event")
    assert [(row["event"], row["ended_on"]) for row in days][:2] == [
        ("airwars-XX001", None),
        ("airwars-XX002", "2021-03-16"),
    ]


def test_a_belligerent_concedes_against_its_interest(airwars: Taken) -> None:
    on = airwars.claim(stance="concedes")
    assert (on["source"], on["low"], on["high"]) == ("Coalition", 2, 2)
    assert on["proposition"] == "airwars-XX001-civilians-killed"
    assert "Regrettably" in on["note"]


def test_a_belligerent_that_finds_it_not_credible_denies_the_harm(airwars: Taken) -> None:
    on = airwars.claims(proposition="airwars-XX001-harm")
    assert {(row["source"], row["stance"]) for row in on} == {
        ("Radio Ferry", "asserts"),
        ("Latvian Air Force", "denies"),
    }
    assert {row["status"] for row in on} == {"unreviewed"}


def test_a_draft_is_left_out_and_an_incident_without_figures_counted(airwars: Taken) -> None:
    assert airwars.claims(event="airwars-XX003") == []
    assert "not published by Airwars" in airwars.said
    assert "1 row makes no claim" in airwars.said


def test_the_data_of_the_maps_is_read(run: Run) -> None:
    ledger = taken(run, "airwars", "airwars-map.json")
    killed = ledger.claim(proposition="airwars-XX001-civilians-killed")
    assert (killed["low"], killed["high"], killed["status"]) == (5, 8, "corroborated")


def test_noughts_of_the_maps_are_no_figures(run: Run) -> None:
    ledger = taken(run, "airwars", "airwars-map.json")
    assert [row["proposition"] for row in ledger.claims(event="airwars-XX002")] == [
        "airwars-XX002-fighters-killed"
    ]
    (event,) = ledger.rows("SELECT * FROM events WHERE event = 'airwars-XX002'")
    assert event["latitude"] is None


def test_the_sources_of_an_incident_assert_that_civilians_were_harmed(airwars: Taken) -> None:
    said = taken(airwars.run, "airwars-sources", "airwars-sources.csv").said
    on = airwars.claims(proposition="airwars-XX001-harm", stance="asserts")
    assert {row["source"] for row in on} == {"Radio Ferry", "Orlovka Today", "chat.example"}
    assert "already there" in said
    assert "not published by Airwars" in said
    assert len(on) == 4  # one in each document, of which the incidents knew one


@pytest.mark.parametrize(("recipe", "file"), [("acled", "acled.csv"), ("airwars", "airwars.csv")])
def test_importing_incidents_again_adds_nothing(run: Run, recipe: str, file: str) -> None:
    taken(run, recipe, file)
    assert "nothing to add" in taken(run, recipe, file).said
