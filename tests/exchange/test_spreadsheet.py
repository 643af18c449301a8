import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.exchange.spreadsheet import disarm, rearm

TRICKY = st.text(st.sampled_from("'=+-@＝＋－＠\t\r\n 0123.a")) | st.text()


@given(TRICKY)
@example("'=1+1")
@example("''")
@example("-5")
@example("'-5")
def test_what_is_disarmed_can_always_be_rearmed(text: str) -> None:
    assert rearm(disarm(text)) == text


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n1", "＝1", "  =1"],
)
def test_a_formula_is_led_by_an_apostrophe(text: str) -> None:
    assert disarm(text) == "'" + text


@pytest.mark.parametrize("text", ["-5", "+35.42", "1-2", "007", "'tis", "''", "a=b", ""])
def test_what_runs_nothing_stays(text: str) -> None:
    assert disarm(text) == text
    assert rearm(text) == text
