"""A short form of `python -m tests.input.fuzz`."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.store import Store
from tests.input.fuzz import tried


@given(st.integers(0, 2**32))
def test_whatever_a_file_holds_it_is_told_in_words_and_alike(store: Store, seed: int) -> None:
    assert [*tried(store, seed)] == []
