"""The tables, their history twins, and the reference vocabularies.

Frozen: what stands here is what the first ledgers were made with, so nothing is imported from
`ledger`. A test compares the result with `ledger.schema` and `ledger.model`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

REFERENCE = (
    """
    CREATE TABLE stance (
        code TEXT NOT NULL,
        side TEXT NOT NULL,
        meaning TEXT NOT NULL,
        example TEXT NOT NULL,
        CONSTRAINT pk_stance PRIMARY KEY (code)
    )
    """,
    """
    CREATE TABLE status (
        code TEXT NOT NULL,
        meaning TEXT NOT NULL,
        admiralty TEXT,
        airwars TEXT,
        averitec TEXT,
        rumour TEXT,
        CONSTRAINT pk_status PRIMARY KEY (code)
    )
    """,
)

ENTRY = """
    CREATE TABLE entry (
        id {whole} NOT NULL,
        recorded_at {moment} NOT NULL,
        recorded_by TEXT NOT NULL,
        message TEXT,
        root TEXT NOT NULL,
        previous TEXT NOT NULL,
        hash TEXT NOT NULL,
        CONSTRAINT pk_entry PRIMARY KEY (id),
        CONSTRAINT uq_entry_previous UNIQUE (previous),
        CONSTRAINT uq_entry_hash UNIQUE (hash),
        CONSTRAINT ck_entry_root CHECK (length(root) = 64),
        CONSTRAINT ck_entry_previous CHECK (length(previous) = 64),
        CONSTRAINT ck_entry_hash CHECK (length(hash) = 64)
    )
