"""Notes what the newest migration makes of a server's catalogue, for `ledger.cataloguing`.

`python -m tests.postgresql.catalogues` runs the migrations on a server (see `servers`) and writes
the file of the newest revision. Run it on release 15 and on one from 16 on: they tell views
differently. A test holds the file against the migrations.
"""

import json
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ledger import cataloguing, migrate, schema
from tests.postgresql.servers import a_server

FOLDER = Path(cataloguing.__file__).parent / "catalogues"


def noted(connection: sa.Connection, kept: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What the file is to say: what a server lists, and what it says of other releases."""
    found: dict[str, dict[str, Any]] = {}
    for (kind, name), said in cataloguing.every_digest(connection).items():
        before = kept.get(kind, {}).get(name)
        found.setdefault(kind, {})[name] = (
            {**(before or {}), **said} if isinstance(said, dict) else said
        )
    return found


def main() -> None:
    path = FOLDER / f"postgresql_{schema.REVISION}.json"
    kept = json.loads(path.read_text()) if path.exists() else {}
    with a_server() as server:
        engine = sa.create_engine(server.set(drivername="postgresql+psycopg"))
        with engine.connect() as connection, connection.begin() as transaction:
            migrate.run(connection)
            found = noted(connection, kept)
            transaction.rollback()
        engine.dispose()
    FOLDER.mkdir(exist_ok=True)
    path.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    sys.stdout.write(f"{path}: {sum(map(len, found.values()))} things\n")


if __name__ == "__main__":
    main()
