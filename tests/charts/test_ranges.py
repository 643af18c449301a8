"""Claimed ranges: open ends are open, denied ranges hatched, and every row says it in words."""

from typing import Any

import pandas as pd
import pytest

from ledger.charts import ranges as charts
from ledger.charts.ranges import COLUMNS, Asked, claimed, ranges
from ledger.errors import LedgerError, NotFoundError
from ledger.journal import Draft
from ledger.model import Range
from ledger.reports.frames import plain_rows
from tests.build import a_claim, a_count, a_fact
from tests.charts.conftest import HOSTILE, rows, words

KILLED = Asked("People killed in the clash", "people killed")


def frame(*rows_: tuple[Any, ...]) -> pd.DataFrame:
    """Rows of (source, stance, side, low, high, wording)."""
    made = [dict(zip(COLUMNS, (*row, "2018-02-08"), strict=True)) for row in rows_]
    made_frame = pd.DataFrame(made, columns=list(COLUMNS))
    return made_frame.astype({"low": "Int64", "high": "Int64"})


def a(low: int | None, high: int | None, source: str = "Gazette") -> tuple[Any, ...]:
    return (source, "asserts", "affirms", low, high, "")


def denied(low: int | None, high: int | None, wording: str = "") -> tuple[Any, ...]:
    return ("Ministry", "denies", "denies", low, high, wording)


def marks(chart: Any, shape: str) -> list[float]:
    """Where points of a shape stand, or `dots`: those whose shape is their side's."""
    found = []
    for layer in chart.to_dict()["layer"]:
        mark = layer["mark"]
        if mark["type"] == "point" and mark.get("shape", "dots") == shape:
            found += [row["x"] for row in layer["data"]["values"]]
    return found


def test_a_closed_range_has_a_dot_at_each_end_and_no_arrow() -> None:
    chart = ranges(frame(a(5, 14)), KILLED)
    assert marks(chart, "dots") == [5, 14]
    assert marks(chart, "triangle") == []
    assert "asserts 5 to 14" in words(chart)


def test_an_end_that_is_open_fades_to_an_arrow_and_is_called_open() -> None:
    chart = ranges(frame(a(101, None)), KILLED)
    assert marks(chart, "dots") == [101]
    (arrow,) = marks(chart, "triangle")
    strengths = [row["strength"] for row in rows(chart, "rect")]
    assert arrow > 101
    assert strengths == sorted(strengths, reverse=True)
    assert strengths[0] > 0.9 > 0.2 > strengths[-1]
    assert "asserts 101 or more, open above" in words(chart)
    assert "fading to an arrow: open" in " ".join(words(chart))


def test_a_range_that_is_open_below_fades_the_other_way() -> None:
    chart = ranges(frame(a(None, 50)), KILLED)
    assert marks(chart, "triangle") == [0]
    strengths = [row["strength"] for row in rows(chart, "rect")]
    assert strengths == sorted(strengths)
    assert "asserts 50 or fewer, open below" in words(chart)


def test_a_denied_range_is_hatched_within_its_ends_and_no_other_is() -> None:
    assert rows(ranges(frame(a(24, 999)), KILLED), "rule") == []
    chart = ranges(frame(a(24, 999), denied(24, 99)), KILLED)
    lines = rows(chart, "rule")
    assert len(lines) > 5
    assert {line["source"] for line in lines} == {"Ministry"}
    assert all(24 - 1e-6 <= line["x"] <= line["x2"] <= 99 + 1e-6 for line in lines)
    assert all(1.69 <= line["y2"] <= line["y"] <= 2.31 for line in lines)
    assert "hatched: denied" in " ".join(words(chart))


def test_a_denial_that_names_no_number_is_hatched_from_one_on() -> None:
    chart = ranges(frame(a(5, 5), denied(None, None)), KILLED)
    assert min(line["x"] for line in rows(chart, "rule")) == 1
    assert len(marks(chart, "triangle")) == 1
    assert "denies that there was even one" in words(chart)


def test_who_disputes_without_a_number_is_not_drawn_as_if_all_were_rejected() -> None:
    disputed = ("Ministry", "disputes", *denied(None, None)[2:])
    chart = ranges(frame(a(5, 5), disputed), KILLED)
    assert rows(chart, "rule") == []
    assert "no figure" in words(chart)
    assert "disputes some figure" in words(chart)