"""

# Per table: its columns ("name TYPE [NOT NULL] [DEFAULT …]", "-> table" for a reference), then its
# constraints. `id`, `entry_id` and `leaf` are in every one of them.
TABLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "source": (
        (
            "name TEXT NOT NULL",
            "kind TEXT",
            "member_of_id {whole} -> source",
            "side TEXT",
            "reliability TEXT",
            "merged_into_id {whole} -> source",
            "note TEXT",
        ),
        (
            "uq_source_name UNIQUE (name)",
            (
                "ck_source_kind CHECK (kind = 'person' OR kind = 'organisation'"
                " OR kind = 'government' OR kind = 'armed-actor' OR kind = 'outlet'"
                " OR kind = 'witness' OR kind = 'unnamed')"
            ),
            (
                "ck_source_reliability CHECK (reliability = 'A' OR reliability = 'B'"
                " OR reliability = 'C' OR reliability = 'D' OR reliability = 'E'"
                " OR reliability = 'F')"
            ),
            "ck_source_member_of CHECK (member_of_id <> id)",
            "ck_source_merged_into CHECK (merged_into_id <> id)",
        ),
    ),
    "source_alias": (
        ("source_id {whole} NOT NULL -> source", "name TEXT NOT NULL"),
        ("uq_source_alias_name UNIQUE (name)",),
    ),
    "event": (
        (
            "slug TEXT NOT NULL",
            "title TEXT NOT NULL",
            "place TEXT",
            "latitude TEXT",
            "longitude TEXT",
            "started_on DATE",
            "ended_on DATE",
            "note TEXT",
        ),
        ("uq_event_slug UNIQUE (slug)", "ck_event_dates CHECK (started_on <= ended_on)"),
    ),
    "proposition": (
        (
            "slug TEXT NOT NULL",
            "text TEXT NOT NULL",
            "kind TEXT NOT NULL",
            "unit TEXT",
            "population TEXT",
            "event_id {whole} -> event",
            "verdict TEXT DEFAULT 'open' NOT NULL",
            "finding_low {whole}",
            "finding_high {whole}",
            "because TEXT",
            "note TEXT",
        ),
        (
            "uq_proposition_slug UNIQUE (slug)",
            "ck_proposition_kind CHECK (kind = 'fact' OR kind = 'count')",
            (
                "ck_proposition_verdict CHECK (verdict = 'open' OR verdict = 'supported'"
                " OR verdict = 'refuted' OR verdict = 'mixed' OR verdict = 'unprovable')"
            ),
            "ck_proposition_because CHECK (verdict = 'open' OR because IS NOT NULL)",
            "ck_proposition_unit CHECK (kind = 'fact' OR unit IS NOT NULL)",
            "ck_proposition_finding_low CHECK (finding_low >= 0)",
            "ck_proposition_finding_high CHECK (finding_high >= 0)",
            "ck_proposition_finding CHECK (finding_low <= finding_high)",
        ),
    ),
    "document": (
        (
            "slug TEXT NOT NULL",
            "title TEXT NOT NULL",
            "url TEXT",
            "publisher_id {whole} -> source",
            "published_on DATE",
            "language TEXT",
            "sha256 TEXT",
            "retrieved_at {moment}",
            "archive_url TEXT",
            "text TEXT",
            "note TEXT",
        ),
        (
            "uq_document_slug UNIQUE (slug)",
            "ck_document_sha256 CHECK (length(sha256) = 64)",
        ),
    ),
    "claim": (
        (
            "proposition_id {whole} NOT NULL -> proposition",
            "source_id {whole} NOT NULL -> source",
            "stance TEXT NOT NULL -> stance.code",
            "basis TEXT DEFAULT 'unknown' NOT NULL",
            "low {whole}",
            "high {whole}",
            "wording TEXT",
            "quote TEXT",
            "quote_prefix TEXT",
            "quote_suffix TEXT",
            "document_id {whole} -> document",
            "via_id {whole} -> source",
            "attribution TEXT DEFAULT 'named' NOT NULL",
            "answers_id {whole} -> claim",
            "repeats_id {whole} -> claim",
            "stated_on DATE",
            "stated_precision TEXT",
            "status TEXT DEFAULT 'unreviewed' NOT NULL -> status.code",
            "because TEXT",
            "note TEXT",
        ),
        (
            "ck_claim_low CHECK (low >= 0)",
            "ck_claim_high CHECK (high >= 0)",
            "ck_claim_range CHECK (low <= high)",
            (
                "ck_claim_basis CHECK (basis = 'witnessed' OR basis = 'told' OR basis = 'induced'"
                " OR basis = 'deduced' OR basis = 'unknown')"
            ),
            (
                "ck_claim_attribution CHECK (attribution = 'named' OR attribution = 'unnamed'"
                " OR attribution = 'uncertain')"
            ),
            (
                "ck_claim_stated_precision CHECK (stated_precision = 'day'"
                " OR stated_precision = 'month' OR stated_precision = 'year')"
            ),
            "ck_claim_stated CHECK ((stated_on IS NULL) = (stated_precision IS NULL))",
            "ck_claim_because CHECK (status = 'unreviewed' OR because IS NOT NULL)",
            "ck_claim_answers CHECK (answers_id <> id)",
            "ck_claim_repeats CHECK (repeats_id <> id)",
            "ck_claim_via CHECK (via_id <> source_id)",
        ),
    ),
    "evidence": (
        (
            "claim_id {whole} NOT NULL -> claim",
            "on_claim_id {whole} -> claim",
            "on_document_id {whole} -> document",
            "note TEXT",
        ),
        (
            "ck_evidence_on CHECK ((on_claim_id IS NULL) <> (on_document_id IS NULL))",
            "ck_evidence_on_claim CHECK (on_claim_id <> claim_id)",
        ),
    ),
}

INDEXES = (
    "ix_source_alias_source_id ON source_alias (source_id)",
    "ix_proposition_event_id ON proposition (event_id)",
    "ix_document_url ON document (url)",
    # The reports group claims by proposition and stance without touching the rows themselves.
    "ix_claim_position ON claim (proposition_id, stance, source_id, stated_on, low, high)",
    "ix_claim_source_id_status ON claim (source_id, status)",
    "ix_claim_document_id ON claim (document_id)",
    "ix_claim_answers_id ON claim (answers_id) WHERE answers_id IS NOT NULL",
    "ix_claim_repeats_id ON claim (repeats_id) WHERE repeats_id IS NOT NULL",
    "ix_evidence_claim_id ON evidence (claim_id)",
)

STANCES = (
    ("asserts", "affirms", "says that it is so", "“More than 100 fighters died”"),
    (
        "concedes",
        "affirms",
        "says that it is so, against its own interest",
        "a government admits its own losses",
    ),
    ("denies", "denies", "says that it is not so", "“No such strike took place”"),
    (
        "disputes",
        "denies",
        "accepts the event, rejects the figure or the blame",
        "“There was a strike, but not dozens of dead”",
    ),
    (
        "cannot-confirm",
        "withholds",
        "says that it has no information to confirm it",
        "“We have seen no such reports”",
    ),
    (
        "cannot-rule-out",
        "withholds",
        "says that it may be so",
        "“It is possible that our citizens were there”",
    ),
    (
        "neither-confirms-nor-denies",
        "withholds",
        "refuses both in so many words",
        "“We neither confirm nor deny it”",
    ),
    ("no-comment", "withholds", "declines to speak", "“We do not comment on that”"),
    ("no-response", "withholds", "was asked and stayed silent", "did not answer a mail"),
    ("deflects", "withholds", "refers elsewhere", "“Ask the defence ministry”"),
    (
        "relays",
        "reports",
        "passes on what another said, without endorsing it",
        "a wire story quotes a ministry",
    ),
    ("questions", "reports", "raises doubt without denying", "“Where are the bodies?”"),
    (
        "retracts",
        "withdraws",
        "takes back its own earlier claim",
        "a correction withdraws a figure",
    ),
)

STATUSES = (
    ("unreviewed", "nobody has looked", None, "not yet assessed", None, None),
    (
        "confirmed",
        "established by independent origins, or conceded against interest",
        "1",
        "Confirmed",
        "Supported",
        "true",
    ),
    ("corroborated", "a second independent origin supports it", "2", "Fair", "Supported", "true"),
    (
        "unverified",
        "looked at, could not be established",
        "3",
        "Weak",
        "Not Enough Evidence",
        "unverified",
    ),
    (
        "contested",
        "credible origins on both sides",
        None,
        "Contested",
        "Conflicting Evidence/Cherrypicking",
        "unverified",
    ),
    ("doubtful", "evidence leans against", "4", None, None, "unverified"),
    ("refuted", "established to be untrue", "5", "Discounted", "Refuted", "false"),
    (
        "unverifiable",
        "cannot be judged from what can be had",
        "6",
        None,
        "Not Enough Evidence",
        "unverified",
    ),
    (
        "withdrawn",
        "entered in error; kept, and left out of reports",
        None,
        "duplicate",
        None,
        None,
    ),
)


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    types = {
        # On SQLite a primary key is the row's own number only if its type reads INTEGER.
        "whole": "BIGINT" if postgresql else "INTEGER",
        "bytes": "BYTEA" if postgresql else "BLOB",
        "moment": "TIMESTAMP WITH TIME ZONE" if postgresql else "TEXT",
    }
    for statement in (*REFERENCE, ENTRY):
        op.execute(statement.format(**types))
    for table, (columns, constraints) in TABLES.items():
        _create_versioned(table, columns, constraints, types)
    if postgresql:  # tables refer to one another in a ring, so the references come last
        for table, (columns, _) in TABLES.items():
            for reference in _references(table, columns):
                op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {reference}")
    for index in INDEXES:
        op.execute(f"CREATE INDEX {index}")
    _insert("stance", ("code", "side", "meaning", "example"), STANCES)
    _insert("status", ("code", "meaning", "admiralty", "airwars", "averitec", "rumour"), STATUSES)


def _create_versioned(
    table: str, columns: tuple[str, ...], constraints: tuple[str, ...], types: dict[str, str]
) -> None:
    declared = [
        "id {whole} NOT NULL",
        *columns,
        "entry_id {whole} NOT NULL -> entry",
        "leaf {bytes} NOT NULL",
    ]
    plain = [column.partition(" -> ")[0].format(**types) for column in declared]
    rules = [f"pk_{table} PRIMARY KEY (id)", *constraints]
    if types["whole"] == "INTEGER":  # SQLite cannot add a constraint later, and needs no order
        rules += _references(table, columns)
    body = ",\n".join([*plain, *(f"CONSTRAINT {rule}" for rule in rules)])
    op.execute(f"CREATE TABLE {table} (\n{body}\n)")

    twin = f"{table}_history"
    kept = [_without_default(column) for column in plain]
    until = "until_entry_id {whole} NOT NULL".format(**types)
    body = ",\n".join(
        [
            *kept,
            until,
            f"CONSTRAINT pk_{twin} PRIMARY KEY (id, entry_id)",
            (
                f"CONSTRAINT fk_{twin}_until_entry_id FOREIGN KEY (until_entry_id)"
                " REFERENCES entry (id) DEFERRABLE INITIALLY DEFERRED"
            ),
            f"CONSTRAINT ck_{twin}_order CHECK (until_entry_id > entry_id)",
        ]
    )
    # With a rowid, REPLACE could take a version away by a key that no guard sees.
    storage = "" if types["whole"] == "BIGINT" else " WITHOUT ROWID"
    op.execute(f"CREATE TABLE {twin} (\n{body}\n){storage}")
    op.execute(f"CREATE INDEX ix_{table}_entry_id ON {table} (entry_id)")
    op.execute(f"CREATE INDEX ix_{twin}_entry_id ON {twin} (entry_id)")
    op.execute(f"CREATE INDEX ix_{twin}_until_entry_id ON {twin} (until_entry_id)")


def _without_default(column: str) -> str:
    before, _, after = column.partition(" DEFAULT ")
    return f"{before} {after.partition(' ')[2]}".strip() if after else before


def _references(table: str, columns: tuple[str, ...]) -> list[str]:
    """Foreign keys, checked at commit, so that one entry's rows may be written in any order."""
    found = []
    for column in (*columns, "entry_id {whole} NOT NULL -> entry"):
        declared, arrow, target = column.partition(" -> ")
        if arrow:
            name = declared.split()[0]
            other, _, key = target.partition(".")
            deferred = "" if key else " DEFERRABLE INITIALLY DEFERRED"
            found.append(
                f"fk_{table}_{name} FOREIGN KEY ({name})"
                f" REFERENCES {other} ({key or 'id'}){deferred}"
            )
    return found


def _insert(table: str, columns: tuple[str, ...], rows: tuple[tuple[str | None, ...], ...]) -> None:
    op.bulk_insert(
        sa.table(table, *(sa.column(column, sa.Text) for column in columns)),
        [dict(zip(columns, row, strict=True)) for row in rows],
    )
