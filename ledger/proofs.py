"""Inclusion proofs: that one row version is part of what a head or a checkpoint stands for.

A proof is checked from its own bytes and something that the reader holds, without the ledger.
Audit paths are those of RFC 6962, section 2.1.1, checked as RFC 9162, section 2.1.3.2, says. Knows
no database. docs/checkpoints.md tells the format.
"""

import json
import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ledger.canonical import NO_PREVIOUS, entry_hash, entry_leaf, leaf, node_hash
from ledger.errors import FormatError
from ledger.rules import shown

FORMAT = "claim-ledger-proof/1"

Row = Mapping[str, str | int]
Path = tuple[bytes, ...]
K = TypeVar("K", bound=Hashable)


class Trails(Generic[K]):
    """A tree that is grown leaf by leaf and keeps the audit paths of the leaves that are watched.

    Holds its right edge and the paths, so memory grows with the logarithm of the leaves.
    """

    def __init__(self) -> None:
        # Full subtrees of falling size, each with the watched leaves in it.
        self._edge: list[tuple[bytes, tuple[K, ...]]] = []
        self._paths: dict[K, list[bytes]] = {}
        self.indices: dict[K, int] = {}
        self.size = 0

    def append(self, leaf_hash: bytes, watched: K | None = None) -> None:
        """Add one leaf hash at the right; its path is kept under `watched`."""
        node = leaf_hash
        names: tuple[K, ...] = () if watched is None else (watched,)
        if watched is not None:
            self.indices[watched] = self.size
            self._paths[watched] = []
        size = self.size
        while size & 1:
            left, left_names = self._edge.pop()
            node, names = self._joined(left, left_names, node, names, self._paths)
            size >>= 1
        self._edge.append((node, names))
        self.size += 1

    def close(self) -> tuple[bytes, dict[K, Path]]:
        """The root, and the path of every watched leaf. ValueError for a tree of no leaves."""
        if not self._edge:
            raise ValueError("a tree of no leaves has no paths")
        paths = {name: list(path) for name, path in self._paths.items()}
        node, names = self._edge[-1]
        for left, left_names in reversed(self._edge[:-1]):
            node, names = self._joined(left, left_names, node, names, paths)
        return node, {name: tuple(path) for name, path in paths.items()}

    @staticmethod
    def _joined(
        left: bytes,
        left_names: tuple[K, ...],
        right: bytes,
        right_names: tuple[K, ...],
        paths: dict[K, list[bytes]],
    ) -> tuple[bytes, tuple[K, ...]]:
        for name in left_names:
            paths[name].append(right)
        for name in right_names:
            paths[name].append(left)
        return node_hash(left, right), left_names + right_names


