"""A package holds the whole ledger: recorded again it comes to the same head, or is refused."""

import csv
import json
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import frictionless
import pytest
import sqlalchemy as sa
from hypothesis import given

from ledger import chain, history, journal, schema
from ledger.errors import BadFileError, InvalidError, LedgerError
from ledger.exchange.descriptor import FILE, OWN, About, plain_name
from ledger.exchange.doors import door
from ledger.exchange.importing import Imported
from ledger.exchange.packing import export_package
from ledger.exchange.seeds import seed
from ledger.store import Store
from tests.build import NOON, a_claim, a_count, a_document, a_fact, a_source
from tests.conftest import COSTLY
from tests.exchange.conftest import Fresh, Pair, public
from tests.exchange.ledgers import build, ledgers

HEAD = "4b9e158300a4010d37124f3962becd40c45685e70d3a73eb037322da1212a2cc"


def head(store: Store) -> history.Head:
    with store.reader() as connection:
        return history.head(connection)


def pack(store: Store, folder: Path, *, as_of: int | None = None, **options: Any) -> Path:
    with store.reader(as_of=as_of) as connection:
        export_package(connection, folder, **options)
    return folder


def unpack(store: Store, folder: Path) -> Imported:
    return door(store, folder)(store, folder, recorded_by="omar", recorded_at=NOON)


def stored(store: Store) -> dict[str, list[str]]:
    """Every row of every table, entries and older versions too, as it is stored."""
    with store.reader() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(sa.select(table))))
            for table in schema.metadata.sorted_tables
        }


def describe_again(folder: Path) -> None:
    """Put the bytes and hashes of the files as they are now into the descriptor."""
    file = folder / FILE
    told = json.loads(file.read_text())
    for each in told["resources"]:
        data = (folder / each["path"]).read_bytes()
        each |= {"bytes": len(data), "hash": f"sha256:{sha256(data).hexdigest()}"}
    file.write_text(json.dumps(told))


def rewrite(file: Path, old: str, new: str) -> None:
    text = file.read_bytes().decode()
    assert old in text
    file.write_bytes(text.replace(old, new, 1).encode())


def validated(folder: Path) -> None:
    """What the reference implementation of Data Packages says of the folder."""
    package = frictionless.Package.from_descriptor(str(folder / FILE))
    report = package.validate()
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "message"])


@pytest.fixture
def seeded(store: Store) -> Store:
    seed(store)
    return store


@COSTLY
@given(ledger=ledgers())
def test_any_ledger_comes_back_to_the_same_head(emptied: Pair, ledger: dict[str, Any]) -> None:
    ours, theirs = emptied()
    build(ours, ledger)
    with TemporaryDirectory() as temporary:
        one, two = Path(temporary, "one"), Path(temporary, "two")
        pack(ours, one, raw=len(ledger["source"]) % 2 == 0)
        done = unpack(theirs, one)
        assert unpack(theirs, one).entries == ()  # not empty any more: a folder like another
        files = [file.relative_to(one) for file in one.rglob("*") if file.is_file()]
        pack(theirs, two, raw=len(ledger["source"]) % 2 == 0)
        for file in files:
            assert (two / file).read_bytes() == (one / file).read_bytes()
    assert head(theirs) == head(ours)
    assert done.entries == tuple(range(1, head(ours).entry + 1))
    assert stored(theirs) == stored(ours)
    with theirs.reader() as connection:
        assert not list(chain.verify(connection))


def test_hostile_text_passes_the_reference_implementation(store: Store, tmp_path: Path) -> None:
    with journal.entry(store, recorded_by='=cmd(),"', recorded_at=NOON, message="a\r\nb") as draft:
        a_source(draft, "=1+1", note="two\nlines")
        a_source(draft, '@x, "y"', member_of_id=1, note="\u202eevil\x85\u2028")
        text = "=text\r\n"
        a_document(draft, "حدث", text=text, sha256=sha256(text.encode()).hexdigest(),
                   publisher_id=2, retrieved_at=NOON)  # fmt: skip
        a_count(draft, "killed", note="NA")
        a_claim(draft, source="=1+1", via='@x, "y"', on="killed", wording="more than 100",
                document_id=1, said="1400-01-01")  # fmt: skip
        a_claim(draft, source='@x, "y"', on="killed", low=0, high=7, answers_id=1)
    pack(store, tmp_path / "out")
    validated(tmp_path / "out")


