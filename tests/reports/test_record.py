"""A source's record: outcomes, the interval of few trials, the grade, and no look ahead."""

from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from ledger import journal, schema
from ledger.journal import Draft
from ledger.model import SIDE_OF, Kind, Outcome, Range, Verdict, outcome
from ledger.reports.record import (
    AGREES,
    BETTER,
    LEAVES_OPEN,
    TOO_FEW,
    WORSE,
    Record,
    outcome_in_sql,
    record_before,
    verdict_on,
    wilson,
)
from ledger.store import Store
from tests.build import NOON, a_claim, a_count, a_fact, a_source

BOUNDS = st.none() | st.integers(0, 4)
RANGES = (
    st.tuples(BOUNDS, BOUNDS)
    .filter(lambda ends: ends[0] is None or ends[1] is None or ends[0] <= ends[1])
    .map(lambda ends: None if ends == (None, None) else Range(*ends))
)


@pytest.mark.parametrize(
    ("stance", "said", "found", "became"),
    [
        ("asserts", Range(101, None), Range(120, 150), "borne out"),
        ("asserts", Range(101, None), Range(60, 80), "contradicted"),
        ("asserts", Range(101, None), Range(90, 150), "undecided"),
        # A figure within what was found may be right, and may be wrong.
        ("concedes", Range(5, 5), Range(3, 8), "undecided"),
        ("denies", Range(24, 999), Range(5, 5), "borne out"),
        ("denies", Range(24, 999), Range(40, 50), "contradicted"),
        ("denies", Range(24, 999), Range(5, 50), "undecided"),
        ("denies", None, Range(0, 0), "borne out"),
        ("denies", None, Range(7, None), "contradicted"),
        ("disputes", None, Range(7, None), "undecided"),
        ("asserts", None, Range(7, None), "undecided"),
        ("cannot-confirm", None, Range(7, None), "undecided"),
    ],
)
def test_a_figure_is_borne_out_by_what_it_must_be_right_about(
    stance: str, said: Range | None, found: Range, became: str
) -> None:
    assert outcome(stance, said, "count", "supported", found) == became


@pytest.mark.parametrize(
    ("stance", "verdict", "became"),
    [
        ("asserts", "supported", "borne out"),
        ("asserts", "refuted", "contradicted"),
        ("disputes", "supported", "contradicted"),
        ("denies", "refuted", "borne out"),
        ("denies", "mixed", "undecided"),
        ("asserts", "unprovable", "undecided"),
        ("relays", "refuted", "undecided"),
    ],
)
def test_a_fact_is_borne_out_by_its_verdict(stance: str, verdict: str, became: str) -> None:
    assert outcome(stance, None, "fact", verdict, None) == became


def test_a_count_that_is_refuted_outright_contradicts_every_figure_above_none() -> None:
    assert outcome("asserts", Range(24, 99), "count", "refuted", None) == "contradicted"
    assert outcome("denies", Range(24, 99), "count", "refuted", None) == "borne out"
    assert outcome("asserts", Range(0, 5), "count", "refuted", None) == "undecided"
    assert outcome("asserts", Range(24, 99), "count", "supported", None) == "undecided"


@given(
    stance=st.sampled_from(list(SIDE_OF)),
    said=RANGES,
    worded=st.booleans(),
    kind=st.sampled_from(list(Kind)),
    verdict=st.sampled_from(list(Verdict)),
    found=RANGES,
)
def test_sql_says_what_the_model_says(
    stance: str, said: Range | None, worded: bool, kind: Kind, verdict: Verdict, found: Range | None
) -> None:
    if kind is Kind.FACT:
        said, found, worded = None, None, False
    columns: dict[str, Any] = {"stance": stance, "wording": "so many" if worded else None}
    columns |= {"low": said and said.low, "high": said and said.high}
    judged: dict[str, Any] = {"kind": kind.value, "verdict": verdict.value}
    judged |= {"finding_low": found and found.low, "finding_high": found and found.high}
    claim, proposition = (
        sa.select(*(sa.cast(value, table.c[name].type).label(name) for name, value in row.items()))
        .subquery()
        for table, row in ((schema.claim, columns), (schema.proposition, judged))
    )  # fmt: skip
    with sa.create_engine("sqlite://").connect() as connection:
        asked = sa.select(outcome_in_sql(claim.c, proposition.c))
        asked = asked.join_from(claim, proposition, sa.true())
        became = connection.execute(asked).scalar()
    assert became == outcome(stance, said, kind, verdict, found, worded=worded)


