"""Bytes, hashes and trees: how a row version becomes a leaf and an entry becomes a link.

The chain can be checked by anyone from the database and docs/hash.md alone; this module is the
program's own reading of that page. It follows RFC 6962 (Merkle tree, inclusion proof) and RFC 8785
(canonical JSON). It knows no database.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from hashlib import sha256

import orjson

from ledger.model import LARGEST_COUNT

#: What the first entry names as its predecessor.
NO_PREVIOUS = "0" * 64

_LEAF = b"\x00"
_NODE = b"\x01"


def canonical_json(value: Mapping[str, object]) -> bytes:
    """The RFC 8785 bytes of a flat object of text and whole numbers.

    None is left out, so that a column added later changes no old leaf; dates become ISO 8601
    and times UTC with `Z`. orjson with sorted keys writes exactly RFC 8785 for this subset: keys
    are ASCII, and there are no floats. Raises TypeError for a float, any other type, a number that
    JSON readers do not agree on, and text that UTF-8 cannot hold.
    """
    # orjson takes no subclass of str for a key, and SQLAlchemy names columns with one.
    plain = {str(key): _plain(item) for key, item in value.items() if item is not None}
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)


def _plain(item: object) -> str | int:
    if isinstance(item, str):
        return item
    if isinstance(item, int) and not isinstance(item, bool):
        if abs(item) > LARGEST_COUNT:  # RFC 8785 writes numbers as IEEE 754 doubles
            raise TypeError(f"{item} is past the whole numbers that JSON holds")
        return item
    if isinstance(item, datetime):
        # No ledger writes less than a second, and what another hand has added is not to be lost.
        return item.isoformat() if item.microsecond else timestamp(item)
    if isinstance(item, date):
        return item.isoformat()
    raise TypeError(f"{type(item).__name__} has no canonical form")


def timestamp(moment: datetime) -> str:
    """A moment as ISO 8601 in UTC with `Z`, whole seconds; ValueError if it has no time zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone is no moment")
    # Not strftime: it writes the year 999 with three digits.
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def leaf(table: str, row: Mapping[str, object]) -> bytes:
    """The 32-byte RFC 6962 leaf hash of one row version: its table's name and its columns."""
    return sha256(_LEAF + canonical_json({"table": table, **row})).digest()


def stored_leaf(columns: Sequence[str], row: Sequence[object]) -> bytes:
    """The leaf of a row version as a database holds it; nothing where it can have none.

    `columns` are sorted by name, `table` among them; `row` holds their values, and may hold more.
    The bytes are those of `leaf`, but nothing is sorted and no text or number looked at, which
    makes reading a whole ledger several times faster: a value that no ledger writes has either
    other bytes, or none.
    """
    plain = {key: value for key, value in zip(columns, row, strict=False) if value is not None}
    try:
        return sha256(_LEAF + orjson.dumps(plain, _plain, _AS_STORED)).digest()
    except (TypeError, ValueError):
        return b""


def json_leaves(documents: Iterable[bytes]) -> list[bytes]:
    """The leaves of row versions whose canonical JSON has been written, led by the byte 0x00."""
    return [sha256(document).digest() for document in documents]


def row_leaves(table: str, columns: Mapping[str, Sequence[object]]) -> list[bytes]:
    """The leaves of new row versions; the bytes hashed are those of `leaf`, in half the time.

    `columns` has the values of each column, a row's in the same place of all; there is at least
    one. They are text, whole numbers and None alone; raises TypeError for anything else. A number
    past LARGEST_COUNT must not come here. JSON is written column by column, a value that stands in
    many rows once.
    """
    values = {**columns, "table": [table] * len(next(iter(columns.values())))}
    written = [_members(name, values[name]) for name in sorted(values)]
    members = map("".join, zip(*(column for column in written if column), strict=True))
    return [sha256(b"\0{%b}" % each[1:].encode()).digest() for each in members]


def _members(name: str, values: Sequence[object]) -> list[str]:
    """Each value as a member of a JSON object, led by a comma; nothing for None."""
    distinct = set(values)
    if distinct == {None}:
        return []
    if len(distinct) * 2 > len(values):
        return [_member(name, value) for value in values]
    known = {value: _member(name, value) for value in distinct}
    return [known[value] for value in values]


def _member(name: str, value: object) -> str:
    if value is None:
        return ""
    if value.__class__ is int:
        return f',"{name}":{value}'
    return f',"{name}":{orjson.dumps(value, option=_AS_STORED).decode()}'


_AS_STORED = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_STRICT_INTEGER


def entry_hash(
    *,
    id: int,  # noqa: A002 - the column's name, and part of what is hashed
    recorded_at: datetime,
    recorded_by: str,
    message: str | None,
    root: str,
    previous: str,
) -> str:
    """The SHA-256 (hex) of an entry: of what it says, and of the entry before it."""
    return sha256(
        canonical_json(
            {
                "id": id,
                "recorded_at": recorded_at,
                "recorded_by": recorded_by,
                "message": message,
                "root": root,
                "previous": previous,
            }
        )
    ).hexdigest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The 32-byte RFC 6962 hash of two subtrees, side by side."""
    return sha256(_NODE + left + right).digest()


def entry_leaf(entry_hash: str) -> bytes:
    """The 32-byte leaf of an entry in the tree of entries: its data are the hash's 32 bytes.

    ValueError where `entry_hash` is not 64 hexadecimal digits.
    """
    data = bytes.fromhex(entry_hash)
    if len(data) != 32:
        raise ValueError(f"{len(data)} bytes are no SHA-256")
    return sha256(_LEAF + data).digest()


class Tree:
    """A Merkle tree that is grown leaf by leaf and holds no more than its right edge.

    RFC 6962, section 2.1: every subtree to the left is full, so the edge is a list of full
    subtrees of falling size, one for each bit of the number of leaves.
    """

    def __init__(self) -> None:
        self._edge: list[bytes] = []
        self.size = 0

    def append(self, leaf_hash: bytes) -> None:
        """Add one leaf hash at the right."""
        self._push(leaf_hash, 1)

    def extend(self, leaf_hashes: Sequence[bytes]) -> None:
        """Add many at the right; as by `append`, in half the time."""
        taken, many = 0, len(leaf_hashes)
        while taken < many:
            # As large a full subtree as may begin here: its leaves divide those that stand before.
            room = min(self.size & -self.size or many, many - taken)
            width = 1 << (room.bit_length() - 1)
            nodes = leaf_hashes[taken : taken + width]
            while len(nodes) > 1:
                pairs = zip(nodes[::2], nodes[1::2], strict=True)
                nodes = [sha256(_NODE + left + right).digest() for left, right in pairs]
            self._push(nodes[0], width)
            taken += width

    def _push(self, node: bytes, leaves: int) -> None:
        """Add a full subtree of so many leaves; what stands before is a multiple of them."""
        subtrees = self.size // leaves
        while subtrees & 1:
            node = node_hash(self._edge.pop(), node)
            subtrees >>= 1
        self._edge.append(node)
        self.size += leaves

    def root(self) -> bytes:
        """The tree's 32-byte hash; of no leaves, the SHA-256 of nothing."""
        if not self._edge:
            return sha256(b"").digest()
        node = self._edge[-1]
        for left in reversed(self._edge[:-1]):
            node = node_hash(left, node)
        return node


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The RFC 6962 Merkle tree hash of leaf hashes, in their order."""
    tree = Tree()
    tree.extend(leaves)
    return tree.root()