def test_the_shipped_ledger_is_a_valid_package(seeded: Store, tmp_path: Path) -> None:
    about = About("Clash of 7 February", "CC-BY-4.0", NOON)
    folder = pack(seeded, tmp_path / "out", about=about)
    validated(folder)
    told = json.loads((folder / FILE).read_text())
    assert told["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert told["name"] == "clash-of-7-february"
    assert told["licenses"] == [{"name": "CC-BY-4.0"}]
    assert told["created"] == "2026-03-01T12:00:00Z"
    assert told[OWN] == {"form": 1, "head": HEAD, "entries": 3, "cells": "disarmed"}
    claims = next(each for each in told["resources"] if each["name"] == "claims")
    assert claims["schema"]["primaryKey"] == ["claim"]
    assert {
        "fields": ["answers"], "reference": {"resource": "", "fields": ["claim"]}
    } in claims["schema"]["foreignKeys"]  # fmt: skip
    stance = next(each for each in claims["schema"]["fields"] if each["name"] == "stance")
    assert stance["categories"][0] == {"value": "asserts", "label": "says that it is so"}


def test_a_wrong_word_is_found_by_the_reference_implementation(
    seeded: Store, tmp_path: Path
) -> None:
    folder = pack(seeded, tmp_path / "out")
    rewrite(folder / "claims.csv", ",asserts,", ",swears,")
    rewrite(folder / "claims.csv", "Jim Mattis", "Jim Nobody")
    describe_again(folder)
    report = frictionless.Package.from_descriptor(str(folder / FILE)).validate()
    found = {kind for (kind,) in report.flatten(["type"])}
    assert found == {"constraint-error", "foreign-key"}


def test_what_is_not_said_of_a_package_is_told(seeded: Store, tmp_path: Path) -> None:
    with seeded.reader() as connection:
        done = export_package(connection, tmp_path / "out", about=About(license="MIT"))
    assert [note.split(":")[0] for note in done.notes] == [
        "datapackage.json says no name",
        "datapackage.json says no day of its making",
    ]
    assert not {"name", "created"} & json.loads((tmp_path / "out" / FILE).read_text()).keys()
    assert plain_name("Ünder / Über") == "nder-ber"
    assert plain_name("…") == "ledger"


def test_the_seeds_come_back_to_the_shipped_head(
    seeded: Store, fresh: Fresh, tmp_path: Path
) -> None:
    theirs = fresh()
    done = unpack(theirs, pack(seeded, tmp_path / "out"))
    assert head(theirs).hash == HEAD
    assert done.added["claim"] == 37
    assert done.notes[0].endswith(HEAD)


def test_a_package_of_an_earlier_day_has_the_head_of_that_day(
    seeded: Store, fresh: Fresh, tmp_path: Path
) -> None:
    theirs = fresh()
    unpack(theirs, pack(seeded, tmp_path / "out", as_of=2))
    with seeded.reader(as_of=2) as connection:
        assert history.head(connection) == head(theirs)


def test_without_history_a_package_is_a_folder_of_tables(
    seeded: Store, fresh: Fresh, tmp_path: Path
) -> None:
    folder, theirs = pack(seeded, tmp_path / "out", with_history=False), fresh()
    assert not (folder / "history").exists()
    validated(folder)
    assert unpack(theirs, folder).entries == (1,)
    assert public(theirs) == public(seeded)
    assert head(theirs).hash != HEAD


def test_a_text_that_was_replaced_comes_back_too(
    store: Store, fresh: Fresh, tmp_path: Path
) -> None:
    for text in ("first", "second"):
        with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
            values = {"text": text, "sha256": sha256(text.encode()).hexdigest()}
            if text == "first":
                a_document(draft, "article", **values)
            else:
                draft.update("document", 1, values)
    theirs, folder = fresh(), pack(store, tmp_path / "out")
    unpack(theirs, folder)
    assert stored(theirs) == stored(store)
    assert (folder / "texts" / "article.txt").read_text() == "second"
    (earlier,) = (folder / "history" / "texts").iterdir()
    assert earlier.read_text() == "first"
    validated(folder)


def test_names_may_change_hands_within_an_entry(store: Store, fresh: Fresh, tmp_path: Path) -> None:
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        a_source(draft, "First", kind="outlet")
        a_source(draft, "Second", kind="outlet")
        a_fact(draft, "one")
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        draft.update("source", 2, {"name": "Third"})
        draft.update("source", 1, {"name": "Second"})
        draft.insert("source_alias", {"source_id": 2, "name": "First"})
        draft.update("proposition", 1, {"slug": "another"})
        a_fact(draft, "one")
    theirs = fresh()
    unpack(theirs, pack(store, tmp_path / "out"))
    assert stored(theirs) == stored(store)


@pytest.mark.parametrize(
    ("file", "old", "new", "entry"),
    [
        ("history/entries.csv", "The article's claims", "Some claims", 2),
        ("history/entries.csv", "2026-11-20T09:30:00Z", "2026-11-20T09:30:01Z", 2),
        ("history/entries.csv", "2,2026-11-20T09:30:00Z,claim-ledger", "2,2026-11-20T09:30:00Z,x",
         2),
        ("history/claim.csv", "a volunteer or a mercenary", "a volunteer and a mercenary", 2),
        ("history/claim.csv", "unverified", "refuted", 3),
        ("history/source.csv", "Jim Mattis", "Jim Nobody", 1),
    ],
)  # fmt: skip
def test_an_altered_entry_is_refused_by_its_number(
    seeded: Store, fresh: Fresh, tmp_path: Path, file: str, old: str, new: str, entry: int
) -> None:
    folder, theirs = pack(seeded, tmp_path / "out"), fresh()
    rewrite(folder / file, old, new)
    with pytest.raises(BadFileError, match="is not the file that"):
        unpack(theirs, folder)
    describe_again(folder)  # by somebody who covers the tracks
    with pytest.raises(BadFileError, match=f"entry {entry} is not what was hashed"):
        unpack(theirs, folder)
    assert head(theirs).entry == 0


def test_a_package_that_breaks_a_rule_is_refused(
    seeded: Store, fresh: Fresh, tmp_path: Path
) -> None:
    folder, theirs = pack(seeded, tmp_path / "out"), fresh()
    rewrite(folder / "history" / "claim.csv", ",asserts,", ",swears,")
    describe_again(folder)
    with pytest.raises(InvalidError, match="entry 2 cannot be recorded") as refused:
        unpack(theirs, folder)
    assert [problem.column for problem in refused.value.problems] == ["stance"]


def test_a_shortened_history_is_refused(seeded: Store, fresh: Fresh, tmp_path: Path) -> None:
    folder, theirs = pack(seeded, tmp_path / "out"), fresh()
    file = folder / "history" / "entries.csv"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines[:-1]))
    describe_again(folder)
    with pytest.raises(BadFileError) as refused:
        unpack(theirs, folder)
    assert "there is no entry 3" in str(refused.value.rows[0].problem)
    with (folder / "history" / "claim.csv").open(newline="") as stream:
        rows = [row for row in csv.reader(stream) if row[0] != "3"]
    with (folder / "history" / "claim.csv").open("w", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)
    describe_again(folder)
    with pytest.raises(BadFileError, match="another head"):
        unpack(theirs, folder)


