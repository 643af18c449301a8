-- Every claim with all that describes what it names, as `ledger export` writes it: one row a claim.
-- Rows that describe what no claim names are left out, and no cell is disarmed.
SELECT c.id AS claim, p.slug AS proposition, s.name AS source, c.stance, c.basis, c.low, c.high,
       c.wording, c.quote, c.quote_prefix, c.quote_suffix, d.slug AS document, v.name AS via,
       c.attribution, c.answers_id AS answers, c.repeats_id AS repeats,
       CASE c.stated_precision WHEN 'year' THEN substr(c.stated_on, 1, 4)
            WHEN 'month' THEN substr(c.stated_on, 1, 7) ELSE c.stated_on END AS stated_on,
       c.status, c.because, c.note,
       p.text AS proposition_text, p.kind, p.unit, p.population, e.slug AS event, p.verdict,
       p.finding_low, p.finding_high, p.because AS finding_because, p.note AS proposition_note,
       e.title AS event_title, e.place AS event_place, e.latitude AS event_latitude,
       e.longitude AS event_longitude, e.started_on AS event_started_on,
       e.ended_on AS event_ended_on, e.note AS event_note,
       s.kind AS source_kind, o.name AS source_member_of, s.side AS source_side,
       s.reliability AS source_reliability,
       (SELECT group_concat(a.name, '; ') FROM source_alias a WHERE a.source_id = s.id)
           AS source_aliases,
       s.note AS source_note,
       d.title AS document_title, d.url AS document_url, b.name AS publisher, d.published_on,
       d.language, d.sha256, d.retrieved_at, d.archive_url, d.note AS document_note
  FROM claim c
  JOIN proposition p ON p.id = c.proposition_id
  JOIN source s ON s.id = c.source_id
  LEFT JOIN event e ON e.id = p.event_id
  LEFT JOIN source o ON o.id = s.member_of_id
  LEFT JOIN document d ON d.id = c.document_id
  LEFT JOIN source b ON b.id = d.publisher_id
  LEFT JOIN source v ON v.id = c.via_id
 ORDER BY c.id;
