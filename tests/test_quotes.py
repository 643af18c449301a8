"""Finding the words quoted in the text they are said to stand in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.quotes import occurrences

TEXT = (
    "“We did not come\n under attack,” he said. The official said:\u00a0“We did not.”"
    " More than 100 (one hundred) died."
)


@pytest.mark.parametrize(
    ("quote", "prefix", "suffix", "times"),
    [
        ("We did not", None, None, 2),
        ("We did not", "official said: “", None, 1),
        ("We did not", None, "come", 1),
        ("did not come under attack", None, None, 1),
        ("  did\tnot come  under attack ", None, None, 1),
        ("(one hundred)", "100", "died.", 1),
        ("we did not", None, None, 0),
        ("did not c0me", None, None, 0),
        ("We did not", "he said", None, 0),
        (".*", None, None, 0),
        ("", None, None, 0),
        ("   ", "We", "did", 0),
    ],
)
def test_a_quote_is_found_as_often_as_it_stands_there(
    quote: str, prefix: str | None, suffix: str | None, times: int
) -> None:
    assert occurrences(TEXT, quote, prefix, suffix) == times


@given(st.text(max_size=30), st.text(min_size=1, max_size=30), st.text(max_size=30))
def test_whatever_was_cut_out_of_a_text_is_found_in_it(before: str, quote: str, after: str) -> None:
    if quote.strip():
        assert occurrences(before + quote + after, quote) >= 1
        assert occurrences(before + quote + after, quote, before, after) >= 1
