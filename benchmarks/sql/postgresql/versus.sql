-- What `report versus` tells, but for `circular`, and with roots in place of origins: members of one
-- organisation that disagree are not told apart, nor is `via` followed. Claims dated to the day.
WITH RECURSIVE
top(id, root) AS (
  SELECT id, id FROM source WHERE member_of_id IS NULL
  UNION ALL SELECT s.id, top.root FROM top JOIN source s ON s.member_of_id = top.id
),
up(claim, at) AS (
  SELECT id, repeats_id FROM claim WHERE repeats_id IS NOT NULL
  UNION ALL
  SELECT up.claim, c.repeats_id FROM up JOIN claim c ON c.id = up.at WHERE c.repeats_id IS NOT NULL
),
told(claim, root) AS (
  SELECT up.claim, top.root FROM up JOIN claim c ON c.id = up.at JOIN top ON top.id = c.source_id
  WHERE c.repeats_id IS NULL
),
said AS (
  SELECT c.id, c.proposition_id AS p, c.source_id AS s, c.stance, t.side, c.low, c.high,
    c.status, c.attribution, a.proposition_id AS answered,
    coalesce(c.stated_on, (SELECT published_on FROM document d WHERE d.id = c.document_id)) AS since
  FROM claim c JOIN stance t ON t.code = c.stance LEFT JOIN claim a ON a.id = c.answers_id
  WHERE c.status <> 'withdrawn'
),
seq AS MATERIALIZED (
  SELECT *, row_number() OVER newest_first AS age, lead(side) OVER newest_first AS before FROM said
  WINDOW newest_first AS (PARTITION BY p, s ORDER BY since DESC NULLS LAST, id DESC)
),
pos AS MATERIALIZED (
  SELECT seq.*, source.name, coalesce(told.root, top.root) AS origin,
    CASE WHEN low = high THEN low::text ELSE low || coalesce('–' || high, '+') END AS range
  FROM seq JOIN source ON source.id = s JOIN top ON top.id = s LEFT JOIN told ON told.claim = seq.id
  WHERE age = 1
),
named AS (
  SELECT p,
    string_agg(name, '; ' ORDER BY since NULLS FIRST, name, id) FILTER (WHERE side = 'affirms') AS affirmed_by,
    count(DISTINCT CASE side WHEN 'affirms' THEN origin END) AS affirmed_roots,
    min(low) FILTER (WHERE side = 'affirms') AS low,
    max(high) FILTER (WHERE side = 'affirms') AS high,
    count(*) FILTER (WHERE side = 'affirms' AND low IS NOT NULL AND high IS NULL) AS open_above,
    max(low) FILTER (WHERE side = 'affirms') > min(high) FILTER (WHERE side = 'affirms') AS apart,
    string_agg(name || CASE WHEN answered <> p THEN ' (answering '
      || (SELECT slug FROM proposition WHERE id = answered) || ')' ELSE '' END, '; ' ORDER BY since NULLS FIRST, name, id)
      FILTER (WHERE side = 'denies') AS denied_by,
    count(DISTINCT CASE side WHEN 'denies' THEN origin END) AS denied_roots,
    string_agg(name || ' (' || stance || ')', '; ' ORDER BY since NULLS FIRST, name, id) FILTER (WHERE side = 'withholds') AS withheld_by,
    count(DISTINCT CASE side WHEN 'withholds' THEN origin END) AS withheld_roots,
    string_agg(name || ' (' || stance || ')', '; ' ORDER BY since NULLS FIRST, name, id) FILTER (WHERE side = 'reports') AS reported_by,
    string_agg(name, '; ' ORDER BY since NULLS FIRST, name, id) FILTER (WHERE side = 'withdraws') AS retracted_by,
    count(*) FILTER (WHERE attribution <> 'named') AS unnamed
  FROM pos GROUP BY p
),
evaded AS (
  SELECT answered AS p, string_agg(name || ' (denies ' || slug || ' instead)', '; ' ORDER BY since NULLS FIRST, name, pos.id) AS answered_by
  FROM pos JOIN proposition q ON q.id = pos.p WHERE side = 'denies' AND answered <> p GROUP BY answered
),
denied AS (
  SELECT p, string_agg(range, '; ' ORDER BY low, high NULLS LAST) AS denied_ranges FROM (
    SELECT DISTINCT p, range, low, high FROM pos WHERE side = 'denies' AND range IS NOT NULL
  ) AS ranges GROUP BY p
),
met AS (
  SELECT DISTINCT d.p FROM pos d JOIN pos a ON a.p = d.p
  WHERE d.side = 'denies' AND a.side = 'affirms' AND d.low IS NOT NULL AND a.low IS NOT NULL
    AND d.low <= coalesce(a.high, d.low) AND a.low <= coalesce(d.high, a.low)
),
moved AS (
  SELECT p, string_agg(name || ' (' || before || ' → ' || side || ')', '; ' ORDER BY since NULLS FIRST, id) AS shifts FROM (
    SELECT p, name, before, turn.side, since, turn.id FROM (
      SELECT *, row_number() OVER (PARTITION BY p, s ORDER BY since DESC NULLS LAST, id DESC) AS nth
      FROM seq WHERE before <> side
    ) AS turn JOIN source ON source.id = turn.s WHERE nth = 1
  ) AS turns GROUP BY p
),
mixed AS (
  SELECT p, string_agg(status || ' ' || many, ', ' ORDER BY status) AS statuses, sum(many) AS claims FROM (
    SELECT p, status, count(*) AS many FROM said GROUP BY p, status
  ) AS each_status GROUP BY p
),
firsts AS (
  SELECT p, min(CASE side WHEN 'affirms' THEN since END) AS first_affirmed,
    min(CASE side WHEN 'denies' THEN since END) AS first_denied
  FROM said GROUP BY p
)
SELECT e.slug AS event, q.slug AS proposition, q.text, q.kind, q.unit, affirmed_by, affirmed_roots,
  CASE WHEN open_above > 0 THEN low || '+' WHEN low = high THEN low::text ELSE low || '–' || high END
    AS affirmed_range,
  denied_by, denied_roots, denied_ranges, answered_by, withheld_by, withheld_roots, reported_by,
  retracted_by, shifts, first_affirmed, first_denied,
  first_denied - first_affirmed AS days_between,
  coalesce(claims, 0) AS claims, statuses, coalesce(unnamed, 0) AS unnamed, q.verdict, q.because,
  CASE WHEN CASE q.kind WHEN 'fact' THEN affirmed_by IS NOT NULL AND denied_by IS NOT NULL
    ELSE apart OR met.p IS NOT NULL END THEN 'yes' ELSE 'no' END AS contested
FROM proposition q LEFT JOIN event e ON e.id = q.event_id LEFT JOIN named ON named.p = q.id
LEFT JOIN evaded ON evaded.p = q.id LEFT JOIN denied ON denied.p = q.id LEFT JOIN met ON met.p = q.id
LEFT JOIN moved ON moved.p = q.id LEFT JOIN mixed ON mixed.p = q.id LEFT JOIN firsts ON firsts.p = q.id
ORDER BY q.event_id IS NULL, q.event_id, q.id;
