"""What the tests of the checks share: writing, altering behind the guards, and what is found."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from ledger import journal
from ledger.checks import findings
from ledger.checks.case import Case
from ledger.store import Store
from tests.build import NOON
from tests.tampering import by_hand

TODAY = date(2026, 3, 1)


@contextmanager
def entry(store: Store) -> Iterator[journal.Draft]:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        yield draft


def found(store: Store, check: str, today: date = TODAY) -> dict[str, str]:
    """What a check finds, by subject; no subject twice."""
    with store.reader() as connection:
        all_found = findings(Case(connection, today), [check])
    told = {finding.subject: finding.what for finding in all_found}
    assert len(told) == len(all_found)
    assert all(finding.to_do for finding in all_found)
    return told


def by_another_hand(store: Store, *statements: str) -> None:
    """What no rule of the program lets pass, as somebody with the sqlite3 shell can do it."""
    with by_hand(store) as raw:
        for statement in statements:
            assert raw.execute(statement).rowcount
