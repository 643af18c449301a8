"""Full text on PostgreSQL, and guards there that very many rows at once do not slow.

Words and where they stand are kept as `tsvector`, which the program's one writer makes word by
word: no text search configuration of the server has a part in it, so that the same words are found
as on SQLite. A version's number is made as there, of its entry and its row. A text that passes what
one `tsvector` holds stands in parts, in a table of their own, each with its first word's place.

That a row belongs to the entry that is being written was asked row by row; it is asked once of all
rows that a statement adds. Row by row, COPY cannot write rows together. And what claims name was
looked up for each column of each, at two fifths of an import's cost: it is looked at once, when the
entry that wrote them is, which is after them. Rows are never deleted, so what was there is there.

SQLite, which has both since the sixth revision and the second, is left as it is. Frozen.
"""

from alembic import op

revision = "0007"
down_revision = "0006"

WORDS = {
    "claim_text": ("size INTEGER NOT NULL", "PRIMARY KEY (number) INCLUDE (size)"),
    "claim_part": ("first INTEGER NOT NULL", "PRIMARY KEY (number, first)"),
    "name_text": ("first INTEGER NOT NULL", "PRIMARY KEY (number, first)"),
}

VIEW = """
    SELECT c.id AS claim, t.words AS words
      FROM claim_text t
      JOIN claim c ON c.id = (t.number & 4294967295) AND c.entry_id = (t.number >> 32)
     UNION ALL
    SELECT c.id AS claim, p.words AS words
      FROM claim_part p
      JOIN claim c ON c.id = (p.number & 4294967295) AND c.entry_id = (p.number >> 32)
"""

VERSIONED = (
    "acceptance",
    "claim",
    "document",
    "event",
    "evidence",
    "proposition",
    "receipt",
    "source",
    "source_alias",
)

#: What claims name, by column.
LINKS = {
    "proposition_id": "proposition",
    "source_id": "source",
    "via_id": "source",
    "document_id": "document",
    "answers_id": "claim",
    "repeats_id": "claim",
    "stance": "stance",
    "status": "status",
}

UNLINKED = "a claim names what is not there"
CLOSED = "a row belongs to the entry that is being written, and to no other"

#: The number of the entry that is being written: rows come first, the entry itself last.
OPEN_ENTRY = "(SELECT COALESCE(MAX(id), 0) + 1 FROM entry)"


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, (column, key) in WORDS.items():
        op.execute(
            f"CREATE TABLE {table} (number BIGINT NOT NULL, {column}, words TSVECTOR NOT NULL,"
            f" CONSTRAINT pk_{table} {key})"
        )
        op.execute(f"CREATE INDEX ix_{table}_words ON {table} USING gin (words)")
    op.execute(f"CREATE VIEW texts AS {VIEW.strip()}")
    op.execute(
        f"""
        CREATE FUNCTION ledger_appended() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT 1 FROM added WHERE entry_id <> {OPEN_ENTRY}) THEN
                RAISE EXCEPTION '{CLOSED}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NULL;
        END
        $$
        """
    )
    for table in VERSIONED:
        op.execute(f"DROP TRIGGER {table}_append ON {table}")
        op.execute(
            f"CREATE TRIGGER {table}_append AFTER INSERT ON {table}"
            " REFERENCING NEW TABLE AS added FOR EACH STATEMENT"
            " EXECUTE FUNCTION ledger_appended()"
        )
    op.execute("DROP FUNCTION ledger_append()")
    _link()


def _link() -> None:
    """Look at the links of an entry's claims together: each number once, in one pass."""
    sets = ", ".join(f"({column})" for column in LINKS)
    lost = " OR ".join(
        f"(n.{column} IS NOT NULL AND NOT EXISTS"
        f" (SELECT 1 FROM {table} t WHERE t.{'id' if column.endswith('_id') else 'code'}"
        f" = n.{column}))"
        for column, table in LINKS.items()
    )
    # Planned for each entry anew: a plan that suits an import reads the whole table for one claim.
    op.execute(
        f"""
        CREATE FUNCTION ledger_linked() RETURNS trigger LANGUAGE plpgsql
        SET plan_cache_mode = force_custom_plan AS $$
        BEGIN
            IF EXISTS (
                SELECT 1
                  FROM (SELECT {", ".join(LINKS)} FROM claim
                         WHERE entry_id = NEW.id GROUP BY GROUPING SETS ({sets})) AS n
                 WHERE {lost}
            ) THEN
                RAISE EXCEPTION '{UNLINKED}' USING ERRCODE = 'foreign_key_violation';
            END IF;
            RETURN NULL;
        END
        $$
        """
    )
    op.execute(
        "CREATE TRIGGER entry_linked AFTER INSERT ON entry"
        " FOR EACH ROW EXECUTE FUNCTION ledger_linked()"
    )
    for column in LINKS:
        op.execute(f"ALTER TABLE claim DROP CONSTRAINT fk_claim_{column}")
