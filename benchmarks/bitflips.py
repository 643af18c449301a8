"""Flips single bits of a ledger's file: how many change what it says, and who notices.

    python benchmarks/bitflips.py [--flips 2000] [--seed 1]

For each flip, on a fresh copy of the shipped ledger: has the content changed (every row of every
table, and the catalogue, read plainly; or it can no longer be read)? If not, have the answers (what
each index says of its table, and which rows are found by their keys, there and in the table: what
reports read, though no row is changed)? Does `ledger verify` find it (its checks, or a refusal to
open)? Does PRAGMA integrity_check? Where in the file a flip changes nothing, there is nothing to
find: free pages, unused bytes of a page, the file's counters.
"""

import argparse
import random
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from ledger import sqlite, verification
from ledger.catalogue import revision_fault
from ledger.errors import LedgerError
from ledger.store import open_store

ROOT = Path(__file__).resolve().parent.parent


def said(path: Path, ask: Callable[[sqlite3.Connection], Iterator[object]]) -> list[str] | None:
    """All that a file answers, or None where it can no longer be read."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.text_factory = bytes
            return [str(answer) for answer in ask(connection)]
    except (sqlite3.Error, UnicodeDecodeError):
        return None


def content(connection: sqlite3.Connection) -> Iterator[object]:
    """The catalogue, and every row of every table."""
    yield connection.execute("SELECT * FROM sqlite_master ORDER BY rowid").fetchall()
    for table in tables(connection):
        yield connection.execute(f"SELECT * FROM {table} NOT INDEXED").fetchall()


def answers(connection: sqlite3.Connection) -> Iterator[object]:
    """What is found by way of each key: the rows of each index, and each row that is looked up."""
    for table in tables(connection):
        info = connection.execute(f"PRAGMA table_info({table})").fetchall()
        own = [name.decode() for _, name, _, _, _, place in info if place]
        yield found(connection, table, "NOT INDEXED", own, own, "")
        for _, name, _, origin, partial in connection.execute(
            f"PRAGMA index_list({table})"
        ).fetchall():
            if origin == b"pk":
                continue  # the table itself, where it is WITHOUT ROWID
            index = f"INDEXED BY {name.decode()}"
            rows = connection.execute(f"PRAGMA index_info({name.decode()})").fetchall()
            columns = [column.decode() for _, _, column in rows]
            where = f"WHERE {columns[0]} IS NOT NULL" if partial else ""
            yield found(connection, table, index, columns, own, where)


def found(
    connection: sqlite3.Connection,
    table: str,
    index: str,
    columns: list[str],
    own: list[str],
    where: str,
) -> tuple[list[object], list[object]]:
    """The rows by one key, and how many are found by each one's values."""
    named = list(dict.fromkeys([*columns, *own]))
    rows = connection.execute(f"SELECT {', '.join(named)} FROM {table} {index} {where}").fetchall()
    equal = " AND ".join(f"{name} IS ?" for name in named)
    known = f"{where} AND" if where else "WHERE"
    looked = f"SELECT count(*) FROM {table} {index} {known} {equal}"
    return rows, [connection.execute(looked, row).fetchone() for row in rows]


def tables(connection: sqlite3.Connection) -> list[str]:
    names = "SELECT CAST(name AS BLOB) FROM sqlite_master WHERE type = 'table' ORDER BY name"
    return [name.decode() for (name,) in connection.execute(names).fetchall()]


def verify_finds(path: Path) -> bool:
    store = open_store(path)
    try:
        with store.look() as connection:
            if revision_fault(connection, str(path)):
                return True
        with store.reader() as connection:
            return any(
                True
                for found in (
                    sqlite.damage(connection, indexes=True),
                    verification.faults(connection),
                )
                for _ in found
            )
    except LedgerError:
        return True


def integrity_check_finds(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.text_factory = bytes
            return connection.execute("PRAGMA integrity_check").fetchall() != [(b"ok",)]
    except (sqlite3.Error, UnicodeDecodeError):  # it may quote what it found, which is no text
        return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flips", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    whole = (ROOT / "ledger.db").read_bytes()
    chosen = random.Random(given.seed)
    kinds = {
        "change what a table or the catalogue says": content,
        "change only what is found by an index or a key": answers,
    }
    tally = {kind: [0, 0, 0] for kind in (*kinds, "change neither")}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flipped.db"
        path.write_bytes(whole)
        before = {kind: said(path, ask) for kind, ask in kinds.items()}
        if None in before.values():
            raise SystemExit("the ledger itself cannot be read")
        for _ in range(given.flips):
            bit = chosen.randrange(len(whole) * 8)
            flipped = bytearray(whole)
            flipped[bit // 8] ^= 1 << bit % 8
            path.write_bytes(flipped)
            changed = (kind for kind, ask in kinds.items() if said(path, ask) != before[kind])
            kind, by_verify = next(changed, "change neither"), verify_finds(path)
            counts = (1, int(by_verify), int(integrity_check_finds(path)))
            tally[kind] = [a + b for a, b in zip(tally[kind], counts, strict=True)]
            if kind in kinds and not by_verify:
                print(f"missed: bit {bit}, byte {bit // 8}: {kind}")
    print(f"{given.flips} single-bit flips in {len(whole)} bytes (seed {given.seed})")
    for kind, (flips, ours, theirs) in tally.items():
        print(f"{flips} {kind}: {ours} found by verify, {theirs} by PRAGMA integrity_check")


if __name__ == "__main__":
    main()
