"""Prints the worked example of docs/hash.md: `python docs/hash_vector.py`.

The ledger writes two entries; what is printed is read back from its database. A test holds the
page to it, and computes the same hashes a second time with nothing but hashlib.
"""

import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import sqlalchemy as sa

from ledger import journal, migrate, schema
from ledger.canonical import canonical_json
from ledger.store import open_store


def write(path: Path) -> None:
    """Make the little ledger of the example."""
    store = open_store(path)
    migrate.create(store)
    with journal.entry(
        store,
        recorded_by="maria",
        recorded_at=datetime(2018, 2, 14, 12, 0, 0, tzinfo=UTC),
        message="First reading",
    ) as draft:
        source = draft.insert("source", {"name": "Ministry", "kind": "government"})
        proposition = draft.insert(
            "proposition", {"slug": "they-came", "text": "They came.", "kind": "fact"}
        )
        draft.insert(
            "claim",
            {
                "proposition_id": proposition,
                "source_id": source,
                "stance": "denies",
                "quote": "“Nobody came.”",
                "stated_on": date(2018, 2, 13),
                "stated_precision": "day",
            },
        )
    with journal.entry(
        store, recorded_by="jan", recorded_at=datetime(2018, 2, 15, 8, 30, 0, tzinfo=UTC)
    ) as draft:
        journal.assess(draft, 1, "doubtful", "Two witnesses saw them.")


def example(path: Path) -> Iterator[str]:
    """The lines of the example, from the database at `path`."""
    with open_store(path).reader() as connection:
        for entry in connection.execute(sa.select(schema.entry).order_by(schema.entry.c.id)).all():
            yield f"entry {entry.id}"
            for name, pair in schema.VERSIONED.items():
                for table in pair:
                    rows = sa.select(table).where(table.c.entry_id == entry.id).order_by(table.c.id)
                    for row in connection.execute(rows).mappings():
                        said = {k: v for k, v in row.items() if k not in schema.NOT_HASHED}
                        yield f"  row   {canonical_json({'table': name, **said}).decode()}"
                        yield f"  leaf  {row['leaf'].hex()}"
            yield f"  root  {entry.root}"
            said = {k: v for k, v in entry._mapping.items() if k != "hash"}
            yield f"  entry {canonical_json(said).decode()}"
            yield f"  hash  {entry.hash}"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder, "ledger.db"))
        sys.stdout.write("\n".join(example(Path(folder, "ledger.db"))) + "\n")
