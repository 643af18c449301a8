"""The stance matrix: one cell a position, with a shape and a colour for its side."""

from typing import Any

import pytest

from ledger.charts import matrix as charts
from ledger.charts.matrix import COLUMNS, matrix, stances
from ledger.errors import LedgerError
from ledger.journal import Draft
from tests.build import a_claim, a_fact, as_name
from tests.charts.conftest import HOSTILE, legend, rows, words


@pytest.fixture
def told(draft: Draft) -> Draft:
    """Two facts; the Kremlin denies both and has moved on one; the Gazette asserts that one."""
    a_fact(draft, "they-came")
    a_fact(draft, "they-were-sent")
    a_claim(draft, source="Gazette", on="they-came")
    a_claim(draft, source="Kremlin", on="they-came", stance="no-comment", said="2018-02-01")
    a_claim(draft, source="Kremlin", on="they-came", stance="denies", said="2018-02-08")
    a_claim(draft, source="Kremlin", on="they-were-sent", stance="denies")
    return draft


def cells(chart: Any) -> set[tuple[str, str, str]]:
    return {(row["source"], row["proposition"], row["side"]) for row in rows(chart, "point")}


def test_a_cell_holds_the_newest_stance(told: Draft) -> None:
    chart = matrix(stances(told.connection))
    assert cells(chart) == {
        ("Gazette", "they-came", "affirms"),
        ("Kremlin", "they-came", "denies"),
        ("Kremlin", "they-were-sent", "denies"),
    }
    assert legend(chart) == {"affirms", "denies"}


def test_its_frame_has_the_columns_it_tells(told: Draft) -> None:
    assert list(stances(told.connection).columns) == list(COLUMNS)


def test_what_is_contested_is_called_so_and_who_says_most_comes_first(told: Draft) -> None:
    said = words(matrix(stances(told.connection)))
    assert "they-came (contested)" in said
    assert "they-were-sent" in said
    assert said.index("Kremlin") < said.index("Gazette")


def test_filters_choose_positions(told: Draft) -> None:
    assert cells(matrix(stances(told.connection, side="affirms"))) == {
        ("Gazette", "they-came", "affirms")
    }
    assert stances(told.connection, stance="no-comment").empty


def test_long_and_hostile_names_are_wrapped_cut_and_inert(told: Draft) -> None:
    a_claim(told, source=as_name(HOSTILE), on="they-came")
    a_claim(told, source="w" * 80, on="they-came")
    said = words(matrix(stances(told.connection)))
    assert "\x1b" not in "".join(said)
    assert any(text.startswith("w") and text.endswith("…") for text in said)


def test_more_than_can_be_read_is_refused_and_nothing_is_said(
    told: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = stances(told.connection)
    assert "nobody has taken a position" in words(matrix(frame.iloc[:0]))
    monkeypatch.setattr(charts, "MOST", 1)
    with pytest.raises(LedgerError, match="2 propositions"):
        matrix(frame)
