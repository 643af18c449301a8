-- report sources: each source's record, without what the program says in words.
CREATE TEMP TABLE spoken AS
SELECT source_id, sum(claims) AS claims,
       group_concat(stance || ' ' || claims, ', ') AS stances,
       sum(claims) FILTER (WHERE side = 'affirms') AS affirms,
       sum(claims) FILTER (WHERE side = 'denies') AS denies,
       sum(claims) FILTER (WHERE side = 'withholds') AS withholds,
       sum(claims) FILTER (WHERE side = 'reports') AS reports,
       sum(claims) FILTER (WHERE side = 'withdraws') AS withdraws,
       round(sum(repeats) * 1.0 / sum(claims), 3) AS repeating
  FROM (SELECT t.source_id, t.stance, s.side, t.claims, t.repeats
          FROM (SELECT source_id, stance, count(*) AS claims,
                       sum(id IN (SELECT id FROM claim WHERE repeats_id IS NOT NULL)) AS repeats
                  FROM claim
                 WHERE id NOT IN (SELECT id FROM claim WHERE status = 'withdrawn')
                 GROUP BY stance, source_id) t
          JOIN stance s ON s.code = t.stance
         ORDER BY t.source_id, s.rowid)
 GROUP BY source_id;

CREATE TEMP TABLE taken AS
SELECT source_id, count(*) AS propositions
  FROM (SELECT source_id
          FROM claim
         WHERE stance IN ('asserts', 'concedes', 'denies', 'disputes')
           AND id NOT IN (SELECT id FROM claim WHERE status = 'withdrawn')
         GROUP BY proposition_id, source_id)
 GROUP BY source_id;

CREATE TEMP TABLE became AS
WITH decided AS (
    SELECT c.source_id, c.proposition_id, p.kind, p.verdict,
           c.stance IN ('asserts', 'concedes') AS affirms,
           c.low IS NOT NULL OR c.high IS NOT NULL AS bounded,
           CASE WHEN c.low IS NULL AND c.high IS NULL THEN 1 ELSE coalesce(c.low, 0) END AS low,
           coalesce(c.high, 9e18) AS high,
           p.finding_low IS NOT NULL OR p.finding_high IS NOT NULL AS found,
           coalesce(p.finding_low, 0) AS found_low, coalesce(p.finding_high, 9e18) AS found_high,
           c.stance = 'denies' AND c.wording IS NULL AS outright
      FROM claim c JOIN proposition p ON p.id = c.proposition_id
     WHERE c.proposition_id IN (SELECT id FROM proposition
                                 WHERE verdict IN ('supported', 'refuted'))
       AND c.stance IN ('asserts', 'concedes', 'denies', 'disputes')
       AND c.id NOT IN (SELECT id FROM claim WHERE status = 'withdrawn')
), judged AS (
    -- 1: so it is; 0: so it is not; NULL: undecided. A denial is right where that is 0.
    SELECT source_id, proposition_id, affirms,
           CASE WHEN kind = 'fact' THEN verdict = 'supported'
                WHEN NOT bounded AND NOT outright THEN NULL
                WHEN found AND low <= found_low AND found_high <= high THEN 1
                WHEN found AND low <= found_high AND found_low <= high THEN NULL
                WHEN found THEN 0
                WHEN verdict = 'supported' OR low = 0 THEN NULL
                ELSE 0 END AS so
      FROM decided
), pair AS (
    SELECT source_id, max(so = affirms) IS 1 AS right, max(so <> affirms) IS 1 AS wrong
      FROM judged
     GROUP BY proposition_id, source_id
)
SELECT source_id, sum(right) AS borne_out, sum(wrong) AS contradicted,
       sum(right OR wrong) AS decided
  FROM pair GROUP BY source_id;

