"""The ad-hoc door opens inwards only; `tests/sql` holds what was tried against it."""

import os
import shutil
import signal
import sqlite3
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import journal, query
from ledger.confining import Limits
from ledger.errors import QueryError
from ledger.sqlwords import FUNCTIONS, KEYWORDS, RELATIONS, Relation
from ledger.statement import LONGEST, Statement
from ledger.store import SQLiteStore
from tests.build import NOON, a_claim

pytestmark = pytest.mark.sqlite("the barrier of a file; of a server see tests/sql")

FOREVER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "


@pytest.fixture(scope="module")
def written(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of two entries: the ministry asserts, then the Kremlin denies."""
    store = SQLiteStore(Path(shutil.copy(template, tmp_path_factory.mktemp("told") / "ledger.db")))
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        a_claim(draft)
    with journal.entry(store, recorded_by="omar", recorded_at=NOON) as draft:
        a_claim(draft, source="Kremlin", stance="denies")
    return store.path


@pytest.fixture
def told(written: Path, tmp_path: Path) -> SQLiteStore:
    """A copy of it, in a folder of its own."""
    return SQLiteStore(Path(shutil.copy(written, tmp_path / "ledger.db")))


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a file that was altered had been let through: what the guard does by itself."""
    monkeypatch.setattr(SQLiteStore, "_check", lambda *_: None)


@pytest.mark.usefixtures("unchecked")
def test_somebody_elses_table_in_the_file_is_not_read(store: SQLiteStore) -> None:
    with sqlite3.connect(store.path) as hand:
        hand.execute("CREATE TABLE secret (word)")
        hand.execute("CREATE VIEW peek AS SELECT word FROM secret")
    hand.close()
    for asked in ("secret", "peek"):
        for columns in ("*", "count(*)", "word"):
            with pytest.raises(QueryError, match="no table or view of the ledger"):
                query.run(store, f"SELECT {columns} FROM {asked}")


@pytest.mark.usefixtures("unchecked")
def test_a_view_put_in_place_of_ours_cannot_reach_further(store: SQLiteStore) -> None:
    with sqlite3.connect(store.path) as hand:
        hand.execute("DROP VIEW grounds")
        hand.execute("CREATE VIEW grounds AS SELECT randomblob(9) AS claim")
    hand.close()
    with pytest.raises(QueryError, match="randomblob"):
        query.run(store, "SELECT * FROM grounds")


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda relation: relation.name)
@pytest.mark.parametrize("as_of", [None, 1], ids=["now", "as-of"])
def test_every_documented_column_is_there_and_no_other(
    told: SQLiteStore, relation: Relation, as_of: int | None
) -> None:
    answer = query.run(told, f"SELECT * FROM {relation.name}", as_of=as_of)
    assert answer.columns == list(relation.columns)


@pytest.mark.parametrize(
    "asked",
    [
        "SELECT source FROM claims",
        "select source from claims ; -- all of them\n ;",
        "/* a\n* comment **/ SELECT source FROM claims",
        'SELECT "source" FROM [claims] AS `c`',
        "WITH c AS (SELECT source FROM claims) SELECT source FROM c",
        "SELECT name FROM source",
        "SELECT s.name FROM claim_history h JOIN source s ON 0 UNION ALL SELECT name FROM source",
        "SELECT source FROM claims ORDER BY row_number() OVER (ORDER BY claim)",
    ],
)
def test_what_only_reads_is_answered(told: SQLiteStore, asked: str) -> None:
    answer = query.run(told, asked)
    assert sorted(row[0] for row in answer.rows) == ["Kremlin", "Ministry"]
    assert not answer.truncated


def test_the_name_of_a_with_is_no_table_to_refuse(told: SQLiteStore) -> None:
    asked = "WITH x AS (SELECT 1 UNION SELECT 2) SELECT count(*) FROM x"
    assert query.run(told, asked).rows == [(2,)]


def test_a_query_plan_is_told(told: SQLiteStore) -> None:
    plan = query.run(told, "EXPLAIN QUERY PLAN SELECT * FROM claims")
    assert plan.columns[-1] == "detail"
    assert plan.rows


