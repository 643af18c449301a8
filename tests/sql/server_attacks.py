"""What hostile SQL was tried on a server's door, by kind, and what must come of each.

A table to be read and added to, as `tests/sql/attacks.py` is for a file. `{folder}` is a folder
that nobody may put anything into, `tools` a schema with what an administrator may have left there.
"""

from itertools import chain

from tests.sql.attacks import ANSWERED, REFUSED, STOPPED, TOO_MUCH, Attack

WRITES = [
    "DELETE FROM claim",
    "UPDATE claim SET stance = 'asserts'",
    "INSERT INTO stance VALUES ('x', 'denies', 'x', 'x')",
    "TRUNCATE claim CASCADE",
    "MERGE INTO claim USING source ON true WHEN MATCHED THEN DELETE",
    "WITH x AS (DELETE FROM claim RETURNING *) SELECT * FROM x",
    "WITH x AS (UPDATE claim SET low = 1 RETURNING low) SELECT * FROM x",
    "WITH x AS (INSERT INTO source SELECT * FROM source RETURNING id) SELECT * FROM x",
    "SELECT * INTO taken FROM claim",
    "SELECT * INTO TEMP taken FROM claim",
    "SELECT * FROM claim FOR UPDATE",
    "SELECT * FROM claim FOR KEY SHARE",
    "CREATE TABLE x AS SELECT * FROM claims",
    "CREATE TEMP TABLE x (y int)",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "ALTER TABLE claim DISABLE TRIGGER ALL",
    "DROP TABLE claim_history CASCADE",
    "DO $$ BEGIN DELETE FROM claim; END $$",
    "CALL ledger_refuse()",
    "GRANT ALL ON claim TO PUBLIC",
    "COPY claim TO '{folder}/other'",
    "COPY claim TO PROGRAM 'cat > {folder}/other'",
    "COPY claim FROM PROGRAM 'id'",
    "LOCK TABLE claim",
    "VACUUM",
    "REINDEX TABLE claim",
    "EXPLAIN ANALYZE DELETE FROM claim",
    "EXPLAIN (ANALYZE) SELECT 1",
    "SELECT 1 WHERE EXISTS (DELETE FROM claim)",
]

SESSIONS = [
    "COMMIT; BEGIN READ WRITE; DELETE FROM claim; COMMIT",
    "SELECT 1; DELETE FROM claim",
    "SELECT 1; COMMIT; DELETE FROM claim",
    "COMMIT",
    "ROLLBACK",
    "BEGIN",
    "SET ROLE postgres",
    "RESET ROLE",
    "SET SESSION AUTHORIZATION DEFAULT",
    "SET statement_timeout = 0",
    "SHOW data_directory",
    "LISTEN x",
    "NOTIFY x",
    "PREPARE p AS DELETE FROM claim",
    "DECLARE c CURSOR FOR SELECT 1",
    "FETCH ALL FROM answer",
    "CLOSE answer",
    "DISCARD ALL",
    "ALTER SYSTEM SET fsync = off",
    "CREATE EXTENSION dblink",
    "SELECT set_config('role', 'none', false)",
    "SELECT set_config('transaction_read_only', 'off', false)",
    "SELECT set_config('session_replication_role', 'replica', false)",
    "SELECT 1 FROM set_config('statement_timeout', '0', false)",
    "SELECT claim FROM claims ORDER BY set_config('role', 'none', false)",
    "SELECT count(*) FILTER (WHERE set_config('role', 'none', false) = 'x') FROM claims",
    "WITH x AS (SELECT set_config('role', 'none', false)) SELECT 1 FROM x",
    "SELECT 1 LIMIT length(set_config('role', 'none', false))",
    "SELECT current_setting('data_directory')",
    "SELECT query_to_xml('DELETE FROM claim', true, true, '')",
    "SELECT query_to_xml_and_xmlschema('COMMIT', true, true, '')",
    "SELECT table_to_xml('claim', true, true, '')",
    "SELECT database_to_xml(true, true, '')",
    "SELECT cursor_to_xml('answer', 1, true, true, '')",
    "SELECT ts_stat('DELETE FROM claim')",
    "SELECT * FROM ts_stat('DELETE FROM claim')",
    "SELECT ts_rewrite('a'::tsquery, 'DELETE FROM claim')",
    "SELECT * FROM dblink('dbname=postgres', 'DROP DATABASE x') AS t (a int)",
    "SELECT pg_notify('x', 'y')",
    "SELECT pg_export_snapshot()",
    "SELECT txid_current()",
    "SELECT pg_current_xact_id()",
    "SELECT nextval('x')",
    "SELECT lastval()",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_advisory_xact_lock(claim) FROM claims",
    "SELECT pg_try_advisory_lock(1)",
    "SELECT pg_terminate_backend(1)",
    "SELECT pg_cancel_backend(1)",
    "SELECT pg_reload_conf()",
    "SELECT pg_switch_wal()",
    "SELECT pg_stat_reset()",
    "SELECT pg_promote()",
    "SELECT pg_logical_emit_message(true, 'x', 'y')",
    "SELECT pg_sleep(60)",
    "SELECT count(pg_sleep(60))",
    "SELECT 1 WHERE pg_sleep(60) IS NOT NULL",
    "SELECT pg_sleep_for('1 minute') IS NULL",
]

