"""A ledger on a test server, with a login of each role, and all that could be altered in it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql

from ledger import journal, migrate, roles, schema
from ledger.store.postgresql import PostgreSQLStore
from tests.build import (
    NOON,
    SPARE,
    a_claim,
    a_document,
    a_receipt,
    an_acceptance,
    an_event,
)

Row = tuple[Any, ...]

#: What somebody else may have left in the database, and let everybody use.
_TOOLS = """
    CREATE SCHEMA tools;
    CREATE FUNCTION tools.steal() RETURNS int LANGUAGE sql SECURITY DEFINER
        AS 'DELETE FROM public.claim; SELECT 1';
    CREATE FUNCTION tools.same(int, int) RETURNS bool LANGUAGE sql SECURITY DEFINER
        AS 'DELETE FROM public.claim; SELECT true';
    CREATE OPERATOR tools.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = tools.same);
    CREATE VIEW tools.everything AS SELECT * FROM pg_authid;
    CREATE TABLE tools.note (word text);
    CREATE DOMAIN tools.word AS text CHECK (length(VALUE) < 9);
    GRANT USAGE ON SCHEMA tools TO PUBLIC;
    GRANT SELECT ON ALL TABLES IN SCHEMA tools TO PUBLIC;
"""

#: Roles are a server's: those of another test process's ledgers, which have its number in their
#: names, come and go meanwhile.
_CATALOGUE = """
    SELECT relname, relkind::text, relacl::text, relowner::text FROM pg_class
     WHERE relnamespace IN ('public'::regnamespace, 'tools'::regnamespace)
     UNION ALL SELECT tgname, tgenabled::text, '', '' FROM pg_trigger
     UNION ALL SELECT proname, prosrc, '', '' FROM pg_proc WHERE oid > 16384
     UNION ALL SELECT rolname, rolcanlogin::text, rolsuper::text, '' FROM pg_roles
      WHERE rolname !~ '_[0-9]+_' OR starts_with(rolname, current_database())
     UNION ALL SELECT 'objects', count(*)::text, '', '' FROM pg_largeobject_metadata
     ORDER BY 1, 2
"""


@dataclass(frozen=True)
class Desk:
    """A ledger of two entries on a server, opened by a login of each role."""

    address: sa.URL
    stores: dict[str, PostgreSQLStore]
    admin: "psycopg.Connection[Any]"

    def connection(self, role: str) -> "psycopg.Connection[Any]":
        """A bare connection of a role's login, each statement by itself."""
        return psycopg.connect(_dsn(self.stores[role].url), autocommit=True)

    def content(self) -> list[Row]:
        """All that is in the database that a statement could have changed."""
        found = self.admin.execute(_CATALOGUE).fetchall()
        for name, kind, *_ in list(found):
            if kind == "r" and name != "note":
                query = sql.SQL("SELECT {0}::text FROM public.{0} ORDER BY 1")
                found += self.admin.execute(query.format(sql.Identifier(name))).fetchall()
        return found


def _dsn(url: sa.URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def a_desk(server: sa.URL, name: str) -> Iterator[Desk]:
    """A desk in a database of its own, which is gone afterwards, with its roles."""
    database = f"{name}_{os.getpid()}"
    address = server.set(database=database)
    store = PostgreSQLStore(address)
    migrate.create(store)
    _record(store)
    stores = {}
    for role in roles.ROLES:
        login = f"{database}_a_{role}"
        roles.grant(store, role, login, login=True, password="secret")
        stores[role] = PostgreSQLStore(address.set(username=login, password="secret"))
    with psycopg.connect(_dsn(address), autocommit=True) as admin:
        admin.execute(_TOOLS)
        yield Desk(address, stores, admin)
    _drop(server, database)


def _record(store: PostgreSQLStore) -> None:
    """A row of every table, then another version of each, and another claim."""
    with journal.entry(store, recorded_by="maria", recorded_at=NOON) as draft:
        an_event(draft)
        document = a_document(draft)
        claim = a_claim(draft, document_id=document)
        draft.insert("source_alias", {"source_id": 1, "name": "The Ministry"})
        draft.insert("evidence", {"claim_id": claim, "on_document_id": document})
        an_acceptance(draft, claim_id=claim)
        a_receipt(draft)
    with journal.entry(store, recorded_by="omar", recorded_at=NOON) as draft:
        a_claim(draft, source="Kremlin", stance="denies")
        for table in schema.VERSIONED:
            draft.update(table, 1, {SPARE.get(table, "note"): "another"})


def _drop(server: sa.URL, database: str) -> None:
    with psycopg.connect(_dsn(server), autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))
        named = [roles.named(database, role) for role in roles.ROLES]
        for each in [*(f"{database}_a_{role}" for role in roles.ROLES), *named]:
            admin.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(each)))
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(each)))
