"""Versus, long: each position with its words and what it rests on."""

from ledger.journal import Draft
from ledger.reports.held import held
from ledger.reports.versus import versus
from tests.build import a_claim, a_count, a_document, a_source


def test_each_position_has_a_row_with_its_words(draft: Draft) -> None:
    a_count(draft, "killed")
    document = a_document(draft, "report")
    wire = a_source(draft, "Wire")
    a_claim(
        draft,
        source=a_source(draft, "Ministry", side="North"),
        on="killed",
        stance="denies",
        low=24,
        high=999,
        wording="dozens and hundreds",
        quote="dozens and hundreds of dead",
        document_id=document,
        via_id=wire,
        said="2018-02-20",
    )
    a_claim(draft, source="Rebels", on="killed", low=101)
    found = held(draft.connection)
    assert found["source"].tolist() == ["Rebels", "Ministry"]
    row = found.iloc[1]
    assert (row["side"], row["range"], row["wording"]) == (
        "denies",
        "24–999",
        "dozens and hundreds",
    )
    assert (row["quote"], row["document"], row["via"]) == (
        "dozens and hundreds of dead",
        "report",
        "Wire",
    )
    assert (row["since"], row["source_side"]) == ("2018-02-20", "North")
    assert (row["low"], row["high"]) == (24, 999)


def test_only_the_newest_claim_of_a_source_is_its_position(draft: Draft) -> None:
    a_claim(draft, source="Ministry", stance="denies", said="2018-02-08")
    newest = a_claim(draft, source="Ministry", stance="concedes", said="2018-03-08")
    assert held(draft.connection)["claim"].tolist() == [newest]


def test_a_denial_of_something_else_says_what_it_answers(draft: Draft) -> None:
    asked = a_claim(draft, source="Wire", on="they-came")
    a_claim(draft, source="Ministry", on="they-were-sent", stance="denies", answers_id=asked)
    row = held(draft.connection, proposition="they-were-sent").iloc[0]
    assert (row["non_denial"], row["answering"], row["answers"]) == (True, "they-came", asked)
    assert not held(draft.connection, proposition="they-came").iloc[0]["non_denial"]


def test_whoever_denies_what_it_answers_as_well_makes_no_non_denial(draft: Draft) -> None:
    asked = a_claim(draft, source="Wire", on="they-came")
    a_claim(draft, source="Ministry", on="they-were-sent", stance="denies", answers_id=asked)
    a_claim(draft, source="Ministry", on="they-came", stance="disputes")
    for only in (None, "they-were-sent"):
        frame = held(draft.connection, proposition=only)
        row = frame.set_index("proposition").loc["they-were-sent"]
        assert (row["non_denial"], row["answering"]) == (False, "they-came")


def test_rows_of_one_origin_have_one_number_and_as_many_as_versus_counts(draft: Draft) -> None:
    story = a_claim(draft, source="Wire", on="they-came")
    for outlet in ("Gazette", "Herald"):
        a_claim(draft, source=outlet, on="they-came", repeats_id=story)
    a_claim(draft, source="Witness", on="they-came")
    found = held(draft.connection)
    assert found.set_index("source")["origin"].to_dict() == {
        "Gazette": 1,
        "Herald": 1,
        "Wire": 1,
        "Witness": 2,
    }
    assert versus(draft.connection).iloc[0]["affirmed_origins"] == found["origin"].nunique()


def test_filters_choose_positions(draft: Draft) -> None:
    a_claim(draft, source="Wire", on="they-came", said="2018-02-08")
    a_claim(draft, source="Ministry", on="they-came", stance="denies", said="2018-03-08")
    assert held(draft.connection, side="denies")["source"].tolist() == ["Ministry"]
    assert held(draft.connection, last="2018-02")["source"].tolist() == ["Wire"]
    assert held(draft.connection, stance="no-comment").empty
