"""Who may do what with a ledger on a server: three roles of its own, and who is in them.

The roles are groups that nobody logs in as, named after the database, so that two ledgers on one
server have each their own: `desk_reader`, `desk_analyst`, `desk_owner`. What each may do the server
itself keeps to, whatever program asks. A ledger in a file knows no roles.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from ledger import schema
from ledger.errors import LedgerError, NotFoundError, StoreError
from ledger.rules import shown
from ledger.store import Store

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql

#: Each may do what the ones before it may, and more.
ROLES = {
    "reader": "reads: reports, exports, searches and SQL",
    "analyst": "records as well: adds claims and judges them, and alters nothing recorded",
    "owner": "may do all: upgrades the ledger, and gives and takes roles",
}

#: A role that every server has: it reads all tables, and may do nothing else.
_READS_ALL = "pg_read_all_data"

#: A longer name is cut by the server, without a word.
_LONGEST_NAME = 63

#: Tables that nobody adds rows to: the migrations made them, or a guard writes them for the owner.
_NEVER_WRITTEN = ("stance", "status", "alembic_version", "awaited_entry")


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who is in a role: `user` as the server knows them, whether they may log in."""

    user: str
    role: str
    login: bool


def named(database: str, role: str) -> str:
    """What the server calls a role of the ledger in a database."""
    name = f"{database}_{role}"
    if len(name.encode()) <= _LONGEST_NAME:
        return name
    mark = sha256(database.encode()).hexdigest()[:8]
    kept = database.encode()[: _LONGEST_NAME - len(f"_{mark}_{role}")].decode(errors="ignore")
    return f"{kept}_{mark}_{role}"


def readers(database: str) -> tuple[str, ...]:
    """The roles that may only read a ledger, the one to take first."""
    return named(database, "reader"), _READS_ALL


def grant(
    store: Store, role: str, user: str, *, login: bool = False, password: str | None = None
) -> bool:
    """Put `user` into a role of the ledger; False where they are in it already.

    The three roles are made, and what they may do set right, each time. With `login` the user is
    made where there is none, with a `password` if one is given; the server is sent its SCRAM
    verifier and never the password. Raises NotFoundError where there is no such user, LedgerError
    where they have a higher role or a login that was to be made is there, StoreError where the
    server does not let one.
    """
    with _session(store) as session:
        session.make_roles()
        if login:
            session.make_login(user, password)
        session.must_be_there(user)
        held = session.role_of(user)
        if held == role:
            return False
        if held is not None and _rank(held) > _rank(role):
            raise LedgerError(
                f"{shown(user)} is {_a(held)}, which is more",
                f"to take that away: `ledger revoke {held} {user}`",
            )
        # Who owns the ledger may let others own it.
        session.give(role, user, admin=role == "owner")
        if held is not None:
            session.take(held, user)
        return True


def revoke(store: Store, role: str, user: str) -> None:
    """Take `user` out of a role of the ledger; their login stays.

    Raises NotFoundError where they are not in it, StoreError where the server does not let one.
    """
    with _session(store) as session:
        session.must_be_there(user)
        if not any(member.user == user and member.role == role for member in session.members()):
            held = session.role_of(user)
            raise NotFoundError(
                f"{shown(user)} is no {role} of {store.name}",
                f"{shown(user)} is {_a(held)}" if held else "`ledger grant` lists who is what",
            )
        session.take(role, user)


def members(store: Store) -> list[Member]:
    """Everybody who is in a role of the ledger, by role from the highest, then by name."""
    with _session(store, reads=True) as session:
        return session.members()


def _a(role: str) -> str:
    return f"an {role}" if role[0] in "ao" else f"a {role}"


def _rank(role: str) -> int:
    return list(ROLES).index(role)


@contextmanager
def _session(store: Store, *, reads: bool = False) -> Iterator["_Session"]:
    if store.dialect != "postgresql":
        raise StoreError(
            f"{store.name} is a file, and roles are a server's: who may write a file may write all "
            "of it",
            "set who may read and write the file by its permissions; docs/team.md tells how a file "
            "becomes a ledger on a server",
        )
    with store.look() if reads else store.writer() as connection:
        yield _Session(connection.connection.driver_connection)


