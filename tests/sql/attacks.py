"""What hostile SQL was tried on the ad-hoc door, by kind, and what must come of each.

A table to be read and added to. `tests/sql/test_attacks.py` runs all of it in a short form,
`benchmarks/attacks.py` with figures and next to other programs.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

#: Ends. Refused: in words, before it runs. Stopped: by the clock. Too much: beyond a limit of
#: memory or size. Answered: there is no harm in it.
REFUSED, STOPPED, TOO_MUCH, ANSWERED = "refused", "stopped", "too much", "answered"


@dataclass(frozen=True, slots=True)
class Attack:
    """A statement, what it tries, and how it may end: more than one way where machines differ."""

    kind: str
    sql: str
    ends: frozenset[str]

    def __str__(self) -> str:
        """For the name of a test."""
        return f"{self.kind}: {' '.join(self.sql[:70].split())}"


def end(said: str) -> str:
    """How it ended, from what `ledger sql` said of it; nothing is an answer."""
    if "was stopped after" in said:
        return STOPPED
    if any(words in said for words in ("needs more memory", "is larger than", "blob of over")):
        return TOO_MUCH
    return REFUSED if said else ANSWERED


def _of(kind: str, ends: str | Iterable[str], statements: Iterable[str]) -> list[Attack]:
    wanted = frozenset([ends] if isinstance(ends, str) else ends)
    return [Attack(kind, sql, wanted) for sql in statements]


def _x(length: int, letter: str = "x") -> str:
    """SQL for a text of one letter."""
    return f"printf('%.*c', {length}, '{letter}')"


FOREVER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "


def _first(count: int) -> str:
    return f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {count}) "


WRITES = [
    "INSERT INTO stance VALUES ('x', 'denies', 'x', 'x')",
    "INSERT INTO claim SELECT * FROM claim",
    "INSERT OR REPLACE INTO source SELECT * FROM source",
    "INSERT INTO claims SELECT * FROM claims",
    "REPLACE INTO source SELECT * FROM source",
    "UPDATE claim SET stance = 'asserts'",
    "UPDATE claim SET stance = 'asserts' RETURNING id",
    "UPDATE OR IGNORE claim SET id = 7",
    "UPDATE claim SET low = 1 FROM source",
    "DELETE FROM claim",
    "DELETE FROM claim RETURNING *",
    "WITH x AS (SELECT 1) DELETE FROM claim",
    "WITH x AS (SELECT 1) DELETE FROM claim_history",
    "WITH x AS (SELECT 1) INSERT INTO claim SELECT * FROM claim",
    "WITH x AS (SELECT 1) INSERT INTO claim SELECT * FROM claim RETURNING id",
    "WITH x AS (SELECT 1) UPDATE claim SET low = 1 RETURNING low",
    "WITH x AS (SELECT 1) REPLACE INTO stance SELECT * FROM stance",
    "WITH x AS (DELETE FROM claim RETURNING *) SELECT * FROM x",
    "INSERT INTO claim_text (claim_text) VALUES ('delete-all')",
    "INSERT INTO claim_text (claim_text, rank) VALUES ('rank', 'bm25(9)')",
    "EXPLAIN DELETE FROM claim",
    "EXPLAIN QUERY PLAN DELETE FROM claim",
    "EXPLAIN QUERY PLAN VACUUM",
]

DISGUISES = [
    "/* a look */ DELETE FROM claim",
    "-- a look\nDELETE FROM claim",
    "--\rSELECT 1\nDELETE FROM claim",
    "/* SELECT */ -- SELECT\n DeLeTe /**/ FROM claim",
    ";;; DELETE FROM claim",
    "\ufeffDELETE FROM claim",
    "\u00a0DELETE FROM claim",
    "/* never closed: DELETE FROM claim */ UPDATE claim SET low = 1",
    "SELECT 1\0; DELETE FROM claim",
    "SELECT 'a\0b'",
    "ＤＥＬＥＴＥ FROM claim",
    "SELECT 1; DELETE FROM claim",
    "SELECT 1;; DELETE FROM claim",
    "SELECT 1 /* ; */ ; DELETE FROM claim -- ;",
    "SELECT ';' ; DROP TABLE claim",
    "COMMIT; BEGIN IMMEDIATE; DELETE FROM claim; COMMIT",
    "SELECT 1; PRAGMA query_only = OFF",
    "SELECT 1; ATTACH 'other.db' AS other",
    "SELECT 1;\n\n-- and\nSELECT 2",
    "SELECT * FROM (DELETE FROM claim)",
    "VALUES (1) UNION DELETE FROM claim",
]

DEFINITIONS = [
    "CREATE TABLE x (y)",
    "CREATE TABLE x AS SELECT * FROM claims",
    "CREATE TEMP TABLE x (y)",
    "CREATE TABLE temp.x AS SELECT * FROM claims",
    "CREATE TEMP VIEW claims AS SELECT 1 AS claim",
    "CREATE TEMP TRIGGER t AFTER INSERT ON claim BEGIN DELETE FROM claim; END",
    "CREATE TRIGGER t AFTER INSERT ON claim BEGIN DELETE FROM claim; END",
    "CREATE VIRTUAL TABLE x USING fts5(y)",
    "CREATE VIRTUAL TABLE x USING fts3(y)",
    "CREATE VIRTUAL TABLE temp.x USING rtree(a, b, c)",
    "CREATE VIRTUAL TABLE temp.x USING dbstat",
    "CREATE INDEX x ON claim (low)",
    "DROP TABLE claim_history",
    "DROP TRIGGER claim_keep",
    "DROP VIEW claims",
    "ALTER TABLE claim ADD COLUMN x",
    "ALTER TABLE claim RENAME TO y",
    "REINDEX",
    "ANALYZE",
    "VACUUM",
    "WITH x AS (SELECT 1) UPDATE sqlite_schema SET sql = ''",
    "INSERT INTO sqlite_schema VALUES ('table', 'x', 'x', 2, 'CREATE TABLE x (y)')",
]

SETTINGS = [
    "PRAGMA writable_schema = ON",
    "PRAGMA query_only = OFF",
    "PRAGMA journal_mode = WAL",
    "PRAGMA journal_mode = OFF",
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA user_version = 7",
    "PRAGMA application_id = 7",
    "PRAGMA foreign_keys = OFF",
    "PRAGMA trusted_schema = ON",
    "PRAGMA hard_heap_limit = 0",
    "PRAGMA temp_store_directory = '.'",
    "PRAGMA data_store_directory = '.'",
    "PRAGMA main.wal_checkpoint(TRUNCATE)",
    "PRAGMA incremental_vacuum",
    "PRAGMA optimize",
    "PRAGMA table_info(claim)",
    "PRAGMA integrity_check",
    "SELECT * FROM pragma_journal_mode('wal')",
    "SELECT count(*) FROM pragma_journal_mode('wal')",
    "SELECT * FROM pragma_writable_schema",
    "SELECT * FROM pragma_table_info('claim')",
    "SELECT * FROM pragma_hard_heap_limit(0)",
    "SELECT 1 FROM pragma_user_version WHERE 1 = (SELECT count(*) FROM pragma_database_list)",
]

LOCKS = [
    "BEGIN",
    "BEGIN IMMEDIATE",
    "BEGIN EXCLUSIVE",
    "COMMIT",
    "END",
    "ROLLBACK",
    "SAVEPOINT s",
    "RELEASE s",
    "SELECT * FROM claims FOR UPDATE",
]

FILES = [
    "ATTACH 'other.db' AS other",
    "ATTACH '/etc/passwd' AS other",
    "ATTACH DATABASE ':memory:' AS other",
    "ATTACH DATABASE '' AS other",
    "ATTACH 'file:other.db?mode=rwc' AS other",
    "DETACH main",
    "VACUUM INTO 'other.db'",
    "VACUUM main INTO 'other.db'",
    "SELECT load_extension('other')",
    "SELECT load_extension('other', 'start')",
    "SELECT readfile('/etc/passwd')",
    "SELECT writefile('other.db', 'x')",
    "SELECT edit('x', 'sh')",
    "SELECT value FROM fsdir('/')",
    "SELECT * FROM zipfile('/etc/passwd')",
    "SELECT lsmode(7)",
    "SELECT shell_add_schema('x', 'y', 'z')",
    "SELECT fts3_tokenizer('simple')",
    "SELECT fts3_tokenizer('simple', x'0000')",
]

PRYING = [
    "SELECT * FROM sqlite_temp_schema",
    "SELECT * FROM sqlite_sequence",
    "SELECT * FROM sqlite_stat1",
    "SELECT * FROM dbstat",
    "SELECT count(*) FROM dbstat",
    "SELECT data FROM sqlite_dbpage",
    "SELECT * FROM sqlite_stmt",
    "SELECT * FROM bytecode('SELECT 1')",
    "SELECT * FROM tables_used('SELECT 1')",
    "SELECT * FROM pragma_database_list",
    "SELECT * FROM pragma_function_list",
    "SELECT * FROM pragma_compile_options",
    "SELECT * FROM pragma_module_list",
    "SELECT * FROM claim_text_data",
    "SELECT count(*) FROM claim_text_config",
    "SELECT rowid FROM claim_text('a') WHERE EXISTS (SELECT block FROM claim_text_data)",
    "SELECT * FROM claim_text('a') UNION SELECT * FROM name_text_docsize",
    "SELECT * FROM fts3tokenize('simple', 'a')",
    "SELECT * FROM fts5vocab('x', 'row')",
    "SELECT * FROM json_each('[1]')",
    "SELECT * FROM json_tree('[1]')",
    "SELECT * FROM generate_series(1, 1000000000)",
    "SELECT sqlite_log(1, 'x')",
    "SELECT sqlite_source_id()",
    "SELECT sqlite_compileoption_get(0)",
    "SELECT sqlite_offset(id) FROM claim",
    "SELECT last_insert_rowid(), changes(), total_changes()",
    "SELECT fts5_source_id()",
    "SELECT rtreecheck('claim')",
    "SELECT * FROM nobody.claim",
]

BLOBS = [
    "SELECT zeroblob(1000000000)",
    "SELECT length(zeroblob(1e9))",
    "SELECT hex(zeroblob(1e9))",
    "SELECT randomblob(1e9)",
    "SELECT hex(randomblob(500000000))",
]

# What follows only reads, and so is not refused.

ENDLESS = [
    FOREVER + "SELECT count(*) FROM n",
    FOREVER + "SELECT i FROM n WHERE i < 0",
    FOREVER + "SELECT i FROM n LIMIT 1 OFFSET 1000000000000",
    FOREVER + "SELECT max(a.i) FROM n a, n b",
    FOREVER + "SELECT 1 WHERE EXISTS (SELECT 1 FROM n WHERE i IS NULL)",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT 1 FROM n) SELECT sum(i) FROM n",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT (i + 1) % 99999999 FROM n) SELECT sum(i) FROM n",
    _first(100_000) + "SELECT count(*) FROM n a, n b, n c",
    _first(100_000) + "SELECT count(*) FROM n a, n b WHERE a.i || 'x' LIKE '%' || b.i || '%'",
    _first(100_000) + "SELECT sum(i) OVER (ORDER BY i ROWS BETWEEN 50000 PRECEDING AND 50000 "
    "FOLLOWING EXCLUDE CURRENT ROW) FROM n",
    _first(100_000) + "SELECT (SELECT count(*) FROM n b WHERE b.i < a.i AND b.i % 7) FROM n a "
    "ORDER BY 1",
    "SELECT count(*) FROM " + ", ".join(f"sqlite_schema t{i}" for i in range(9)),
    "SELECT count(*) FROM " + ", ".join(f"stance t{i}" for i in range(40)),
    (
        "SELECT count(*) FROM stance a, stance b, stance c, stance d, stance e, stance f, "
        "stance g, stance h WHERE a.meaning || b.meaning || c.meaning LIKE '%q%q%q%'"
    ),
    (
        "SELECT DISTINCT a.example FROM stance a, stance b, stance c, stance d, stance e, "
        "stance f, stance g, stance h ORDER BY b.code || c.code"
    ),
]

#: One step of SQLite, which looks at no clock while it takes it.
LONG_STEPS = [
    f"SELECT instr({_x(9_000_000)}, {_x(900_000)} || 'y')",
    f"SELECT instr({_x(15_000_000)} || 'y', {_x(7_000_000)} || 'z')",
    f"SELECT replace({_x(9_000_000)}, {_x(900_000)} || 'y', '')",
    f"SELECT trim({_x(9_000_000)}, {_x(900_000, 'y')} || 'x')",
    f"SELECT ltrim({_x(9_000_000)}, {_x(900_000, 'y')} || 'x')",
    f"SELECT {_x(15_000_000)} LIKE '%{'x' * 900}y'",
    f"SELECT {_x(15_000_000)} GLOB '*{'x' * 900}y'",
    f"SELECT {_x(15_000_000)} GLOB '*{'[x-z]' * 190}y'",
    f"SELECT {_x(15_000_000)} LIKE '%x{'_' * 900}y%'",
    f"SELECT like('%{'x' * 900}y', {_x(15_000_000)})",
    f"SELECT glob('*{'x' * 900}y', {_x(15_000_000)})",
]

BLOWN_UP = [
    f"SELECT {_x(1_000_000_000)}",
    f"SELECT replace({_x(10_000)}, 'x', {_x(10_000)})",
    f"SELECT replace(replace(replace({_x(1_000)}, 'x', {_x(1_000)}), 'x', {_x(1_000)}), 'x', 'xx')",
    "SELECT " + "hex(" * 30 + "'x'" + ")" * 30,
    "SELECT " + "quote(" * 25 + "''''" + ")" * 25,
    "WITH RECURSIVE n(x) AS (SELECT 'x' UNION ALL SELECT x || x FROM n) SELECT length(x) FROM n",
    "WITH RECURSIVE n(x) AS (SELECT 'x' UNION ALL SELECT hex(x) FROM n) SELECT max(x) FROM n",
    FOREVER + "SELECT group_concat(i) FROM n",
    FOREVER + f"SELECT group_concat({_x(1_000_000)}) FROM n",
    FOREVER + "SELECT json_group_array(i) FROM n",
    FOREVER + "SELECT json_group_object(i, i) FROM n",
    _first(1_000) + f"SELECT {_x(1_000_000)}, i FROM n",
    _first(1_000) + f"SELECT DISTINCT {_x(1_000_000)} || i FROM n",
    _first(1_000) + f"SELECT i FROM n ORDER BY {_x(1_000_000)} || i",
    _first(1_000) + f"SELECT x, count(*) FROM (SELECT {_x(1_000_000)} || i AS x FROM n) GROUP BY x",
    _first(1_000)
    + f"SELECT lag(x) OVER (ORDER BY i DESC) FROM (SELECT i, {_x(1_000_000)} || i AS x"
    " FROM n)",
    FOREVER + "SELECT DISTINCT i FROM n ORDER BY i DESC",
    FOREVER + "SELECT i, random() AS r FROM n ORDER BY r",
    FOREVER + "SELECT i % 10000000, count(*) FROM n GROUP BY 1",
    FOREVER + "SELECT i FROM n UNION SELECT -i FROM n",
    FOREVER + "SELECT i FROM n EXCEPT SELECT i + 1 FROM n",
    FOREVER + "SELECT first_value(i) OVER (ORDER BY i) FROM n",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n) SELECT sum(i) FROM n",
    (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n UNION ALL SELECT i FROM n) "
        "SELECT sum(i) FROM n"
    ),
    f"SELECT json_array({', '.join([_x(900_000)] * 40)})",
    f"SELECT json_set('{{}}', '$.a', {_x(9_000_000)}, '$.b', {_x(9_000_000)})",
    f"SELECT json_quote({_x(15_000_000, chr(92))})",
    f"SELECT json_patch(json_object('a', {_x(9_000_000)}), json_object('b', {_x(9_000_000)}))",
    f"SELECT strftime(replace({_x(3_000_000)}, 'x', '%s'), 'now')",
    f"SELECT upper({_x(15_000_000)}) || lower({_x(15_000_000)})",
]

#: What a parser and a planner choke on before anything runs.
CONTORTED = [
    "SELECT " + "(" * 5_000 + "1" + ")" * 5_000,
    "SELECT " + "(SELECT " * 500 + "1" + ")" * 500,
    "SELECT * FROM " + "(SELECT * FROM " * 300 + "claims" + ")" * 300,
    "SELECT " + "abs(" * 5_000 + "1" + ")" * 5_000,
    "SELECT " + "NOT " * 50_000 + "1",
    "SELECT " + "- " * 50_000 + "1",
    "SELECT 1" + " + 1" * 50_000,
    "SELECT 1 WHERE 1" + " AND 1" * 50_000,
    "SELECT 1 WHERE source = 'a'" + " OR source = 'a'" * 20_000,
    "SELECT " + "CASE WHEN 1 THEN " * 3_000 + "1" + " END" * 3_000,
    "SELECT 1" + " UNION ALL SELECT 1" * 2_000,
    "SELECT " + ", ".join(["1"] * 40_000),
    "SELECT " + ", ".join(["c.*"] * 200) + " FROM claims c",
    "SELECT char(" + ", ".join(["65"] * 5_000) + ")",
    "SELECT ?999999",
    "SELECT :a" + "".join(f" + :a{i}" for i in range(5_000)),
    "SELECT '" + "x" * 2_000_000 + "'",
    "SELECT 1 " + "/* */ " * 300_000,
    "SELECT 1 -- " + "x" * 2_000_000,
    f"SELECT 'x' LIKE '{'%' * 2_000}'",
    "SELECT 1 FROM " + ", ".join(f"stance t{i}" for i in range(70)),
    "SELECT count(*) FROM " + ", ".join(f"claims t{i}" for i in range(20)),
    "SELECT 1 FROM "
    + ", ".join(f"claims t{i}" for i in range(12))
    + " WHERE "
    + " AND ".join(f"t{i}.source = t{i + 1}.source" for i in range(11))
    + " ORDER BY t3.claim",
    "WITH t0 AS (SELECT 1 AS a), "
    + ", ".join(
        f"t{i} AS (SELECT a FROM t{i - 1} UNION ALL SELECT a FROM t{i - 1})" for i in range(1, 30)
    )
    + " SELECT count(*) FROM t29",
    "WITH t0 AS (SELECT 1 AS a UNION SELECT 2), "
    + ", ".join(f"t{i} AS (SELECT x.a FROM t{i - 1} x, t{i - 1} y)" for i in range(1, 9))
    + " SELECT count(*) FROM t8",
]

HARMLESS = [
    "SELECT 1 /* DELETE FROM claim",
    "SELECT name, sql FROM sqlite_schema",
    "SELECT * FROM sqlite_master",
    "SELECT hash FROM entry",
    FOREVER + "SELECT i FROM n",
    _first(2_000) + "SELECT i FROM n",
    "SELECT 9e999, -9e999, 9e999 - 9e999",
    "SELECT date('now', '+1000000000000 years')",
    "SELECT round(1e308, 2147483647)",
    "SELECT CAST(printf('%.*c', 1000000, '9') AS INTEGER)",
    "SELECT length(printf('%1000000000d', 1))",
    "SELECT length(printf('%*d', 2147483647, 1))",
    "SELECT length(printf('%.2000000000f', 1.0))",
    "SELECT length(printf('%.1000000000s%.1000000000s', 'x', 'x'))",
    "SELECT printf('%s%s%n', 1)",
    "SELECT soundex(printf('%.*c', 1000000, 'x'))",
    f"SELECT json_valid({_x(9_000_000, '[')})",
    _first(50_000) + "SELECT max(l) FROM (SELECT lag(i, 1000000000000) OVER () AS l FROM n)",
]

#: Not worth doing, and no harm in it either way.
EITHER_WAY = [
    f"SELECT json('[' || replace({_x(7_000_000)}, 'x', '1,') || '1]')",
    f"SELECT json_extract(replace({_x(7_000_000)}, 'x', '[') , '$[0][0]')",
    "SELECT 1 WHERE 1 IN (" + ", ".join(map(str, range(100_000))) + ")",
    "VALUES " + ", ".join(["(1)"] * 100_000),
    "SELECT CAST(x'c328ff' AS TEXT) AS x",
    f"SELECT count(*) FROM claim_text('{' OR '.join('abcdefghij' * 900)}')",
    f"SELECT count(*) FROM claim_text('{'(' * 5_000}a{')' * 5_000}')",
    f"SELECT count(*) FROM claim_text('NEAR({'a ' * 900}, 999999)')",
    (
        "SELECT count(*) FROM claim_text('a*') a, claim_text('t*') b, claim_text('o*') c, "
        "claim_text('r*') d, claim_text('s*') e"
    ),
    f"SELECT highlight(claim_text, 0, {_x(9_000_000)}, {_x(9_000_000)}) FROM claim_text('t*')",
    "SELECT snippet(claim_text, -1, '', '', '', 2147483647) FROM claim_text('t*')",
    f"SELECT {_x(3_000_000)} LIKE '%x%x%x%x%x%x%y'",
    f"SELECT {_x(3_000_000)} GLOB '*[a-z]*[a-z]*[a-z]*[a-z]*[0-9]'",
]

#: What a screen, a spreadsheet or a program would do with the answer.
OUTPUT = [
    'SELECT 1 AS "\x1b[2J\x1b[31mx"',
    "SELECT char(27) || '[2J' || char(27) || ']0;owned' || char(7) AS x",
    "SELECT char(155) || '31m' || char(0x202e) || 'txt.exe' || char(0x2066) AS x",
    "SELECT char(13) || 'everything is fine' || char(8, 8, 8) AS x",
    "SELECT 'a' || char(10) || 'b' || char(0) || 'c' AS x",
    "SELECT '=cmd|'' /C calc''!A0' AS \"=1+1\", '+1', '-1', '@SUM(1)'",
    "SELECT '<script>alert(1)</script>' AS \"<img src=x onerror=alert(1)>\"",
    "SELECT '| a | b |' || char(10) || '|---|' AS \"[x](javascript:alert(1))\"",
    f"SELECT {_x(2_000_000)} AS x",
    'SELECT 1 AS "' + "x" * 100_000 + '"',
]

_MACHINE = (STOPPED, TOO_MUCH)

ATTACKS: tuple[Attack, ...] = tuple(
    chain(
        _of("writes", REFUSED, WRITES),
        _of("disguises", REFUSED, DISGUISES),
        _of("definitions", REFUSED, DEFINITIONS),
        _of("settings", REFUSED, SETTINGS),
        _of("locks", REFUSED, LOCKS),
        _of("files", REFUSED, FILES),
        _of("prying", REFUSED, PRYING),
        _of("blobs", REFUSED, BLOBS),
        _of("endless", _MACHINE, ENDLESS),
        _of("long steps", STOPPED, LONG_STEPS),
        _of("blown up", _MACHINE, BLOWN_UP),
        _of("contorted", (REFUSED, *_MACHINE), CONTORTED),
        _of("harmless", ANSWERED, HARMLESS),
        _of("harmless", (ANSWERED, REFUSED, *_MACHINE), EITHER_WAY),
        _of("output", ANSWERED, OUTPUT),
    )
)
