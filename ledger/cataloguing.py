"""What a database's catalogue lists: each thing's kind, its name, its table, and how it was made.

On SQLite that is the statement itself. A PostgreSQL server keeps no statements: there it is what
the server says of a thing, which the file of a revision in `catalogues` has the hashes of.
"""

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

import sqlalchemy as sa

#: By kind and name: the table it belongs to, and how it was made.
Catalogue = dict[tuple[str, str], tuple[str, str]]

#: What ANALYZE leaves behind: hints for SQLite's planner, which change no answer.
STATISTICS = ("sqlite_stat1", "sqlite_stat3", "sqlite_stat4")

#: What kinds of things a catalogue lists, in the order of their faults.
KINDS = {
    "sqlite": ("table", "index", "trigger", "view"),
    "postgresql": ("table", "index", "trigger", "function", "view"),
}

#: Schemas in which a ledger's things are on a server; those outside the first are named with it.
_SCHEMAS = ("public",)

#: Where names are looked for when a server tells what things are.
_PATH = "public, pg_temp"

#: From this release on a server says less of a view of one table.
_TERSE = 160000

#: The newest server of which it is known how it tells a view.
_KNOWN = 190000


def listed(connection: sa.Connection) -> Catalogue:
    """All that the catalogue lists that a ledger could have, or another hand could have put in."""
    if connection.dialect.name == "postgresql":
        return _listed_by_postgresql(connection)
    texts = ([_text(value) for value in row] for row in as_written(connection))
    return {
        (kind, name): (table, sql)
        for kind, name, table, sql in texts
        if kind != "table" or name not in STATISTICS
    }


def as_written(connection: sa.Connection) -> Iterator[Sequence[bytes | None]]:
    """The lines of a SQLite file's catalogue: kind, name, table and statement, by kind and name.

    As bytes: a name that another hand wrote need not be text.
    """
    yield from connection.exec_driver_sql(
        "SELECT CAST(type AS BLOB), CAST(name AS BLOB), CAST(tbl_name AS BLOB), CAST(sql AS BLOB)"
        " FROM main.sqlite_master ORDER BY type, name"
    )


def names(connection: sa.Connection) -> set[str]:
    """What things are called that the catalogue lists."""
    if connection.dialect.name == "postgresql":
        query = (
            f"SELECT c.relname FROM pg_class c WHERE {_in_schemas('c.relnamespace')}"  # noqa: S608
            f" UNION SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            f" WHERE {_in_schemas('c.relnamespace')} ORDER BY 1"
        )
        return set(connection.exec_driver_sql(query).scalars())
    rows = connection.exec_driver_sql(
        "SELECT CAST(name AS BLOB) FROM main.sqlite_master ORDER BY name"
    )
    return {_text(name) for name in rows.scalars()}


def revision_said(connection: sa.Connection, table: str) -> list[str]:
    """What the rows of `table`, where a ledger says which schema it has, say."""
    if connection.dialect.name == "postgresql":
        query = f"SELECT version_num FROM public.{table} ORDER BY version_num"  # noqa: S608
        return [str(value) for value in connection.exec_driver_sql(query).scalars()]
    rows = connection.exec_driver_sql(
        f"SELECT CAST(version_num AS BLOB) FROM main.{table} ORDER BY version_num"  # noqa: S608
    )
    return [_text(value) for value in rows.scalars()]


def _text(value: bytes | None) -> str:
    return "" if value is None else value.decode(errors="backslashreplace")


def _in_schemas(column: str) -> str:
    homes = ", ".join(f"to_regnamespace('{name}')" for name in _SCHEMAS)
    return f"{column} IN ({homes})"


def _own(catalogue: str, row: str) -> str:
    """That a thing is not one that an extension brought, such as a view of statistics."""
    return (
        f"NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = '{catalogue}'::regclass"  # noqa: S608
        f" AND e.objid = {row}.oid AND e.deptype = 'e')"
    )


#: A relation's kinds, as the catalogue has them; all that is none of these is told as a table.
_RELATIONS = "CASE c.relkind WHEN 'i' THEN 'index' WHEN 'v' THEN 'view' ELSE 'table' END"

_COLUMNS = """
    SELECT string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod),
               nullif(nullif(a.attcollation, 0), 100)::regcollation,
               CASE WHEN a.attnotnull THEN 'NOT NULL' END, pg_get_expr(d.adbin, d.adrelid),
               nullif(a.attidentity, ''), nullif(a.attgenerated, '')), ', ' ORDER BY a.attnum)
      FROM pg_attribute a
      LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
"""

# That a column is not null is told with the column; newer servers list it a second time.
_CONSTRAINTS = """
    SELECT string_agg(k.conname || ' ' || pg_get_constraintdef(k.oid), ', ' ORDER BY k.conname)
      FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype <> 'n'
"""

# Foreign keys are kept by triggers that a superuser can switch off.
_SWITCHED_OFF = """
    SELECT string_agg(g.tgenabled::text, '' ORDER BY g.oid) FROM pg_trigger g
     WHERE g.tgrelid = c.oid AND g.tgisinternal AND g.tgenabled <> 'O'
"""

