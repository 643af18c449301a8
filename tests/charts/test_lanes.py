"""Positions over time: a lane a source, steps with colour and shape, shifts ringed and named."""

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from ledger.charts import lanes as charts
from ledger.charts.lanes import lanes
from ledger.errors import LedgerError
from ledger.journal import Draft
from ledger.reports.positions import positions
from tests.build import a_claim
from tests.charts.conftest import HOSTILE, legend, rows, words

COLUMNS = ("source", "stance", "side", "since", "shift", "unsure", "range", "proposition", "text")


def frame(*steps: tuple[Any, ...]) -> pd.DataFrame:
    """Steps of (source, stance, side, since, shift); a month is all its days."""
    made = []
    for step in steps:
        row = dict(zip(COLUMNS, (*step, False, None, "they-came", "They came."), strict=True))
        since = row["since"]
        row["earliest_on"] = None if since is None else f"{since}-01"[:10]
        row["latest_on"] = None if since is None else f"{since}-28"[:10]
        made.append(row)
    return pd.DataFrame(made, columns=[*COLUMNS, "earliest_on", "latest_on"])


DENIED = ("Kremlin", "denies", "denies", "2018-02-08", False)
CONCEDED = ("Kremlin", "concedes", "affirms", "2018-03-14", True)


def at(day: str) -> float:
    return datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000


def dots(chart: Any) -> list[dict[str, Any]]:
    return [row for row in rows(chart, "point") if "words" not in row]


def test_a_shift_is_ringed_and_named_in_words() -> None:
    chart = lanes(frame(DENIED, CONCEDED))
    said = words(chart)
    assert [row["stance"] for row in rows(chart, "point") if "beside" in row] == ["concedes"]
    assert "shift" in said
    assert "denies, then shift to concedes" in said
    assert "1 shift of side · ringed: a shift" in said
    assert "no shift of side" in words(lanes(frame(DENIED)))


def test_a_day_stands_on_its_day_and_a_month_within_it() -> None:
    chart = lanes(frame(DENIED, ("Mattis", "denies", "denies", "2018-02", False)))
    day, month = dots(chart)
    assert at("2018-02-08") < day["x"] < at("2018-02-09")
    assert at("2018-02-13") < month["x"] < at("2018-02-17")
    span = next(row for row in rows(chart, "rect") if row["source"] == "Mattis")
    assert (span["x"], span["x2"]) == (at("2018-02-01"), at("2018-03-01"))
    assert "pale bar: said at some time in it" in " ".join(words(chart))


def test_what_has_no_date_stands_before_the_axis_and_its_bar_does_not_run_into_it() -> None:
    chart = lanes(frame(("Mattis", "denies", "denies", None, False), DENIED))
    undated, dated = dots(chart)
    bars = {row["source"]: row for row in rows(chart, "rule") if "source" in row}
    assert undated["x"] < dated["x"]
    assert bars["Mattis"]["x2"] < dated["x"] < bars["Kremlin"]["x2"]
    assert "no date" in words(chart)
    assert "no date" not in words(lanes(frame(DENIED)))


def test_a_position_is_held_until_the_next_one() -> None:
    first, second = (row for row in rows(lanes(frame(DENIED, CONCEDED)), "rule") if "side" in row)
    assert first["x2"] == second["x"]
    assert first["side"] == "denies"


def test_steps_of_one_day_stand_apart_in_order() -> None:
    same = [("K", stance, "withholds", "2018-02-08", False) for stance in ("a", "b", "c")]
    places = [row["x"] for row in dots(lanes(frame(*same)))]
    assert places == sorted(set(places))


def test_an_order_that_dates_leave_open_is_marked() -> None:
    steps = frame(DENIED, CONCEDED)
    steps.loc[1, "unsure"] = True
    said = words(lanes(steps))
    assert "shift ?" in said
    assert "?: the dates leave the order open" in " ".join(said)


def test_every_side_has_a_colour_and_a_shape() -> None:
    assert legend(lanes(frame(DENIED, CONCEDED))) == {"affirms", "denies"}


@pytest.mark.parametrize("years", [1, 3, 12, 90, 900])
def test_the_axis_has_some_dates_over_any_time(years: int) -> None:
    last = ("K", "denies", "denies", f"{1000 + years}-02-08", False)
    chart = lanes(frame(("K", "denies", "denies", "1000-02-08", False), last))
    ticks = next(
        layer["encoding"]["x"]["axis"]["values"]
        for layer in chart.to_dict()["layer"]
        if layer["encoding"].get("x", {}).get("axis")
    )
    assert 1 <= len(ticks) <= 8


def test_hostile_names_are_inert_and_nobody_is_said() -> None:
    said = words(lanes(frame((HOSTILE, "denies", "denies", "2018-02", False))))
    assert any("</script>" in text for text in said)
    assert "\x1b" not in "".join(said)
    assert "nobody has taken a position" in words(lanes(frame()))


def test_more_lanes_than_can_be_read_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "MOST_LANES", 1)
    with pytest.raises(LedgerError, match="2 lanes"):
        lanes(frame(DENIED, ("Mattis", "denies", "denies", None, False)))


def test_it_draws_the_report_of_positions(draft: Draft) -> None:
    a_claim(draft, source="Kremlin", stance="denies", said="2018-02-08")
    a_claim(draft, source="Kremlin", stance="concedes", said="2018-03-14")
    said = words(lanes(positions(draft.connection), "Who moved"))
    assert {"Kremlin", "shift", "Who moved", "It is so: they-came"} <= set(said)
