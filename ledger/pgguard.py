"""Whether a statement does no more than read, by PostgreSQL's own reading of it.

The server is given the statement as the body of a temporary view, which it parses and does not run;
what it has understood, every function, operator, table and type resolved to its number, stands in
its catalogue then and is held against `ledger.pgwords`. So there is nothing that this program and
the server could understand in two ways. It is the counterpart of SQLite's authorizer.
"""

from collections.abc import Iterator
from typing import Any

from ledger.errors import QueryError
from ledger.pgwords import FUNCTIONS, NODES, OPERATIONS, READABLE, SCALARS, TYPES
from ledger.statement import NO_WRITING, RECORD, SCHEMA, did_you_mean, short

#: What the tree of a view says, part by part: which part, its name, and what else is asked of it.
#:
#: Names in a tree stand with a backslash before what would end or nest them, so that no name looks
#: like a part. `home` is the schema that holds the ledger, `shown` the one that holds what may be
#: read: as of an entry that is the session's own.
_PARTS = r"""
WITH tree AS MATERIALIZED (
    SELECT ev_action::text AS said FROM pg_catalog.pg_rewrite WHERE ev_class = %(view)s::oid
), part AS MATERIALIZED (
    SELECT DISTINCT m[1] AS what, m[2]::oid AS id
      FROM tree, regexp_matches(said,
           ':(funcid|aggfnoid|winfnoid|opno|relid|consttype|resulttype) (\d+)', 'g') AS m
    UNION
    SELECT 'opno', number::oid
      FROM tree, regexp_matches(said, ':opnos \(o ([\d ]+)\)', 'g') AS m,
           string_to_table(m[1], ' ') AS number
), node AS (
    SELECT DISTINCT m[1] AS name FROM tree, regexp_matches(said, '(?<!\\)\{([A-Z]+)', 'g') AS m
)
SELECT 'node', name, '', '', '' FROM node
UNION ALL
SELECT 'lock', '', '', '', '' FROM tree WHERE said ~ ':(hasForUpdate|hasModifyingCTE) true'
UNION ALL
SELECT DISTINCT 'function', p.proname, n.nspname,
       coalesce(s.typname, ''), coalesce(t.typname, '')
  FROM part
  LEFT JOIN pg_catalog.pg_proc p ON p.oid = part.id
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  LEFT JOIN pg_catalog.pg_cast c ON c.castfunc = p.oid
  LEFT JOIN pg_catalog.pg_type s ON s.oid = c.castsource
  LEFT JOIN pg_catalog.pg_type t ON t.oid = c.casttarget
 WHERE part.what IN ('funcid', 'aggfnoid', 'winfnoid')
UNION ALL
SELECT DISTINCT 'operator', p.proname, n.nspname, coalesce(l.typname, ''), coalesce(r.typname, '')
  FROM part
  LEFT JOIN pg_catalog.pg_operator o ON o.oid = part.id
  LEFT JOIN pg_catalog.pg_proc p ON p.oid = o.oprcode AND p.pronamespace = o.oprnamespace
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  LEFT JOIN pg_catalog.pg_type l ON l.oid = o.oprleft
  LEFT JOIN pg_catalog.pg_type r ON r.oid = o.oprright
 WHERE part.what = 'opno'
UNION ALL
SELECT DISTINCT 'type', coalesce(e.typname, y.typname), n.nspname, '', ''
  FROM part
  LEFT JOIN pg_catalog.pg_type y ON y.oid = part.id
  LEFT JOIN pg_catalog.pg_type e ON e.oid = y.typelem AND y.typcategory = 'A'
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = y.typnamespace
 WHERE part.what IN ('consttype', 'resulttype') AND part.id <> 0
UNION ALL
SELECT DISTINCT 'relation', c.relname, n.nspname, '', ''
  FROM part
  LEFT JOIN pg_catalog.pg_class c ON c.oid = part.id
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE part.what = 'relid' AND part.id NOT IN (0, %(view)s::oid)
 ORDER BY 1, 2, 3, 4, 5
"""

