"""Audit paths against the RFCs' examples and another implementation; proofs that were altered.

Vectors: github.com/transparency-dev/merkle, proof/verify_test.go (the tests of Certificate
Transparency), and RFC 6962, section 2.1.3. The oracle is pymerkle.
"""

import json
from hashlib import sha256
from typing import Any

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import canonical, proofs
from ledger.canonical import merkle_root, node_hash
from ledger.errors import FormatError
from ledger.proofs import Proof, ProvenRow, Trails, root_from
from tests.test_canonical import CT_LEAVES, CT_ROOTS, leaf_hash

LEAVES = [leaf_hash(data) for data in CT_LEAVES]

#: Index (from 0), size, path: inclusionProofs of verify_test.go, which counts leaves from 1.
CT_PATHS = [
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]


def path_of(leaves: list[bytes], index: int) -> tuple[bytes, list[bytes]]:
    trails: Trails[int] = Trails()
    for place, each in enumerate(leaves):
        trails.append(each, index if place == index else None)
    root, paths = trails.close()
    assert trails.indices == {index: index}
    return root, list(paths[index])


@pytest.mark.parametrize(("index", "size", "path"), CT_PATHS)
def test_paths_are_those_of_certificate_transparency(
    index: int, size: int, path: list[str]
) -> None:
    root, found = path_of(LEAVES[:size], index)
    assert [each.hex() for each in found] == path
    assert root.hex() == CT_ROOTS[size - 1]
    assert root_from(LEAVES[index], index, size, found) == root


def test_paths_are_those_of_the_example_in_rfc_6962() -> None:
    a, b, c, d, e, f, j = leaves = LEAVES[:7]
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, l = node_hash(g, h), node_hash(i, j)  # noqa: E741 - the RFC's names
    assert path_of(leaves, 0)[1] == [b, h, l]
    assert path_of(leaves, 3)[1] == [c, g, l]
    assert path_of(leaves, 4)[1] == [f, j, k]
    assert path_of(leaves, 6)[1] == [i, k]


@pytest.mark.parametrize(("index", "size", "path"), CT_PATHS)
def test_what_certificate_transparency_refuses_is_refused(
    index: int, size: int, path: list[str]
) -> None:
    """The corruptions of verify_test.go: index, size, leaf, root, and every part of the path."""
    leaf, root = LEAVES[index], bytes.fromhex(CT_ROOTS[size - 1])
    good = [bytes.fromhex(each) for each in path]
    other = sha256(b"other").digest()
    probes: list[tuple[int, int, bytes, list[bytes]]] = [
        (index - 1, size, leaf, good),
        (index + 1, size, leaf, good),
        (index ^ 2, size, leaf, good),
        (index, size * 2, leaf, good),
        (index, size // 2, leaf, good),
        (index, size, other, good),
        (index, size, leaf, [*good, root]),
        (index, size, leaf, [root, *good]),
        *((index, size, leaf, [*good[:at], other, *good[at + 1 :]]) for at in range(len(good))),
    ]
    if good:
        probes += [(index, size, leaf, good[:-1]), (index, size, leaf, good[1:])]
    for at, (number, leaves, start, steps) in enumerate(probes):
        assert root_from(start, number, leaves, steps) != root, at


TREES = st.integers(1, 70).flatmap(
    lambda size: st.tuples(st.just(size), st.integers(0, size - 1), st.binary(max_size=3))
)


@given(TREES)
def test_another_implementation_has_the_same_roots_and_paths(tree: tuple[int, int, bytes]) -> None:
    size, index, salt = tree
    data = [salt + bytes([number]) for number in range(size)]
    leaves = [leaf_hash(each) for each in data]
    oracle = pymerkle.InmemoryTree(algorithm="sha256")
    for each in data:
        oracle.append_entry(each)
    root, path = path_of(leaves, index)
    assert root == oracle.get_root(size) == merkle_root(leaves)
    # pymerkle counts from 1; its path holds the leaf itself too, beside its neighbour.
    theirs = [
        bytes.fromhex(each) for each in oracle.prove_inclusion(index + 1, size).serialize()["path"]
    ]
    theirs.remove(leaves[index])
    assert path == theirs
    assert root_from(leaves[index], index, size, path) == root


@given(st.integers(1, 40), st.data())
def test_many_leaves_are_watched_at_once(size: int, data: st.DataObject) -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(size)]
    watched = data.draw(st.sets(st.integers(0, size - 1)))
    trails: Trails[int] = Trails()
    for number, each in enumerate(leaves):
        trails.append(each, number if number in watched else None)
    root, paths = trails.close()
    assert paths.keys() == watched
    for number, path in paths.items():
        assert root_from(leaves[number], number, size, path) == root
    assert trails.close() == (root, paths)


def test_a_million_leaves_leave_twenty_hashes() -> None:
    trails: Trails[str] = Trails()
    leaf = leaf_hash(b"")
    for number in range(100_000):
        trails.append(leaf, "it" if number == 77_777 else None)
    assert len(trails._edge) <= 17
    assert len(trails.close()[1]["it"]) == 17


