from hypothesis import given
from hypothesis import strategies as st

from ledger import names
from ledger.exchange.known import Spellings

NAMES = st.text(st.sampled_from("abeёеÉ 12.-"), min_size=1, max_size=6)


@given(known=st.lists(NAMES, unique=True, max_size=5), name=NAMES)
def test_names_are_held_against_known_ones_as_elsewhere(known: list[str], name: str) -> None:
    assert set(Spellings(known).lookalikes(name)) == set(names.lookalikes(name, known))
