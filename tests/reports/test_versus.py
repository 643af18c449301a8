"""Versus: claim against denial, as a reader of the report would put it."""

from datetime import date
from typing import Any

import pytest

from ledger.errors import InvalidError, NotFoundError
from ledger.journal import Draft
from ledger.reports.status import status_totals
from ledger.reports.versus import COLUMNS, versus
from tests.build import a_claim, a_count, a_document, a_fact, a_source, an_event

#: As a month is stored: by its first day.
FEBRUARY = date(2018, 2, 1)


def row(draft: Draft, proposition: str = "they-came", **filters: Any) -> dict[str, Any]:
    """The one row that versus has for a proposition."""
    frame = versus(draft.connection, proposition=proposition, **filters)
    assert len(frame) == 1
    return {str(name): value for name, value in frame.iloc[0].items()}


def test_an_empty_ledger_has_every_column_and_no_row(draft: Draft) -> None:
    frame = versus(draft.connection)
    assert list(frame) == list(COLUMNS)
    assert frame.empty
    assert str(frame["affirmed_origins"].dtype) == "Int64"
    assert str(frame["contested"].dtype) == "bool"


def test_types_are_the_same_with_and_without_rows(draft: Draft) -> None:
    empty = versus(draft.connection).dtypes
    a_claim(draft)
    assert versus(draft.connection).dtypes.equals(empty)


def test_a_proposition_that_nobody_spoke_on_has_its_row(draft: Draft) -> None:
    a_fact(draft)
    found = row(draft)
    assert (found["affirmed_by"], found["affirmed_origins"], found["claims"]) == (None, 0, 0)
    assert not found["contested"]


def test_names_stand_by_date_then_name_with_the_undated_last(draft: Draft) -> None:
    a_claim(draft, source="Zeta", said="2018-02-08")
    a_claim(draft, source="Undated")
    a_claim(draft, source="Beta", said="2018-02-09")
    a_claim(draft, source="Alpha", said="2018-02-09")
    assert row(draft)["affirmed_by"] == "Zeta; Alpha; Beta; Undated"


def test_a_name_that_holds_what_joins_names_is_one_name_in_quotes(draft: Draft) -> None:
    a_claim(draft, source="Al; Bo")
    a_claim(draft, source="Cy")
    assert row(draft)["affirmed_by"] == "“Al; Bo”; Cy"


def test_a_source_stands_on_the_side_of_its_newest_stance_alone(draft: Draft) -> None:
    a_claim(draft, stance="concedes", said="2018-03-01")
    a_claim(draft, stance="denies", said="2018-02-08")
    found = row(draft)
    assert found["affirmed_by"] == "Ministry"
    assert found["denied_by"] is None
    assert found["shifts"] == "Ministry (denies → affirms)"
    assert found["first_denied"] == "2018-02-08"


def test_a_shift_is_remembered_when_the_source_says_it_again(draft: Draft) -> None:
    for day, stance in (("01", "denies"), ("02", "concedes"), ("03", "asserts")):
        a_claim(draft, stance=stance, said=f"2018-02-{day}")
    assert row(draft)["shifts"] == "Ministry (denies → affirms)"


def test_a_withdrawn_claim_is_not_there(draft: Draft) -> None:
    a_claim(draft, status="withdrawn", because="entered twice")
    found = row(draft)
    assert (found["affirmed_by"], found["claims"], found["statuses"]) == (None, 0, None)


def test_whoever_retracts_affirms_no_more(draft: Draft) -> None:
    a_claim(draft, said="2018-02-08")
    a_claim(draft, stance="retracts", said="2018-02-09")
    found = row(draft)
    assert (found["affirmed_by"], found["affirmed_origins"]) == (None, 0)
    assert found["retracted_by"] == "Ministry"


def test_withholding_and_reporting_say_which_stance(draft: Draft) -> None:
    a_claim(draft, stance="no-comment")
    a_claim(draft, source="Wire", stance="relays")
    found = row(draft)
    assert found["withheld_by"] == "Ministry (no-comment)"
    assert found["reported_by"] == "Wire (relays)"
    assert not found["contested"]


def test_denial_of_a_narrower_proposition_is_marked_on_both(draft: Draft) -> None:
    claimed = a_claim(draft, source="Wire", on="they-came")
    a_claim(draft, on="state-sent-them", stance="denies", answers_id=claimed)
    own, asked = row(draft, "state-sent-them"), row(draft, "they-came")
    assert own["denied_by"] == "Ministry (answering they-came)"
    assert own["non_denials"] == "Ministry (answers they-came)"
    assert own["answered_by"] is None
    assert asked["denied_by"] is None
    assert asked["answered_by"] == "Ministry (denies state-sent-them instead)"
    assert not asked["contested"]


