"""A PostgreSQL server itself: which release runs, how it is set, what it finds wrong with itself.

Facts about the server and one of its databases; nothing here knows what a claim is.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

#: What a server is to be set to, and what may happen where it is not.
#: https://www.postgresql.org/docs/current/runtime-config-wal.html
SETTINGS: dict[str, tuple[str, str]] = {
    "fsync": ("on", "a power cut can damage the database"),
    "full_page_writes": ("on", "a power cut can damage the database"),
    "synchronous_commit": ("on", "a power cut can lose what was acknowledged last"),
    "data_checksums": ("on", "what a disk alters is not found by the server, but by verify"),
}

#: Settings of which another value than the one asked for is as good.
_AS_GOOD = {"synchronous_commit": ("remote_apply", "remote_write", "local")}

#: Lacking these loses or damages nothing by itself.
_MILD = frozenset({"data_checksums"})


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of the server: what it is, whether that is right, and what happens if not."""

    name: str
    found: str
    right: bool
    harm: str
    grave: bool


def release(connection: sa.Connection) -> str:
    """The server's release, as it says it: `18.1`."""
    return str(connection.exec_driver_sql("SHOW server_version").scalar())


def settings(connection: sa.Connection) -> Iterator[Setting]:
    """How the server is set where a ledger's safety turns on it."""
    asked = sa.text("SELECT name, setting FROM pg_settings WHERE name = ANY(:names) ORDER BY name")
    found = {row[0]: row[1] for row in connection.execute(asked, {"names": list(SETTINGS)})}
    for name, (wanted, harm) in SETTINGS.items():
        value = str(found.get(name, "off"))
        right = value == wanted or value in _AS_GOOD.get(name, ())
        yield Setting(name, value, right, harm, name not in _MILD)


def size(connection: sa.Connection) -> int:
    """How many bytes the database has on the server's disk."""
    query = "SELECT pg_database_size(current_database())"
    return int(connection.exec_driver_sql(query).scalar_one())


def role(connection: sa.Connection) -> tuple[str, bool, bool]:
    """Who is asking, whether they may record, and whether they may lay the guards aside."""
    query = """
        SELECT current_user, has_table_privilege('public.entry', 'INSERT'),
               (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
               OR pg_has_role((SELECT relowner FROM pg_class WHERE oid = 'public.entry'::regclass),
                              'USAGE')
    """
    name, records, owns = connection.exec_driver_sql(query).one()
    return str(name), bool(records), bool(owns)


def checks_indexes(connection: sa.Connection) -> bool:
    """Whether the server can be asked to hold indexes against tables: it has `amcheck` for us.

    https://www.postgresql.org/docs/current/amcheck.html
    """
    query = """
        SELECT COALESCE(bool_or(has_function_privilege(p.oid, 'EXECUTE')), false)
          FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e'
          JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'amcheck'
         WHERE p.proname = 'bt_index_check'
    """
    return bool(connection.exec_driver_sql(query).scalar())


def damage(connection: sa.Connection) -> Iterator[str]:
    """What the server finds wrong with the indexes of the ledger, if it can be asked."""
    if not checks_indexes(connection):
        return
    schema = connection.exec_driver_sql(
        "SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'amcheck'"
    ).scalar_one()
    indexes = connection.exec_driver_sql(
        "SELECT i.indexrelid::regclass::text FROM pg_index i"
        " JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam"
        " WHERE a.amname = 'btree' AND c.relnamespace = 'public'::regnamespace"
        " AND i.indisvalid ORDER BY 1"
    ).scalars()
    for index in indexes.all():
        question = f"SELECT {schema}.bt_index_check(CAST(:index AS regclass), true)"
        within = connection.begin_nested()
        try:
            connection.execute(sa.text(question), {"index": index})
        except sa.exc.DBAPIError as error:
            within.rollback()
            yield f"index {index}: {error.orig}".partition("\n")[0]
        else:
            within.commit()
