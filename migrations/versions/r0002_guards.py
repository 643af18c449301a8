"""The guards: versions are kept by the database itself, and nothing recorded is rewritten.

An UPDATE moves the old version to the history twin; a DELETE, an UPDATE of history or of an
entry, and SQLite's INSERT OR REPLACE and UPDATE OR REPLACE are refused. A guard is a lock on an
honest hand, not a seal: who drops it is found by `ledger verify`, which recomputes the hashes.

Frozen, and for SQLite and PostgreSQL.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

# Per versioned table: the column that names a row for people (or none), then the columns after id.
TABLES: dict[str, tuple[str | None, str]] = {
    "source": ("name", "name kind member_of_id side reliability merged_into_id note"),
    "source_alias": ("name", "source_id name"),
    "event": ("slug", "slug title place latitude longitude started_on ended_on note"),
    "proposition": (
        "slug",
        "slug text kind unit population event_id verdict finding_low finding_high because note",
    ),
    "document": (
        "slug",
        (
            "slug title url publisher_id published_on language sha256 retrieved_at archive_url"
            " text note"
        ),
    ),
    "claim": (
        None,
        (
            "proposition_id source_id stance basis low high wording quote quote_prefix"
            " quote_suffix document_id via_id attribution answers_id repeats_id stated_on"
            " stated_precision status because note"
        ),
    ),
    "evidence": (None, "claim_id on_claim_id on_document_id note"),
}

VOCABULARIES = ("stance", "status")

KEPT = "nothing is ever deleted; withdraw it instead"
REWRITTEN = "a recorded version is never rewritten; record a new one"
CLOSED = "a row belongs to the entry that is being written, and to no other"
FORGED = "history is kept by updates alone"
UNCHAINED = "an entry follows the newest one and names its hash"
FIXED = "the vocabularies belong to the program; only a migration changes them"
NO_PREVIOUS = "0" * 64

#: The number of the entry that is being written: rows come first, the entry itself last.
OPEN_ENTRY = "(SELECT COALESCE(MAX(id), 0) + 1 FROM entry)"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def _guard_sqlite() -> None:
    for table, (key, columns) in TABLES.items():
        twin = f"{table}_history"
        names = ["id", *columns.split(), "entry_id", "leaf"]
        old = ", ".join(f"OLD.{name}" for name in names)
        same_key = f" OR {key} = NEW.{key}" if key else ""
        _refuse(f"{table}_keep", f"DELETE ON {table}", KEPT)
        _refuse(
            f"{table}_append",
            f"INSERT ON {table}",
            CLOSED,
            f"NEW.entry_id <> {OPEN_ENTRY}",
        )
        _refuse(
            f"{table}_no_replace",
            f"INSERT ON {table}",
            REWRITTEN,
            f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id{same_key})",
        )
        _refuse(
            f"{table}_no_rewrite",
            f"UPDATE ON {table}",
            REWRITTEN,
            f"NEW.id <> OLD.id OR NEW.entry_id <= OLD.entry_id OR NEW.entry_id <> {OPEN_ENTRY}",
        )
        if key:
            _refuse(
                f"{table}_no_replace_by_update",
                f"UPDATE OF {key} ON {table}",
                REWRITTEN,
                f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key} AND id <> OLD.id)",
            )
        op.execute(
            f"CREATE TRIGGER {table}_version AFTER UPDATE ON {table} BEGIN"
            f" INSERT INTO {twin} ({', '.join(names)}, until_entry_id)"
            f" VALUES ({old}, NEW.entry_id); END"
        )
        _refuse(f"{twin}_keep", f"DELETE ON {twin}", KEPT)
        _refuse(f"{twin}_no_rewrite", f"UPDATE ON {twin}", REWRITTEN)
        _refuse(
            f"{twin}_no_replace",
            f"INSERT ON {twin}",
            FORGED,
            f"EXISTS (SELECT 1 FROM {twin} WHERE id = NEW.id AND entry_id = NEW.entry_id)"
            f" OR NEW.until_entry_id <> {OPEN_ENTRY}"
            f" OR NOT EXISTS (SELECT 1 FROM {table}"
            " WHERE id = NEW.id AND entry_id = NEW.until_entry_id)",
        )
    _refuse("entry_keep", "DELETE ON entry", KEPT)
    _refuse("entry_no_rewrite", "UPDATE ON entry", REWRITTEN)
    _refuse(
        "entry_append",
        "INSERT ON entry",
        UNCHAINED,
        f"NEW.id <> {OPEN_ENTRY} OR NEW.previous <> COALESCE("
        f"(SELECT hash FROM entry ORDER BY id DESC LIMIT 1), '{NO_PREVIOUS}')"
        # REPLACE would take away the entry that has this hash.
        " OR EXISTS (SELECT 1 FROM entry WHERE hash = NEW.hash)",
    )
    for table in VOCABULARIES:
        for change in ("INSERT", "UPDATE", "DELETE"):
            _refuse(f"{table}_no_{change.lower()}", f"{change} ON {table}", FIXED)


def _refuse(trigger: str, what: str, why: str, when: str | None = None) -> None:
    condition = f" WHEN {when}" if when else ""
    op.execute(
        f"CREATE TRIGGER {trigger} BEFORE {what}{condition} BEGIN SELECT RAISE(ABORT, '{why}'); END"
    )


def _guard_postgresql() -> None:
    op.execute(
        """
        CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END
        $$
        """
    )
    op.execute(
        f"""
        CREATE FUNCTION ledger_chain() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.id <> {OPEN_ENTRY}
               OR NEW.previous <> COALESCE(
                   (SELECT hash FROM entry ORDER BY id DESC LIMIT 1), '{NO_PREVIOUS}') THEN
                RAISE EXCEPTION '{UNCHAINED}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END
        $$
        """
    )
    op.execute(
        f"""
        CREATE FUNCTION ledger_append() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.entry_id <> {OPEN_ENTRY} THEN
                RAISE EXCEPTION '{CLOSED}' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END
        $$
        """
    )
    for table, (_, columns) in TABLES.items():
        twin = f"{table}_history"
        names = ["id", *columns.split(), "entry_id", "leaf"]
        old = ", ".join(f"OLD.{name}" for name in names)
        op.execute(
            f"""
            CREATE FUNCTION ledger_version_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NEW.id <> OLD.id OR NEW.entry_id <= OLD.entry_id
                   OR NEW.entry_id <> {OPEN_ENTRY} THEN
                    RAISE EXCEPTION '{REWRITTEN}'
                        USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                INSERT INTO {twin} ({", ".join(names)}, until_entry_id)
                VALUES ({old}, NEW.entry_id);
                RETURN NEW;
            END
            $$
            """
        )
        op.execute(
            f"""
            CREATE FUNCTION ledger_join_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NEW.until_entry_id <> {OPEN_ENTRY}
                   OR NOT EXISTS (SELECT 1 FROM {table}
                                   WHERE id = NEW.id AND entry_id = NEW.until_entry_id) THEN
                    RAISE EXCEPTION '{FORGED}'
                        USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                RETURN NEW;
            END
            $$
            """
        )
        _refuse_postgresql(f"{table}_keep", f"DELETE OR TRUNCATE ON {table}", KEPT)
        _refuse_postgresql(f"{twin}_keep", f"DELETE OR TRUNCATE ON {twin}", KEPT)
        _refuse_postgresql(f"{twin}_no_rewrite", f"UPDATE ON {twin}", REWRITTEN)
        _each_row(f"{table}_append", f"BEFORE INSERT ON {table}", "ledger_append")
        _each_row(f"{table}_version", f"AFTER UPDATE ON {table}", f"ledger_version_{table}")
        _each_row(f"{twin}_no_replace", f"BEFORE INSERT ON {twin}", f"ledger_join_{table}")
    _refuse_postgresql("entry_keep", "DELETE OR TRUNCATE ON entry", KEPT)
    _refuse_postgresql("entry_no_rewrite", "UPDATE ON entry", REWRITTEN)
    _each_row("entry_append", "BEFORE INSERT ON entry", "ledger_chain")
    for table in VOCABULARIES:
        _refuse_postgresql(
            f"{table}_fixed", f"INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}", FIXED
        )


def _refuse_postgresql(trigger: str, what: str, why: str) -> None:
    op.execute(
        f"CREATE TRIGGER {trigger} BEFORE {what} FOR EACH STATEMENT"
        f" EXECUTE FUNCTION ledger_refuse('{why}')"
    )


def _each_row(trigger: str, when: str, function: str) -> None:
    op.execute(f"CREATE TRIGGER {trigger} {when} FOR EACH ROW EXECUTE FUNCTION {function}()")