FILES = [
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_read_binary_file('/etc/passwd')",
    "SELECT * FROM pg_ls_dir('.')",
    "SELECT pg_stat_file('/etc/passwd')",
    "SELECT * FROM pg_ls_logdir()",
    "SELECT pg_current_logfile()",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_export(1, '{folder}/other')",
    "SELECT lo_create(0)",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT lo_unlink(1)",
    "SELECT lo_put(1, 0, 'x')",
    "SELECT pg_import_system_collations('pg_catalog')",
    "SELECT tools.steal()",
    "SELECT * FROM tools.everything",
    "SELECT 1 OPERATOR(tools.===) 2",
    "SELECT 'x'::tools.word",
    "SELECT ledger_refuse()",
    "SELECT * FROM ONLY tools.note",
]

DISGUISES = [
    "/* /* */ DELETE FROM claim */ DELETE FROM claim",
    "SELECT \"pg_read_file\"('/etc/passwd')",
    "SELECT pg_catalog.pg_read_file('/etc/passwd')",
    "SELECT U&\"pg\\005fread_file\"('/etc/passwd')",
    "SELECT pg_read_file /* x */ ('/etc/passwd')",
    "SELECT $a$ $b$ $a$, pg_read_file('/etc/passwd')",
    "SELECT E'\\'', pg_read_file('/etc/passwd') --'",
    "SELECT 1 AS \":funcid 1\", pg_read_file('/etc/passwd')",
    "SELECT 1 AS \"{QUERY\", pg_read_file('/etc/passwd')",
    "SELECT (SELECT pg_read_file('/etc/passwd'))",
    "SELECT CASE WHEN false THEN pg_read_file('/etc/passwd') END",
    "SELECT ARRAY[pg_read_file('/etc/passwd')]",
    "SELECT x FROM LATERAL pg_read_file('/etc/passwd') AS x",
    "SELECT sum(length(pg_read_file('/etc/passwd'))) OVER (PARTITION BY claim) FROM claims",
    "VALUES (pg_read_file('/etc/passwd'))",
    "SELECT coalesce(NULL, pg_read_file('/etc/passwd'))",
    "SELECT ROW(pg_read_file('/etc/passwd')) = ROW('x')",
    "SELECT claim FROM claims GROUP BY claim HAVING pg_read_file('/etc/passwd') > ''",
    "SELECT 1; -- /*\nDELETE FROM claim -- */",
    "SELECT 1) AS x; DELETE FROM claim; --",
]

PRYING = [
    "SELECT * FROM pg_authid",
    "SELECT * FROM pg_shadow",
    "SELECT * FROM pg_stat_activity",
    "SELECT * FROM pg_settings",
    "SELECT * FROM pg_hba_file_rules",
    "SELECT * FROM pg_class",
    "SELECT count(*) FROM pg_proc",
    "SELECT * FROM pg_catalog.pg_largeobject",
    "SELECT * FROM information_schema.role_table_grants",
    "SELECT * FROM pg_temp.asked",
    "SELECT claims.tableoid::regclass FROM claim claims",
    "SELECT 'pg_authid'::regclass",
    "SELECT pg_get_viewdef('claims'::text)",
    "SELECT has_table_privilege('claim', 'DELETE')",
    "SELECT pg_database_size('postgres')",
    "SELECT version()",
    "SELECT inet_server_addr()",
    "SELECT pg_backend_pid()",
    "SELECT xmlparse(DOCUMENT '<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>')",
    "SELECT * FROM XMLTABLE('/x' PASSING '<x/>' COLUMNS a text)",
    "SELECT * FROM claim TABLESAMPLE SYSTEM (50)",
    "SELECT pg_typeof(1)",
]

