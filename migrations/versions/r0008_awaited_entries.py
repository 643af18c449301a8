"""On PostgreSQL a claim waits for its entry by a row for them all, and not each by itself.

Rows come first and their entry last, so the foreign key from claims to entries was deferred: the
server noted every row that was written, and looked up the entry of each at COMMIT. Now a guard
notes the number of the entry once, in a table whose own foreign key to the entries is deferred; so
that no claim is kept without its entry still, whoever writes it. It notes a new version as it does
a new claim.

The guard acts for who owns the ledger, so that nobody else need be able to write to that table, and
looks for names in the ledger alone: a temporary table that is called as one of its own does not
stand before it. What was recorded before was held to its entry then, and is not noted; nor is what
a copy brings, which is verified whole.

SQLite, which looks up an entry once it is there, is left as it is. Frozen.
"""

from alembic import op

revision = "0008"
down_revision = "0007"

KEPT = "nothing is ever deleted; withdraw it instead"
REWRITTEN = "a recorded version is never rewritten; record a new one"
CLOSED = "a row belongs to the entry that is being written, and to no other"

#: The number of the entry that is being written: rows come first, the entry itself last.
OPEN_ENTRY = "(SELECT COALESCE(MAX(id), 0) + 1 FROM entry)"


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(
        """
        CREATE TABLE awaited_entry (
            entry_id BIGINT NOT NULL,
            CONSTRAINT pk_awaited_entry PRIMARY KEY (entry_id),
            CONSTRAINT fk_awaited_entry_entry_id FOREIGN KEY (entry_id) REFERENCES entry (id)
                DEFERRABLE INITIALLY DEFERRED
        )
        """
    )
    _refuse("awaited_entry_keep", "DELETE OR TRUNCATE", KEPT)
    _refuse("awaited_entry_no_rewrite", "UPDATE", REWRITTEN)
    op.execute(
        f"""
        CREATE FUNCTION ledger_awaited() RETURNS trigger LANGUAGE plpgsql
        SECURITY DEFINER SET search_path = public, pg_temp AS $$
        DECLARE
            written CONSTANT BIGINT := {OPEN_ENTRY};
        BEGIN
            IF EXISTS (SELECT 1 FROM added WHERE entry_id <> written) THEN
                RAISE EXCEPTION '{CLOSED}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            INSERT INTO awaited_entry (entry_id)
            SELECT written WHERE EXISTS (SELECT 1 FROM added)
            ON CONFLICT (entry_id) DO NOTHING;
            RETURN NULL;
        END
        $$
        """
    )
    op.execute("REVOKE EXECUTE ON FUNCTION ledger_awaited() FROM PUBLIC")
    op.execute("DROP TRIGGER claim_append ON claim")
    _await("claim_append", "INSERT")
    _await("claim_awaited", "UPDATE")
    op.execute("ALTER TABLE claim DROP CONSTRAINT fk_claim_entry_id")


def _refuse(trigger: str, what: str, why: str) -> None:
    op.execute(
        f"CREATE TRIGGER {trigger} BEFORE {what} ON awaited_entry FOR EACH STATEMENT"
        f" EXECUTE FUNCTION ledger_refuse('{why}')"
    )


def _await(trigger: str, what: str) -> None:
    op.execute(
        f"CREATE TRIGGER {trigger} AFTER {what} ON claim REFERENCING NEW TABLE AS added"
        " FOR EACH STATEMENT EXECUTE FUNCTION ledger_awaited()"
    )
