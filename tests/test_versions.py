"""Versions: what entries wrote, one by one or all that came after one."""

import pytest

from ledger import journal, schema
from ledger.store import Store
from ledger.versions import all_written, written_since
from tests.build import NOON, a_claim, a_document


@pytest.mark.parametrize("since", [0, 1, 2, 3])
def test_what_entries_wrote_since_is_what_each_of_them_wrote(store: Store, since: int) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        first, second = a_claim(draft), a_claim(draft, source="Wire")
        document = a_document(draft)
    with journal.entry(store, recorded_by="jun", recorded_at=NOON) as draft:
        journal.assess(draft, second, "doubtful", "odd")
        draft.update("document", document, {"title": "Another"})
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        journal.assess(draft, second, "refuted", "seen")
        journal.assess(draft, first, "confirmed", "seen")
        a_claim(draft, source="Third")
    with store.reader() as connection:
        for table in schema.VERSIONED:
            one_by_one = [
                version
                for entry in range(since + 1, 4)
                for version in all_written(connection, entry, table)
            ]
            assert list(written_since(connection, since, table)) == one_by_one