FROM_NOTHING = [
    "SELECT repeat('x', 1000000000)",
    "SELECT length(repeat(repeat('x', 30000), 30000))",
    "SELECT lpad('x', 1000000000)",
    "SELECT array_fill(1, ARRAY[100000000])",
    "SELECT array_agg(i) && array_agg(-i) FROM generate_series(1, 100000) i",
    "SELECT array_agg(i) @> array_agg(-i) FROM generate_series(1, 100000) i",
    "SELECT jsonb_agg(i) @> jsonb_agg(-i) FROM generate_series(1, 100000) i",
]

FOREVER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "

ENDLESS = [
    FOREVER + "SELECT count(*) FROM n WHERE i < 0",
    "SELECT count(*) FROM generate_series(1, 10000000000) i",
    "SELECT count(*) FROM stance a, stance b, stance c, stance d, stance e, stance f, stance g",
    "SELECT i FROM generate_series(1, 100000000000) i ORDER BY -i",
]

BLOWN_UP = [
    "WITH RECURSIVE n(x) AS (SELECT 'x' UNION ALL SELECT x || x FROM n) SELECT length(x) FROM n",
    FOREVER + "SELECT i, 'a text that makes the answer longer' FROM n",
]

CONTORTED = [
    "SELECT " + "(" * 20_000 + "1" + ")" * 20_000,
    "SELECT 1" + " + 1" * 40_000,
    "SELECT " + ", ".join(["1"] * 5_000),
    "SELECT 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' ~ '^((a|aa)+)+\\1b$'",
    "SELECT 'x' ~ '((((a{1,255}){1,255}){1,255}){1,255})'",
]

HARMLESS = [
    "SELECT hash FROM entry",
    "SELECT source, string_agg(stance, ', ' ORDER BY stance) FROM claims GROUP BY source",
    "SELECT claim, row_number() OVER (PARTITION BY source ORDER BY claim DESC) FROM claims",
    "SELECT date_trunc('month', recorded_at), to_char(recorded_at, 'YYYY') FROM entries",
    "SELECT source FROM claims WHERE source ~* 'min.*y' AND source ILIKE '%y%'",
    "SELECT '[1, 2]'::jsonb -> 0, ARRAY[1, 2] || 3, interval '1 day' * 2, 5 / 2.0",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT i FROM n",
    "SELECT s.code FROM stance s LEFT JOIN claim c ON c.stance = s.code WHERE c.id IS NULL",
    "SELECT claims FROM claims",
    "(SELECT 1) UNION (SELECT 2)",
    "TABLE status",
    "SELECT claim FROM texts WHERE words @@ 'nothing'",
    "SELECT DISTINCT ON (source) source, claim FROM claims ORDER BY source, claim",
    "SELECT side, count(*) FROM claims GROUP BY ROLLUP (side)",
    "EXPLAIN SELECT * FROM claims",
    "SELECT replace(trim(source), 'y', 'ies'), split_part(source, 'i', 2) FROM claims",
    "SELECT current_date - date '2018-02-07', current_user",
    "SELECT 9e999, 'NaN'::float8, 1e400, '\\x00ff'::bytea, true, NULL",
]


def _of(kind: str, statements: list[str], *ends: str) -> list[Attack]:
    return [Attack(kind, sql, frozenset(ends)) for sql in statements]


ATTACKS: tuple[Attack, ...] = tuple(
    chain(
        _of("writes", WRITES, REFUSED),
        _of("sessions", SESSIONS, REFUSED),
        _of("files", FILES, REFUSED),
        _of("disguises", DISGUISES, REFUSED),
        _of("prying", PRYING, REFUSED),
        _of("from nothing", FROM_NOTHING, REFUSED),
        _of("endless", ENDLESS, STOPPED),
        _of("blown up", BLOWN_UP, STOPPED, TOO_MUCH, REFUSED),
        _of("contorted", CONTORTED, REFUSED, STOPPED, ANSWERED),
        _of("harmless", HARMLESS, ANSWERED),
    )
)
