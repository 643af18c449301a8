"""The tables: singular, holding ids, each with a history twin that keeps every older version.

The migrations make them; this module is how the program speaks of them. A test compares the two,
down to the constraints. The public names for reading are in `ledger.views`.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from ledger.canonical import timestamp
from ledger.errors import StoreError

#: Every schema revision, oldest first; the last is the one this program speaks.
REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008")
REVISION = REVISIONS[-1]

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

#: Whole numbers that may pass 2**31: INTEGER on SQLite, BIGINT on PostgreSQL.
Whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class Moment(sa.types.TypeDecorator[datetime]):
    """A moment in UTC, whole seconds: ISO 8601 text with `Z` on SQLite, timestamptz elsewhere."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        """Text on SQLite, a real timestamp where there is one."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.Text())
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        """A moment on its way in."""
        if value is None or dialect.name != "sqlite":
            return value
        return timestamp(value)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        """A moment on its way out; StoreError if another hand has stored no moment."""
        if value is None:
            return None
        try:
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise StoreError(
                f"{value!r} is no moment: another hand has written it", "`ledger verify` finds it"
            ) from None
        return moment.astimezone(UTC)


def _either(column: str, words: Iterable[str]) -> str:
    """An OR chain: as a CHECK it costs nothing on SQLite, where IN (…) doubles a row's cost."""
    return " OR ".join(f"{column} = '{word}'" for word in words)


stance = sa.Table(
    "stance",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("side", sa.Text, nullable=False),
    sa.Column("meaning", sa.Text, nullable=False),
    sa.Column("example", sa.Text, nullable=False),
)

status = sa.Table(
    "status",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("meaning", sa.Text, nullable=False),
    sa.Column("admiralty", sa.Text),
    sa.Column("airwars", sa.Text),
    sa.Column("averitec", sa.Text),
    sa.Column("rumour", sa.Text),
)

entry = sa.Table(
    "entry",
    metadata,
    sa.Column("id", Whole, primary_key=True, autoincrement=False),
    sa.Column("recorded_at", Moment, nullable=False),
    sa.Column("recorded_by", sa.Text, nullable=False),
    sa.Column("message", sa.Text),
    sa.Column("root", sa.Text, nullable=False),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.UniqueConstraint("previous"),
    sa.UniqueConstraint("hash"),
    sa.CheckConstraint("length(root) = 64", name="root"),
    sa.CheckConstraint("length(previous) = 64", name="previous"),
    sa.CheckConstraint("length(hash) = 64", name="hash"),
)


def _id() -> sa.Column[int]:
    return sa.Column("id", Whole, primary_key=True, autoincrement=False)


def _to(table: str, column: str, *, required: bool = False, index: bool = False) -> sa.Column[int]:
    # Deferred, so that the rows of one entry may be written in any order.
    foreign_key = sa.ForeignKey(f"{table}.id", deferrable=True, initially="DEFERRED")
    return sa.Column(column, Whole, foreign_key, nullable=not required, index=index)


def _code(table: str, *, default: str | None = None) -> sa.Column[str]:
    return sa.Column(
        table, sa.Text, sa.ForeignKey(f"{table}.code"), nullable=False, server_default=default
    )


def _words(column: str, *, default: str) -> sa.Column[str]:
    return sa.Column(column, sa.Text, nullable=False, server_default=default)


def _versioned(name: str, *parts: sa.schema.SchemaItem) -> tuple[sa.Table, sa.Table]:
    """A table and its history twin.

    The twin has the same columns, the versions' `until_entry_id` (the entry that replaced it) and
    no foreign key but to the entries: an old version points to rows, and rows are never deleted.
    """
    table = sa.Table(
        name,
        metadata,
        *parts,
        _to("entry", "entry_id", required=True, index=True),
        # The version's own leaf hash, so that `verify` can say which row of an entry was altered.
        sa.Column("leaf", sa.LargeBinary, nullable=False),
    )
    twin = sa.Table(
        f"{name}_history",
        metadata,
        *(sa.Column(column.name, column.type, nullable=column.nullable) for column in table.c),
        _to("entry", "until_entry_id", required=True, index=True),
        sa.PrimaryKeyConstraint("id", "entry_id"),
        sa.CheckConstraint("until_entry_id > entry_id", name="order"),
        sa.Index(f"ix_{name}_history_entry_id", "entry_id"),
        # With a rowid, REPLACE could take a version away by a key that no guard sees.
        sqlite_with_rowid=False,
    )
    return table, twin


