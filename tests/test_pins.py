"""What somebody outside holds: a head or a checkpoint against edits by hand, and proofs."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from sqlite3 import Connection

import pytest
import sqlalchemy as sa

from ledger import canonical, chain, history, journal, pins, proofs, schema
from ledger.errors import NotFoundError, StoreError
from ledger.history import Fault
from ledger.store import SQLiteStore, open_store
from tests import tampering
from tests.build import NOON, a_claim, a_document
from tests.tampering import by_hand

pytestmark = pytest.mark.sqlite("files are altered in the sqlite3 shell")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Path:
    """Four entries: claims, a change of one, more claims, a change again."""
    path = Path(shutil.copy(template, tmp_path_factory.mktemp("pins") / "ledger.db"))
    store = open_store(path)
    with journal.entry(store, recorded_by="maria", recorded_at=NOON, message="first") as draft:
        article = a_document(draft, text="He said: nobody came.")
        a_claim(draft, document_id=article, quote="nobody came")
        a_claim(draft, source="Gazette", stance="denies", via="Agency")
        a_claim(draft, source="Agency", on="they-left")
    for days, status in ((1, "unverified"), (3, "doubtful")):
        with journal.entry(
            store, recorded_by="jan", recorded_at=NOON + timedelta(days=days)
        ) as draft:
            journal.assess(draft, 1, status, "no second origin")
        if days == 1:
            with journal.entry(
                store, recorded_by="maria", recorded_at=NOON + timedelta(days=2)
            ) as draft:
                for number in range(20):
                    a_claim(draft, source=f"Witness {number}")
    return path


@pytest.fixture
def four(written: Path, tmp_path: Path) -> SQLiteStore:
    return SQLiteStore(Path(shutil.copy(written, tmp_path / "ledger.db")))


def verified(store: SQLiteStore) -> list[Fault]:
    with store.reader() as connection:
        return [*chain.verify(connection)]


def held(store: SQLiteStore) -> tuple[str, int, bytes]:
    with store.reader() as connection:
        return history.head(connection).hash, *pins.tree_of_entries(connection)


def against(store: SQLiteStore, kept: tuple[str, int, bytes]) -> tuple[list[Fault], list[Fault]]:
    """Faults by the head, and by the checkpoint, that were kept."""
    digest, size, root = kept
    with store.reader() as connection:
        return (
            [*pins.head_faults(connection, digest)],
            [*pins.checkpoint_faults(connection, size, root)],
        )


@pytest.mark.parametrize(
    "edit",
    [
        tampering.change,
        tampering.delete,
        tampering.delete_an_old_version,
        tampering.swap,
        tampering.swap_entries,
        tampering.insert,
    ],
)
def test_an_edit_by_hand_is_found_by_verify_alone(
    four: SQLiteStore, edit: Callable[[Connection], None]
) -> None:
    with by_hand(four.path) as raw:
        edit(raw)
    assert verified(four)


@pytest.mark.parametrize("edit", [tampering.cut_the_tail, tampering.rewrite_everything])
def test_a_cut_tail_and_a_forged_whole_are_found_by_what_was_kept_alone(
    four: SQLiteStore, edit: Callable[[Connection], None]
) -> None:
    kept = held(four)
    with by_hand(four.path) as raw:
        edit(raw)
    assert verified(four) == []
    by_head, by_checkpoint = against(four, kept)
    assert by_head
    assert by_checkpoint


def test_what_was_kept_at_any_entry_still_holds_after_later_ones(four: SQLiteStore) -> None:
    for entry in range(1, 5):
        with four.reader(as_of=entry) as connection:
            kept = (history.head(connection).hash, *pins.tree_of_entries(connection))
        assert kept[1] == entry
        assert against(four, kept) == ([], [])


def test_the_tree_of_entries_has_their_hashes_for_leaves(four: SQLiteStore) -> None:
    with four.reader() as connection:
        hashes = connection.execute(
            sa.select(schema.entry.c.hash).order_by(schema.entry.c.id)
        ).scalars()
        leaves = [canonical.entry_leaf(digest) for digest in hashes]
        for size in range(1, 5):
            root = canonical.merkle_root(leaves[:size])
            assert pins.tree_of_entries(connection, size) == (size, root)
        assert pins.tree_of_entries(connection, 9) == (4, canonical.merkle_root(leaves))


def test_the_cut_is_told(four: SQLiteStore) -> None:
    kept = held(four)
    with by_hand(four.path) as raw:
        tampering.cut_the_tail(raw)
    assert against(four, kept)[1] == [
        Fault(3, None, None, "cut off: the checkpoint has the entry, 3 to 4")
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM entry WHERE id = 2",
        "UPDATE entry SET hash = 'no hash at all' WHERE id = 2",
        "UPDATE entry SET hash = x'ff' WHERE id = 2",
        "UPDATE entry SET hash = CAST(x'ff00fe' AS TEXT) WHERE id = 2",
        "UPDATE entry SET hash = 12 WHERE id = 2",
    ],
)
def test_a_chain_that_is_none_is_a_fault_and_stops_nothing(
    four: SQLiteStore, statement: str
) -> None:
    kept = held(four)
    with by_hand(four.path) as raw:
        raw.execute(statement)
    assert verified(four)
    assert against(four, kept)[1]


def test_an_empty_ledger_has_a_tree_of_nothing(store: SQLiteStore) -> None:
    with store.reader() as connection:
        assert pins.tree_of_entries(connection) == (0, canonical.merkle_root([]))
        assert [*pins.checkpoint_faults(connection, 0, canonical.merkle_root([]))] == []


def proof_of(
    store: SQLiteStore, claim: int, as_of: int | None = None, **options: bool
) -> proofs.Proof:
    with store.reader(as_of=as_of) as connection:
        proof = pins.proof_of_claim(connection, claim, **options)
    assert proofs.read_proof(proofs.written(proof).encode()) == proof
    return proof


@pytest.mark.parametrize("as_of", [None, 1, 2, 3])
@pytest.mark.parametrize("claim", [1, 2, 3])
def test_every_claim_is_proved_as_of_any_entry(
    four: SQLiteStore, claim: int, as_of: int | None
) -> None:
    proof = proof_of(four, claim, as_of)
    with four.reader(as_of=as_of) as connection:
        newest = history.head(connection)
        size, root = pins.tree_of_entries(connection)
    assert proof.size == newest.entry
    assert [*proofs.problems(proof)] == []
    assert [*proofs.head_problems(proof, newest.hash)] == []
    assert [*proofs.checkpoint_problems(proof, size, root)] == []


def test_a_proof_is_of_the_version_that_stood(four: SQLiteStore) -> None:
    assert [proof_of(four, 1, entry).rows[0].row["status"] for entry in (1, 2, 4)] == [
        "unreviewed",
        "unverified",
        "doubtful",
    ]


def test_a_claim_comes_with_what_it_names_and_with_its_text_only_if_asked(
    four: SQLiteStore,
) -> None:
    def names(**options: bool) -> list[str]:
        return [proven.name for proven in proof_of(four, 2, **options).rows]

    assert names() == ["claim 2", "proposition 1", "source 2", "source 3"]
    assert names(alone=True) == ["claim 2"]
    assert [each.name for each in proof_of(four, 1, document=True).rows][1] == "document 1"
    assert "text" in proof_of(four, 1, document=True).rows[1].row
    assert "nobody came." not in proofs.written(proof_of(four, 1))


def test_links_are_left_out_where_they_are_many(
    four: SQLiteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert proof_of(four, 2).linked
    assert not proof_of(four, 2, links=False).linked
    monkeypatch.setattr(pins, "LINKS", 2)
    assert not proof_of(four, 2).linked
    assert proof_of(four, 2, links=True).linked
    assert proof_of(four, 1, alone=True).linked  # its newest version is in the newest entry


def test_nothing_is_proved_of_what_is_not_there_or_was_altered(four: SQLiteStore) -> None:
    with pytest.raises(NotFoundError):
        proof_of(four, 99)
    for table, statement in {
        "claim": "UPDATE claim SET note = 'x' WHERE id = 2",
        "leaf": "UPDATE claim SET leaf = 'x' WHERE id = 3",
        "rows": "UPDATE claim SET leaf = zeroblob(32) WHERE id = 3",
        "entry": "UPDATE entry SET recorded_by = 'eve' WHERE id = 1",
        "hash": "UPDATE entry SET hash = 'x' WHERE id = 3",
    }.items():
        copy = Path(four.path.parent, f"{table}.db")
        copy.write_bytes(four.path.read_bytes())
        with by_hand(copy) as raw:
            raw.execute(statement)
        with pytest.raises(StoreError) as refused:
            proof_of(SQLiteStore(copy), 2)
        assert "verify" in refused.value.hint, table