_CATALOG = "pg_catalog"


def must_only_read(cursor: Any, view: int, schemas: dict[str, frozenset[str]]) -> None:
    """Refuse the statement that a view was made of where it would do more than read: QueryError.

    `cursor` is psycopg's, in the transaction that made the view, `view` the view's number in the
    catalogue; `schemas` are those of which something may be read, and what.
    """
    found = cursor.execute(_PARTS, {"view": view}).fetchall()
    if not any(what == "node" for what, *_ in found):
        raise QueryError("the server does not say what it has understood", "see docs/team.md")
    for refused in _refused(found, schemas):
        raise refused


def _refused(
    found: list[tuple[str, str | None, str | None, str, str]],
    schemas: dict[str, frozenset[str]],
) -> Iterator[QueryError]:
    cast = {name for what, name, _, one, two in found if what == "function" and {one, two} <= TYPES}
    for what, name, home, one, two in found:
        if what == "relation" and name not in schemas.get(home or "", ()):
            yield _foreign(name or "", home or "")
        elif what == "function" and not (
            home == _CATALOG and (name in FUNCTIONS or (name in cast and one))
        ):
            yield QueryError(
                f"the function {short(name or '')}() is not allowed here",
                instead_of(name or "") or "functions that only compute are",
            )
        elif what == "operator" and not (
            home == _CATALOG and ({one, two} - {""} <= SCALARS or name in OPERATIONS)
        ):
            yield QueryError(
                f"an operator on {' and '.join(filter(None, (one, two)))} is not allowed here",
                instead_of(name or "") or "operators that only compare or compute are",
            )
        elif what == "type" and not (home == _CATALOG and name in TYPES):
            yield QueryError(f"the type {short(name or '')} is not allowed here", "use text")
        elif what == "lock":
            yield QueryError(f"this statement would do more than read: {NO_WRITING}", RECORD)
        elif what == "node" and name not in NODES:
            yield QueryError(
                f"{short(name or '')} is nothing that is allowed here",
                "SELECT, joins, grouping, windows and functions that only compute are",
            )


def _foreign(name: str, home: str) -> QueryError:
    if name in READABLE:
        return QueryError(
            f"{short(home)}.{short(name)} is not the ledger's, or not as of that entry",
            f"leave {short(home)}. out",
        )
    return QueryError(
        f"{short(name)} is no table or view of the ledger",
        did_you_mean(name, sorted(READABLE)) or SCHEMA,
    )


def instead_of(function: str) -> str:
    """What does the work of a function that is not allowed, or that PostgreSQL has not."""
    return _INSTEAD.get(function.lower(), "")


_INSTEAD = {
    "instr": "use strpos(text, word)",
    **dict.fromkeys(("repeat", "lpad", "rpad"), "write the text out"),
    **dict.fromkeys(("glob", "match"), "use LIKE '%word%' or ~ 'pattern'"),
    "group_concat": "use string_agg(text, ', ')",
    "ifnull": "use coalesce(a, b)",
    "iif": "use CASE WHEN … THEN … ELSE … END",
    "printf": "use format(text, …)",
    "total": "use sum(number)",
    "char": "use chr(number)",
    "unicode": "use ascii(text)",
    "hex": "use encode(bytes, 'hex')",
    "date": "use CAST(… AS date), and date + 7 for days later",
    "datetime": "use CAST(… AS timestamp)",
    "julianday": "two dates subtract to a number of days",
    "strftime": "use to_char(date, 'YYYY-MM')",
    "json_extract": "use json -> 'key' or ->> 'key'",
    "arraycontains": "use value = ANY(array)",
    "arraycontained": "use value = ANY(array)",
    "arrayoverlap": "use value = ANY(array)",
    "jsonb_contains": "use -> and =",
    "jsonb_contained": "use -> and =",
}
