"""The public views: plural, names spelt out, the stable interface for reading.

Frozen; `ledger.views` tells what each column means, and a test holds the two together.
"""

from alembic import op

revision = "0003"
down_revision = "0002"

VIEWS: dict[str, str] = {
    "claims": """
        SELECT c.id AS claim, e.slug AS event, p.slug AS proposition, p.text AS proposition_text,
               p.kind AS kind, p.unit AS unit, s.name AS source, s.kind AS source_kind,
               s.side AS source_side, o.name AS member_of, c.stance AS stance, t.side AS side,
               c.basis AS basis, c.low AS low, c.high AS high, c.wording AS wording,
               c.quote AS quote,
               c.quote_prefix AS quote_prefix, c.quote_suffix AS quote_suffix, d.slug AS document,
               d.title AS document_title, v.name AS via, c.attribution AS attribution,
               c.answers_id AS answers,
               CASE WHEN t.side = 'denies' AND a.proposition_id <> c.proposition_id THEN q.slug END
                   AS non_denial_of,
               c.repeats_id AS repeats,
               CASE c.stated_precision
                   WHEN 'year' THEN substr(CAST(c.stated_on AS TEXT), 1, 4)
                   WHEN 'month' THEN substr(CAST(c.stated_on AS TEXT), 1, 7)
                   ELSE CAST(c.stated_on AS TEXT) END AS stated_on, c.status AS status,
               c.because AS because, c.note AS note, c.entry_id AS entry,
               n.recorded_at AS recorded_at, n.recorded_by AS recorded_by
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
    """,
    "propositions": """
        SELECT p.slug AS proposition, p.id AS id, p.text AS text, p.kind AS kind, p.unit AS unit,
               p.population AS population, e.slug AS event, p.verdict AS verdict,
               p.finding_low AS finding_low, p.finding_high AS finding_high, p.because AS because,
               p.note AS note, p.entry_id AS entry, n.recorded_at AS recorded_at,
               n.recorded_by AS recorded_by
          FROM proposition p
          JOIN entry n ON n.id = p.entry_id
          LEFT JOIN event e ON e.id = p.event_id
    """,
    "sources": """
        SELECT s.name AS source, s.id AS id, s.kind AS kind, o.name AS member_of, s.side AS side,
               s.reliability AS reliability, s.note AS note, s.entry_id AS entry,
               n.recorded_at AS recorded_at, n.recorded_by AS recorded_by
          FROM source s
          JOIN entry n ON n.id = s.entry_id
          LEFT JOIN source o ON o.id = s.member_of_id
         WHERE s.merged_into_id IS NULL
    """,
    "aliases": """
        SELECT a.name AS alias, COALESCE(m.name, s.name) AS source, COALESCE(m.id, s.id) AS id
          FROM source_alias a
          JOIN source s ON s.id = a.source_id
          LEFT JOIN source m ON m.id = s.merged_into_id
        UNION ALL
        SELECT s.name AS alias, m.name AS source, m.id AS id
          FROM source s
          JOIN source m ON m.id = s.merged_into_id
    """,
    "events": """
        SELECT e.slug AS event, e.id AS id, e.title AS title, e.place AS place,
               CAST(e.latitude AS DOUBLE PRECISION) AS latitude,
               CAST(e.longitude AS DOUBLE PRECISION) AS longitude, e.started_on AS started_on,
               e.ended_on AS ended_on, e.note AS note, e.entry_id AS entry,
               n.recorded_at AS recorded_at, n.recorded_by AS recorded_by
          FROM event e
          JOIN entry n ON n.id = e.entry_id
    """,
    "documents": """
        SELECT d.slug AS document, d.id AS id, d.title AS title, d.url AS url, s.name AS publisher,
               d.published_on AS published_on, d.language AS language, d.sha256 AS sha256,
               d.retrieved_at AS retrieved_at, d.archive_url AS archive_url,
               CASE WHEN d.text IS NULL THEN 0 ELSE 1 END AS attached, d.note AS note,
               d.entry_id AS entry, n.recorded_at AS recorded_at, n.recorded_by AS recorded_by
          FROM document d
          JOIN entry n ON n.id = d.entry_id
          LEFT JOIN source s ON s.id = d.publisher_id
    """,
    "positions": """
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
               c.stance AS stance, t.side AS side, c.low AS low, c.high AS high,
               c.wording AS wording,
               COALESCE(CASE c.stated_precision
                   WHEN 'year' THEN substr(CAST(c.stated_on AS TEXT), 1, 4)
                   WHEN 'month' THEN substr(CAST(c.stated_on AS TEXT), 1, 7)
                   ELSE CAST(c.stated_on AS TEXT) END,
                   CAST(d.published_on AS TEXT)) AS since, c.id AS claim,
               c.status AS status
          FROM newest
          JOIN claim c ON c.id = newest.id
          JOIN proposition p ON p.id = c.proposition_id
          JOIN source s ON s.id = c.source_id
          JOIN stance t ON t.code = c.stance
          LEFT JOIN event e ON e.id = p.event_id
          LEFT JOIN document d ON d.id = c.document_id
         WHERE newest.place = 1
    """,
    "assessments": """
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
    "grounds": """
        SELECT g.claim_id AS claim, g.on_claim_id AS on_claim, d.slug AS on_document,
               g.note AS note, g.entry_id AS entry, n.recorded_at AS recorded_at,
               n.recorded_by AS recorded_by
          FROM evidence g
          JOIN entry n ON n.id = g.entry_id
          LEFT JOIN document d ON d.id = g.on_document_id
    """,
    "entries": """
        SELECT n.id AS entry, n.recorded_at AS recorded_at, n.recorded_by AS recorded_by,
               n.message AS message, n.root AS root, n.previous AS previous, n.hash AS hash
          FROM entry n
    """,
}


def upgrade() -> None:
    for name, select in VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {select.strip()}")
