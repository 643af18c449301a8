"""What outsiders hold, a head or a checkpoint, against the ledger; and proofs made for them.

Only reads. A tree of entries (docs/checkpoints.md) has one leaf an entry, in their order: the 32
bytes of its hash. It is made from the hashes as they are stored; that these are right is
`chain.verify`'s to say.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from ledger import schema
from ledger.canonical import Tree, canonical_json, entry_leaf, leaf
from ledger.errors import NotFoundError, StoreError
from ledger.history import Fault, head
from ledger.proofs import Path, Proof, ProvenRow, Row, Trails, header_hash
from ledger.store import take_any_value

#: How many links to the head a proof holds without being asked: some 300 bytes each.
LINKS = 1_000

#: What a claim names by number and cannot be understood without; its document may hold a text.
_NAMED = {"proposition_id": "proposition", "source_id": "source", "via_id": "source"}
_DOCUMENT = {"document_id": "document"}

_ALTERED = "`ledger verify` says what was altered"


def tree_of_entries(connection: sa.Connection, size: int | None = None) -> tuple[int, bytes]:
    """The tree of the first `size` entries, or of all: how many there are, and the 32-byte root.

    Fewer than `size` if the ledger has no more. StoreError where a hash is no hash, or a number is
    missing.
    """
    try:
        return _tree(connection, size)
    except sa.exc.DBAPIError as error:
        if not take_any_value(connection, error):
            raise
        return _tree(connection, size)


def _tree(connection: sa.Connection, size: int | None) -> tuple[int, bytes]:
    tree = Tree()
    for _, leaf_hash in _entry_leaves(connection, size):
        tree.append(leaf_hash)
    return tree.size, tree.root()


def _entry_leaves(
    connection: sa.Connection, size: int | None = None
) -> Iterator[tuple[int, bytes]]:
    entry = schema.entry
    query = sa.select(entry.c.id, entry.c.hash).order_by(entry.c.id)
    if size is not None:
        query = query.where(entry.c.id <= size)
    expected = 1
    for number, digest in connection.execute(query, execution_options={"yield_per": 1_000}):
        if number != expected:
            raise StoreError(f"entry {expected} is missing", _ALTERED)
        try:
            yield number, entry_leaf(digest)
        except (TypeError, ValueError):
            raise StoreError(f"the hash of entry {number} is no hash", _ALTERED) from None
        expected += 1


def head_faults(connection: sa.Connection, digest: str) -> Iterator[Fault]:
    """A fault if no entry has the hash that somebody kept as the head.

    With a chain that verifies, an entry that has it is proof that nothing up to there was altered:
    the hash is over the entry before it, and so over all before.
    """
    if entry_of(connection, digest) is None:
        yield Fault(
            None,
            None,
            None,
            f"no entry has the held head {digest}: what it stood for was cut off or rewritten",
        )


def entry_of(connection: sa.Connection, digest: str) -> int | None:
    """The number of the entry with this hash, if there is one."""
    found: int | None = connection.execute(
        sa.select(schema.entry.c.id).where(schema.entry.c.hash == digest)
    ).scalar()
    return found


def checkpoint_faults(connection: sa.Connection, size: int, root: bytes) -> Iterator[Fault]:
    """A fault if the first `size` entries are not those of the 32-byte `root`."""
    try:
        found, now = tree_of_entries(connection, size)
    except StoreError as error:
        yield Fault(None, None, None, f"the checkpoint cannot be held against it: {error.message}")
        return
    if found < size:
        cut = f"{found + 1}" + (f" to {size}" if size - found > 1 else "")
        yield Fault(found + 1, None, None, f"cut off: the checkpoint has the entry, {cut}")
    elif now != root:
        yield Fault(
            None,
            None,
            None,
            f"its first {size} entries are not those of the checkpoint: they were rewritten",
        )


def proof_of_claim(
    connection: sa.Connection,
    claim_id: int,
    *,
    alone: bool = False,
    document: bool = False,
    links: bool | None = None,
) -> Proof:
    """The proof that a claim's newest version is in the tree of all entries; as of, of those then.

    With the claim come the rows it names: proposition, source and the source it came through, and
    its document with the attached text only if `document`; none of them if `alone`. With `links`
    the proof also leads to the head; None means where there are no more than LINKS. Raises
    NotFoundError where there is no such claim, and StoreError where what it would prove was
    altered.
    """
    newest = head(connection).entry
    claim = _version(connection, "claim", claim_id)
    rows = [claim]
    if not alone:
        named = {**_NAMED, **(_DOCUMENT if document else {})}
        wanted = {
            (table, claim[1][column]) for column, table in named.items() if column in claim[1]
        }
        rows += [_version(connection, table, int(number)) for table, number in sorted(wanted)]
    numbers = sorted({int(row["entry_id"]) for _, row in rows})
    root, paths = _paths_of_entries(connection, numbers)
    linked = newest - numbers[0] < LINKS if links is None else links
    headers = [*_headers(connection, range(numbers[0], newest + 1) if linked else numbers)]
    places = _places(connection, rows, {int(each["id"]): each for each in headers})
    return Proof(
        tuple(places[table, int(row["id"])] for table, row in rows),
        tuple(headers),
        newest,
        root,
        paths,
    )


def _version(connection: sa.Connection, name: str, number: int) -> tuple[str, Row]:
    """A row's version as it is hashed: its columns that hold something, in JSON's types."""
    table = schema.VERSIONED[name][0]
    found = (
        connection.execute(sa.select(table).where(table.c.id == number)).mappings().one_or_none()
    )
    if found is None:
        raise NotFoundError(f"there is no {name} {number}", _ALTERED)
    row = _plain({key: found[key] for key in found if key not in schema.NOT_HASHED})
    if leaf(name, row) != found["leaf"]:
        raise StoreError(f"{name} {number} was altered after it was recorded", _ALTERED)
    return name, row


def _plain(row: Mapping[str, Any]) -> Row:
    found: dict[str, str | int] = json.loads(canonical_json(row))
    return {str(key): found[key] for key in row if key in found}


def _headers(connection: sa.Connection, numbers: range | list[int]) -> Iterator[Row]:
    """What these entries say, without their hashes; StoreError where a hash does not fit."""
    entry = schema.entry
    query = sa.select(entry).order_by(entry.c.id)
    if isinstance(numbers, range):
        query = query.where(entry.c.id >= numbers.start)
    else:
        query = query.where(entry.c.id.in_(numbers))
    for found in connection.execute(query, execution_options={"yield_per": 1_000}).mappings():
        header = _plain({key: found[key] for key in found if key != "hash"})
        if header_hash(header) != found["hash"]:
            raise StoreError(f"entry {header['id']} was altered", _ALTERED)
        yield header


def _paths_of_entries(
    connection: sa.Connection, numbers: list[int]
) -> tuple[bytes, dict[int, Path]]:
    trails: Trails[int] = Trails()
    for number, leaf_hash in _entry_leaves(connection):
        trails.append(leaf_hash, number if number in numbers else None)
    return trails.close()


def _places(
    connection: sa.Connection, rows: list[tuple[str, Row]], headers: Mapping[int, Row]
) -> dict[tuple[str, int], ProvenRow]:
    """Each row's place in its entry's tree; StoreError where the tree is not the entry's."""
    by_entry: dict[int, dict[tuple[str, int], Row]] = {}
    for table, row in rows:
        by_entry.setdefault(int(row["entry_id"]), {})[table, int(row["id"])] = row
    places = {}
    for entry, wanted in by_entry.items():
        trails: Trails[tuple[str, int]] = Trails()
        own: dict[tuple[str, int], bytes] = {}
        for table, number, digest in _leaves(connection, entry):
            place = (table, number)
            if place in wanted:
                own[place] = digest
            trails.append(digest, place if place in wanted else None)
        root, paths = trails.close()
        if root.hex() != headers[entry]["root"]:
            raise StoreError(
                f"the rows of entry {entry} are not those it was closed over", _ALTERED
            )
        if absent := wanted.keys() - trails.indices.keys():
            table, number = min(absent)
            raise StoreError(f"{table} {number} is in no index of its entry", _ALTERED)
        for place, row in wanted.items():
            index = trails.indices[place]
            places[place] = ProvenRow(place[0], row, own[place], index, trails.size, paths[place])
    return places


def _leaves(connection: sa.Connection, entry: int) -> Iterator[tuple[str, int, bytes]]:
    """The leaves that an entry wrote, in the order of its tree, as they are stored."""
    for name, (table, twin) in schema.VERSIONED.items():
        current, past = (
            # As the driver gives it: a leaf that another hand wrote may be anything.
            sa.select(
                side.c.id, sa.type_coerce(side.c.leaf, sa.types.NullType()).label("leaf")
            ).where(side.c.entry_id == entry)
            for side in (table, twin)
        )
        versions = sa.union_all(current, past).subquery()
        query = sa.select(versions).order_by(versions.c.id)
        for number, digest in connection.execute(query, execution_options={"yield_per": 1_000}):
            if not isinstance(digest, bytes):
                raise StoreError(f"the leaf of {name} {number} was altered", _ALTERED)
            yield name, number, digest
