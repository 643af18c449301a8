"""AVeriTeC: fact-checked claims with labels become facts in question with findings."""

import pytest

from tests.cli.conftest import Run
from tests.recipes.taken import Taken, taken


@pytest.fixture
def ledger(run: Run) -> Taken:
    return taken(run, "averitec", "averitec.json")


def test_every_object_is_a_claim_that_its_speaker_asserts(ledger: Taken) -> None:
    assert len(ledger.claims(stance="asserts", kind="fact")) == 6
    assert ledger.claims(source="Ilse Ramm")[0]["stated_on"] == "2021-09-27"


@pytest.mark.parametrize(
    ("words", "verdict", "status"),
    [
        ("harbour school", "mixed", "contested"),
        ("earned nothing", "supported", "corroborated"),
        ("wells", "unprovable", "unverified"),
        ("ropes had been stolen", "refuted", "refuted"),
    ],
)
def test_a_label_is_the_finding_and_the_status(
    ledger: Taken, words: str, verdict: str, status: str
) -> None:
    found = ledger.proposition(words)
    assert found["verdict"] == verdict
    assert found["because"].startswith("AVeriTeC: ")
    assert ledger.claims(proposition=found["proposition"])[0]["status"] == status


def test_a_claim_without_a_label_stays_open(ledger: Taken) -> None:
    found = ledger.proposition("test set")
    assert (found["verdict"], found["because"]) == ("open", None)
    assert ledger.claim(proposition=found["proposition"])["status"] == "unreviewed"


def test_who_is_not_named_is_unnamed_and_where_it_appeared_is_told(ledger: Taken) -> None:
    first = ledger.claims()[0]
    assert (first["source"], first["source_kind"]) == ("Unnamed speaker (Facebook)", "unnamed")
    assert first["attribution"] == "unnamed"
    assert ledger.claim(stated_on="2021-10-31")["source"] == "Unnamed speaker (Twitter)"
    assert ledger.claims(source="Unnamed speaker")


def test_a_speaker_is_named_without_the_spaces_around_the_name(ledger: Taken) -> None:
    assert ledger.claim(source="Ilse Ramm")["attribution"] == "named"


def test_a_claim_with_an_address_stands_in_that_document_and_in_its_archived_copy(
    ledger: Taken,
) -> None:
    document = ledger.claim(source="Ilse Ramm")["document"]
    (found,) = ledger.rows(f"SELECT * FROM documents WHERE document = '{document}'")
    assert found["url"] == "https://social.example/ilse/status/88"
    assert found["archive_url"].startswith("https://web.archive.org/web/20210930/")
    assert found["publisher"] == "Social Media"


def test_a_claim_without_an_address_stands_in_the_fact_check_that_quotes_it(ledger: Taken) -> None:
    document = ledger.claims()[0]["document"]
    (found,) = ledger.rows(f"SELECT * FROM documents WHERE document = '{document}'")
    assert found["publisher"] == "checked.example"
    assert found["title"] == "Fact-check: https://www.checked.example/2021/09/orlovka-bridge/"


def test_an_outlet_that_speaks_itself_is_both_source_and_publisher(ledger: Taken) -> None:
    assert ledger.claim(source="The Daily Ferry")["via"] is None


def test_one_claim_with_two_labels_keeps_the_first_and_the_other_is_told(ledger: Taken) -> None:
    found = ledger.proposition("ropes had been stolen")
    assert len(ledger.claims(proposition=found["proposition"])) == 2
    assert "not as line 2" in ledger.said


def test_a_date_and_an_address_that_are_none_are_left_out_and_told(ledger: Taken) -> None:
    assert ledger.claim(source="Unnamed speaker")["stated_on"] is None
    assert "sometime in autumn" in ledger.said
    assert "seen on a leaflet" in ledger.said


def test_importing_again_adds_nothing(ledger: Taken) -> None:
    assert "nothing to add" in taken(ledger.run, "averitec", "averitec.json").said