def a_proof() -> Proof:
    """Two rows in three entries: the first wrote three, the second one, the third something."""
    rows: list[tuple[str, dict[str, str | int]]] = [
        ("claim", {"id": 7, "entry_id": 2, "stance": "denies", "quote": "“Nobody.”"}),
        ("source", {"id": 3, "entry_id": 1, "name": "Ministry"}),
    ]
    claim, source = (canonical.leaf(table, row) for table, row in rows)
    root, path = path_of([source, *LEAVES[:2]], 0)
    headers: list[dict[str, str | int]] = []
    for number, each in enumerate((root, claim, LEAVES[2]), start=1):
        previous = proofs.header_hash(headers[-1]) if headers else canonical.NO_PREVIOUS
        headers.append(
            {
                "id": number,
                "recorded_at": f"2018-02-{10 + number}T12:00:00Z",
                "recorded_by": "maria",
                "root": each.hex(),
                "previous": previous,
            }
        )
    trails: Trails[int] = Trails()
    for number, header in enumerate(headers, start=1):
        trails.append(canonical.entry_leaf(proofs.header_hash(header)), number)
    tree, paths = trails.close()
    return Proof(
        (
            ProvenRow("claim", rows[0][1], claim, 0, 1, ()),
            ProvenRow("source", rows[1][1], source, 0, 3, tuple(path)),
        ),
        tuple(headers),
        3,
        tree,
        {number: paths[number] for number in (1, 2)},
    )


PROOF = a_proof()
WRITTEN = json.loads(proofs.written(PROOF))
HEAD = proofs.header_hash(PROOF.headers[-1])


def read(document: Any) -> Proof:
    return proofs.read_proof(json.dumps(document).encode())


def test_a_proof_is_read_back_as_it_was_written_and_holds() -> None:
    assert proofs.read_proof(proofs.written(PROOF).encode()) == PROOF
    assert proofs.written(PROOF).isascii()
    assert [*proofs.problems(PROOF)] == []
    assert [*proofs.head_problems(PROOF, HEAD)] == []
    assert [*proofs.checkpoint_problems(PROOF, 3, PROOF.root)] == []


def test_a_proof_leads_to_its_own_heads_and_checkpoint_alone() -> None:
    second, first = (proofs.header_hash(PROOF.headers[at]) for at in (1, 0))
    assert [*proofs.head_problems(PROOF, second)] == []  # a head held since before the newest
    assert [*proofs.head_problems(PROOF, first)]  # its claim was recorded after that
    assert [*proofs.head_problems(PROOF, "0" * 64)]
    assert [*proofs.checkpoint_problems(PROOF, 2, PROOF.root)]
    assert [*proofs.checkpoint_problems(PROOF, 3, sha256().digest())]


def test_without_its_links_a_proof_leads_to_a_checkpoint_only() -> None:
    short = read({**WRITTEN, "entries": WRITTEN["entries"][:2]})
    assert [*proofs.problems(short)] == []
    assert [*proofs.checkpoint_problems(short, 3, PROOF.root)] == []
    assert "no links" in "".join(proofs.head_problems(short, HEAD))


def leaves_of(value: object, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The place of every text and number in a JSON document."""
    if isinstance(value, dict):
        return [each for key in value for each in leaves_of(value[key], (*at, key))]
    if isinstance(value, list):
        return [each for key, part in enumerate(value) for each in leaves_of(part, (*at, key))]
    return [at]


@pytest.mark.parametrize("at", leaves_of(WRITTEN), ids=lambda at: ".".join(map(str, at)))
def test_a_proof_altered_in_any_place_holds_no_more(at: tuple[Any, ...]) -> None:
    document = json.loads(json.dumps(WRITTEN))
    place = document
    for key in at[:-1]:
        place = place[key]
    value = place[at[-1]]
    if isinstance(value, int):
        place[at[-1]] = value + 1
    elif len(value) == 64:
        place[at[-1]] = value[:-1] + ("0" if value[-1] != "0" else "1")
    else:
        place[at[-1]] = value + "x"
    if at[-1] == "size" and at[0] == "rows":
        # How many rows an entry wrote is no part of what is hashed: the page says so.
        return
    try:
        proof = read(document)
    except FormatError:
        return
    told = [
        *proofs.problems(proof),
        *proofs.head_problems(proof, HEAD),
        *proofs.checkpoint_problems(proof, 3, PROOF.root),
    ]
    assert told


def test_no_column_can_pass_for_the_table() -> None:
    document = json.loads(json.dumps(WRITTEN))
    document["rows"][0]["row"]["table"] = "source"
    with pytest.raises(FormatError):
        read(document)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "not JSON",
        json.dumps({**WRITTEN, "format": "claim-ledger-proof/2"}),
        json.dumps({**WRITTEN, "more": 1}),
        json.dumps({**WRITTEN, "rows": []}),
        json.dumps({**WRITTEN, "entries": []}),
        json.dumps({**WRITTEN, "entries": [*reversed(WRITTEN["entries"])]}),
        json.dumps({**WRITTEN, "tree": {**WRITTEN["tree"], "size": 3.0}}),
        json.dumps({**WRITTEN, "tree": {**WRITTEN["tree"], "size": True}}),
        json.dumps({**WRITTEN, "tree": {**WRITTEN["tree"], "size": float("nan")}}),
        json.dumps({**WRITTEN, "tree": {**WRITTEN["tree"], "root": "AB" * 32}}),
        json.dumps({**WRITTEN, "tree": {**WRITTEN["tree"], "paths": {"01": []}}}),
        json.dumps(WRITTEN)[:-1] + ', "rows": []}',
        json.dumps(WRITTEN).replace('"denies"', "null"),
        json.dumps(WRITTEN).replace('"denies"', "1.5"),
        json.dumps(WRITTEN).replace('"denies"', '"\\ud800"'),
        json.dumps(WRITTEN).replace('"denies"', str(2**53)),
        json.dumps(WRITTEN).replace('"denies"', "9" * 5000),
        json.dumps(WRITTEN).replace('"claim"', '"cl\\u001baim"'),
        "[" * 100_000,
    ],
)
def test_what_is_not_in_the_format_is_refused(text: str) -> None:
    with pytest.raises(FormatError) as refused:
        proofs.read_proof(text.encode())
    assert "proof" in refused.value.message


def test_bytes_that_are_no_text_are_no_proof() -> None:
    with pytest.raises(FormatError):
        proofs.read_proof(b"\xff")
