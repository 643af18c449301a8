"""What makes every name answer as it did when an earlier entry was the newest."""

from collections.abc import Iterator

from ledger import schema
from ledger.views import POSTGRESQL_VIEWS, SQLITE_VIEWS, TEXTS

#: What a connection needs that asks the view of texts: SQLite takes FTS5 for safe in no stored view
#: while `trusted_schema` is off, but in a temporary one.
SEARCHED_VIEW = f"CREATE TEMP VIEW {TEXTS.name} AS {TEXTS.sql}"


#: Where the tables themselves are, whatever lies over them.
HOMES = {"sqlite": "main", "postgresql": "public"}


def narrowing(as_of: int, dialect: str = "sqlite") -> Iterator[str]:
    """What lays temporary views over the tables, so that every name answers as of an entry.

    A temporary name is found before the table's own, on SQLite and PostgreSQL alike, so no query
    needs to know. What was current then is what was written by then and is current still, or was
    replaced after.
    """
    home = HOMES[dialect]
    for table, twin in schema.VERSIONED.values():
        columns = ", ".join(column.name for column in table.c)
        kept = f"SELECT {columns} FROM {home}.{table.name} WHERE entry_id <= {as_of:d}"  # noqa: S608
        replaced = (
            f"SELECT {columns} FROM {home}.{twin.name}"  # noqa: S608
            f" WHERE entry_id <= {as_of:d} AND until_entry_id > {as_of:d}"
        )
        yield f"CREATE TEMP VIEW {table.name} AS {kept} UNION ALL {replaced}"
        yield (
            f"CREATE TEMP VIEW {twin.name} AS"  # noqa: S608
            f" SELECT * FROM {home}.{twin.name} WHERE until_entry_id <= {as_of:d}"
        )
    yield f"CREATE TEMP VIEW entry AS SELECT * FROM {home}.entry WHERE id <= {as_of:d}"  # noqa: S608
    for view in SQLITE_VIEWS if dialect == "sqlite" else POSTGRESQL_VIEWS:
        yield f"CREATE TEMP VIEW {view.name} AS {view.sql}"
