"""What somebody does to a ledger who knows SQLite, has dropped the guards and covers their tracks.

Nothing of the program's is used to write, only its hashes where they are forged.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ledger import canonical, schema

ENTRY = ("id", "recorded_at", "recorded_by", "message", "root", "previous")


@contextmanager
def by_hand(path: Path) -> Iterator[sqlite3.Connection]:
    """The file in the sqlite3 shell, without guards (they come back), foreign keys or checks."""
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("PRAGMA ignore_check_constraints = ON")
        raw.execute("PRAGMA synchronous = OFF")
        raw.execute("BEGIN")
        guards = raw.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY rowid"
        ).fetchall()
        for name, _ in guards:
            raw.execute(f"DROP TRIGGER {name}")
        yield raw
        for _, made in guards:
            raw.execute(made)
        raw.execute("COMMIT")


def change(raw: sqlite3.Connection) -> None:
    assert raw.execute("UPDATE claim SET quote = 'nothing' WHERE id = 2").rowcount == 1


def delete(raw: sqlite3.Connection) -> None:
    assert raw.execute("DELETE FROM claim WHERE id = 2").rowcount == 1


def delete_an_old_version(raw: sqlite3.Connection) -> None:
    assert raw.execute("DELETE FROM claim_history WHERE id = 1").rowcount


def swap(raw: sqlite3.Connection) -> None:
    for old, new in ((2, 99), (3, 2), (99, 3)):
        assert raw.execute("UPDATE claim SET id = ? WHERE id = ?", (new, old)).rowcount == 1


def swap_entries(raw: sqlite3.Connection) -> None:
    for old, new in ((1, 99), (2, 1), (99, 2)):
        assert raw.execute("UPDATE entry SET id = ? WHERE id = ?", (new, old)).rowcount == 1


def insert(raw: sqlite3.Connection) -> None:
    columns = [name if name != "id" else "77" for name in map(str, schema.claim.c.keys())]
    raw.execute(f"INSERT INTO claim SELECT {', '.join(columns)} FROM claim WHERE id = 2")


def cut_the_tail(raw: sqlite3.Connection, keep: int = 2) -> None:
    """Take the ledger back to what it was at entry `keep`, without a trace."""
    for name, (table, _) in schema.VERSIONED.items():
        columns = ", ".join(table.c.keys())
        raw.execute(f"DELETE FROM {name} WHERE entry_id > {keep}")
        raw.execute(
            f"INSERT INTO {name} SELECT {columns} FROM {name}_history"
            f" WHERE entry_id <= {keep} AND until_entry_id > {keep}"
        )
        raw.execute(f"DELETE FROM {name}_history WHERE until_entry_id > {keep}")
    assert raw.execute(f"DELETE FROM entry WHERE id > {keep}").rowcount


def rewrite_everything(raw: sqlite3.Connection) -> None:
    """Change a row, and then every leaf, root and hash, so that all of it fits again."""
    change(raw)
    raw.row_factory = sqlite3.Row
    previous = canonical.NO_PREVIOUS
    for entry in raw.execute("SELECT * FROM entry ORDER BY id").fetchall():
        leaves = []
        for name in schema.VERSIONED:
            both = [
                (side, dict(row))
                for side in (name, f"{name}_history")
                for row in raw.execute(f"SELECT * FROM {side} WHERE entry_id = ?", (entry["id"],))
            ]
            for side, row in sorted(both, key=lambda each: int(each[1]["id"])):
                said = {key: row[key] for key in row if key not in schema.NOT_HASHED}
                leaves.append(canonical.leaf(name, said))
                where = (leaves[-1], row["id"], entry["id"])
                raw.execute(f"UPDATE {side} SET leaf = ? WHERE id = ? AND entry_id = ?", where)
        said = {**dict(entry), "root": canonical.merkle_root(leaves).hex(), "previous": previous}
        previous = canonical.entry_hash(**{key: said[key] for key in ENTRY})
        raw.execute(
            "UPDATE entry SET root = ?, previous = ?, hash = ? WHERE id = ?",
            (said["root"], said["previous"], previous, entry["id"]),
        )
    raw.row_factory = None