class _Session:
    """One transaction in which roles are looked at, given and taken."""

    def __init__(self, connection: Any) -> None:
        self._connection: psycopg.Connection[Any] = connection
        self.database: str = connection.info.dbname

    def role(self, role: str) -> str:
        """What the server calls a role of this ledger."""
        return named(self.database, role)

    def run(self, statement: str, *names: "str | sql.Composable") -> None:
        """Carry out a statement with names, quoted, in its places."""
        from psycopg import sql

        parts = [sql.Identifier(name) if isinstance(name, str) else name for name in names]
        # A name may hold what psycopg takes for the place of a value, so it gets the plain bytes.
        self._connection.execute(sql.SQL(statement).format(*parts).as_bytes(self._connection))

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows that answer a question."""
        return self._connection.execute(query.encode(), values).fetchall()

    def make_roles(self) -> None:
        """Make the three roles where they are not there, and set right what each may do."""
        there = dict(
            self.ask(
                "SELECT rolname, rolcanlogin OR rolsuper FROM pg_roles"
                " WHERE rolname = ANY (%s) ORDER BY rolname",
                [self.role(role) for role in ROLES],
            )
        )
        for role in ROLES:
            name = self.role(role)
            if name not in there:
                self._must_make_roles()
                self.run("CREATE ROLE {} NOLOGIN", name)
            elif there[name]:
                raise StoreError(
                    f"{shown(name)} is somebody's login on that server, and no group of this "
                    "ledger's",
                    "rename that login, or the ledger's database",
                )
        self.give("reader", self.role("analyst"))
        self.give("analyst", self.role("owner"), admin=True)
        self.give("reader", self.role("owner"), admin=True)
        ((user, owns),) = self.ask(
            "SELECT CURRENT_USER::text, pg_has_role(to_regrole(quote_ident(%s)), 'USAGE')",
            self.role("owner"),
        )
        if not owns:
            # From 16 on, who makes a role may give it on, but is not in it.
            also = "" if self._knows_grantors() else " WITH ADMIN OPTION"
            self.run(f"GRANT {{}} TO {{}}{also}", self.role("owner"), user)
        self._hand_over()
        self._set_right()

    def give(self, role: str, user: str, *, admin: bool = False) -> None:
        """Put a user or a role into a role, to give it on if `admin`, where they are not yet."""
        found = self.ask(
            "SELECT 1 FROM pg_auth_members WHERE roleid = to_regrole(quote_ident(%s))"
            " AND member = to_regrole(quote_ident(%s)) AND admin_option >= %s",
            self.role(role),
            user,
            admin,
        )
        if found:
            return
        names = [self.role(role), user]
        statement = f"GRANT {{}} TO {{}}{' WITH ADMIN OPTION' * admin}"
        if self._knows_grantors() and self._gives(role):
            # In the name of them all, so that whoever owns the ledger may take it away again.
            statement, names = f"{statement} GRANTED BY {{}}", [*names, self.role("owner")]
        self.run(statement, *names)

    def _gives(self, role: str) -> bool:
        """Whether the owner's role may give this one, which it cannot do of itself."""
        return bool(
            self.ask(
                "SELECT 1 FROM pg_auth_members WHERE roleid = to_regrole(quote_ident(%s))"
                " AND member = to_regrole(quote_ident(%s)) AND admin_option",
                self.role(role),
                self.role("owner"),
            )
        )

    def _must_make_roles(self) -> None:
        ((may, user),) = self.ask(
            "SELECT rolsuper OR rolcreaterole, rolname FROM pg_roles WHERE rolname = CURRENT_USER"
        )
        if not may:
            raise StoreError(
                f"{shown(user)} may not make roles on that server",
                f"its administrator may let you: ALTER ROLE {user} CREATEROLE; or may run "
                "`ledger grant` once",
            )

    def _hand_over(self) -> None:
        """Make the owner's role the owner of all that is the ledger's."""
        owner = self.role("owner")
        if self._owns_the_rest():
            self.run("GRANT USAGE, CREATE ON SCHEMA public TO {}", owner)
        own = "NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = o.oid AND d.deptype = 'e')"
        things = self.ask(
            "SELECT CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,"  # noqa: S608
            " o.oid::regclass::text FROM pg_class o"
            " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'S', 'p')"
            f" AND pg_get_userbyid(relowner) <> %s AND {own}"
            " UNION ALL"
            " SELECT 'FUNCTION', o.oid::regprocedure::text FROM pg_proc o"
            " WHERE pronamespace = 'public'::regnamespace"
            f" AND pg_get_userbyid(proowner) <> %s AND {own}"
            " ORDER BY 1, 2",
            owner,
            owner,
        )
        from psycopg import sql

        for kind, thing in things:  # quoted by the server, where it must be
            self.run("ALTER {} {} OWNER TO {}", sql.SQL(kind), sql.SQL(thing), owner)

    def _set_right(self) -> None:
        """What each role may do; what everybody may do by being let in is taken away."""
        reader, analyst = self.role("reader"), self.role("analyst")
        if self._owns_the_rest():
            self.run("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
            self.run("REVOKE ALL ON DATABASE {} FROM PUBLIC", self.database)
            self.run("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}", self.database, reader)
            self.run("GRANT USAGE ON SCHEMA public TO {}", reader)
        self.run("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {}", reader)
        self.run(
            "ALTER DEFAULT PRIVILEGES FOR ROLE {} IN SCHEMA public GRANT SELECT ON TABLES TO {}",
            self.role("owner"),
            reader,
        )
        for name in self._written():
            self.run("GRANT INSERT ON {} TO {}", name, analyst)
        for table, _ in schema.VERSIONED.values():
            columns = [column.name for column in table.c if column.name != "id"]
            self.run(f"GRANT UPDATE ({', '.join(['{}'] * len(columns))}) ON {{}} TO {{}}",
                     *columns, table.name, analyst)  # fmt: skip
        # Who records locks a row of it, which is what that takes. A guard refuses any change.
        self.run("GRANT UPDATE (code) ON stance TO {}", analyst)
        self._limit_disk(reader)

    def _knows_grantors(self) -> bool:
        """Whether the server keeps apart who put whom into a role, and what for."""
        return self._connection.info.server_version >= 160_000

    def _owns_the_rest(self) -> bool:
        """Whether the database and its schema are one's own, beside what is in them."""
        ((owns,),) = self.ask(
            "SELECT pg_has_role(d.datdba, 'USAGE') AND pg_has_role(n.nspowner, 'USAGE')"
            " FROM pg_database d, pg_namespace n"
            " WHERE d.datname = current_database() AND n.nspname = 'public'"
        )
        return bool(owns)

    def _written(self) -> list[str]:
        """The tables that whoever records adds rows to."""
        rows = self.ask(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p') AND relname <> ALL (%s) ORDER BY relname",
            list(_NEVER_WRITTEN),
        )
        return [name for (name,) in rows]

    def _limit_disk(self, reader: str) -> None:
        """Let readers have a limit on what their sorting puts on the server's disk."""
        ((may,),) = self.ask(
            "SELECT rolsuper AND current_setting('temp_file_limit') = '-1'"
            " FROM pg_roles WHERE rolname = CURRENT_USER"
        )
        if may:
            self.run("GRANT SET ON PARAMETER temp_file_limit TO {}", reader)

    def make_login(self, user: str, password: str | None) -> None:
        """Make a user who may log in; LedgerError where there is one."""
        from psycopg import sql

        if self._is_there(user):
            raise LedgerError(
                f"{shown(user)} may log in to that server already", "leave --login out"
            )
        self._must_make_roles()
        if len(user.encode()) > _LONGEST_NAME:
            raise LedgerError(
                f"{shown(user)} is too long for a user's name",
                f"at most {_LONGEST_NAME} bytes of UTF-8",
            )
        if password is None:
            self.run("CREATE ROLE {} LOGIN", user)
            return
        verifier = self._connection.pgconn.encrypt_password(
            password.encode(), user.encode(), b"scram-sha-256"
        )
        self.run("CREATE ROLE {} LOGIN PASSWORD {}", user, sql.Literal(verifier.decode()))

    def must_be_there(self, user: str) -> None:
        """Refuse a user whom the server does not know: NotFoundError."""
        if not self._is_there(user):
            raise NotFoundError(
                f"there is no {shown(user)} on that server",
                f"--login makes one: `ledger grant reader {user} --login --password`",
            )

    def _is_there(self, user: str) -> bool:
        return bool(self.ask("SELECT 1 FROM pg_roles WHERE rolname = %s", user))

    def members(self) -> list[Member]:
        """Who is in the three roles, not counting one role in another."""
        names = {self.role(role): role for role in ROLES}
        # Who made a role may give it, and need not be in it.
        within = " AND (a.inherit_option OR a.set_option)" if self._knows_grantors() else ""
        rows = self.ask(
            "SELECT DISTINCT m.rolname, g.rolname, m.rolcanlogin"  # noqa: S608
            " FROM pg_auth_members a JOIN pg_roles g ON g.oid = a.roleid"
            " JOIN pg_roles m ON m.oid = a.member"
            f" WHERE g.rolname = ANY (%s) AND m.rolname <> ALL (%s){within} ORDER BY 1, 2",
            list(names),
            list(names),
        )
        found = [Member(user, names[group], login) for user, group, login in rows]
        return sorted(found, key=lambda each: (-_rank(each.role), each.user))

    def role_of(self, user: str) -> str | None:
        """The highest role that a user is in."""
        return next((each.role for each in self.members() if each.user == user), None)

    def take(self, role: str, user: str) -> None:
        """Take a user out of a role, whoever put them in."""
        name = self.role(role)
        by: Sequence[tuple[Any, ...]] = [()]
        if self._knows_grantors():
            by = self.ask(
                "SELECT DISTINCT pg_get_userbyid(grantor) FROM pg_auth_members"
                " WHERE roleid = to_regrole(quote_ident(%s))"
                " AND member = to_regrole(quote_ident(%s)) ORDER BY 1",
                name,
                user,
            )
        for grantors in by:
            self.run("REVOKE {} FROM {}" + " GRANTED BY {}" * len(grantors), name, user, *grantors)