def test_whoever_denies_the_thing_itself_too_has_not_dodged_it(draft: Draft) -> None:
    claimed = a_claim(draft, source="Wire", on="they-came")
    a_claim(draft, on="state-sent-them", stance="denies", answers_id=claimed)
    a_claim(draft, on="they-came", stance="denies", answers_id=claimed)
    assert row(draft, "they-came")["answered_by"] is None
    for only in (None, "state-sent-them"):
        frame = versus(draft.connection, proposition=only)
        found = frame.set_index("proposition").loc["state-sent-them"]
        assert (found["denied_by"], found["non_denials"]) == ("Ministry", None)


def test_a_denial_that_answers_its_own_proposition_is_not_marked(draft: Draft) -> None:
    claimed = a_claim(draft, source="Wire")
    a_claim(draft, stance="denies", answers_id=claimed)
    assert row(draft)["denied_by"] == "Ministry"
    assert row(draft)["non_denials"] is None


def test_affirmed_and_denied_is_contested(draft: Draft) -> None:
    a_claim(draft, source="Wire")
    assert not row(draft)["contested"]
    a_claim(draft, stance="denies")
    assert row(draft)["contested"]


@pytest.mark.parametrize(
    ("stance", "low", "high", "contested"),
    [
        ("asserts", 5, 5, True),
        ("asserts", 90, 110, False),
        ("denies", 24, 999, True),
        ("denies", 24, 101, True),
        ("denies", 5, 5, False),
        ("denies", None, None, True),
    ],
)
def test_counts_are_contested_where_they_cannot_all_be_right(
    draft: Draft, stance: str, low: int | None, high: int | None, contested: bool
) -> None:
    a_count(draft)
    a_claim(draft, source="Wire", on="killed", low=101)
    a_claim(draft, on="killed", stance=stance, low=low, high=high)
    a_count(draft, "wounded")  # a neighbour must not confuse the look-up
    a_claim(draft, source="Wire", on="wounded", low=1, high=1)
    a_claim(draft, on="wounded", stance="denies", low=2)
    assert row(draft, "killed")["contested"] == contested
    assert not row(draft, "wounded")["contested"]


@pytest.mark.parametrize("stance", ["asserts", "denies"])
def test_words_that_nobody_could_read_contest_nothing(draft: Draft, stance: str) -> None:
    a_count(draft, "killed")
    a_claim(draft, source="A", on="killed", stance=stance, wording="umpteen")
    for source, other in (("B", "asserts"), ("C", "denies")):
        if other != stance:
            a_claim(draft, source=source, on="killed", stance=other, low=24, high=999)
    assert not row(draft, "killed")["contested"]


def test_words_without_a_range_do_not_soften_a_bare_denial(draft: Draft) -> None:
    a_count(draft, "killed")
    a_claim(draft, source="A", on="killed", low=5)
    a_claim(draft, source="B", on="killed", stance="denies", wording="umpteen")
    assert not row(draft, "killed")["contested"]
    a_claim(draft, source="C", on="killed", stance="denies")
    assert row(draft, "killed")["contested"]


def test_ranges_of_a_count_are_told(draft: Draft) -> None:
    a_count(draft)
    a_claim(draft, source="Wire", on="killed", low=101, wording="more than 100")
    a_claim(draft, source="Witness", on="killed", low=5, high=5)
    a_claim(draft, source="Wordy", on="killed", wording="heaps")
    a_claim(draft, on="killed", stance="denies", low=24, high=999)
    found = row(draft, "killed")
    assert (found["affirmed_range"], found["denied_ranges"]) == ("5+", "24–999")
    a_claim(draft, on="killed", stance="denies")
    assert row(draft, "killed")["denied_ranges"] == "all"


def test_days_between_are_negative_where_the_denial_came_first(draft: Draft) -> None:
    a_claim(draft, source="Wire", said="2018-02-10")
    a_claim(draft, stance="denies", said="2018-02-08")
    assert row(draft)["days_between"] == -2


def test_a_month_is_not_its_first_day(draft: Draft) -> None:
    a_claim(draft, source="Wire", stated_on=FEBRUARY, stated_precision="month")
    a_claim(draft, stance="denies", said="2018-02-08")
    found = row(draft)
    assert found["first_affirmed"] == "2018-02"
    assert str(found["days_between"]) == "<NA>"


def test_of_the_first_of_a_month_and_that_month_the_day_came_first(draft: Draft) -> None:
    a_claim(draft, source="Wire", stated_on=FEBRUARY, stated_precision="month")
    a_claim(draft, source="Other", said="2018-02-01")
    assert row(draft)["first_affirmed"] == "2018-02-01"


def test_what_has_no_date_of_its_own_is_dated_by_its_document(draft: Draft) -> None:
    document = a_document(draft, published_on=date(2018, 2, 14))
    a_claim(draft, document_id=document)
    assert row(draft)["first_affirmed"] == "2018-02-14"