def test_as_of_an_entry_the_ledger_answers_as_it_stood(told: SQLiteStore) -> None:
    for relation in ("claim", "claims", "temp.claims"):
        assert query.run(told, f"SELECT count(*) FROM {relation}", as_of=1).rows == [(1,)]
    with pytest.raises(QueryError, match="as of now"):
        query.run(told, 'SELECT count(*) FROM "MAIN" . claims', as_of=1)
    assert query.run(told, "SELECT count(*) FROM main.claims").rows == [(2,)]


def test_every_allowed_function_that_is_there_only_computes(told: SQLiteStore) -> None:
    forbidden = {"load_extension", "randomblob", "zeroblob", "fts3_tokenizer", "sqlite_log"}
    assert not FUNCTIONS & forbidden
    assert query.run(told, "SELECT upper('a'), abs(-1), round(pi(), 2)").rows == [("A", 1, 3.14)]


def test_a_blob_is_shown_as_hexadecimal(told: SQLiteStore) -> None:
    assert query.run(told, "SELECT x'00FF', 1, NULL").rows == [("00ff", 1, None)]


def test_columns_of_one_name_are_all_kept(told: SQLiteStore) -> None:
    assert query.run(told, "SELECT 1 AS a, 2 AS a").columns == ["a", "a"]


def test_parameters_are_values_and_never_sql(told: SQLiteStore) -> None:
    hostile = "x' OR 1 = 1; DELETE FROM claim --"
    assert query.run(
        told, "SELECT $a, @b, :c", parameters={"a": hostile, "b": 2, "c": None}
    ).rows == [(hostile, 2, None)]


