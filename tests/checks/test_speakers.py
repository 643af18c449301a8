"""Sources: whether two are one, and how well each is known."""

from ledger.store import Store
from tests.build import a_claim, a_fact, a_source
from tests.checks.ledgers import entry, found


def test_sources_that_look_like_one_another(store: Store) -> None:
    with entry(store) as draft:
        pentagon = a_source(draft, "Pentagon")
        a_source(draft, "The Pentagon.")
        a_source(draft, "Witness 1")
        a_source(draft, "Witness 2")
        a_source(draft, "Russian Defense Ministry")
        other = a_source(draft, "Defence ministry of Russia")
        draft.insert("source_alias", {"source_id": other, "name": "Russian Defence Ministry"})
        draft.insert("source_alias", {"source_id": pentagon, "name": "the Pentagon"})
    assert found(store, "sources-alike") == {
        "source The Pentagon.": "it looks like “Pentagon”",
        "source Defence ministry of Russia": "it looks like “Russian Defense Ministry”",
    }
    with entry(store) as draft:
        draft.update("source", 2, {"merged_into_id": pentagon})
    assert list(found(store, "sources-alike")) == ["source Defence ministry of Russia"]


def test_many_that_look_alike_are_counted(store: Store) -> None:
    with entry(store) as draft:
        for mark in ("", ".", "!", "?", " -"):
            a_source(draft, f"Wagner{mark}")
    told = found(store, "sources-alike")
    assert told["source Wagner."] == "it looks like “Wagner”"
    assert told["source Wagner -"] == "it looks like “Wagner”, “Wagner.”, “Wagner!” and 1 more"


def test_ten_claims_and_no_reliability(store: Store) -> None:
    with entry(store) as draft:
        a_source(draft, "Graded", reliability="F")
        propositions = [a_fact(draft, f"fact-{number}") for number in range(10)]
        for number, proposition in enumerate(propositions):
            a_claim(draft, source="TASS", on=proposition)
            a_claim(draft, source="Graded", on=proposition)
            if number:
                a_claim(draft, source="Gazette", on=proposition)
    assert list(found(store, "never-graded")) == ["source TASS"]


def test_an_unnamed_source_said_to_be_named(store: Store) -> None:
    with entry(store) as draft:
        official = a_source(draft, "An official", kind="unnamed")
        a_claim(draft, source=official)
        a_claim(draft, source=official, on="they-left", attribution="unnamed")
        a_claim(draft, source="Gazette", attribution="unnamed")
    told = "the source is unnamed, yet the attribution says named"
    assert found(store, "unnamed-as-named") == {"claim 1": told}