def test_statuses_stand_in_the_order_of_the_vocabulary(draft: Draft) -> None:
    a_claim(draft, source="Wire", status="refuted", because="seen")
    a_claim(draft, source="Witness", status="unverified", because="no second")
    a_claim(draft)
    a_claim(draft)
    assert row(draft)["statuses"] == "unreviewed 2, unverified 1, refuted 1"


def test_independence_is_counted_in_origins(draft: Draft) -> None:
    first = a_claim(draft, source="Wire")
    a_claim(draft, source="Outlet", repeats_id=first)
    pentagon = a_source(draft, "Pentagon")
    a_source(draft, "Spokesman", member_of_id=pentagon)
    a_claim(draft, source="Pentagon")
    a_claim(draft, source="Spokesman")
    found = row(draft)
    assert found["affirmed_by"] == "Outlet; Pentagon; Spokesman; Wire"
    assert found["affirmed_origins"] == 2
    assert not found["circular"]


def test_circular_reporting_is_marked(draft: Draft) -> None:
    a_claim(draft, source="One", via="Two")
    a_claim(draft, source="Two", via="One")
    found = row(draft)
    assert (found["affirmed_origins"], found["circular"]) == (1, True)


def test_unnamed_speakers_are_counted(draft: Draft) -> None:
    a_claim(draft, source="An official", attribution="unnamed")
    a_claim(draft, source="Somebody", attribution="uncertain", stance="denies")
    a_claim(draft)
    assert row(draft)["unnamed"] == 2


def test_the_finding_stands_with_its_range_and_reason(draft: Draft) -> None:
    a_count(draft, verdict="supported", finding_low=5, finding_high=14, because="graves counted")
    found = row(draft, "killed")
    assert (found["verdict"], found["finding"]) == ("supported", "5–14")
    assert found["because"] == "graves counted"


def test_filters_choose_propositions_and_keep_all_that_is_said_on_them(draft: Draft) -> None:
    clash = an_event(draft, "clash")
    a_fact(draft, "in-clash", event_id=clash)
    a_claim(draft, source="Wire", on="in-clash")
    a_claim(draft, on="in-clash", stance="denies", status="doubtful", because="odd")
    a_claim(draft, source="Wire", on="elsewhere")

    def slugs(**filters: Any) -> list[str]:
        return versus(draft.connection, **filters)["proposition"].tolist()

    assert slugs() == ["in-clash", "elsewhere"]
    for narrowed in (
        {"event": "clash"},
        {"event": clash},
        {"source": "ministry"},
        {"side": "denies"},
        {"stance": "denies"},
        {"status": "doubtful"},
        {"contested": True},
    ):
        assert slugs(**narrowed) == ["in-clash"]
    assert slugs(contested=False) == ["elsewhere"]
    assert slugs(source="Wire", side="denies") == []
    assert row(draft, "in-clash", source="Ministry")["affirmed_by"] == "Wire"


@pytest.mark.parametrize(
    ("said", "precision", "first", "last", "fits"),
    [
        ("2018-02-08", "day", "2018-02-08", None, True),
        ("2018-02-08", "day", "2018-02-09", None, False),
        ("2018-02-08", "day", None, "2018-02", True),
        ("2018-02-08", "day", None, "2018-02-07", False),
        ("2018-02-08", "day", "2018", "2018", True),
        # A month or a year fits while any day of it may.
        ("2018-02-01", "month", "2018-02-27", None, True),
        ("2018-02-01", "month", "2018-03-01", None, False),
        ("2018-02-01", "month", None, "2018-01-31", False),
        ("2018-01-01", "year", "2018-12-31", "2019", True),
        ("2018-01-01", "year", "2019-01-01", None, False),
        (None, None, "2000-01-01", None, False),
    ],
)
def test_what_may_have_been_said_between_two_dates_fits(
    draft: Draft, said: str | None, precision: str | None, first: str, last: str, fits: bool
) -> None:
    if said is None:
        a_claim(draft)
    else:
        a_claim(draft, stated_on=date.fromisoformat(said), stated_precision=precision)
    found = versus(draft.connection, first=first, last=last)
    assert len(found) == fits
    totals = status_totals(draft.connection, first=first, last=last)
    assert totals["claims"].sum() == fits


def test_a_bound_that_is_no_date_is_refused(draft: Draft) -> None:
    with pytest.raises(InvalidError) as refused:
        versus(draft.connection, first="2018-13")
    assert "2018-13" in str(refused.value.problems)


@pytest.mark.parametrize(
    "wrong",
    [{"event": "nowhere"}, {"source": "Nobody"}, {"stance": "asserst"}, {"status": "true"}],
)
def test_a_filter_that_names_nothing_is_refused(draft: Draft, wrong: dict[str, Any]) -> None:
    with pytest.raises(NotFoundError):
        versus(draft.connection, **wrong)


def test_a_mistyped_stance_is_told_what_is_close(draft: Draft) -> None:
    with pytest.raises(NotFoundError) as refused:
        versus(draft.connection, stance="asserst")
    assert "asserts" in refused.value.hint
