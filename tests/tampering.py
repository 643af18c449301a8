"""What somebody does to a ledger who knows its database, is past its guards and covers it up.

Nothing of the program's is used to write, only its hashes where they are forged.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import psycopg.rows

from ledger import canonical, schema
from ledger.store import Store
from ledger.store.postgresql import PostgreSQLStore

ENTRY = ("id", "recorded_at", "recorded_by", "message", "root", "previous")


class Behind:
    """A server's tables, as a superuser has them who lays guards and foreign keys aside."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._connection = connection
        self.row_factory: object = None

    def execute(self, statement: str, values: Sequence[object] = ()) -> Any:
        """One statement, written as the sqlite3 shell takes it."""
        by_name: Any = psycopg.rows.dict_row if self.row_factory else psycopg.rows.tuple_row
        cursor = self._connection.cursor(row_factory=by_name)
        return cursor.execute(statement.replace("%", "%%").replace("?", "%s"), values)


@contextmanager
def by_hand(where: Path | Store) -> Iterator[Any]:
    """A ledger without guards (they come back) and foreign keys; a file without checks, too."""
    if isinstance(where, PostgreSQLStore):
        address = where.url.set(drivername="postgresql").render_as_string(hide_password=False)
        aside = "-c session_replication_role=replica -c search_path=public"
        with psycopg.connect(address, options=aside) as connection:
            yield Behind(connection)
        return
    path = where if isinstance(where, Path) else where.path
    with _in_the_shell(path) as raw:
        yield raw


@contextmanager
def _in_the_shell(path: Path | None) -> Iterator[sqlite3.Connection]:
    assert path is not None
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


def change(raw: Any) -> None:
    assert raw.execute("UPDATE claim SET quote = 'nothing' WHERE id = 2").rowcount == 1


def delete(raw: Any) -> None:
    assert raw.execute("DELETE FROM claim WHERE id = 2").rowcount == 1


def delete_an_old_version(raw: Any) -> None:
    assert raw.execute("DELETE FROM claim_history WHERE id = 1").rowcount


def swap(raw: Any) -> None:
    for old, new in ((2, 99), (3, 2), (99, 3)):
        assert raw.execute("UPDATE claim SET id = ? WHERE id = ?", (new, old)).rowcount == 1


def swap_entries(raw: Any) -> None:
    for old, new in ((1, 99), (2, 1), (99, 2)):
        assert raw.execute("UPDATE entry SET id = ? WHERE id = ?", (new, old)).rowcount == 1


def insert(raw: Any) -> None:
    columns = [name if name != "id" else "77" for name in map(str, schema.claim.c.keys())]
    raw.execute(f"INSERT INTO claim SELECT {', '.join(columns)} FROM claim WHERE id = 2")


def cut_the_tail(raw: Any, keep: int = 2) -> None:
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


def rewrite_everything(raw: Any) -> None:
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