def test_a_table_that_was_edited_is_not_passed_over(
    seeded: Store, fresh: Fresh, tmp_path: Path
) -> None:
    folder, theirs = pack(seeded, tmp_path / "out"), fresh()
    rewrite(folder / "claims.csv", "denies", "disputes")
    with pytest.raises(BadFileError, match=r"claims\.csv is not the file") as refused:
        unpack(theirs, folder)
    assert "take datapackage.json away" in refused.value.hint
    (folder / FILE).unlink()
    assert unpack(theirs, folder).entries == (1, 2)[:1]


@pytest.mark.parametrize("path", ["../outside.txt", "/etc/hostname"])
def test_no_file_outside_is_read(seeded: Store, fresh: Fresh, tmp_path: Path, path: str) -> None:
    folder, theirs = pack(seeded, tmp_path / "out"), fresh()
    (tmp_path / "outside.txt").write_text("secret")
    told = json.loads((folder / FILE).read_text())
    told["resources"].append({"name": "x", "path": path})
    (folder / FILE).write_text(json.dumps(told))
    with pytest.raises(BadFileError, match="leads out of"):
        unpack(theirs, folder)


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "is no JSON"), ("[" * 100_000, "is no JSON"),
     ('{"claimLedger": {"form": 2}}', "a form that"),
     ('{"claimLedger": {"form": 1, "entries": 3}}', "lacks history/entries.csv")],
)  # fmt: skip
def test_a_descriptor_that_will_not_do_is_told(
    seeded: Store, fresh: Fresh, tmp_path: Path, text: str, words: str
) -> None:
    folder, theirs = pack(seeded, tmp_path / "out"), fresh()
    (folder / FILE).write_text(text)
    with pytest.raises(LedgerError, match=words):
        unpack(theirs, folder)


def test_somebody_elses_descriptor_makes_no_package(
    seeded: Store, fresh: Fresh, tmp_path: Path
) -> None:
    folder, theirs = pack(seeded, tmp_path / "out"), fresh()
    (folder / FILE).write_text('{"resources": []}')
    assert unpack(theirs, folder).entries == (1,)


def test_a_folder_that_holds_a_package_is_not_written_to(seeded: Store, tmp_path: Path) -> None:
    folder = pack(seeded, tmp_path / "out")
    for file in folder.glob("*.csv"):
        file.unlink()
    with pytest.raises(LedgerError, match="holds tables already"):
        pack(seeded, folder)