@pytest.mark.parametrize(
    ("asked", "parameters", "says", "hint"),
    [
        ("", {}, "there is no statement", "SELECT"),
        (" ; -- nothing", {}, "there is no statement", "SELECT"),
        ("SELECT 'l", {}, "the ' in line 1 is never closed", "written twice"),
        ('SELECT 1,\n "a', {}, "in line 2 is never closed", ""),
        ("SELECT (1", {}, "incomplete input", "too early"),
        ("SELECT * FORM claims", {}, 'near "FORM"', "did you mean FROM?"),
        ("SELCT 1", {}, "not with SELCT", "did you mean SELECT?"),
        ("SELECT sorce FROM claims", {}, "no such column: sorce", "did you mean source?"),
        ("SELECT c.sorce FROM claims c", {}, "no such column: c.sorce", "did you mean source?"),
        ("SELECT source FROM claim", {}, "no such column: source", "is a column of claims"),
        ("SELECT * FROM clams", {}, "no such table: clams", "did you mean claims?"),
        ("SELECT * FROM zzzzzz", {}, "no such table: zzzzzz", "--schema"),
        ("SELECT lenght('a')", {}, "no such function: lenght", "did you mean length?"),
        ("SELECT 1 WHERE 'a' REGEXP 'a'", {}, "REGEXP", "LIKE"),
        (
            "SELECT source FROM claims WHERE side = ‘denies’",
            {},
            "no such column",
            "straight quotes",
        ),
        ("SELECT kind FROM claims, propositions", {}, "ambiguous", "whose"),
        ("SELECT :a, :b, :a", {"a": "1"}, "needs a value for :b", "-p b VALUE"),
        ("SELECT :a", {"a": "1", "c": "2"}, "no parameter :c", "it has :a"),
        ("SELECT ?", {}, "? has no name", ":name"),
        ("SELECT :a", {"a": "\udcff"}, "the value for :a is not UTF-8", ""),
        ("SELECT :a", {"a": 2**70}, "too large", ""),
        ("SELECT 'a\0b'", {}, "NUL at character 10", "take it out"),
        ("SELECT '\udcff'", {}, "not UTF-8: see character 9", ""),
        (f"SELECT '{'x' * LONGEST}'", {}, "bytes long", "shorten"),
        ("SELECT 1" + " + 1" * 60_000, {}, "over 100,000 words", "shorten"),
        ("SELECT CAST(x'FF' AS TEXT)", {}, "is not UTF-8", "hex"),
        ("SELECT replace(hex(printf('%.*c', 3000000, 'x')), '7', '12345')", {}, "MiB", "shorter"),
        (".schema", {}, ".schema is no SQL", "--schema"),
        ("PRAGMA table_info(claim)", {}, "PRAGMA is not allowed", "--schema"),
        ("ATTACH 'x' AS y", {}, "ATTACH is not allowed", "csv"),
        ("DELETE FROM claim", {}, "DELETE is not allowed", "ledger withdraw|withdraw"),
        ("BEGIN", {}, "BEGIN is not allowed", "snapshot"),
        ("EXPLAIN SELECT 1", {}, "EXPLAIN QUERY PLAN", ""),
        ("SELECT 1; SELECT 2", {}, "more than one statement", "one at a time"),
        ("SELECT (" * 2000 + "1", {}, "", ""),
        ("SELECT abs(-9223372036854775808)", {}, "integer overflow", ""),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_a_wrong_statement_is_told_what_and_what_to_do(
    told: SQLiteStore, asked: str, parameters: dict[str, query.Value], says: str, hint: str
) -> None:
    with pytest.raises(QueryError) as wrong:
        query.run(told, asked, parameters=parameters)
    assert says in wrong.value.message
    assert any(part in wrong.value.hint for part in hint.split("|"))
    assert len(wrong.value.message) < 400


def test_a_statement_is_stopped_in_time(told: SQLiteStore) -> None:
    began = time.monotonic()
    with pytest.raises(QueryError, match=r"stopped after 0\.2 seconds"):
        query.run(told, FOREVER + "SELECT count(*) FROM n", limits=Limits(seconds=0.2))
    assert time.monotonic() - began < 2


def test_whoever_reads_an_answer_slowly_keeps_nobody_from_writing(told: SQLiteStore) -> None:
    with query.ask(told, FOREVER + "SELECT i, (SELECT 1 FROM claims) FROM n LIMIT 9000") as answer:
        rows = iter(answer)
        next(rows)
        with journal.entry(SQLiteStore(told.path, busy_seconds=0), recorded_by="maria") as draft:
            a_claim(draft, source="Pentagon")
        assert sum(1 for _ in rows) == 8999


def test_ctrl_c_stops_a_statement(told: SQLiteStore) -> None:
    # A shell that runs the tests in the background has them ignore it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            query.run(told, FOREVER + "SELECT count(*) FROM n", limits=Limits(seconds=20))
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(
    ("most", "truncated"), [(1, True), (299, True), (300, False), (400, False)]
)
def test_rows_are_capped_and_that_is_said(told: SQLiteStore, most: int, truncated: bool) -> None:
    answer = query.run(told, FOREVER + "SELECT i FROM n LIMIT 300", limits=Limits(rows=most))
    assert answer.rows == [(i,) for i in range(1, min(most, 300) + 1)]
    assert answer.truncated is truncated


def test_no_more_rows_are_made_than_are_asked_for(told: SQLiteStore) -> None:
    answer = query.run(told, FOREVER + "SELECT i FROM n", limits=Limits(seconds=5, rows=3))
    assert (answer.rows, answer.truncated) == ([(1,), (2,), (3,)], True)


def test_an_answer_is_no_larger_than_allowed(told: SQLiteStore) -> None:
    asked = FOREVER + "SELECT printf('%900d', i) FROM n LIMIT 1000"
    assert len(query.run(told, asked, limits=Limits(size=1 << 20)).rows) == 1000
    with pytest.raises(QueryError, match=r"larger than 0\.5 MiB") as refused:
        query.run(told, asked, limits=Limits(size=1 << 19))
    assert "--max-size" in refused.value.hint


def test_a_statement_has_no_more_memory_than_allowed(told: SQLiteStore) -> None:
    asked = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9000) "
        "SELECT i FROM (SELECT i, printf('%900d', i) AS x FROM n) ORDER BY x"
    )
    assert len(query.run(told, asked).rows) == 9000
    with pytest.raises(QueryError, match="more memory than 4 MiB") as stopped:
        query.run(told, asked, limits=Limits(memory=4 << 20))
    assert "--max-memory" in stopped.value.hint


