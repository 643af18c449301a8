"""Frames: what they hold is handed out whole, whether all at once or some rows at a time."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from ledger.reports import frames
from ledger.reports.frames import built, plain_rows, put_in_order, stacked, whole

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def a_frame(*numbers: int | None) -> pd.DataFrame:
    moments = pd.Series([NOON.replace(tzinfo=None)] * len(numbers), dtype="datetime64[s]")
    values = {
        "number": whole(numbers),
        "word": [None if number is None else str(number) for number in numbers],
        "even": pd.Series([(number or 0) % 2 == 0 for number in numbers], dtype=bool),
        "at": moments.dt.tz_localize("UTC"),
    }
    return built(dict.fromkeys(values, ""), values)


def test_rows_are_the_same_however_many_are_made_plain_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frame = a_frame(3, None, 5)
    monkeypatch.setattr(frames, "_CHUNK", 2)
    assert list(plain_rows(frame)) == [
        (3, "3", False, NOON),
        (None, None, True, NOON),
        (5, "5", False, NOON),
    ]
    assert list(plain_rows(a_frame())) == []


def test_parts_are_put_in_order_as_their_whole_would_be() -> None:
    order = [4, 0, 2, 1, 3]
    whole_ = stacked([a_frame(1, 2), a_frame(), a_frame(3, None, 5)])
    parts = [a_frame(1, 2), a_frame(), a_frame(3, None, 5)]
    expected = whole_.iloc[order].reset_index(drop=True)
    pd.testing.assert_frame_equal(put_in_order(parts, order), expected)
    assert parts == []
