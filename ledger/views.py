"""The public views: plural, names spelt out, stable; the interface for SQL, CSV and other tools.

Each view is told here column by column, for `ledger sql --schema` and docs/views.md. Its SQL runs
on SQLite and PostgreSQL alike and names tables without a schema, so that the same text, made
temporary over narrowed tables, answers as of an earlier entry (see `ledger.store`).
"""

from dataclasses import dataclass

import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class View:
    """A public view: its name, one sentence, each column's meaning in order, and its SELECT."""

    name: str
    meaning: str
    columns: dict[str, str]
    sql: str

    @property
    def kinds(self) -> dict[str, str]:
        """What its columns hold that hold no text, as `ledger.formats` names it."""
        return {name: kind for name in self.columns if (kind := _KINDS.get(name))}

    @property
    def table(self) -> sa.TableClause:
        """The view as something to select from."""
        return sa.table(self.name, *(sa.column(column) for column in self.columns))


_KINDS = {
    **dict.fromkeys(("id", "entry", "claim", "answers", "repeats", "on_claim"), "whole"),
    **dict.fromkeys(("low", "high", "finding_low", "finding_high"), "whole"),
    **dict.fromkeys(("first", "last", "their_first", "their_entry"), "whole"),
    **dict.fromkeys(("recorded_at", "assessed_at", "retrieved_at", "their_recorded_at"), "moment"),
    **dict.fromkeys(("published_on", "started_on", "ended_on"), "day"),
    "attached": "flag",
}

_ENTRY = {
    "entry": "number of the entry that wrote this version",
    "recorded_at": "when it was recorded, UTC",
    "recorded_by": "the analyst who recorded it",
}


def _stated(claim: str) -> str:
    """SQL for the day, month or year a claim was stated on, as exact as it is known."""
    text = f"CAST({claim}.stated_on AS TEXT)"
    return (
        f"CASE {claim}.stated_precision WHEN 'year' THEN substr({text}, 1, 4)"
        f" WHEN 'month' THEN substr({text}, 1, 7) ELSE {text} END"
    )


CLAIMS = View(
    "claims",
    "One row a claim: a source takes a stance on a proposition in a document.",
    {
        "claim": "the claim's number",
        "event": "slug of the event that the proposition is about",
        "proposition": "slug of the proposition",
        "proposition_text": "the sentence in question",
        "kind": "fact (yes or no) or count (how many)",
        "unit": "what is counted, for a count",
        "source": "who speaks",
        "source_kind": "person, organisation, government, armed-actor, outlet, witness, unnamed",
        "source_side": "the side the source stands on",
        "member_of": "the source that this source belongs to",
        "stance": "what the source does with the proposition (table stance)",
        "side": "the way the stance points: affirms, denies, withholds, reports, withdraws",
        "basis": "how the source knows: witnessed, told, induced, deduced, unknown",
        "low": "lowest number said (or, with a denying stance, rejected); empty: open",
        "high": "highest number said (or rejected), inclusive; empty: open",
        "wording": "the source's own number words",
        "quote": "the words quoted",
        "quote_prefix": "the text just before the quote, where it is needed to find it",
        "quote_suffix": "the text just after the quote, where it is needed to find it",
        "document": "slug of the document it was published in",
        "document_title": "the document's title",
        "via": "who relayed it",
        "attribution": "named, unnamed, or uncertain (the document does not make clear who spoke)",
        "answers": "number of the claim it answers",
        "non_denial_of": "slug of the proposition it answers without denying it: the claim denies "
        "only its own, other proposition",
        "repeats": "number of the claim it merely repeats",
        "stated_on": "when it was said: a day, a month (2018-02) or a year (2018)",
        "status": "the analyst's verification status (table status)",
        "because": "why it has that status",
        "note": "the analyst's note",
        **_ENTRY,
    },
    f"""
    SELECT c.id AS claim, e.slug AS event, p.slug AS proposition, p.text AS proposition_text,
           p.kind AS kind, p.unit AS unit, s.name AS source, s.kind AS source_kind,
           s.side AS source_side, o.name AS member_of, c.stance AS stance, t.side AS side,
           c.basis AS basis, c.low AS low, c.high AS high, c.wording AS wording, c.quote AS quote,
           c.quote_prefix AS quote_prefix, c.quote_suffix AS quote_suffix, d.slug AS document,
           d.title AS document_title, v.name AS via, c.attribution AS attribution,
           c.answers_id AS answers,
           CASE WHEN t.side = 'denies' AND a.proposition_id <> c.proposition_id THEN q.slug END
               AS non_denial_of,
           c.repeats_id AS repeats, {_stated("c")} AS stated_on, c.status AS status,
           c.because AS because, c.note AS note, c.entry_id AS entry, n.recorded_at AS recorded_at,
           n.recorded_by AS recorded_by
      FROM claim c
      JOIN proposition p ON p.id = c.proposition_id
      JOIN source s ON s.id = c.source_id
      JOIN stance t ON t.code = c.stance
      JOIN entry n ON n.id = c.entry_id
      LEFT JOIN event e ON e.id = p.event_id
      LEFT JOIN source o ON o.id = s.member_of_id
      LEFT JOIN document d ON d.id = c.document_id
      LEFT JOIN source v ON v.id = c.via_id
      LEFT JOIN claim a ON a.id = c.answers_id
      LEFT JOIN proposition q ON q.id = a.proposition_id
    """,  # noqa: S608 - the parts are this module's own
)

