"""Receipts: which entries of another ledger were taken in, and which of its rows are which of ours.

A table with its history twin, guards and view, each as the tables before it have them. Frozen, and
for SQLite and PostgreSQL.
"""

from alembic import op

revision = "0005"
down_revision = "0004"

COLUMNS = (
    "id {whole} NOT NULL",
    "their_entry {whole} NOT NULL",
    "their_hash TEXT NOT NULL",
    "their_recorded_at {moment} NOT NULL",
    "their_recorded_by TEXT NOT NULL",
    "kind TEXT",
    "how TEXT",
    "first {whole}",
    "their_first {whole}",
    "many {whole} NOT NULL",
    "entry_id {whole} NOT NULL",
    "leaf {bytes} NOT NULL",
)
NAMES = tuple(column.split()[0] for column in COLUMNS)

CONSTRAINTS = (
    "pk_receipt PRIMARY KEY (id)",
    "ck_receipt_their_hash CHECK (length(their_hash) = 64)",
    "ck_receipt_how CHECK (how = 'new' OR how = 'same')",
    (
        "ck_receipt_rows CHECK ((kind IS NULL) = (many = 0) AND (kind IS NULL) = (how IS NULL)"
        " AND (kind IS NULL) = (first IS NULL) AND (kind IS NULL) = (their_first IS NULL))"
    ),
    (
        "fk_receipt_entry_id FOREIGN KEY (entry_id)"
        " REFERENCES entry (id) DEFERRABLE INITIALLY DEFERRED"
    ),
)
TWIN_CONSTRAINTS = (
    "pk_receipt_history PRIMARY KEY (id, entry_id)",
    (
        "fk_receipt_history_until_entry_id FOREIGN KEY (until_entry_id)"
        " REFERENCES entry (id) DEFERRABLE INITIALLY DEFERRED"
    ),
    "ck_receipt_history_order CHECK (until_entry_id > entry_id)",
)

INDEXES = (
    "ix_receipt_kind_first ON receipt (kind, first)",
    "ix_receipt_entry_id ON receipt (entry_id)",
    "ix_receipt_history_entry_id ON receipt_history (entry_id)",
    "ix_receipt_history_until_entry_id ON receipt_history (until_entry_id)",
)

VIEW = """
    SELECT r.id AS id, r.their_entry AS their_entry, r.their_hash AS their_hash,
           r.their_recorded_at AS their_recorded_at, r.their_recorded_by AS their_recorded_by,
           r.kind AS kind, r.how AS how, r.first AS first, r.first + r.many - 1 AS last,
           r.their_first AS their_first, r.entry_id AS entry, n.recorded_at AS recorded_at,
           n.recorded_by AS recorded_by
      FROM receipt r
      JOIN entry n ON n.id = r.entry_id
"""

KEPT = "nothing is ever deleted; withdraw it instead"
REWRITTEN = "a recorded version is never rewritten; record a new one"
CLOSED = "a row belongs to the entry that is being written, and to no other"
FORGED = "history is kept by updates alone"

#: The number of the entry that is being written: rows come first, the entry itself last.
OPEN_ENTRY = "(SELECT COALESCE(MAX(id), 0) + 1 FROM entry)"

OLD = ", ".join(f"OLD.{name}" for name in NAMES)
MOVE = (
    f"INSERT INTO receipt_history ({', '.join(NAMES)}, until_entry_id)"
    f" VALUES ({OLD}, NEW.entry_id);"
)
MOVED = (
    "NEW.id <> OLD.id OR NEW.entry_id <= OLD.entry_id"
    f" OR NEW.entry_id <> {OPEN_ENTRY}"
)  # fmt: skip
STRANGE = (
    f"NEW.until_entry_id <> {OPEN_ENTRY}"
    " OR NOT EXISTS (SELECT 1 FROM receipt WHERE id = NEW.id"
    " AND entry_id = NEW.until_entry_id)"
)


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    types = {
        "whole": "BIGINT" if postgresql else "INTEGER",
        "bytes": "BYTEA" if postgresql else "BLOB",
        "moment": "TIMESTAMP WITH TIME ZONE" if postgresql else "TEXT",
    }
    columns = [column.format(**types) for column in COLUMNS]
    until = "until_entry_id {whole} NOT NULL".format(**types)
    # With a rowid, REPLACE could take a version away by a key that no guard sees.
    storage = "" if postgresql else " WITHOUT ROWID"
    _create("receipt", [*columns, *_named(CONSTRAINTS)])
    _create("receipt_history", [*columns, until, *_named(TWIN_CONSTRAINTS)], storage)
    for index in INDEXES:
        op.execute(f"CREATE INDEX {index}")
    if postgresql:
        _guard_postgresql()
    else:
        _guard_sqlite()
    op.execute(f"CREATE VIEW receipts AS {VIEW.strip()}")


def _named(constraints: tuple[str, ...]) -> list[str]:
    return [f"CONSTRAINT {constraint}" for constraint in constraints]


def _create(table: str, parts: list[str], storage: str = "") -> None:
    body = ",\n".join(parts)
    op.execute(f"CREATE TABLE {table} (\n{body}\n){storage}")


def _guard_sqlite() -> None:
    there = "SELECT 1 FROM {} WHERE id = NEW.id"
    version = there.format("receipt_history") + " AND entry_id = NEW.entry_id"
    for guard, what, why, when in (
        ("receipt_keep", "DELETE ON receipt", KEPT, ""),
        ("receipt_append", "INSERT ON receipt", CLOSED, f"NEW.entry_id <> {OPEN_ENTRY}"),
        (
            "receipt_no_replace",
            "INSERT ON receipt",
            REWRITTEN,
            f"EXISTS ({there.format('receipt')})",
        ),
        ("receipt_no_rewrite", "UPDATE ON receipt", REWRITTEN, MOVED),
        ("receipt_history_keep", "DELETE ON receipt_history", KEPT, ""),
        ("receipt_history_no_rewrite", "UPDATE ON receipt_history", REWRITTEN, ""),
        (
            "receipt_history_no_replace",
            "INSERT ON receipt_history",
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
        f"CREATE TRIGGER receipt_version AFTER UPDATE ON receipt BEGIN {MOVE} END"
    )  # fmt: skip


def _guard_postgresql() -> None:
    """By the functions of the second revision, and two of the table's own."""
    for function, condition, why, then in (
        ("ledger_version_receipt", MOVED, REWRITTEN, MOVE),
        ("ledger_join_receipt", STRANGE, FORGED, ""),
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
        ("receipt_keep", "BEFORE DELETE OR TRUNCATE ON receipt", f"ledger_refuse('{KEPT}')"),
        (
            "receipt_history_keep",
            "BEFORE DELETE OR TRUNCATE ON receipt_history",
            f"ledger_refuse('{KEPT}')",
        ),
        (
            "receipt_history_no_rewrite",
            "BEFORE UPDATE ON receipt_history",
            f"ledger_refuse('{REWRITTEN}')",
        ),
        ("receipt_append", "BEFORE INSERT ON receipt", "ledger_append()"),
        ("receipt_version", "AFTER UPDATE ON receipt", "ledger_version_receipt()"),
        (
            "receipt_history_no_replace",
            "BEFORE INSERT ON receipt_history",
            "ledger_join_receipt()",
        ),
    ):
        each = "STATEMENT" if run.startswith("ledger_refuse") else "ROW"
        op.execute(f"CREATE TRIGGER {guard} {what} FOR EACH {each} EXECUTE FUNCTION {run}")
