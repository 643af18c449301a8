"""What goes out comes back: the property that an export stands or falls by."""

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given

from ledger import chain, history, journal
from ledger.exchange.exporting import export_claims
from ledger.exchange.importing import import_path
from ledger.exchange.packing import export_folder
from ledger.exchange.seeds import seed
from ledger.store import Store
from tests.build import NOON, a_claim, a_fact, a_source, an_acceptance, an_event
from tests.conftest import COSTLY
from tests.exchange.conftest import Fresh, Pair, public, take_into, wide
from tests.exchange.ledgers import build, ledgers


def folder_of(store: Store, folder: Path, *, raw: bool = False) -> dict[str, bytes]:
    """Export to a folder; its files' bytes."""
    with store.reader() as connection:
        export_folder(connection, folder, raw=raw)
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


@COSTLY
@given(ledger=ledgers())
def test_a_folder_holds_the_whole_ledger(emptied: Pair, ledger: dict[str, Any]) -> None:
    ours, theirs = emptied()
    build(ours, ledger)
    with TemporaryDirectory() as temporary:
        one, two = Path(temporary, "one"), Path(temporary, "two")
        files = folder_of(ours, one)
        done = import_path(theirs, one, recorded_by="omar", recorded_at=NOON)
        assert public(theirs) == public(ours)
        assert folder_of(theirs, two) == files
        again = import_path(theirs, one, recorded_by="omar", recorded_at=NOON)
    assert sum(done.present.values()) == sum(again.added.values()) == 0
    assert again.entries == ()
    assert not again.notes
    with theirs.reader() as connection:
        assert not list(chain.verify(connection))


@COSTLY
@given(ledger=ledgers())
def test_a_wide_table_holds_all_but_texts_and_history(
    emptied: Pair, ledger: dict[str, Any]
) -> None:
    ours, theirs = emptied()
    build(ours, {**ledger, "evidence": [], "acceptance": []})
    table = wide(ours)
    take_into(theirs, table)
    # A merged source is another name of the one that is left, so that the numbers close up.
    but = ("id", "attached") if ledger["merge"] else ("attached",)
    expected, found = public(ours, but=but), public(theirs, but=but)
    for views in (expected, found):
        views.pop("assessments")
    assert found == expected
    assert wide(theirs) == table
    assert take_into(theirs, table).entries == ()
    assert take_into(ours, table).entries == ()


@COSTLY
@given(ledger=ledgers())
def test_a_raw_table_comes_back_as_raw(emptied: Pair, ledger: dict[str, Any]) -> None:
    ours, theirs = emptied()
    build(ours, ledger)
    table = wide(ours, raw=True)
    take_into(theirs, table, raw=True)
    assert wide(theirs) == wide(ours)


def test_the_seeds_are_such_a_folder(store: Store, fresh: Fresh, tmp_path: Path) -> None:
    seed(store)
    exported = folder_of(store, tmp_path / "out")
    seeds = Path(__file__).parents[2] / "seeds"
    assert exported == {file.name: file.read_bytes() for file in seeds.glob("*.csv")}
    theirs = fresh()
    import_path(theirs, tmp_path / "out", recorded_by="omar")
    assert public(theirs) == public(store)


def test_the_seeds_survive_one_wide_table(store: Store, fresh: Fresh) -> None:
    seed(store)
    theirs = fresh()
    take_into(theirs, wide(store))
    assert public(theirs) == public(store)


def test_the_seeded_head_is_the_same_everywhere(store: Store, fresh: Fresh) -> None:
    other = fresh()
    heads = []
    for ledger in (store, other):
        assert seed(ledger) == [1, 2, 3]
        with ledger.reader() as connection:
            heads.append(history.head(connection).hash)
            assert not list(chain.verify(connection))
    assert heads[0] == heads[1]


def rows(table: str) -> list[list[str]]:
    """The cells of each row that hold something, the header aside."""
    return [[cell for cell in record if cell] for record in csv.reader(io.StringIO(table))][1:]


def test_only_what_would_lose_its_place_is_described_before_the_claims(store: Store) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        for slug in ("first", "second", "third"):
            a_fact(draft, slug, event_id=an_event(draft, f"{slug}-event"))
        for name in ("Ministry", "Wire", "Silent"):
            a_source(draft, name)
        a_claim(draft, source="Ministry", on="second")
        a_claim(draft, source="Wire", on="first")
    found = [row[:2] for row in rows(wide(store))]
    assert found == [
        ["first", "It is so: first"],
        ["1", "second"],
        ["2", "first"],
        ["third", "It is so: third"],
        ["Silent"],
    ]


def test_an_export_says_what_it_leaves_out(store: Store, tmp_path: Path) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        a_claim(draft)
        a_claim(draft, status="confirmed", because="seen")
    for status in ("unverified", "confirmed", "unreviewed"):
        with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
            journal.assess(draft, 1, status, None if status == "unreviewed" else "looked at")
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        an_acceptance(draft, claim_id=2)
        draft.insert("evidence", {"claim_id": 1, "on_claim_id": 2})
    with store.reader() as connection:
        assert export_claims(connection, io.StringIO()).notes == (
            "left out: 3 earlier assessments; export a folder to keep them",
            "left out: 1 ground; export a folder to keep them",
            "left out: 1 accepted finding; export a folder to keep them",
        )
        assert export_folder(connection, tmp_path / "out").notes == ()