@given(RANGES, RANGES)
def test_what_bears_out_an_affirmed_figure_contradicts_a_denied_one(
    said: Range | None, found: Range | None
) -> None:
    mirror = {
        Outcome.BORNE_OUT: Outcome.CONTRADICTED,
        Outcome.CONTRADICTED: Outcome.BORNE_OUT,
        Outcome.UNDECIDED: Outcome.UNDECIDED,
    }
    if said is not None:
        affirmed = outcome("asserts", said, "count", "supported", found)
        assert outcome("denies", said, "count", "supported", found) is mirror[affirmed]


@pytest.mark.parametrize(
    ("right", "trials", "low", "high"),
    [
        # R: prop.test(x, n, correct = FALSE)$conf.int
        (15, 20, 0.5312990, 0.8881381),
        (0, 10, 0.0, 0.2775328),
        (10, 10, 0.7224672, 1.0),
        (1, 2, 0.0945312, 0.9054688),
    ],
)
def test_the_interval_is_wilsons(right: int, trials: int, low: float, high: float) -> None:
    assert wilson(right, trials) == pytest.approx((low, high), abs=1e-6)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share_and_mirrors(pair: tuple[int, int]) -> None:
    right, trials = pair
    found, mirrored = wilson(right, trials), wilson(trials - right, trials)
    assert found is not None
    assert mirrored is not None
    assert 0 <= found[0] <= right / trials <= found[1] <= 1
    assert found == pytest.approx((1 - mirrored[1], 1 - mirrored[0]))


def test_nothing_decided_has_no_interval() -> None:
    assert wilson(0, 0) is None


@pytest.mark.parametrize(
    ("grade", "right", "wrong", "says"),
    [
        ("A", 9, 0, AGREES),
        ("B", 0, 9, WORSE),
        ("B", 3, 3, LEAVES_OPEN),
        ("C", 3, 3, AGREES),
        ("C", 9, 0, BETTER),
        ("C", 0, 9, WORSE),
        ("E", 9, 0, BETTER),
        ("D", 0, 9, AGREES),
        ("A", 4, 0, TOO_FEW),
        ("F", 0, 9, None),
        (None, 9, 0, None),
    ],
)
def test_a_grade_is_held_against_the_record_where_its_words_say_something(
    grade: str | None, right: int, wrong: int, says: str | None
) -> None:
    assert verdict_on(grade, Record(right, wrong, 0)) == says


def test_a_record_counts_propositions_and_knows_nothing_that_came_later(store: Store) -> None:
    def entry(day: int) -> AbstractContextManager[Draft]:
        return journal.entry(store, recorded_by="maria", recorded_at=NOON + timedelta(days=day))

    with entry(0) as draft:
        one, two, three = (a_fact(draft, slug) for slug in ("one", "two", "three"))
        a_count(draft, "killed")
        for _ in range(3):
            a_claim(draft, on="one")  # said thrice, right once
        a_claim(draft, on="two", stance="denies")
        a_claim(draft, on="killed", low=101)
        a_claim(draft, on="three", source="Wire")
    with entry(1) as draft:
        journal.settle(draft, one, "supported", because="found so")
    with entry(2) as draft:
        asked = a_claim(draft, on="three", source="Ministry")
    with entry(3) as draft:
        journal.settle(draft, two, "supported", because="found so")
        journal.settle(draft, three, "refuted", because="found so")
        after = a_claim(draft, on="one", stance="concedes")
    with entry(4) as draft:
        last = a_claim(draft, on="two", stance="concedes")
    with store.reader() as connection:
        assert record_before(connection, 1) == Record(0, 0, 0)
        assert record_before(connection, asked) == Record(1, 0, 2)
        # What the same entry found is no more known beforehand than what later ones did.
        assert record_before(connection, after) == Record(1, 0, 3)
        assert record_before(connection, last) == Record(1, 2, 1)


def test_a_record_holds_what_was_said_under_a_name_merged_since(store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        fact = a_fact(draft, "one", verdict="supported", because="found so")
        wire = a_source(draft, "The Wire")
        a_claim(draft, on=fact, source=wire)
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        asked = a_claim(draft, on="two", source="Wire")
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        into = draft.connection.execute(
            sa.select(schema.claim.c.source_id).where(schema.claim.c.id == asked)
        ).scalar_one()
        journal.merge_sources(draft, wire, into)
    with store.reader() as connection:
        assert record_before(connection, asked) == Record(1, 0, 0)


def test_a_record_is_told_in_one_line() -> None:
    assert str(Record(3, 1, 2)) == "borne out on 3 of 4 (30–95 %), undecided on 2"
    assert str(Record(0, 0, 2)) == "undecided on 2"
    assert str(Record(1, 0, 0)) == "borne out on 1 of 1 (21–100 %)"
    assert str(Record(0, 0, 0)) == ""