def test_one_step_of_sqlite_that_takes_long_is_stopped_too(told: SQLiteStore) -> None:
    began = time.monotonic()
    with pytest.raises(QueryError, match=r"stopped after 0\.2 seconds"):
        query.run(
            told,
            "SELECT instr(a, b || 'y') FROM (SELECT printf('%.*c', 9000000, 'x') AS a, "
            "printf('%.*c', 900000, 'x') AS b)",
            limits=Limits(seconds=0.2),
        )
    assert time.monotonic() - began < 5


def test_no_limit_is_a_limit_too(told: SQLiteStore) -> None:
    free = Limits(seconds=None, rows=None, size=None, memory=None)
    assert query.run(told, FOREVER + "SELECT i FROM n LIMIT 9", limits=free).rows[-1] == (9,)


@pytest.mark.usefixtures("unchecked")
def test_a_full_text_table_is_searched_and_what_fts5_keeps_beside_it_stays_closed(
    told: SQLiteStore,
) -> None:
    with sqlite3.connect(told.path) as hand:
        hand.execute("CREATE VIRTUAL TABLE words USING fts5(said)")
        hand.execute("INSERT INTO words VALUES ('they came'), ('they denied it')")
    hand.close()

    def search(asked: str) -> list[tuple[object, ...]]:
        with query.carry_out(
            told, Statement(asked, ()), {}, searched=frozenset({"words"})
        ) as answer:
            return list(answer)

    assert search("SELECT rowid FROM words WHERE words MATCH 'deni*'") == [(2,)]
    assert search("SELECT rowid, bm25(words) < 0 FROM words('they') ORDER BY rank, rowid") == [
        (1, 1),
        (2, 1),
    ]
    assert search("SELECT highlight(words, 0, '[', ']') FROM words('came')") == [("they [came]",)]
    for attack in (
        "SELECT * FROM words_data",
        "SELECT count(*) FROM words_config",
        "SELECT rowid FROM words('they') UNION SELECT id FROM words_content",
        "SELECT rowid FROM words('they') WHERE EXISTS (SELECT block FROM words_data)",
        "INSERT INTO words(words) VALUES ('delete-all')",
        "INSERT INTO words(words, rank) VALUES ('rank', 'bm25(9)')",
        "EXPLAIN QUERY PLAN SELECT * FROM words_content",
        "PRAGMA data_version",
    ):
        with pytest.raises(QueryError):
            search(attack)
    with pytest.raises(QueryError, match="no computed ones"):
        query.run(told, "SELECT * FROM words")


def test_a_query_ends_with_its_connection_and_another_can_follow(told: SQLiteStore) -> None:
    for _ in range(3):
        with pytest.raises(QueryError):
            query.run(told, "DELETE FROM claim")
        assert query.run(told, "SELECT count(*) FROM claims").rows == [(2,)]
    with journal.entry(told, recorded_by="maria", recorded_at=NOON) as draft:
        a_claim(draft, source="Pentagon")


_PIECES = """
( ) ; , . * ' " ` [ ] : ? @ $ - / = -- /* */ 1 x'00' claim claims id é count main temp
DELETE INSERT UPDATE INTO SET ATTACH PRAGMA VACUUM CREATE TABLE
"""
PIECES = st.sampled_from([*KEYWORDS, *_PIECES.split(), "\n"])


@pytest.fixture(scope="module")
def shared(template: Path, tmp_path_factory: pytest.TempPathFactory) -> SQLiteStore:
    path = tmp_path_factory.mktemp("fuzz") / "ledger.db"
    path.write_bytes(template.read_bytes())
    return SQLiteStore(path)


@given(pieces=st.lists(PIECES | st.text(max_size=3), max_size=12), select=st.booleans())
def test_any_text_is_answered_or_refused(
    shared: SQLiteStore, pieces: list[str], select: bool
) -> None:
    before = shared.path.read_bytes()
    with suppress(QueryError):
        query.run(shared, " ".join(["SELECT"] * select + pieces), limits=Limits(seconds=5, rows=10))
    assert shared.path.read_bytes() == before
