-- report sources: each source's record, without what the program says in words.
WITH spoken AS (
    SELECT source_id, sum(claims) AS claims,
           string_agg(stance || ' ' || claims, ', ' ORDER BY place) AS stances,
           sum(claims) FILTER (WHERE side = 'affirms') AS affirms,
           sum(claims) FILTER (WHERE side = 'denies') AS denies,
           sum(claims) FILTER (WHERE side = 'withholds') AS withholds,
           sum(claims) FILTER (WHERE side = 'reports') AS reports,
           sum(claims) FILTER (WHERE side = 'withdraws') AS withdraws,
           round(sum(repeats) / sum(claims), 3) AS repeating
      FROM (SELECT t.source_id, t.stance, s.side, t.claims, t.repeats,
                   array_position(ARRAY['asserts', 'concedes', 'denies', 'disputes',
                                        'cannot-confirm', 'cannot-rule-out',
                                        'neither-confirms-nor-denies', 'no-comment', 'no-response',
                                        'deflects', 'relays', 'questions', 'retracts'],
                                  t.stance) AS place
              FROM (SELECT source_id, stance, count(*) AS claims, count(repeats_id) AS repeats
                      FROM claim
                     WHERE status <> 'withdrawn'
                     GROUP BY stance, source_id) t
              JOIN stance s ON s.code = t.stance) AS of_stance
     GROUP BY source_id
), taken AS (
    SELECT source_id, count(DISTINCT proposition_id) AS propositions
      FROM claim
     WHERE stance IN ('asserts', 'concedes', 'denies', 'disputes') AND status <> 'withdrawn'
     GROUP BY source_id
), decided AS (
    SELECT c.source_id, c.proposition_id, p.kind, p.verdict,
           c.stance IN ('asserts', 'concedes') AS affirms,
           c.low IS NOT NULL OR c.high IS NOT NULL AS bounded,
           CASE WHEN c.low IS NULL AND c.high IS NULL THEN 1 ELSE coalesce(c.low, 0) END AS low,
           coalesce(c.high, 9000000000000000000) AS high,
           p.finding_low IS NOT NULL OR p.finding_high IS NOT NULL AS found,
           coalesce(p.finding_low, 0) AS found_low,
           coalesce(p.finding_high, 9000000000000000000) AS found_high,
           c.stance = 'denies' AND c.wording IS NULL AS outright
      FROM claim c JOIN proposition p ON p.id = c.proposition_id
     WHERE p.verdict IN ('supported', 'refuted')
       AND c.stance IN ('asserts', 'concedes', 'denies', 'disputes')
       AND c.status <> 'withdrawn'
), judged AS (
    -- Whether it is so, as far as is decided. A denial is right where it is not.
    SELECT source_id, proposition_id, affirms,
           CASE WHEN kind = 'fact' THEN verdict = 'supported'
                WHEN NOT bounded AND NOT outright THEN NULL
                WHEN found AND low <= found_low AND found_high <= high THEN true
                WHEN found AND low <= found_high AND found_low <= high THEN NULL
                WHEN found THEN false
                WHEN verdict = 'supported' OR low = 0 THEN NULL
                ELSE false END AS so
      FROM decided
), pair AS (
    SELECT source_id, coalesce(bool_or(so = affirms), false) AS held,
           coalesce(bool_or(so <> affirms), false) AS wrong
      FROM judged
     GROUP BY proposition_id, source_id
), became AS (
    SELECT source_id, count(*) FILTER (WHERE held) AS borne_out,
           count(*) FILTER (WHERE wrong) AS contradicted,
           count(*) FILTER (WHERE held OR wrong) AS decided
      FROM pair GROUP BY source_id
), turning AS (
    SELECT proposition_id, source_id
      FROM claim
     WHERE status <> 'withdrawn'
     GROUP BY proposition_id, source_id
    HAVING count(*) FILTER (WHERE stance IN ('denies', 'disputes')) BETWEEN 1 AND count(*) - 1
), said AS (
    SELECT c.source_id, c.proposition_id, c.id, c.stance IN ('denies', 'disputes') AS denies,
           coalesce(c.stated_on, d.published_on) AS since,
           coalesce(c.stated_precision, 'day') = 'day' AS exact
      FROM turning t
      JOIN claim c USING (proposition_id, source_id)
      LEFT JOIN document d ON d.id = c.document_id
     WHERE c.status <> 'withdrawn'
), run AS (
    SELECT *, row_number() OVER held - row_number() OVER sided AS island,
           lead(denies) OVER held AS next_denies, lead(since) OVER held AS next_since,
           lead(exact) OVER held AS next_exact
      FROM said
    WINDOW held AS (PARTITION BY source_id, proposition_id ORDER BY since NULLS FIRST, id),
           sided AS (PARTITION BY source_id, proposition_id, denies ORDER BY since NULLS FIRST, id)
), first_of AS (
    SELECT *, first_value(since) OVER alike AS begun, first_value(exact) OVER alike AS begun_exact
      FROM run
    WINDOW alike AS (PARTITION BY source_id, proposition_id, denies, island
                     ORDER BY since NULLS FIRST, id)
), turn AS (
    SELECT source_id,
           CASE WHEN begun_exact AND next_exact THEN next_since - begun END AS days
      FROM first_of WHERE denies AND NOT next_denies
), left_denial AS (
    SELECT source_id, count(*) AS shifts,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY days) AS days_to_shift
      FROM turn GROUP BY source_id
), record AS (
    SELECT s.name AS source, s.kind, m.name AS member_of, s.side AS source_side, k.claims,
           k.stances, coalesce(k.affirms, 0) AS affirms, coalesce(k.denies, 0) AS denies,
           coalesce(k.withholds, 0) AS withholds, coalesce(k.reports, 0) AS reports,
           coalesce(k.withdraws, 0) AS withdraws, k.repeating,
           coalesce(b.borne_out, 0) AS borne_out, coalesce(b.contradicted, 0) AS contradicted,
           coalesce(t.propositions, 0) - coalesce(b.decided, 0) AS undecided,
           nullif(b.borne_out + b.contradicted, 0)::float8 AS n, coalesce(l.shifts, 0) AS shifts,
           l.days_to_shift, s.reliability
      FROM spoken k
      JOIN source s ON s.id = k.source_id
      LEFT JOIN source m ON m.id = s.member_of_id
      LEFT JOIN taken t ON t.source_id = k.source_id
      LEFT JOIN became b ON b.source_id = k.source_id
      LEFT JOIN left_denial l ON l.source_id = k.source_id
), rated AS (
    SELECT *, borne_out / n AS p, 1.959963984540054::float8 AS z FROM record
), bounded AS (
    SELECT *, p + z * z / (2 * n) AS middle, 1 + z * z / n AS all_of_it,
           z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) AS width
      FROM rated
)
SELECT source, kind, member_of, source_side, claims, stances, affirms, denies, withholds, reports,
       withdraws, repeating, borne_out, contradicted, undecided, round(p::numeric, 3) AS share,
       CASE WHEN n IS NOT NULL
            THEN round(greatest((middle - width) / all_of_it, 0)::numeric, 3) END AS share_low,
       CASE WHEN n IS NOT NULL
            THEN round(least((middle + width) / all_of_it, 1)::numeric, 3) END AS share_high,
       shifts, days_to_shift, reliability
  FROM bounded
 ORDER BY claims DESC, source;
