"""Daily claimed losses: a total up to one day is a proposition of its own."""

from tests.cli.conftest import Run
from tests.recipes.taken import taken


def test_a_total_of_one_day_is_not_in_question_on_another(run: Run) -> None:
    ledger = taken(run, "claimed-losses", "losses-equipment.json")
    tanks = ledger.claims(unit="tanks")
    assert [(row["proposition"], row["low"], row["stated_on"]) for row in tanks] == [
        ("russian-tanks-lost-by-2022-03-01", 198, "2022-03-01"),
        ("russian-tanks-lost-by-2022-05-01", 1008, "2022-05-01"),
        ("russian-tanks-lost-by-2026-01-02", 11111, "2026-01-02"),
    ]


def test_about_and_more_are_the_words_of_the_source(run: Run) -> None:
    ledger = taken(run, "claimed-losses", "losses-personnel.json")
    people = ledger.claims(unit="soldiers")
    assert [(row["wording"], row["low"], row["high"]) for row in people] == [
        ("about 5100", 4590, 5610),
        ("more than 11200", 11201, None),
        ("about 23100", 20790, 25410),
    ]


def test_a_category_that_ends_has_no_claim_and_one_that_is_new_has_its_own(run: Run) -> None:
    ledger = taken(run, "claimed-losses", "losses-equipment.json", "losses-personnel.json")
    assert len(ledger.claims(unit="soldiers taken prisoner")) == 2
    assert len(ledger.claims(unit="fuel tanks")) == 1
    assert ledger.claim(unit="ground robotic systems")["low"] == 17


def test_the_column_of_a_direction_is_no_category(run: Run) -> None:
    ledger = taken(run, "claimed-losses", "losses-equipment.json")
    assert not [row for row in ledger.claims() if "direction" in row["proposition"]]


def test_the_csv_with_decimals_and_an_unnamed_column_says_the_same(run: Run) -> None:
    ledger = taken(run, "claimed-losses", "losses-equipment.csv")
    assert ledger.claim(unit="fuel tanks")["low"] == 60
    assert ledger.claim(proposition="russian-tanks-lost-by-2022-05-01")["low"] == 1008
    assert ledger.claim(unit="vehicles and fuel tanks")["low"] == 1796
    assert len(ledger.claims()) == 5 + 5


def test_the_totals_are_claims_of_the_general_staff_on_its_side(run: Run) -> None:
    ledger = taken(run, "claimed-losses", "losses-personnel.json")
    assert {(row["source"], row["source_side"]) for row in ledger.claims()} == {
        ("General Staff of the Armed Forces of Ukraine", "Ukraine")
    }


def test_the_tolls_of_gaza_are_claims_of_whoever_gave_them(run: Run) -> None:
    ledger = taken(run, "gaza-daily", "gaza-daily.json")
    assert [(row["source"], row["unit"], row["low"]) for row in ledger.claims()] == [
        ("Gaza health ministry", "people killed", 561),
        ("Gaza health ministry", "children killed", 91),
        ("Gaza health ministry", "journalists killed", 3),
        ("Gaza health ministry", "people injured", 2271),
        ("Gaza government media office", "people killed", 900),
        ("Gaza government media office", "people injured", 4000),
    ]


def test_figures_that_the_makers_filled_in_are_no_claims(run: Run) -> None:
    ledger = taken(run, "gaza-daily", "gaza-daily.json")
    assert ledger.claims(stated_on="2023-10-10") == []
    assert "1 row makes no claim" in ledger.said
