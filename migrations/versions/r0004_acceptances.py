"""Acceptances: findings of `ledger check` that an analyst lets stand, and why.

A table with its history twin, guards and view, each as the tables before it have them. Frozen, and
for SQLite and PostgreSQL.
"""

from alembic import op

revision = "0004"
down_revision = "0003"

SUBJECTS = ("claim", "source", "proposition", "event", "document")

COLUMNS = (
    "id {whole} NOT NULL",
    "check_name TEXT NOT NULL",
    *(f"{subject}_id {{whole}}" for subject in SUBJECTS),
    "finding TEXT NOT NULL",
    "because TEXT NOT NULL",
    "taken_back TEXT",
    "entry_id {whole} NOT NULL",
    "leaf {bytes} NOT NULL",
)
NAMES = tuple(column.split()[0] for column in COLUMNS)

CONSTRAINTS = (
    "pk_acceptance PRIMARY KEY (id)",
    "ck_acceptance_subject CHECK ("
    + " + ".join(f"CAST({subject}_id IS NULL AS INTEGER)" for subject in SUBJECTS)
    + " = 4)",
    *(
        f"fk_acceptance_{target}_id FOREIGN KEY ({target}_id)"
        f" REFERENCES {target} (id) DEFERRABLE INITIALLY DEFERRED"
        for target in (*SUBJECTS, "entry")
    ),
)
TWIN_CONSTRAINTS = (
    "pk_acceptance_history PRIMARY KEY (id, entry_id)",
    (
        "fk_acceptance_history_until_entry_id FOREIGN KEY (until_entry_id)"
        " REFERENCES entry (id) DEFERRABLE INITIALLY DEFERRED"
    ),
    "ck_acceptance_history_order CHECK (until_entry_id > entry_id)",
)

INDEXES = (
    "ix_acceptance_entry_id ON acceptance (entry_id)",
    "ix_acceptance_history_entry_id ON acceptance_history (entry_id)",
    "ix_acceptance_history_until_entry_id ON acceptance_history (until_entry_id)",
)

VIEW = """
    SELECT a.id AS id, a.check_name AS check_name,
           CASE WHEN a.claim_id IS NOT NULL THEN 'claim' WHEN a.source_id IS NOT NULL THEN 'source'
                WHEN a.proposition_id IS NOT NULL THEN 'proposition'
                WHEN a.event_id IS NOT NULL THEN 'event' ELSE 'document' END AS subject,
           a.claim_id AS claim, s.name AS source, p.slug AS proposition, e.slug AS event,
           d.slug AS document, a.finding AS finding, a.because AS because,
           a.taken_back AS taken_back, a.entry_id AS entry, n.recorded_at AS recorded_at,
           n.recorded_by AS recorded_by
      FROM acceptance a
      JOIN entry n ON n.id = a.entry_id
      LEFT JOIN source s ON s.id = a.source_id
      LEFT JOIN proposition p ON p.id = a.proposition_id
      LEFT JOIN event e ON e.id = a.event_id
      LEFT JOIN document d ON d.id = a.document_id
"""

KEPT = "nothing is ever deleted; withdraw it instead"
REWRITTEN = "a recorded version is never rewritten; record a new one"
CLOSED = "a row belongs to the entry that is being written, and to no other"
FORGED = "history is kept by updates alone"

#: The number of the entry that is being written: rows come first, the entry itself last.
OPEN_ENTRY = "(SELECT COALESCE(MAX(id), 0) + 1 FROM entry)"