source, source_history = _versioned(
    "source",
    _id(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text),
    _to("source", "member_of_id"),
    sa.Column("side", sa.Text),
    sa.Column("reliability", sa.Text),
    _to("source", "merged_into_id"),
    sa.Column("note", sa.Text),
    sa.UniqueConstraint("name"),
    sa.CheckConstraint(
        _either(
            "kind",
            ("person", "organisation", "government", "armed-actor", "outlet", "witness", "unnamed"),
        ),
        name="kind",
    ),
    sa.CheckConstraint(_either("reliability", "ABCDEF"), name="reliability"),
    sa.CheckConstraint("member_of_id <> id", name="member_of"),
    sa.CheckConstraint("merged_into_id <> id", name="merged_into"),
)

source_alias, source_alias_history = _versioned(
    "source_alias",
    _id(),
    _to("source", "source_id", required=True, index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.UniqueConstraint("name"),
)

event, event_history = _versioned(
    "event",
    _id(),
    sa.Column("slug", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("place", sa.Text),
    # Decimal degrees as text: 35.4 and 35.400000 say different things, and the hash has no floats.
    sa.Column("latitude", sa.Text),
    sa.Column("longitude", sa.Text),
    sa.Column("started_on", sa.Date),
    sa.Column("ended_on", sa.Date),
    sa.Column("note", sa.Text),
    sa.UniqueConstraint("slug"),
    sa.CheckConstraint("started_on <= ended_on", name="dates"),
)

proposition, proposition_history = _versioned(
    "proposition",
    _id(),
    sa.Column("slug", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("unit", sa.Text),
    sa.Column("population", sa.Text),
    _to("event", "event_id", index=True),
    _words("verdict", default="open"),
    sa.Column("finding_low", Whole),
    sa.Column("finding_high", Whole),
    sa.Column("because", sa.Text),
    sa.Column("note", sa.Text),
    sa.UniqueConstraint("slug"),
    sa.CheckConstraint(_either("kind", ("fact", "count")), name="kind"),
    sa.CheckConstraint(
        _either("verdict", ("open", "supported", "refuted", "mixed", "unprovable")), name="verdict"
    ),
    sa.CheckConstraint("verdict = 'open' OR because IS NOT NULL", name="because"),
    sa.CheckConstraint("kind = 'fact' OR unit IS NOT NULL", name="unit"),
    sa.CheckConstraint("finding_low >= 0", name="finding_low"),
    sa.CheckConstraint("finding_high >= 0", name="finding_high"),
    sa.CheckConstraint("finding_low <= finding_high", name="finding"),
)

document, document_history = _versioned(
    "document",
    _id(),
    sa.Column("slug", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("url", sa.Text),
    _to("source", "publisher_id"),
    sa.Column("published_on", sa.Date),
    sa.Column("language", sa.Text),
    sa.Column("sha256", sa.Text),
    sa.Column("retrieved_at", Moment),
    sa.Column("archive_url", sa.Text),
    sa.Column("text", sa.Text),
    sa.Column("note", sa.Text),
    sa.UniqueConstraint("slug"),
    sa.CheckConstraint("length(sha256) = 64", name="sha256"),
    sa.Index("ix_document_url", "url"),
)

claim, claim_history = _versioned(
    "claim",
    _id(),
    _to("proposition", "proposition_id", required=True),
    _to("source", "source_id", required=True),
    _code("stance"),
    _words("basis", default="unknown"),
    sa.Column("low", Whole),
    sa.Column("high", Whole),
    sa.Column("wording", sa.Text),
    sa.Column("quote", sa.Text),
    sa.Column("quote_prefix", sa.Text),
    sa.Column("quote_suffix", sa.Text),
    _to("document", "document_id"),
    _to("source", "via_id"),
    _words("attribution", default="named"),
    _to("claim", "answers_id"),
    _to("claim", "repeats_id"),
    sa.Column("stated_on", sa.Date),
    sa.Column("stated_precision", sa.Text),
    _code("status", default="unreviewed"),
    sa.Column("because", sa.Text),
    sa.Column("note", sa.Text),
    sa.CheckConstraint("low >= 0", name="low"),
    sa.CheckConstraint("high >= 0", name="high"),
    sa.CheckConstraint("low <= high", name="range"),
    sa.CheckConstraint(
        _either("basis", ("witnessed", "told", "induced", "deduced", "unknown")), name="basis"
    ),
    sa.CheckConstraint(
        _either("attribution", ("named", "unnamed", "uncertain")), name="attribution"
    ),
    sa.CheckConstraint(
        _either("stated_precision", ("day", "month", "year")), name="stated_precision"
    ),
    sa.CheckConstraint("(stated_on IS NULL) = (stated_precision IS NULL)", name="stated"),
    sa.CheckConstraint("status = 'unreviewed' OR because IS NOT NULL", name="because"),
    sa.CheckConstraint("answers_id <> id", name="answers"),
    sa.CheckConstraint("repeats_id <> id", name="repeats"),
    sa.CheckConstraint("via_id <> source_id", name="via"),
    # The reports group claims by proposition and stance without touching the rows themselves.
    sa.Index(
        "ix_claim_position", "proposition_id", "stance", "source_id", "stated_on", "low", "high"
    ),
    sa.Index("ix_claim_source_id_status", "source_id", "status"),
    sa.Index("ix_claim_document_id", "document_id"),
    # Partial on PostgreSQL too; to say so here would load that dialect at every start.
    sa.Index(
        "ix_claim_answers_id",
        "answers_id",
        sqlite_where=sa.text("answers_id IS NOT NULL"),
    ),
    sa.Index(
        "ix_claim_repeats_id",
        "repeats_id",
        sqlite_where=sa.text("repeats_id IS NOT NULL"),
    ),
    sa.Index("ix_claim_via_id", "via_id", sqlite_where=sa.text("via_id IS NOT NULL")),
)

evidence, evidence_history = _versioned(
    "evidence",
    _id(),
    _to("claim", "claim_id", required=True, index=True),
    _to("claim", "on_claim_id"),
    _to("document", "on_document_id"),
    sa.Column("note", sa.Text),
    sa.CheckConstraint("(on_claim_id IS NULL) <> (on_document_id IS NULL)", name="on"),
    sa.CheckConstraint("on_claim_id <> claim_id", name="on_claim"),
)

#: What a finding of `ledger check` may be on.
SUBJECTS = ("claim", "source", "proposition", "event", "document")

acceptance, acceptance_history = _versioned(
    "acceptance",
    _id(),
    sa.Column("check_name", sa.Text, nullable=False),
    *(_to(table, f"{table}_id") for table in SUBJECTS),
    # The finding in words, as it was accepted: one that has come to say something else is not.
    sa.Column("finding", sa.Text, nullable=False),
    sa.Column("because", sa.Text, nullable=False),
    sa.Column("taken_back", sa.Text),
    # CAST, since PostgreSQL adds no truth values up.
    sa.CheckConstraint(
        " + ".join(f"CAST({table}_id IS NULL AS INTEGER)" for table in SUBJECTS) + " = 4",
        name="subject",
    ),
)

#: Which entries of another ledger were taken in, and which of its rows are which of ours: a run of
#: rows that follow on one another there and here; `kind` is their table.
receipt, receipt_history = _versioned(
    "receipt",
    _id(),
    sa.Column("their_entry", Whole, nullable=False),
    sa.Column("their_hash", sa.Text, nullable=False),
    sa.Column("their_recorded_at", Moment, nullable=False),
    sa.Column("their_recorded_by", sa.Text, nullable=False),
    sa.Column("kind", sa.Text),
    sa.Column("how", sa.Text),
    sa.Column("first", Whole),
    sa.Column("their_first", Whole),
    sa.Column("many", Whole, nullable=False),
    sa.CheckConstraint("length(their_hash) = 64", name="their_hash"),
    sa.CheckConstraint(_either("how", ("new", "same")), name="how"),
    # An entry of theirs of which no row was taken in is named without rows.
    sa.CheckConstraint(
        "(kind IS NULL) = (many = 0) AND (kind IS NULL) = (how IS NULL)"
        " AND (kind IS NULL) = (first IS NULL) AND (kind IS NULL) = (their_first IS NULL)",
        name="rows",
    ),
    sa.Index("ix_receipt_kind_first", "kind", "first"),
)

#: Every versioned table with its twin, by name, in the order in which an entry's leaves stand.
VERSIONED: dict[str, tuple[sa.Table, sa.Table]] = {
    table.name: (table, twin)
    for table, twin in sorted(
        (
            (source, source_history),
            (source_alias, source_alias_history),
            (event, event_history),
            (proposition, proposition_history),
            (document, document_history),
            (claim, claim_history),
            (evidence, evidence_history),
            (acceptance, acceptance_history),
            (receipt, receipt_history),
        ),
        key=lambda pair: pair[0].name,
    )
}

#: Columns of a version that its leaf does not cover: the leaf itself, and where it ended.
NOT_HASHED = frozenset({"leaf", "until_entry_id"})

#: The columns of each table that name it for people and must be unique, if it has one.
NATURAL_KEYS = {
    "source": "name",
    "source_alias": "name",
    "event": "slug",
    "proposition": "slug",
    "document": "slug",
}