_THINGS = f"""
    SELECT {_RELATIONS} AS kind, c.relnamespace AS home, c.relname::text AS name,
           COALESCE(i.indrelid, c.oid) AS belongs,
           CASE c.relkind
               WHEN 'v' THEN concat_ws(' ', pg_get_viewdef(c.oid), c.reloptions::text)
               WHEN 'i' THEN concat_ws(' ', pg_get_indexdef(c.oid),
                                       i.indisvalid AND i.indisready AND i.indislive)
               ELSE concat_ws('; ', c.relkind, c.relpersistence, c.relrowsecurity,
                              ({_COLUMNS}), ({_CONSTRAINTS}), ({_SWITCHED_OFF}))
           END AS said
      FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
     WHERE {_in_schemas("c.relnamespace")} AND {_own("pg_class", "c")}
    UNION ALL
    SELECT 'trigger', c.relnamespace, t.tgname, c.oid,
           concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled)
      FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
     WHERE {_in_schemas("c.relnamespace")} AND NOT t.tgisinternal AND {_own("pg_trigger", "t")}
    UNION ALL
    SELECT 'function', p.pronamespace,
           concat_ws(' of ', p.proname, nullif(pg_get_function_identity_arguments(p.oid), '')), 0,
           concat_ws(' ', p.prokind, p.prosecdef, p.provolatile, l.lanname,
                        p.prorettype::regtype, p.proconfig::text, p.prosrc)
      FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
     WHERE {_in_schemas("p.pronamespace")} AND {_own("pg_proc", "p")}
    UNION ALL
    SELECT 'rule', c.relnamespace, r.rulename, c.oid, pg_get_ruledef(r.oid)
      FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
     WHERE {_in_schemas("c.relnamespace")} AND r.rulename <> '_RETURN' AND {_own("pg_class", "c")}
    UNION ALL
    SELECT 'policy', c.relnamespace, y.polname, c.oid, y.polcmd::text
      FROM pg_policy y JOIN pg_class c ON c.oid = y.polrelid
     WHERE {_in_schemas("c.relnamespace")}
    UNION ALL
    SELECT 'type', t.typnamespace, t.typname, 0, t.typtype::text
      FROM pg_type t
     WHERE {_in_schemas("t.typnamespace")} AND t.typtype <> 'c' AND t.typelem = 0
       AND {_own("pg_type", "t")}
    UNION ALL
    SELECT 'operator', o.oprnamespace, o.oprname, 0, o.oid::regoperator::text
      FROM pg_operator o
     WHERE {_in_schemas("o.oprnamespace")} AND {_own("pg_operator", "o")}
"""  # noqa: S608

_QUESTION = f"""
    SELECT kind, CASE WHEN home = to_regnamespace('{_SCHEMAS[0]}') THEN name
                      ELSE home::regnamespace || '.' || name END AS name,
           COALESCE(c.relname::text, '') AS its_table, COALESCE(said, '') AS said
      FROM ({_THINGS}) AS thing LEFT JOIN pg_class c ON c.oid = thing.belongs
     ORDER BY 1, 2, 3
"""  # noqa: S608


def _listed_by_postgresql(connection: sa.Connection) -> Catalogue:
    # Things are told with their schema where a name alone would not find them.
    looked = connection.execute(sa.select(sa.func.current_setting("search_path"))).scalar_one()
    connection.execute(sa.select(sa.func.set_config("search_path", _PATH, True)))
    found: Catalogue = {}
    for kind, name, table, said in connection.exec_driver_sql(_QUESTION):
        # Two tables may each have a trigger of one name.
        key = (kind, name) if (kind, name) not in found else (kind, f"{name} on {table}")
        found[key] = (table, said)
    connection.execute(sa.select(sa.func.set_config("search_path", looked, True)))
    return found


def digests(connection: sa.Connection, found: Catalogue) -> dict[tuple[str, str], str]:
    """A hash of what a server says of each thing; of a view, as far as its release is known."""
    how = _telling(connection)
    return {(kind, name): _digest(kind, *said, how) for (kind, name), said in found.items()}


def expected(connection: sa.Connection, revision: str) -> dict[tuple[str, str], str]:
    """The hashes of `digests` for what the migrations up to `revision` make on this server."""
    how = _telling(connection)
    return {
        (kind, name): said if isinstance(said, str) else said[how]
        for kind, things in _kept(revision).items()
        for name, said in things.items()
    }


def every_digest(connection: sa.Connection) -> dict[tuple[str, str], str | dict[str, str]]:
    """As `digests` of all that a server lists; of a view, each way it can be known here."""
    ways = {_telling(connection), "plain"}
    return {
        (kind, name): {way: _digest(kind, *said, way) for way in sorted(ways)}
        if kind == "view"
        else _digest(kind, *said, "")
        for (kind, name), said in listed(connection).items()
    }


def _digest(kind: str, table: str, said: str, how: str) -> str:
    told = _plain(said) if kind == "view" and how == "plain" else said
    return sha256(f"{table}\0{told}".encode()).hexdigest()


def _telling(connection: sa.Connection) -> str:
    """How this server tells a view: `full`, `terse`, or in a way that is not known yet."""
    driver: Any = connection.connection.driver_connection
    release = int(driver.info.server_version)
    return "plain" if release >= _KNOWN else "terse" if release >= _TERSE else "full"


def _plain(said: str) -> str:
    """A view without what releases tell in different ways: spaces, brackets, tables' names."""
    return re.sub(r"\b\w+\.(?=\w)|[\s()]", "", said)


@cache
def _kept(revision: str) -> dict[str, dict[str, Any]]:
    source = files("ledger").joinpath("catalogues", f"postgresql_{revision}.json")
    found: dict[str, dict[str, Any]] = json.loads(source.read_text(encoding="utf-8"))
    return found


def is_as_made(connection: sa.Connection, revision: str) -> bool:
    """Whether a server's catalogue is what the migrations up to `revision` make."""
    return digests(connection, listed(connection)) == expected(connection, revision)