PROPOSITIONS = View(
    "propositions",
    "One row a proposition: the thing in question, and the analyst's finding on it.",
    {
        "proposition": "its slug",
        "id": "its number",
        "text": "one sentence that can be affirmed or denied",
        "kind": "fact (yes or no) or count (how many)",
        "unit": "what is counted, for a count",
        "population": "among whom, for a count",
        "event": "slug of the event it is about",
        "verdict": "open, supported, refuted, mixed or unprovable",
        "finding_low": "lowest number found, for a count; empty: open",
        "finding_high": "highest number found, inclusive; empty: open",
        "because": "why the verdict is what it is",
        "note": "the analyst's note",
        **_ENTRY,
    },
    """
    SELECT p.slug AS proposition, p.id AS id, p.text AS text, p.kind AS kind, p.unit AS unit,
           p.population AS population, e.slug AS event, p.verdict AS verdict,
           p.finding_low AS finding_low, p.finding_high AS finding_high, p.because AS because,
           p.note AS note, p.entry_id AS entry, n.recorded_at AS recorded_at,
           n.recorded_by AS recorded_by
      FROM proposition p
      JOIN entry n ON n.id = p.entry_id
      LEFT JOIN event e ON e.id = p.event_id
    """,
)

SOURCES = View(
    "sources",
    "One row a source, merged ones left out: whoever speaks or relays.",
    {
        "source": "its name",
        "id": "its number",
        "kind": "person, organisation, government, armed-actor, outlet, witness, unnamed",
        "member_of": "the source it belongs to",
        "side": "the side it stands on",
        "reliability": "Admiralty grade A to F; F is “cannot be judged”; empty: never graded",
        "note": "the analyst's note",
        **_ENTRY,
    },
    """
    SELECT s.name AS source, s.id AS id, s.kind AS kind, o.name AS member_of, s.side AS side,
           s.reliability AS reliability, s.note AS note, s.entry_id AS entry,
           n.recorded_at AS recorded_at, n.recorded_by AS recorded_by
      FROM source s
      JOIN entry n ON n.id = s.entry_id
      LEFT JOIN source o ON o.id = s.member_of_id
     WHERE s.merged_into_id IS NULL
    """,
)

ALIASES = View(
    "aliases",
    "One row another name of a source: its aliases, and the names of sources merged into it.",
    {"alias": "the other name", "source": "the source's name", "id": "the source's number"},
    """
    SELECT a.name AS alias, COALESCE(m.name, s.name) AS source, COALESCE(m.id, s.id) AS id
      FROM source_alias a
      JOIN source s ON s.id = a.source_id
      LEFT JOIN source m ON m.id = s.merged_into_id
    UNION ALL
    SELECT s.name AS alias, m.name AS source, m.id AS id
      FROM source s
      JOIN source m ON m.id = s.merged_into_id
    """,
)

EVENTS = View(
    "events",
    "One row an event: something that happened, or is said to have.",
    {
        "event": "its slug",
        "id": "its number",
        "title": "what it is called here",
        "place": "where",
        "latitude": "decimal degrees north",
        "longitude": "decimal degrees east",
        "started_on": "first day",
        "ended_on": "last day",
        "note": "the analyst's note",
        **_ENTRY,
    },
    """
    SELECT e.slug AS event, e.id AS id, e.title AS title, e.place AS place,
           CAST(e.latitude AS DOUBLE PRECISION) AS latitude,
           CAST(e.longitude AS DOUBLE PRECISION) AS longitude, e.started_on AS started_on,
           e.ended_on AS ended_on, e.note AS note, e.entry_id AS entry,
           n.recorded_at AS recorded_at, n.recorded_by AS recorded_by
      FROM event e
      JOIN entry n ON n.id = e.entry_id
    """,
)