def test_number_words_that_give_no_range_are_said_and_not_drawn() -> None:
    chart = ranges(frame(denied(None, None, "many")), KILLED)
    assert rows(chart, "rule") == []
    assert "no range" in words(chart)
    assert "denies (“many”)" in words(chart)


def test_the_finding_is_a_band_behind_all_rows_and_a_row_of_its_own() -> None:
    chart = ranges(frame(a(5, 14)), Asked("Killed", "people", "supported", 5, 9))
    band = next(row for row in rows(chart, "rect") if "source" not in row)
    assert (band["x"], band["x2"]) == (5, 9)
    assert marks(chart, "diamond") == [5, 9]
    assert "finding: supported, 5–9" in words(chart)
    assert "Finding" in words(chart)
    assert "Finding" not in words(ranges(frame(a(5, 14)), KILLED))


def test_figures_far_apart_stand_on_an_axis_of_powers_and_it_says_so() -> None:
    assert "people killed (logarithmic)" in words(ranges(frame(a(5, 5), a(9000, 9000)), KILLED))
    assert "people killed" in words(ranges(frame(a(5, 5), a(90, 90)), KILLED))


@pytest.mark.parametrize(
    "claims",
    [
        [a(n, n + 5, f"Source {n}") for n in range(20)],
        [a(0, 0)],
        [a(None, 0)],
        [denied(0, None)],
        [denied(n, None if n % 2 else n + 3) for n in range(5)],
        [a(1, 2_000_000_000)],
        [],
    ],
    ids=("twenty", "none killed", "at most none", "denies all", "all denied", "far", "nobody"),
)
def test_hard_cases_are_drawn(claims: list[tuple[Any, ...]]) -> None:
    for asked in (KILLED, Asked("Killed", "", "supported", None, 3)):
        assert "Killed" in " ".join(words(ranges(frame(*claims), asked))).title()


def test_more_rows_than_can_be_read_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "MOST_ROWS", 2)
    with pytest.raises(LedgerError, match="3 sources") as refused:
        ranges(frame(a(1, 1), a(2, 2), a(3, 3)), KILLED)
    assert "narrow it" in refused.value.hint


def test_long_names_are_wrapped_and_cut_with_a_mark_and_hostile_ones_are_inert() -> None:
    arabic = "وزارة الدفاع"
    long = "The Committee for the Verification of All Statements on Any Casualties"
    said = words(ranges(frame(a(1, 1, long), a(2, 2, HOSTILE), a(3, 3, arabic)), KILLED))
    assert "The Committee for the\nVerification of All…\n2018-02-08" in said
    assert f"{arabic}\n2018-02-08" in said
    assert any("</script><script>alert(1)</s" in text for text in said)
    assert not any(char in "".join(said) for char in "\x1b\u202e")


def test_a_hostile_unit_is_shown_and_not_drawn_with() -> None:
    said = words(ranges(frame(a(1, 1, "x")), Asked("Killed", "people\x1b[31m\x07\x9b2J")))
    assert "people␛[31m␇⟨U+009B⟩2J" in said


def test_what_is_claimed_comes_from_the_positions_of_the_ledger(draft: Draft) -> None:
    a_count(draft, "killed", verdict="supported", finding_low=14, because="seen")
    a_fact(draft, "they-came")
    a_claim(draft, source="Gazette", on="killed", low=5, high=9, said="2018-02-07")
    a_claim(draft, source="Gazette", on="killed", low=101, wording="over 100", said="2018-02-08")
    a_claim(draft, source="Ministry", on="killed", stance="denies", low=24, high=999)
    a_claim(draft, source="Kremlin", on="killed", stance="cannot-confirm")
    found, asked = claimed(draft.connection, proposition="killed")
    assert list(plain_rows(found[["source", "low", "high", "wording"]])) == [
        ("Gazette", 101, None, "over 100"),
        ("Ministry", 24, 999, None),
        ("Kremlin", None, None, None),
    ]
    assert (asked.unit, asked.verdict, asked.found) == (
        "people killed",
        "supported",
        Range(14, None),
    )
    denying, _ = claimed(draft.connection, proposition="killed", side="denies")
    assert denying["source"].tolist() == ["Ministry"]
    with pytest.raises(LedgerError, match="is a fact"):
        claimed(draft.connection, proposition="they-came")
    with pytest.raises(NotFoundError, match="fits"):
        claimed(draft.connection, proposition="killed", side="reports")
