"""Whether the chain still holds: every alteration by another hand is found, but for a cut tail.

The alterations are made with Python's sqlite3 after dropping the guards, as somebody would who
knows SQLite and does not want to be seen.
"""

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from ledger import canonical, chain, history, journal, migrate, schema
from ledger.errors import NotFoundError
from ledger.history import Fault
from ledger.store import SQLiteStore, open_store
from tests.build import NOON, SPARE, a_claim, a_source
from tests.conftest import COSTLY

pytestmark = pytest.mark.sqlite(
    "files are altered in the sqlite3 shell; of a server see tests/postgresql"
)

NAMES = sorted(schema.VERSIONED)
COLUMNS = [
    (table.name, column.name) for table in schema.metadata.sorted_tables for column in table.c
]

ROWS: dict[str, dict[str, journal.Value]] = {
    "source": {
        "name": "Pentagon {}",
        "kind": "government",
        "side": "United States",
        "reliability": "B",
        "note": "n",
    },
    "source_alias": {"name": "DoD {}", "source_id": 1},
    "event": {
        "slug": "clash-{}",
        "title": "The clash",
        "place": "Khasham",
        "latitude": "35.31",
        "longitude": "40.32",
        "started_on": date(2018, 2, 7),
        "ended_on": date(2018, 2, 8),
        "note": "n",
    },
    "proposition": {
        "slug": "killed-{}",
        "text": "Fighters were killed",
        "kind": "count",
        "unit": "people",
        "population": "fighters",
        "event_id": 1,
        "verdict": "supported",
        "finding_low": 5,
        "finding_high": 200,
        "because": "all say so",
        "note": "n",
    },
    "document": {
        "slug": "article-{}",
        "title": "The article",
        "url": "https://example.org/{}",
        "publisher_id": 1,
        "published_on": date(2018, 2, 8),
        "language": "en",
        "sha256": "a" * 64,
        "retrieved_at": NOON,
        "archive_url": "https://archive.example.org/",
        "text": "He said: “more than 100 died.”",
        "note": "n",
    },
    "claim": {
        "proposition_id": 1,
        "source_id": 1,
        "stance": "asserts",
        "basis": "told",
        "low": 101,
        "high": 900,
        "wording": "more than 100",
        "quote": "more than 100 died",
        "quote_prefix": "said: “",
        "quote_suffix": ".”",
        "document_id": 1,
        "via_id": 2,
        "attribution": "unnamed",
        "answers_id": 2,
        "repeats_id": 2,
        "stated_on": date(2018, 2, 8),
        "stated_precision": "day",
        "status": "contested",
        "because": "both sides",
        "note": "n",
    },
    "evidence": {"claim_id": 1, "on_document_id": 1, "note": "n"},
    "acceptance": {
        "check_name": "orphan",
        "finding": "no claim is taken from it",
        "because": "kept for its photograph",
        "taken_back": "the photograph is another's",
    },
    "receipt": {
        "their_entry": 4,
        "their_hash": "ab" * 32,
        "their_recorded_at": NOON,
        "their_recorded_by": "tom",
        "kind": "claim",
        "how": "new",
        "first": 1,
        "their_first": 3,
        "many": 2,
    },
}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four entries: three rows of everything, every column filled, and two later versions."""
    path = tmp_path_factory.mktemp("history") / "ledger.db"
    store = open_store(path)
    migrate.create(store)

    def filled(name: str, number: int) -> dict[str, journal.Value]:
        row = {
            column: value.format(number) if isinstance(value, str) else value
            for column, value in ROWS[name].items()
        }
        if name == "claim" and number > 1:
            del row["answers_id"], row["repeats_id"]
        if name == "evidence" and number > 1:
            row |= {"claim_id": number, "on_document_id": None, "on_claim_id": 1}
        return row

    for days, who in enumerate(("maria", "jan")):
        moment = NOON + timedelta(days=days)
        with journal.entry(store, recorded_by=who, recorded_at=moment, message="new") as draft:
            for number in (1, 2) if days == 0 else (3,):
                for name in ("source", "event", "document", "proposition", "claim", "evidence"):
                    draft.insert(name, filled(name, number))
                draft.insert("source_alias", filled("source_alias", number))
                for subject in schema.SUBJECTS:
                    draft.insert("acceptance", {**ROWS["acceptance"], f"{subject}_id": number})
                draft.insert("receipt", ROWS["receipt"])
            if days:
                draft.update("source", 2, {"member_of_id": 1})
    for days in (2, 3):
        moment = NOON + timedelta(days=days)
        with journal.entry(store, recorded_by="jan", recorded_at=moment, message="more") as draft:
            for name in NAMES:
                draft.update(name, 1, {SPARE.get(name, "note"): f"version {days}"})
            draft.update("source", 2, {"note": f"version {days}", "merged_into_id": 3})
            draft.update("evidence", 2, {"note": f"version {days}"})
            for number in range(2, len(schema.SUBJECTS) + 1):
                draft.update("acceptance", number, {"because": f"version {days}"})
    return path


@pytest.fixture
def copy(written: Path) -> Path:
    """A fresh copy, always at one place: its store has the queries of `verify` compiled."""
    return Path(shutil.copy(written, written.with_name("copy.db")))


store_at = cache(open_store)


def alter(path: Path, *statements: str) -> None:
    """Do to a ledger what the guards forbid."""
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("PRAGMA synchronous = OFF")
        raw.execute("PRAGMA foreign_keys = OFF")
        raw.execute("PRAGMA ignore_check_constraints = ON")
        raw.execute("BEGIN")
        for (name,) in raw.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert raw.execute(statement).rowcount, statement
        raw.execute("COMMIT")


def faults(path: Path) -> list[Fault]:
    with store_at(path).look() as connection:
        return list(chain.verify(connection))


def test_what_nobody_altered_holds(copy: Path) -> None:
    assert faults(copy) == []
    alter(copy)  # without its guards it still says what it said
    assert faults(copy) == []


def test_every_column_was_filled_somewhere(written: Path) -> None:
    with closing(sqlite3.connect(written)) as raw:
        for table, column in COLUMNS:
            assert raw.execute(f"SELECT count({column}) FROM {table}").fetchone()[0], (
                table,
                column,
            )


OTHER = """
    CASE typeof({0})
         WHEN 'integer' THEN {0} + 1000
         WHEN 'blob' THEN zeroblob(32)
         WHEN 'null' THEN '1'
         ELSE {0} || '1' END