DOCUMENTS = View(
    "documents",
    "One row a document: where claims were published.",
    {
        "document": "its slug",
        "id": "its number",
        "title": "its title, as printed",
        "url": "where it is",
        "publisher": "the source that published it",
        "published_on": "the day it was published",
        "language": "language tag, such as en",
        "sha256": "SHA-256 of its text's bytes",
        "retrieved_at": "when it was fetched, UTC",
        "archive_url": "where an archived copy is",
        "attached": "1 where the text itself is in the ledger, else 0",
        "note": "the analyst's note",
        **_ENTRY,
    },
    """
    SELECT d.slug AS document, d.id AS id, d.title AS title, d.url AS url, s.name AS publisher,
           d.published_on AS published_on, d.language AS language, d.sha256 AS sha256,
           d.retrieved_at AS retrieved_at, d.archive_url AS archive_url,
           CASE WHEN d.text IS NULL THEN 0 ELSE 1 END AS attached, d.note AS note,
           d.entry_id AS entry, n.recorded_at AS recorded_at, n.recorded_by AS recorded_by
      FROM document d
      JOIN entry n ON n.id = d.entry_id
      LEFT JOIN source s ON s.id = d.publisher_id
    """,
)

POSITIONS = View(
    "positions",
    "One row a source and proposition: its newest stance; withdrawn claims left out.",
    {
        "event": "slug of the event that the proposition is about",
        "proposition": "slug of the proposition",
        "source": "who speaks",
        "source_side": "the side the source stands on",
        "stance": "its newest stance",
        "side": "the way it points: affirms, denies, withholds, reports, withdraws",
        "low": "lowest number said (or rejected); empty: open",
        "high": "highest number said (or rejected), inclusive; empty: open",
        "wording": "the source's own number words",
        "since": "when it was said: a day, a month or a year; else the day it was published",
        "claim": "number of the claim that says so",
        "status": "that claim's verification status",
    },
    f"""
    WITH newest AS (
        SELECT c.id AS id,
               ROW_NUMBER() OVER (
                   PARTITION BY c.proposition_id, c.source_id
                   ORDER BY COALESCE(c.stated_on, d.published_on) DESC NULLS LAST, c.id DESC
               ) AS place
          FROM claim c
          LEFT JOIN document d ON d.id = c.document_id
         WHERE c.status <> 'withdrawn'
    )
    SELECT e.slug AS event, p.slug AS proposition, s.name AS source, s.side AS source_side,
           c.stance AS stance, t.side AS side, c.low AS low, c.high AS high, c.wording AS wording,
           COALESCE({_stated("c")}, CAST(d.published_on AS TEXT)) AS since, c.id AS claim,
           c.status AS status
      FROM newest
      JOIN claim c ON c.id = newest.id
      JOIN proposition p ON p.id = c.proposition_id
      JOIN source s ON s.id = c.source_id
      JOIN stance t ON t.code = c.stance
      LEFT JOIN event e ON e.id = p.event_id
      LEFT JOIN document d ON d.id = c.document_id
     WHERE newest.place = 1
    """,  # noqa: S608 - the parts are this module's own
)

ASSESSMENTS = View(
    "assessments",
    "One row a change of status ever made: who, when, from, to, why.",
    {
        "claim": "the claim's number",
        "entry": "number of the entry that changed it",
        "assessed_at": "when, UTC",
        "assessed_by": "the analyst who changed it",
        "from_status": "the status before",
        "to_status": "the status after",
        "because": "why",
    },
    """
    WITH version AS (
        SELECT id, status, because, entry_id FROM claim
        UNION ALL
        SELECT id, status, because, entry_id FROM claim_history
    ), step AS (
        SELECT id, status, because, entry_id,
               COALESCE(LAG(status) OVER (PARTITION BY id ORDER BY entry_id), 'unreviewed')
                   AS from_status,
               LAG(because) OVER (PARTITION BY id ORDER BY entry_id) AS from_because
          FROM version
    )
    SELECT step.id AS claim, step.entry_id AS entry, n.recorded_at AS assessed_at,
           n.recorded_by AS assessed_by, step.from_status AS from_status,
           step.status AS to_status, step.because AS because
      FROM step
      JOIN entry n ON n.id = step.entry_id
     WHERE step.status <> step.from_status
        OR COALESCE(step.because, '') <> COALESCE(step.from_because, '')
    """,
)

GROUNDS = View(
    "grounds",
    "One row a ground: a claim or document that a claim's status rests on.",
    {
        "claim": "the claim's number",
        "on_claim": "number of the claim it rests on",
        "on_document": "slug of the document it rests on",
        "note": "the analyst's note",
        **_ENTRY,
    },
    """
    SELECT g.claim_id AS claim, g.on_claim_id AS on_claim, d.slug AS on_document, g.note AS note,
           g.entry_id AS entry, n.recorded_at AS recorded_at, n.recorded_by AS recorded_by
      FROM evidence g
      JOIN entry n ON n.id = g.entry_id
      LEFT JOIN document d ON d.id = g.on_document_id
    """,
)

