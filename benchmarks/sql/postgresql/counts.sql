-- What `report counts` tells, but for `circular`, with roots in place of origins (members of one
-- organisation that disagree are not told apart, nor is `via` followed) and no estimate by a policy.
-- Claims dated to the day, figures with a low end and no number words.
WITH RECURSIVE
top(id, root) AS (
  SELECT id, id FROM source WHERE member_of_id IS NULL
  UNION ALL SELECT s.id, top.root FROM top JOIN source s ON s.member_of_id = top.id
),
up(claim, at) AS (
  SELECT c.id, c.repeats_id FROM claim c JOIN proposition q ON q.id = c.proposition_id
  WHERE c.repeats_id IS NOT NULL AND q.kind = 'count'
  UNION ALL
  SELECT up.claim, c.repeats_id FROM up JOIN claim c ON c.id = up.at WHERE c.repeats_id IS NOT NULL
),
told(claim, root) AS (
  SELECT up.claim, top.root FROM up JOIN claim c ON c.id = up.at JOIN top ON top.id = c.source_id
  WHERE c.repeats_id IS NULL
),
said AS (
  SELECT c.id, c.proposition_id AS p, c.source_id AS s, t.side, c.low, c.high,
    coalesce(c.stated_on, (SELECT published_on FROM document d WHERE d.id = c.document_id)) AS since
  FROM proposition q JOIN claim c ON c.proposition_id = q.id JOIN stance t ON t.code = c.stance
  WHERE q.kind = 'count' AND c.status <> 'withdrawn'
),
pos AS MATERIALIZED (
  SELECT seq.*, source.name, coalesce(told.root, top.root) AS origin,
    CASE WHEN low = high THEN low::text ELSE low || coalesce('–' || high, '+') END AS range
  FROM (
    SELECT *, row_number() OVER (PARTITION BY p, s ORDER BY since DESC NULLS LAST, id DESC) AS age FROM said
  ) AS seq JOIN source ON source.id = s JOIN top ON top.id = s LEFT JOIN told ON told.claim = seq.id
  WHERE age = 1
),
listed AS (
  SELECT p,
    string_agg(name || ' ' || range, '; ' ORDER BY since NULLS FIRST, name, id) FILTER (WHERE side = 'affirms') AS claimed,
    string_agg(name || ' ' || range, '; ' ORDER BY since NULLS FIRST, name, id) FILTER (WHERE side = 'denies') AS denied,
    string_agg(name || ' ' || range, '; ' ORDER BY since NULLS FIRST, name, id) FILTER (WHERE side = 'reports') AS reported,
    count(DISTINCT CASE side WHEN 'affirms' THEN origin END) AS roots,
    min(low) FILTER (WHERE side = 'affirms') AS lowest,
    max(low) FILTER (WHERE side = 'affirms') AS highest_low,
    max(high) FILTER (WHERE side = 'affirms') AS highest,
    min(high) FILTER (WHERE side = 'affirms') AS lowest_high,
    count(*) FILTER (WHERE side = 'affirms' AND high IS NULL) AS open_above
  FROM pos GROUP BY p
),
clashing AS (
  SELECT a.p, count(*) AS conflicts FROM pos a JOIN pos b ON b.p = a.p
  WHERE a.side = 'affirms' AND (
    (b.side = 'affirms' AND a.low > b.high)
    OR (b.side = 'denies' AND b.low <= a.low AND (b.high IS NULL OR a.high <= b.high))
  ) GROUP BY a.p
),
met AS (
  SELECT DISTINCT d.p FROM pos d JOIN pos a ON a.p = d.p
  WHERE d.side = 'denies' AND a.side = 'affirms'
    AND d.low <= coalesce(a.high, d.low) AND a.low <= coalesce(d.high, a.low)
)
SELECT e.slug AS event, q.slug AS proposition, q.text, q.unit, q.population, claimed, denied, reported,
  roots,
  CASE WHEN open_above > 0 THEN lowest || '+' WHEN lowest = highest THEN lowest::text
    ELSE lowest || '–' || highest END AS span,
  lowest AS span_low, CASE WHEN open_above = 0 THEN highest END AS span_high,
  CASE WHEN highest_low > lowest_high THEN 'none' WHEN highest_low = lowest_high THEN highest_low::text
    ELSE highest_low || coalesce('–' || lowest_high, '+') END AS shared,
  CASE WHEN highest_low <= coalesce(lowest_high, highest_low) THEN highest_low END AS shared_low,
  CASE WHEN highest_low <= lowest_high THEN lowest_high END AS shared_high,
  coalesce(conflicts, 0) AS conflicts, q.verdict, q.because,
  CASE WHEN highest_low > lowest_high OR met.p IS NOT NULL THEN 'yes' ELSE 'no' END AS contested
FROM proposition q LEFT JOIN event e ON e.id = q.event_id LEFT JOIN listed ON listed.p = q.id
LEFT JOIN clashing ON clashing.p = q.id LEFT JOIN met ON met.p = q.id
WHERE q.kind = 'count' ORDER BY q.event_id IS NULL, q.event_id, q.id;