OLD = ", ".join(f"OLD.{name}" for name in NAMES)
MOVE = (
    f"INSERT INTO acceptance_history ({', '.join(NAMES)}, until_entry_id)"
    f" VALUES ({OLD}, NEW.entry_id);"
)
MOVED = (
    "NEW.id <> OLD.id OR NEW.entry_id <= OLD.entry_id"
    f" OR NEW.entry_id <> {OPEN_ENTRY}"
)  # fmt: skip
STRANGE = (
    f"NEW.until_entry_id <> {OPEN_ENTRY}"
    " OR NOT EXISTS (SELECT 1 FROM acceptance WHERE id = NEW.id"
    " AND entry_id = NEW.until_entry_id)"
)


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    types = {
        "whole": "BIGINT" if postgresql else "INTEGER",
        "bytes": "BYTEA" if postgresql else "BLOB",
    }
    columns = [column.format(**types) for column in COLUMNS]
    until = "until_entry_id {whole} NOT NULL".format(**types)
    # With a rowid, REPLACE could take a version away by a key that no guard sees.
    storage = "" if postgresql else " WITHOUT ROWID"
    _create("acceptance", [*columns, *_named(CONSTRAINTS)])
    _create("acceptance_history", [*columns, until, *_named(TWIN_CONSTRAINTS)], storage)
    for index in INDEXES:
        op.execute(f"CREATE INDEX {index}")
    if postgresql:
        _guard_postgresql()
    else:
        _guard_sqlite()
    op.execute(f"CREATE VIEW acceptances AS {VIEW.strip()}")


def _named(constraints: tuple[str, ...]) -> list[str]:
    return [f"CONSTRAINT {constraint}" for constraint in constraints]


def _create(table: str, parts: list[str], storage: str = "") -> None:
    body = ",\n".join(parts)
    op.execute(f"CREATE TABLE {table} (\n{body}\n){storage}")


def _guard_sqlite() -> None:
    there = "SELECT 1 FROM {} WHERE id = NEW.id"
    version = there.format("acceptance_history") + " AND entry_id = NEW.entry_id"
    for guard, what, why, when in (
        ("acceptance_keep", "DELETE ON acceptance", KEPT, ""),
        ("acceptance_append", "INSERT ON acceptance", CLOSED, f"NEW.entry_id <> {OPEN_ENTRY}"),
        (
            "acceptance_no_replace",
            "INSERT ON acceptance",
            REWRITTEN,
            f"EXISTS ({there.format('acceptance')})",
        ),
        ("acceptance_no_rewrite", "UPDATE ON acceptance", REWRITTEN, MOVED),
        ("acceptance_history_keep", "DELETE ON acceptance_history", KEPT, ""),
        ("acceptance_history_no_rewrite", "UPDATE ON acceptance_history", REWRITTEN, ""),
        (
            "acceptance_history_no_replace",
            "INSERT ON acceptance_history",
            FORGED,
            f"EXISTS ({version}) OR {STRANGE}",
        ),
    ):
        condition = f" WHEN {when}" if when else ""
        op.execute(
            f"CREATE TRIGGER {guard} BEFORE {what}{condition}"
            f" BEGIN SELECT RAISE(ABORT, '{why}'); END"
        )
    op.execute(
        f"CREATE TRIGGER acceptance_version AFTER UPDATE ON acceptance BEGIN {MOVE} END"
    )  # fmt: skip


def _guard_postgresql() -> None:
    """By the functions of the second revision, and two of the table's own."""
    for function, condition, why, then in (
        ("ledger_version_acceptance", MOVED, REWRITTEN, MOVE),
        ("ledger_join_acceptance", STRANGE, FORGED, ""),
    ):
        op.execute(
            f"""
            CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF {condition} THEN
                    RAISE EXCEPTION '{why}' USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                {then}
                RETURN NEW;
            END
            $$
            """
        )
    for guard, what, run in (
        ("acceptance_keep", "BEFORE DELETE OR TRUNCATE ON acceptance", f"ledger_refuse('{KEPT}')"),
        (
            "acceptance_history_keep",
            "BEFORE DELETE OR TRUNCATE ON acceptance_history",
            f"ledger_refuse('{KEPT}')",
        ),
        (
            "acceptance_history_no_rewrite",
            "BEFORE UPDATE ON acceptance_history",
            f"ledger_refuse('{REWRITTEN}')",
        ),
        ("acceptance_append", "BEFORE INSERT ON acceptance", "ledger_append()"),
        ("acceptance_version", "AFTER UPDATE ON acceptance", "ledger_version_acceptance()"),
        (
            "acceptance_history_no_replace",
            "BEFORE INSERT ON acceptance_history",
            "ledger_join_acceptance()",
        ),
    ):
        each = "STATEMENT" if run.startswith("ledger_refuse") else "ROW"
        op.execute(f"CREATE TRIGGER {guard} {what} FOR EACH {each} EXECUTE FUNCTION {run}")
