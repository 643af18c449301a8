"""${message}

House rules: written by hand (autogenerate turns views into tables and loses CHECKs), frozen once
released, imports nothing from `ledger`. Where a table must be rebuilt, recreate its guards and the
views, and check the foreign keys after. Runs on SQLite and PostgreSQL.
"""

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
