"""Leaf bytes and Merkle trees, against the vectors and facts of the RFCs."""

import hashlib
import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.canonical import (
    NO_PREVIOUS,
    Tree,
    canonical_json,
    entry_hash,
    leaf,
    merkle_root,
    timestamp,
)
from ledger.model import LARGEST_COUNT
from ledger.sheaf import Leaves

#: The eight leaves and the roots of their first 1 to 8, as in the tests of Certificate
#: Transparency (github.com/google/certificate-transparency, merkletree tests; RFC 6962).
CT_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_certificate_transparency(size: int) -> None:
    leaves = [leaf_hash(data) for data in CT_LEAVES[:size]]
    assert merkle_root(leaves).hex() == CT_ROOTS[size - 1]


def test_the_root_of_no_leaves_is_the_hash_of_nothing() -> None:
    assert merkle_root([]) == hashlib.sha256(b"").digest()
    assert Tree().root() == merkle_root([])


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word: split at the largest power of two below n."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(
        b"\x01" + naive_root(leaves[:split]) + naive_root(leaves[split:])
    ).digest()


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=130))
def test_a_tree_grown_leaf_by_leaf_is_the_tree_of_the_rfc(leaves: list[bytes]) -> None:
    tree = Tree()
    for count, each in enumerate(leaves, start=1):
        tree.append(each)
        assert tree.size == count
    assert tree.root() == merkle_root(leaves) == naive_root(leaves)


def test_keys_are_sorted_and_nothing_stands_between() -> None:
    assert canonical_json({"b": 1, "a": "x", "B": 2}) == b'{"B":2,"a":"x","b":1}'


def test_text_is_escaped_as_rfc_8785_says() -> None:
    # RFC 8785, section 3.2.2.2: short escapes where JSON has them, \u00xx in lower case for the
    # other control characters, and every other character as it is.
    written = canonical_json({"t": '\u20ac$\u000f\nA\'B"\\\\"/\b\t\f\r\u001f\u007f\u2028'})
    assert (
        written == '{"t":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/\\b\\t\\f\\r\\u001f\x7f\u2028"}'.encode()
    )


def test_text_is_not_normalised() -> None:
    assert canonical_json({"t": "é"}) != canonical_json({"t": "e\u0301"})


def test_none_is_left_out_so_that_a_new_column_changes_no_old_leaf() -> None:
    assert leaf("claim", {"id": 1, "later": None}) == leaf("claim", {"id": 1})
    assert leaf("claim", {"id": 1, "note": ""}) != leaf("claim", {"id": 1})


def test_a_leaf_names_its_table() -> None:
    assert leaf("claim", {"id": 1}) != leaf("event", {"id": 1})
    assert leaf("claim", {"id": 1}) == leaf_hash(b'{"id":1,"table":"claim"}')


@pytest.mark.parametrize(
    "value",
    [1.0, float("nan"), True, b"bytes", [1], LARGEST_COUNT + 1, -LARGEST_COUNT - 1, "\ud800"],
)
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical_json({"value": value})


def test_the_largest_number_is_written_out() -> None:
    assert canonical_json({"n": LARGEST_COUNT}) == b'{"n":9007199254740991}'


def test_dates_and_times_are_iso_8601_and_times_utc() -> None:
    east = timezone(timedelta(hours=3))
    moment = datetime(2018, 2, 8, 2, 30, 15, tzinfo=east)
    assert canonical_json({"d": date(2018, 2, 8), "m": moment}) == (
        b'{"d":"2018-02-08","m":"2018-02-07T23:30:15Z"}'
    )
    assert timestamp(moment.replace(microsecond=999_999)) == "2018-02-07T23:30:15Z"
    assert timestamp(datetime(999, 1, 2, tzinfo=UTC)) == "0999-01-02T00:00:00Z"
    with pytest.raises(ValueError, match="time zone"):
        timestamp(datetime(2018, 2, 8))  # noqa: DTZ001 - the point of the test


def test_a_part_of_a_second_that_another_hand_added_is_not_lost() -> None:
    moment = datetime(2018, 2, 7, 23, 30, 15, tzinfo=UTC)
    added = moment.replace(microsecond=1)
    assert canonical_json({"m": added}) != canonical_json({"m": moment})


FLAT = st.dictionaries(
    st.text("abcdefghijklmnopqrstuvwxyz_0123456789", min_size=1),
    st.one_of(st.text(), st.integers(-LARGEST_COUNT, LARGEST_COUNT), st.none()),
)


@given(FLAT)
def test_canonical_bytes_are_json_that_says_the_same(row: dict[str, str | int | None]) -> None:
    kept = {name: value for name, value in row.items() if value is not None}
    written = canonical_json(row)
    assert json.loads(written) == kept
    # The standard library's writer, told to be brief, writes the same bytes but for DEL.
    plain = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert written == plain.encode()


def test_an_entry_is_hashed_over_what_it_says_and_the_entry_before() -> None:
    said = {
        "id": 1,
        "recorded_at": datetime(2026, 3, 1, 12, tzinfo=UTC),
        "recorded_by": "maria",
        "message": None,
        "root": "0" * 64,
        "previous": NO_PREVIOUS,
    }
    text = (
        f'{{"id":1,"previous":"{NO_PREVIOUS}","recorded_at":"2026-03-01T12:00:00Z",'
        f'"recorded_by":"maria","root":"{"0" * 64}"}}'
    )
    assert entry_hash(**said) == hashlib.sha256(text.encode()).hexdigest()  # type: ignore[arg-type]  # a row of mixed types
    for name, other in {**said, "id": 2, "message": "x", "root": "1" * 64}.items():
        if other != said[name]:
            assert entry_hash(**{**said, name: other}) != entry_hash(**said)  # type: ignore[arg-type]  # as above


@given(rows=st.lists(st.tuples(st.integers(1, 40), st.binary(min_size=32, max_size=32))))
def test_leaves_stand_in_the_order_of_their_rows_however_they_came(
    rows: list[tuple[int, bytes]],
) -> None:
    known: dict[int, bytes] = {}
    leaves = Leaves()
    for number, leaf_hash in rows:
        assert (number in leaves) == (number in known)
        if number not in known:
            leaves.add(number, leaf_hash)
            known[number] = leaf_hash
    assert list(leaves) == [known[number] for number in sorted(known)]
    assert len(leaves) == len(known)


@given(st.lists(st.integers(0, 40), max_size=8))
def test_leaves_added_many_at_once_make_the_tree_that_one_by_one_makes(runs: list[int]) -> None:
    at_once, one_by_one, number = Tree(), Tree(), 0
    for run in runs:
        leaves = [bytes([number + place]) * 32 for place in range(run)]
        number = (number + run) % 200
        at_once.extend(leaves)
        for leaf_hash in leaves:
            one_by_one.append(leaf_hash)
        assert (at_once.size, at_once.root()) == (one_by_one.size, one_by_one.root())