def root_from(leaf_hash: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that an audit path leads to from the leaf at `index` (from 0) of `size`.

    None where a path of that length cannot belong to that place. RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size:
        return None
    here, last, node = index, size - 1, leaf_hash
    for sibling in path:
        if last == 0:
            return None
        if here & 1 or here == last:
            node = node_hash(sibling, node)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        here, last = here >> 1, last >> 1
    return node if last == 0 else None


@dataclass(frozen=True, slots=True)
class ProvenRow:
    """One row version: its table, its columns as they are hashed, its place in its entry's tree."""

    table: str
    row: Row
    leaf: bytes
    index: int
    size: int
    path: Path

    @property
    def name(self) -> str:
        """The row as people name it: table and number."""
        return f"{self.table} {self.row['id']}"

    @property
    def entry(self) -> int:
        """The number of the entry that wrote it."""
        return int(self.row["entry_id"])


@dataclass(frozen=True, slots=True)
class Proof:
    """Row versions, what their entries say, and the way from these entries to the outside.

    `headers` are entries without their hashes, in rising order: those of the rows, and, where the
    proof has the links, all from the first of them to the head. `paths` leads from each row's entry
    to `root`, the root of the tree of the first `size` entries.
    """

    rows: tuple[ProvenRow, ...]
    headers: tuple[Row, ...]
    size: int
    root: bytes
    paths: Mapping[int, Path]

    @property
    def linked(self) -> bool:
        """Whether it has every link from its first entry to its last."""
        return [header["id"] for header in self.headers] == [*range(self._first, self.size + 1)]

    @property
    def _first(self) -> int:
        return int(self.headers[0]["id"])

    def header(self, entry: int) -> Row | None:
        """What an entry says, if the proof has it."""
        return next((header for header in self.headers if header["id"] == entry), None)


def header_hash(header: Row) -> str:
    """The hash of an entry from what it says."""
    said: dict[str, Any] = {"message": None, **header}
    return entry_hash(**said)


def problems(proof: Proof) -> Iterator[str]:
    """What does not hold within the proof itself; nothing if each step leads to the next."""
    hashes = {int(header["id"]): header_hash(header) for header in proof.headers}
    for proven in proof.rows:
        if leaf(proven.table, proven.row) != proven.leaf:
            yield f"{proven.name}: its columns do not make its leaf"
        header = proof.header(proven.entry)
        if header is None or proven.entry not in proof.paths:
            yield f"{proven.name}: the proof does not hold its entry, {proven.entry}"
            continue
        root = root_from(proven.leaf, proven.index, proven.size, proven.path)
        if root is None or root.hex() != header["root"]:
            yield f"{proven.name}: its leaf does not lead to the root of entry {proven.entry}"
    for number, path in proof.paths.items():
        if number not in hashes:
            yield f"entry {number}: there is a path for it, and it is not there"
        elif root_from(entry_leaf(hashes[number]), number - 1, proof.size, path) != proof.root:
            yield f"entry {number} does not lead to the root of the tree of {proof.size} entries"
    for header in proof.headers:
        number = int(header["id"])
        before = NO_PREVIOUS if number == 1 else hashes.get(number - 1, header["previous"])
        if header["previous"] != before:
            yield f"entry {number} does not follow the entry before it"


def checkpoint_problems(proof: Proof, size: int, root: bytes) -> Iterator[str]:
    """Why a proof that holds in itself does not lead to the tree that a checkpoint tells of."""
    if proof.size != size:
        yield (
            f"the proof leads to a tree of {proof.size} entries, and the checkpoint is of {size}: "
            "ask for a proof against this checkpoint (ledger prove --checkpoint)"
        )
    elif proof.root != root:
        yield "the proof does not lead to the root of the checkpoint: it is of another ledger"


def head_problems(proof: Proof, head: str) -> Iterator[str]:
    """Why a proof that holds in itself does not lead to the entry whose hash is `head`."""
    newest = max(proven.entry for proven in proof.rows)
    after = [header for header in proof.headers if int(header["id"]) >= newest]
    if head in {header_hash(header) for header in after} and proof.linked:
        return
    if proof.linked:
        yield "no entry that the proof leads to has this head's hash"
    else:
        yield (
            "the proof has no links to a head: ask for them (ledger prove --links), or hold it "
            "against a checkpoint"
        )


def written(proof: Proof) -> str:
    """The proof as JSON in ASCII, hashes in hexadecimal, with the line's end."""
    document = {
        "format": FORMAT,
        "rows": [
            {
                "table": proven.table,
                "row": dict(proven.row),
                "leaf": proven.leaf.hex(),
                "index": proven.index,
                "size": proven.size,
                "path": [each.hex() for each in proven.path],
            }
            for proven in proof.rows
        ],
        "entries": [dict(header) for header in proof.headers],
        "tree": {
            "size": proof.size,
            "root": proof.root.hex(),
            "paths": {
                str(number): [each.hex() for each in path] for number, path in proof.paths.items()
            },
        },
    }
    return json.dumps(document, indent=1) + "\n"


def read_proof(data: bytes) -> Proof:
    """The proof that these bytes are; FormatError where they are none. Checks no hash.

    Strict: what is written twice, or is no part of the format, is refused, so that a proof says
    nothing that it does not prove.
    """
    try:
        found = json.loads(data.decode(), object_pairs_hook=_object, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"this is no proof: {shown(error)}", _HINT) from None
    whole = _fields(found, "the proof", {"format", "rows", "entries", "tree"})
    if whole["format"] != FORMAT:
        raise FormatError(f"{shown(whole['format'])} is no format of a proof", f"known: {FORMAT}")
    tree = _fields(whole["tree"], "tree", {"size", "root", "paths"})
    proof = Proof(
        tuple(_proven_row(each) for each in _list(whole["rows"], "rows")),
        tuple(_header(each) for each in _list(whole["entries"], "entries")),
        _whole(tree["size"], "size", 1),
        _digest(tree["root"], "root"),
        {
            _whole(_number(number), "an entry's number", 1): _path(path)
            for number, path in _mapping(tree["paths"], "paths").items()
        },
    )
    numbers = [int(header["id"]) for header in proof.headers]
    if not proof.rows or not numbers or numbers != sorted(set(numbers)):
        raise FormatError("the proof has no rows, or its entries are not in order", _HINT)
    return proof


_HINT = "docs/checkpoints.md tells the format; `ledger prove` writes it"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _wrong(what: str) -> FormatError:
    return FormatError(f"this is no proof: {what} is not what it must be", _HINT)


def _mapping(value: object, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(what)
    return value


def _list(value: object, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong(what)
    return value


def _fields(value: object, what: str, wanted: set[str]) -> dict[str, Any]:
    found = _mapping(value, what)
    if strange := sorted(found.keys() ^ wanted):
        raise FormatError(f"this is no proof: {what} lacks or adds {shown(strange[0])}", _HINT)
    return found


def _whole(value: object, what: str, least: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value < 1 << 53:
        raise _wrong(what)
    return value


def _number(text: str) -> int:
    if not re.fullmatch("[1-9][0-9]{0,15}", text):
        raise _wrong("an entry's number")
    return int(text)


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise _wrong(what)
    return value


def _digest(value: object, what: str) -> bytes:
    if not isinstance(value, str) or not re.fullmatch("[0-9a-f]{64}", value):
        raise _wrong(what)
    return bytes.fromhex(value)


def _path(value: object) -> Path:
    return tuple(_digest(each, "a path") for each in _list(value, "a path"))


def _proven_row(value: object) -> ProvenRow:
    found = _fields(value, "a row", {"table", "row", "leaf", "index", "size", "path"})
    row = _mapping(found["row"], "a row")
    # A column called table would be hashed in the place of the table's name.
    if "table" in row or not all(_is_plain(each) for each in row.values()):
        raise _wrong("a row's columns")
    if not re.fullmatch("[a-z_]+", _text(found["table"], "a table")):
        raise _wrong("a table")
    _whole(row.get("id"), "a row's id", 1)
    _whole(row.get("entry_id"), "a row's entry_id", 1)
    return ProvenRow(
        found["table"],
        row,
        _digest(found["leaf"], "a leaf"),
        _whole(found["index"], "an index", 0),
        _whole(found["size"], "a size", 1),
        _path(found["path"]),
    )


def _is_plain(value: object) -> bool:
    """Whether a value has canonical bytes: text that UTF-8 holds, or a whole number."""
    if isinstance(value, str):
        return not any("\ud800" <= char <= "\udfff" for char in value)
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 53


_HEADER: dict[str, Callable[[object], bool]] = {
    "id": lambda value: isinstance(value, int) and value >= 1 and _is_plain(value),
    "recorded_at": lambda value: isinstance(value, str) and _is_plain(value),
    "recorded_by": lambda value: isinstance(value, str) and _is_plain(value),
    "message": lambda value: isinstance(value, str) and _is_plain(value),
    "root": lambda value: bool(_digest(value, "a root")),
    "previous": lambda value: bool(_digest(value, "a previous")),
}


def _header(value: object) -> Row:
    found = _mapping(value, "an entry")
    wanted = {"message": "", **found}
    if wanted.keys() != _HEADER.keys() or not all(_HEADER[key](wanted[key]) for key in wanted):
        raise _wrong("an entry")
    return found