ACCEPTANCES = View(
    "acceptances",
    "One row a finding of `ledger check` that an analyst lets stand, or did.",
    {
        "id": "its number",
        "check_name": "the check that finds it",
        "subject": "what it is on: claim, source, proposition, event, document",
        "claim": "the claim's number, where it is on a claim",
        "source": "the source's name, where it is on a source",
        "proposition": "the proposition's slug, where it is on a proposition",
        "event": "the event's slug, where it is on an event",
        "document": "the document's slug, where it is on a document",
        "finding": "what was found, in the words that were accepted; while it says so, it stands",
        "because": "why it is as it should be",
        "taken_back": "why it is accepted no more; empty: it still is",
        **_ENTRY,
    },
    """
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
    """,
)

RECEIPTS = View(
    "receipts",
    "One row a run of rows that came from another ledger, or an entry of it that brought none.",
    {
        "id": "its number",
        "their_entry": "number of the entry, in the ledger where the rows were first recorded",
        "their_hash": "that entry's hash: whoever holds that ledger can prove what it recorded",
        "their_recorded_at": "when it was recorded there, UTC",
        "their_recorded_by": "the analyst who recorded it",
        "kind": "what the rows are: claim, source, proposition …; empty: it brought no row",
        "how": "new: the rows came from there; same: they were here, and are the same",
        "first": "number of the first of the rows here (for a claim: the claim's number)",
        "last": "number of the last of them here; they follow on one another, there too",
        "their_first": "number of the first of them there",
        **_ENTRY,
    },
    """
    SELECT r.id AS id, r.their_entry AS their_entry, r.their_hash AS their_hash,
           r.their_recorded_at AS their_recorded_at, r.their_recorded_by AS their_recorded_by,
           r.kind AS kind, r.how AS how, r.first AS first, r.first + r.many - 1 AS last,
           r.their_first AS their_first, r.entry_id AS entry, n.recorded_at AS recorded_at,
           n.recorded_by AS recorded_by
      FROM receipt r
      JOIN entry n ON n.id = r.entry_id
    """,
)

ENTRIES = View(
    "entries",
    "One row an entry: a transaction of the journal, chained by hash to the one before.",
    {
        "entry": "its number; the one order of history",
        "recorded_at": "when, UTC",
        "recorded_by": "the analyst",
        "message": "what for",
        "root": "Merkle tree hash of the row versions it wrote",
        "previous": "hash of the entry before it",
        "hash": "its own hash; the newest entry's is the ledger's head",
    },
    """
    SELECT n.id AS entry, n.recorded_at AS recorded_at, n.recorded_by AS recorded_by,
           n.message AS message, n.root AS root, n.previous AS previous, n.hash AS hash
      FROM entry n
    """,
)

TEXTS = View(
    "texts",
    "One row a claim, to find those whose quote, wording, note or reason holds words: "
    "WHERE words MATCH 'river'.",
    {
        "claim": "the claim's number",
        "words": "what MATCH looks in, by FTS5's rules, words without accents; reads as empty",
        "rank": "with MATCH: how well it fits, the lowest best (bm25)",
    },
    """
    SELECT c.id AS claim, t.claim_text AS words, t.rank AS rank
      FROM claim_text t
      JOIN claim c ON c.id = (t.rowid & 4294967295) AND c.entry_id = (t.rowid >> 32)
    """,
)

VECTORS = View(
    "texts",
    "One row a claim (a very long text has several), to find those whose quote, wording, note or "
    "reason holds words: WHERE words @@ 'river'.",
    {
        "claim": "the claim's number",
        "words": "what @@ looks in, a tsvector: words without accents; the quote's weigh A, the "
        "wording's B, the note's C, the reason's D",
    },
    """
    SELECT c.id AS claim, t.words AS words
      FROM claim_text t
      JOIN claim c ON c.id = (t.number & 4294967295) AND c.entry_id = (t.number >> 32)
     UNION ALL
    SELECT c.id AS claim, p.words AS words
      FROM claim_part p
      JOIN claim c ON c.id = (p.number & 4294967295) AND c.entry_id = (p.number >> 32)
    """,
)

#: The views of every database that a ledger is kept in.
VIEWS: tuple[View, ...] = (
    CLAIMS,
    PROPOSITIONS,
    SOURCES,
    ALIASES,
    EVENTS,
    DOCUMENTS,
    POSITIONS,
    ASSESSMENTS,
    GROUNDS,
    ACCEPTANCES,
    RECEIPTS,
    ENTRIES,
)

#: All the views of a ledger on SQLite and on PostgreSQL: each searches texts in its own way.
SQLITE_VIEWS = (*VIEWS, TEXTS)
POSTGRESQL_VIEWS = (*VIEWS, VECTORS)