"""


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_any_column_that_is_altered_is_found(copy: Path, table: str, column: str) -> None:
    with closing(sqlite3.connect(copy)) as raw:
        key = [row[1] for row in raw.execute(f"PRAGMA table_info({table})") if row[5]]
        query = f"SELECT {', '.join(key)} FROM {table} ORDER BY {column} IS NULL, 1 LIMIT 1"
        chosen = raw.execute(query).fetchone()
    where = " AND ".join(f"{k} = {v!r}" for k, v in zip(key, chosen, strict=True))
    alter(copy, f"UPDATE {table} SET {column} = {OTHER.format(column)} WHERE {where}")
    found = faults(copy)
    assert found
    name = table.removesuffix("_history")
    if table != "entry":
        assert name in {fault.table for fault in found}


@pytest.mark.parametrize(
    ("table", "column"),
    [each for each in COLUMNS if schema.metadata.tables[each[0]].c[each[1]].nullable],
)
def test_any_column_that_is_emptied_is_found(copy: Path, table: str, column: str) -> None:
    alter(copy, f"UPDATE {table} SET {column} = NULL WHERE {column} IS NOT NULL")
    assert faults(copy)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("claim", "low", "'many'"),
        ("claim", "low", "101.5"),
        ("claim", "note", "x'6e'"),
        ("claim", "note", "CAST(x'ff00fe' AS TEXT)"),
        ("claim", "stated_on", "'8 February'"),
        ("claim", "stated_on", "'2018-02-08 '"),
        ("claim_history", "entry_id", "'one'"),
        ("claim_history", "until_entry_id", "'x'"),
        ("document", "retrieved_at", "'2026-03-01T12:00:00+00:00'"),
        ("document", "retrieved_at", "'2026-03-01 12:00:00Z'"),
        ("document", "retrieved_at", "'noon'"),
        ("entry", "recorded_at", "'2026-03-01T12:00:00.000Z'"),
        ("entry", "recorded_at", "'noon'"),
        ("entry", "recorded_at", "1772366400.5"),
        ("entry", "recorded_by", "CAST(x'ff' AS TEXT)"),
        ("entry", "hash", "x'00'"),
    ],
)
def test_values_that_no_ledger_writes_are_found_and_stop_nothing(
    copy: Path, table: str, column: str, value: str
) -> None:
    first = "id = 1 AND entry_id = 1" if table.endswith("_history") else "id = 1"
    last = "UPDATE source SET note = 'altered' WHERE id = 3"
    alter(copy, f"UPDATE {table} SET {column} = {value} WHERE {first}", last)
    found = faults(copy)
    assert any(fault.table == table.removesuffix("_history") or table == "entry" for fault in found)
    assert Fault(2, "source", 3, "it was altered after it was recorded") in found


@pytest.mark.parametrize("table", [*NAMES, *(f"{name}_history" for name in NAMES), "entry"])
def test_a_row_that_is_gone_is_found(copy: Path, table: str) -> None:
    alter(copy, f"DELETE FROM {table} WHERE id = 1")
    assert faults(copy)


@pytest.mark.parametrize("table", NAMES)
@pytest.mark.parametrize("entry", [1, 2, 4, 9])
def test_a_row_that_was_added_is_found(copy: Path, table: str, entry: int) -> None:
    key = schema.NATURAL_KEYS.get(table)
    columns = schema.VERSIONED[table][0].c.keys()
    values = {"id": "99", "entry_id": str(entry), **({key: "'another'"} if key else {})}
    picked = ", ".join(values.get(name, name) for name in columns)
    alter(copy, f"INSERT INTO {table} SELECT {picked} FROM {table} WHERE id = 2")
    assert faults(copy)


def test_a_row_that_is_gone_is_named(copy: Path) -> None:
    alter(copy, "DELETE FROM claim WHERE id = 2")
    assert any(
        (fault.table, fault.row, fault.what) == ("claim", 2, "it is missing")
        for fault in faults(copy)
    )


def test_a_row_that_was_slipped_into_an_old_entry_is_named(copy: Path) -> None:
    columns = schema.claim.c.keys()
    with closing(sqlite3.connect(copy)) as raw:
        first = raw.execute("SELECT min(entry_id) FROM claim_history").fetchone()[0]
        number = raw.execute("SELECT max(id) + 1 FROM claim").fetchone()[0]
    values = {"id": str(number), "entry_id": str(first)}
    picked = ", ".join(values.get(name, name) for name in columns)
    alter(copy, f"INSERT INTO claim SELECT {picked} FROM claim WHERE id = 2")
    assert Fault(first, None, None, "its rows are not the ones it was closed over") in faults(copy)


def test_only_what_came_since_is_recomputed(copy: Path) -> None:
    with store_at(copy).look() as connection:
        newest = history.head(connection).entry
    alter(copy, "UPDATE source SET note = 'altered' WHERE entry_id = 2 AND id = 3")
    with store_at(copy).look() as connection:
        assert list(chain.verify(connection))
        assert not list(chain.verify(connection, since=2))
        assert not list(chain.verify(connection, since=newest))
    alter(copy, f"UPDATE entry SET message = 'altered' WHERE id = {newest}")
    with store_at(copy).look() as connection:
        assert list(chain.verify(connection, since=newest - 1))


def test_progress_counts_every_version(copy: Path) -> None:
    counted: list[int] = []
    with store_at(copy).look() as connection:
        assert not list(chain.verify(connection, told=counted.append))
        assert sum(counted) == history.versions(connection)


@pytest.mark.parametrize("since", range(1, 5))
def test_progress_counts_only_the_versions_that_are_read(copy: Path, since: int) -> None:
    counted: list[int] = []
    with store_at(copy).look() as connection:
        assert not list(chain.verify(connection, since=since, told=counted.append))
        assert sum(counted) == history.versions(connection, since=since)
        assert sum(counted) < history.versions(connection)


def test_an_old_version_that_was_added_is_found(copy: Path) -> None:
    columns = schema.claim_history.c.keys()
    values = {"id": "2", "entry_id": "0", "until_entry_id": "1"}
    picked = ", ".join(values.get(name, name) for name in columns)
    alter(copy, f"INSERT INTO claim_history SELECT {picked} FROM claim_history WHERE entry_id = 1")
    assert faults(copy)


def test_two_rows_that_were_swapped_are_found(copy: Path) -> None:
    alter(
        copy,
        "UPDATE event SET id = 99 WHERE id = 2",
        "UPDATE event SET id = 2 WHERE id = 3",
        "UPDATE event SET id = 3 WHERE id = 99",
    )
    assert {(fault.table, fault.row) for fault in faults(copy)} >= {("event", 2), ("event", 3)}


def test_an_old_version_that_was_put_in_the_place_of_the_current_one_is_found(copy: Path) -> None:
    """Every leaf and root still fits: only the joints tell."""
    plain = ", ".join(schema.claim.c.keys())
    alter(
        copy,
        "CREATE TEMP TABLE now AS SELECT * FROM claim WHERE id = 1",
        "DELETE FROM claim WHERE id = 1",
        f"INSERT INTO claim SELECT {plain} FROM claim_history WHERE id = 1 AND entry_id = 3",
        "DELETE FROM claim_history WHERE id = 1 AND entry_id = 3",
        f"INSERT INTO claim_history ({plain}, until_entry_id) SELECT *, 5 FROM now",
    )
    found = faults(copy)
    assert {fault.what for fault in found} == {"it does not end where the next one begins"}
    assert {(fault.table, fault.row) for fault in found} == {("claim", 1)}


def test_leaf_and_row_altered_together_do_not_fit_the_entry(copy: Path) -> None:
    with open_store(copy).look() as connection:
        row = dict(
            connection.execute(sa.select(schema.event).where(schema.event.c.id == 2))
            .mappings()
            .one()
        )
    del row["leaf"]
    forged = canonical.leaf("event", {**row, "place": "elsewhere"}).hex()
    alter(copy, f"UPDATE event SET place = 'elsewhere', leaf = x'{forged}' WHERE id = 2")
    assert faults(copy) == [Fault(1, None, None, "its rows are not the ones it was closed over")]


@pytest.fixture
def two_ends(store: SQLiteStore) -> Path:
    """Entry 1 with sources and claims, entry 2 with another claim, entry 3 with another source."""
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        a_claim(draft, source="A"), a_claim(draft, source="B")
    for add in (partial(a_claim, source="A"), partial(a_source, name="C")):
        with journal.entry(store, recorded_by="jan", recorded_at=NOON) as draft:
            add(draft)
    return store.path


UNFIT = "its rows are not the ones it was closed over"


def test_a_last_row_that_is_gone_may_be_missing_where_numbers_end(two_ends: Path) -> None:
    """Entry 2 has another row yet; of sources a later entry has more, so none is missing there."""
    with journal.entry(open_store(two_ends), recorded_by="jan", recorded_at=NOON) as draft:
        a_claim(draft, source="A"), journal.assess(draft, 1, "unverified", "not found")
    alter(two_ends, "DELETE FROM claim WHERE id = 4")
    told = faults(two_ends)
    assert told[0] == Fault(4, None, None, UNFIT)
    assert len(told) == 2
    assert (told[1].entry, told[1].table) == (4, None)
    assert "a row may be missing as the first acceptance or after claim 3 or " in told[1].what
    assert "or after source 3 or " in told[1].what
    assert told[1].what.endswith("or one of its rows was altered together with its leaf")


def test_a_later_row_of_a_table_shows_that_none_is_missing_there_before(two_ends: Path) -> None:
    with journal.entry(open_store(two_ends), recorded_by="jan", recorded_at=NOON) as draft:
        a_claim(draft, source="A")
    alter(two_ends, "UPDATE entry SET root = replace(root, 'a', 'b') WHERE id = 3")
    (told,) = [fault.what for fault in faults(two_ends) if "may be missing" in fault.what]
    assert "after source 3" in told
    assert "after claim" not in told


def test_an_entry_of_which_no_row_is_left_has_lost_them_all(two_ends: Path) -> None:
    alter(two_ends, "DELETE FROM claim WHERE id = 3")
    assert faults(two_ends) == [
        Fault(2, None, None, UNFIT),
        Fault(2, None, None, "all its rows are missing: no entry has none"),
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE source SET note = 'altered' WHERE id = 3",
        "DELETE FROM claim WHERE id = 2",
        """INSERT INTO source SELECT 9, 'D', kind, member_of_id, side, reliability, merged_into_id,
               note, entry_id, leaf FROM source WHERE id = 3""",
    ],
)
def test_where_a_row_shows_why_an_entry_does_not_fit_nothing_is_guessed(
    two_ends: Path, statement: str
) -> None:
    alter(two_ends, statement)
    told = faults(two_ends)
    assert any(fault.row for fault in told)
    assert not [fault for fault in told if "missing a" in fault.what or "no entry" in fault.what]


def test_a_first_version_that_is_gone_is_named(two_ends: Path) -> None:
    """As far as anybody can tell: row 2 may be one too many instead."""
    with journal.entry(open_store(two_ends), recorded_by="jan", recorded_at=NOON) as draft:
        journal.assess(draft, 1, "unverified", "not found")
    alter(two_ends, "DELETE FROM claim_history")
    (told,) = [fault for fault in faults(two_ends) if fault.row]
    assert (told.entry, told.table, told.row) == (1, "claim", 2)
    assert told.what.endswith("or the first version of claim 1 is missing")


def test_an_entry_that_is_missing_is_named(copy: Path) -> None:
    alter(copy, "DELETE FROM entry WHERE id IN (2, 3)")
    told = [fault for fault in faults(copy) if fault.table is None]
    assert told[0] == Fault(2, None, None, "the entry is missing: 2 to 3")
    assert Fault(4, None, None, "it does not follow the entry before it") in told


def test_an_entry_that_says_it_was_recorded_before_the_one_before_is_found(copy: Path) -> None:
    alter(copy, "UPDATE entry SET recorded_at = '1999-01-01T00:00:00Z' WHERE id = 3")
    assert "it says it was recorded before the entry before it" in {f.what for f in faults(copy)}


def test_a_stance_that_was_turned_round_is_found(copy: Path) -> None:
    alter(copy, "UPDATE stance SET side = 'affirms' WHERE code = 'denies'")
    assert faults(copy) == [Fault(None, "stance", None, "denies is not what the program says")]


def test_a_tail_that_was_cut_off_is_not_found_here_but_by_a_head_that_was_kept(copy: Path) -> None:
    """Honestly: what is left is a sound, shorter ledger. Its head is another one."""
    with open_store(copy).look() as connection:
        kept = history.head(connection)
    alter(
        copy,
        *(f"DELETE FROM {name} WHERE entry_id = 4" for name in NAMES),
        *(
            f"INSERT INTO {name} SELECT {', '.join(table.c.keys())} FROM {name}_history"
            " WHERE until_entry_id = 4"
            for name, (table, _) in schema.VERSIONED.items()
        ),
        *(f"DELETE FROM {name}_history WHERE until_entry_id = 4" for name in NAMES),
        "DELETE FROM entry WHERE id = 4",
    )
    assert faults(copy) == []
    with open_store(copy).look() as connection:
        assert history.head(connection) != kept
        assert history.head(connection).entry == 3


@COSTLY
@given(data=st.data())
def test_any_byte_altered_in_a_stored_text_is_found(written: Path, data: st.DataObject) -> None:
    path = Path(shutil.copy(written, written.with_name("copy.db")))
    content = path.read_bytes()
    needle = data.draw(
        st.sampled_from([b"more than 100 died", b"Khasham", b"all say so", b"version 2"])
    )
    places = [at for at in range(len(content)) if content.startswith(needle, at)]
    place = data.draw(st.sampled_from(places)) + data.draw(st.integers(0, len(needle) - 1))
    flipped = bytearray(content)
    flipped[place] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(flipped)
    with closing(sqlite3.connect(path)) as raw, closing(sqlite3.connect(written)) as honest:
        raw.text_factory = honest.text_factory = bytes
        same = all(
            raw.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
            == honest.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
            for table in schema.metadata.tables
        )
    assert same or faults(path)  # a copy of the words in a free page or an index is no content


def test_an_empty_ledger_has_no_head(connection: sa.Connection) -> None:
    assert history.head(connection) == history.Head(0, canonical.NO_PREVIOUS, None)
    assert not list(chain.verify(connection))
    assert history.entry_as_of(connection, 0) == 0
    assert history.entry_as_of(connection, date(2030, 1, 1)) == 0


def test_the_head_is_the_newest_entry(written: Path) -> None:
    with open_store(written).reader() as connection:
        head = history.head(connection)
        newest = connection.execute(
            sa.select(schema.entry).order_by(schema.entry.c.id.desc())
        ).first()
    assert newest is not None
    assert head == history.Head(4, newest.hash, NOON + timedelta(days=3))


def test_the_head_as_of_an_entry_is_that_entry_and_it_verifies(written: Path) -> None:
    for number in range(5):
        with open_store(written).reader(as_of=number) as connection:
            assert history.head(connection).entry == number
            assert not list(chain.verify(connection))


@pytest.mark.parametrize(
    ("moment", "entry"),
    [
        (0, 0),
        (3, 3),
        (date(2026, 2, 28), 0),
        (date(2026, 3, 1), 1),
        (date(2026, 3, 3), 3),
        (date(2030, 1, 1), 4),
        (NOON - timedelta(seconds=1), 0),
        (NOON, 1),
        (datetime.fromisoformat("2026-03-02T13:00:00+01:00"), 2),
        (datetime.fromisoformat("2026-03-02T12:59:59+01:00"), 1),
    ],
)
def test_a_date_means_the_newest_entry_by_its_end(
    written: Path, moment: int | date | datetime, entry: int
) -> None:
    with open_store(written).reader() as connection:
        assert history.entry_as_of(connection, moment) == entry


@pytest.mark.parametrize("number", [-1, 5])
def test_an_entry_that_is_not_there_yet_is_refused(written: Path, number: int) -> None:
    with open_store(written).reader() as connection, pytest.raises(NotFoundError) as caught:
        history.entry_as_of(connection, number)
    assert "the newest entry is 4" in caught.value.hint


def test_a_moment_needs_a_zone(store: SQLiteStore) -> None:
    naive = datetime(2026, 3, 1, tzinfo=UTC).replace(tzinfo=None)
    with store.reader() as connection, pytest.raises(ValueError, match="time zone"):
        history.entry_as_of(connection, naive)
