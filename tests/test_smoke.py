from ledger import chain, history, journal
from ledger.store import Store
from tests.build import NOON, a_claim


def test_a_claim_is_recorded_in_an_entry(store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        number = a_claim(draft, source="Pentagon", stance="denies")
    with store.reader() as connection:
        assert number == 1
        assert history.head(connection).entry == 1
        assert not list(chain.verify(connection))
