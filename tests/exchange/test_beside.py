"""Claims that another process makes ready, and their words: the same ledger, to the last byte."""

import io
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import ahead, fulltext
from ledger.exchange import beside
from ledger.exchange.taking import File, Recording, take
from ledger.store import Store
from ledger.verification import faults
from tests.build import NOON
from tests.exchange.conftest import Pair
from tests.exchange.test_flat import files, outcome, rows
from tests.exchange.test_halves import sound

RECORDING = Recording("maria", NOON, "m", new=False, dry_run=False)


def taken(store: Store, text: str) -> Any:
    file = File(io.BytesIO(text.encode()), "f.csv", False, "f.csv")
    return outcome(lambda: take(store, file, RECORDING))


def words(store: Store) -> dict[tuple[int, str], list[str]]:
    """What the index holds: of each version and field, its words in their order."""
    with store.writer() as connection:
        fulltext.check(connection)
        assert not [*fulltext.missing(connection)]
        assert not fulltext.surplus(connection)
        if store.dialect == "postgresql":
            held = connection.exec_driver_sql(
                "SELECT number, translate(weight, 'ABCD', 'qwnb'), word FROM claim_text,"
                " unnest(words) AS u (word, places, weights), unnest(places, weights)"
                " AS v (place, weight) ORDER BY number, place"
            ).all()
        else:
            connection.exec_driver_sql(
                "CREATE VIRTUAL TABLE temp.held USING fts5vocab(main, claim_text, instance)"
            )
            held = connection.exec_driver_sql(
                "SELECT doc, substr(col, 1, 1), term FROM temp.held ORDER BY doc, col, offset"
            ).all()
    found: dict[tuple[int, str], list[str]] = {}
    for number, field, word in held:
        found.setdefault((number, field), []).append(word)
    return found


@given(st.lists(files(), min_size=1, max_size=2), st.integers(0, 2))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_file_is_taken_alike_beside_and_alone(
    emptied: Pair, monkeypatch: pytest.MonkeyPatch, texts: list[str], every: int
) -> None:
    monkeypatch.setattr(ahead, "is_worth_it", lambda: False)  # in this process: it is quicker
    monkeypatch.setattr(beside, "is_worth_it", lambda: True)
    for name in ("_EVERY", "_EVERY_SENT"):
        monkeypatch.setattr(beside, name, every)
    first, second = emptied()
    for text in texts:
        monkeypatch.setattr(beside, "_MANY", 0)
        ours = taken(first, text)
        monkeypatch.setattr(beside, "_MANY", 1_000)
        assert ours == taken(second, text)
        assert rows(first) == rows(second)
        assert words(first) == words(second)


@pytest.mark.parametrize("quote", ["said so", "Что, где и когда", "قال الوزير", "汉字"])
def test_two_processes_do_it_together(
    emptied: Pair, monkeypatch: pytest.MonkeyPatch, quote: str
) -> None:
    if not ahead.is_worth_it():
        pytest.skip("there is one core")
    monkeypatch.setattr(beside, "_MANY", 0)
    store, _ = emptied()
    assert taken(store, sound(500, quote)).added["claim"] == 500
    assert taken(store, sound(900, quote)).added["claim"] == 400  # some are there already
    assert words(store)
    with store.reader() as connection:
        assert [*faults(connection)] == []
        assert connection.execute(sa.text("SELECT count(*) FROM claim")).scalar() == 900