CREATE TEMP TABLE turn AS
WITH turning AS (
    SELECT proposition_id, source_id
      FROM claim
     WHERE id NOT IN (SELECT id FROM claim WHERE status = 'withdrawn')
     GROUP BY proposition_id, source_id
    HAVING sum(stance IN ('denies', 'disputes')) BETWEEN 1 AND count(*) - 1
), said AS (
    SELECT c.source_id, c.proposition_id, c.id, c.stance IN ('denies', 'disputes') AS denies,
           coalesce(c.stated_on, d.published_on) AS since,
           coalesce(c.stated_precision, 'day') = 'day' AS exact
      FROM turning t
      JOIN claim c ON c.proposition_id = t.proposition_id AND +c.source_id = t.source_id
      LEFT JOIN document d ON d.id = c.document_id
     WHERE c.status <> 'withdrawn'
), run AS (
    SELECT *, row_number() OVER held - row_number() OVER sided AS island,
           lead(denies) OVER held AS next_denies, lead(since) OVER held AS next_since,
           lead(exact) OVER held AS next_exact
      FROM said
    WINDOW held AS (PARTITION BY source_id, proposition_id ORDER BY since, id),
           sided AS (PARTITION BY source_id, proposition_id, denies ORDER BY since, id)
), first_of AS (
    SELECT *, first_value(since) OVER island AS begun, first_value(exact) OVER island AS begun_exact
      FROM run
    WINDOW island AS (PARTITION BY source_id, proposition_id, denies, island ORDER BY since, id)
)
SELECT source_id,
       CASE WHEN exact_ends THEN julianday(next_since) - julianday(begun) END AS days
  FROM (SELECT *, begun_exact AND next_exact AS exact_ends FROM first_of
         WHERE denies AND next_denies = 0);

CREATE TEMP TABLE left_denial AS
SELECT source_id, count(*) AS shifts,
       avg(days) FILTER (WHERE place IN ((known + 1) / 2, (known + 2) / 2)) AS days_to_shift
  FROM (SELECT source_id, days, count(days) OVER (PARTITION BY source_id) AS known,
               CASE WHEN days IS NOT NULL
                    THEN row_number() OVER (PARTITION BY source_id ORDER BY days IS NULL, days) END
                   AS place
          FROM turn)
 GROUP BY source_id;

WITH record AS (
    SELECT s.name AS source, s.kind, m.name AS member_of, s.side AS source_side, k.claims,
           k.stances, coalesce(k.affirms, 0) AS affirms, coalesce(k.denies, 0) AS denies,
           coalesce(k.withholds, 0) AS withholds, coalesce(k.reports, 0) AS reports,
           coalesce(k.withdraws, 0) AS withdraws, k.repeating,
           coalesce(b.borne_out, 0) AS borne_out, coalesce(b.contradicted, 0) AS contradicted,
           coalesce(t.propositions, 0) - coalesce(b.decided, 0) AS undecided,
           nullif(b.borne_out + b.contradicted, 0) * 1.0 AS n, coalesce(l.shifts, 0) AS shifts,
           l.days_to_shift, s.reliability
      FROM spoken k
      JOIN source s ON s.id = k.source_id
      LEFT JOIN source m ON m.id = s.member_of_id
      LEFT JOIN taken t ON t.source_id = k.source_id
      LEFT JOIN became b ON b.source_id = k.source_id
      LEFT JOIN left_denial l ON l.source_id = k.source_id
), rated AS (
    SELECT *, borne_out / n AS p, 1.959963984540054 AS z FROM record
)
SELECT source, kind, member_of, source_side, claims, stances, affirms, denies, withholds, reports,
       withdraws, repeating, borne_out, contradicted, undecided, round(p, 3) AS share,
       round(max((p + z * z / (2 * n) - z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)))
                 / (1 + z * z / n), 0), 3) AS share_low,
       round(min((p + z * z / (2 * n) + z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)))
                 / (1 + z * z / n), 1), 3) AS share_high,
       shifts, days_to_shift, reliability
  FROM rated
 ORDER BY claims DESC, source;
