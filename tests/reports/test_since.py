"""From which entry on something is new: dates, entries, heads and checkpoints."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from ledger import history, journal, pins, schema
from ledger.errors import AmbiguousError, InvalidError, LedgerError, NotFoundError
from ledger.notes import Checkpoint
from ledger.reports.since import Since, _head, entry_since
from ledger.store import Store
from tests.build import NOON, a_claim


@pytest.fixture
def three(store: Store) -> Store:
    """Three entries on three days at noon."""
    for day in range(3):
        when = NOON + timedelta(days=day)
        with journal.entry(store, recorded_by="maria", recorded_at=when) as draft:
            a_claim(draft)
    return store


def found(store: Store, since: Since) -> int:
    with store.reader() as connection:
        return entry_since(connection, since)


def heads(store: Store) -> list[str]:
    with store.reader() as connection:
        return list(
            connection.execute(sa.select(schema.entry.c.hash).order_by(schema.entry.c.id)).scalars()
        )


@pytest.mark.parametrize(
    ("since", "entry"),
    [
        ("0", 0),
        ("2", 2),
        (3, 3),
        ("2026-03-02", 1),
        (date(2026, 3, 2), 1),
        ("2026-03", 0),
        ("2026-02-28", 0),
        ("2030-01-01", 3),
        ("2026-03-02T12:00:00Z", 2),
        ("2026-03-02T11:59", 1),
        (datetime(2026, 3, 2, 12, tzinfo=UTC), 2),
    ],
)
def test_a_day_is_news_and_an_entry_is_known(three: Store, since: Since, entry: int) -> None:
    assert found(three, since) == entry


def test_a_head_or_the_beginning_of_one_is_known_up_to_there(three: Store) -> None:
    second = heads(three)[1]
    assert [found(three, second), found(three, second[:8]), found(three, second.upper())] == [2] * 3


def test_a_head_of_another_ledger_is_told_as_such(three: Store) -> None:
    other = "ab" * 32
    with pytest.raises(LedgerError, match=f"no entry has the head {other}") as caught:
        found(three, other)
    assert f"ledger verify --head {other}" in caught.value.hint
    with pytest.raises(LedgerError, match="no entry has the head abcdef…"):
        found(three, "abcdef")


def test_a_beginning_that_two_heads_have_is_told_with_both(store: Store) -> None:
    number = 0
    begun: dict[str, int] = {}
    with store.reader() as connection:
        assert history.head(connection).entry == 0
    while True:  # a hash begins like another after some 5,000 entries: two digits will do here
        number += 1
        with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
            a_claim(draft)
        head = heads(store)[-1]
        if head[:1] in begun:
            break
        begun[head[:1]] = number
    with store.reader() as connection, pytest.raises(AmbiguousError, match="2 heads begin") as told:
        _head(connection, head[:1])
    assert told.value.close == (f"entry {begun[head[:1]]}", f"entry {number}")


@pytest.mark.parametrize("since", ["4", "99999999999999999999"])
def test_an_entry_that_is_not_there_is_told_with_the_newest(three: Store, since: str) -> None:
    with pytest.raises(NotFoundError, match="there is no entry") as caught:
        found(three, since)
    assert "the newest entry is 3" in caught.value.hint


def test_a_year_is_an_entrys_number_and_the_hint_says_so(three: Store) -> None:
    with pytest.raises(NotFoundError) as caught:
        found(three, "2026")
    assert "2026-01-01" in caught.value.hint


@pytest.mark.parametrize("since", ["", "last week", "2026-13-40", "abc", "۲"])
def test_other_text_is_refused_with_what_is_allowed(three: Store, since: str) -> None:
    with pytest.raises(InvalidError) as caught:
        found(three, since)
    assert "ledger head" in caught.value.problems[0].allowed


def test_a_checkpoint_that_the_ledger_holds_is_known_up_to_there(three: Store) -> None:
    with three.reader(as_of=2) as connection:
        size, root = pins.tree_of_entries(connection)
    assert found(three, Checkpoint("our-ledger", size, root)) == 2
    with pytest.raises(LedgerError, match="not those of the checkpoint"):
        found(three, Checkpoint("our-ledger", size, bytes(32)))


def test_as_of_an_entry_later_ones_are_not_there(three: Store) -> None:
    with three.reader(as_of=2) as connection:
        assert entry_since(connection, "1") == 1
        with pytest.raises(NotFoundError, match="there is no entry 3"):
            entry_since(connection, "3")
        with pytest.raises(LedgerError, match="no entry has the head"):
            entry_since(connection, heads(three)[2])
