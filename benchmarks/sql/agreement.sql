-- report agreement: how much the positions on one proposition differ, on average over propositions.
WITH again AS MATERIALIZED (
    SELECT proposition_id, source_id
      FROM claim
     WHERE id NOT IN (SELECT id FROM claim WHERE status = 'withdrawn')
     GROUP BY proposition_id, source_id
    HAVING count(*) > 1
), said AS (
    SELECT proposition_id, source_id, stance,
           lead(source_id) OVER (
               PARTITION BY proposition_id
               ORDER BY source_id,
                        coalesce(stated_on, (SELECT published_on FROM document d
                                              WHERE d.id = claim.document_id)),
                        id
           ) AS following
      FROM claim
     WHERE (proposition_id, source_id) IN again
       AND id NOT IN (SELECT id FROM claim WHERE status = 'withdrawn')
), tally AS (
    SELECT proposition_id, stance, sum(reports) AS reports
      FROM (SELECT proposition_id, stance, count(*) AS reports
              FROM claim
             WHERE id NOT IN (SELECT id FROM claim WHERE status = 'withdrawn')
             GROUP BY proposition_id, stance
             UNION ALL
            SELECT proposition_id, stance, -count(*)
              FROM said WHERE following = source_id GROUP BY proposition_id, stance)
     GROUP BY proposition_id, stance
    HAVING sum(reports) > 0
), word AS (
    SELECT 'stance' AS variable, proposition_id, stance AS value, reports FROM tally
    UNION ALL
    SELECT 'side', proposition_id, s.side, sum(reports)
      FROM tally JOIN stance s ON s.code = tally.stance
     GROUP BY proposition_id, s.side
), word_group AS (
    SELECT variable, count(*) AS distinct_values, sum(reports) AS reports, max(reports) AS modal
      FROM word
     GROUP BY variable, proposition_id
), counted AS (
    SELECT id, proposition_id, source_id, stance, low, high,
           lead(source_id) OVER (
               PARTITION BY proposition_id
               ORDER BY source_id,
                        coalesce(stated_on, (SELECT published_on FROM document d
                                              WHERE d.id = claim.document_id)),
                        id
           ) AS following
      FROM claim
     WHERE proposition_id IN (SELECT id FROM proposition WHERE kind = 'count')
       AND id NOT IN (SELECT id FROM claim WHERE status = 'withdrawn')
), figure AS (
    SELECT c.proposition_id, p.unit, c.low, c.high
      FROM counted c JOIN proposition p ON p.id = c.proposition_id
     WHERE c.following IS NOT c.source_id
       AND c.stance IN ('asserts', 'concedes')
       AND (c.low IS NOT NULL OR c.high IS NOT NULL)
), number AS (
    SELECT 'low' AS variable, unit, proposition_id, low AS value, count(*) AS reports
      FROM figure GROUP BY proposition_id, low
    UNION ALL
    SELECT 'high', unit, proposition_id, high, count(*) FROM figure GROUP BY proposition_id, high
), centre AS (
    SELECT variable, proposition_id, total(value * reports) / sum(reports) AS mean
      FROM number WHERE value IS NOT NULL GROUP BY variable, proposition_id
), number_group AS (
    SELECT n.variable, n.unit, count(*) AS distinct_values, sum(n.reports) AS reports,
           sum(n.reports) FILTER (WHERE value IS NOT NULL) AS known,
           max(n.reports) FILTER (WHERE value IS NOT NULL) AS modal,
           sum(n.reports * (value - mean) * (value - mean)) AS squares,
           max(value) - min(value) AS spread
      FROM number n LEFT JOIN centre c USING (variable, proposition_id)
     GROUP BY n.variable, n.proposition_id
)
SELECT variable, NULL AS unit, count(*) AS propositions, sum(reports > 1) AS compared,
       sum(reports) AS reports, round(avg(distinct_values - 1), 3) AS divergence,
       round(avg(distinct_values - 1)
             / (SELECT count(DISTINCT value) FROM word w WHERE w.variable = g.variable), 3)
           AS normalised,
       NULL AS mean_sd, NULL AS mean_range, round(avg(distinct_values > 1), 3) AS disagreeing,
       round(avg(modal * 1.0 / reports), 3) AS modal_confidence
  FROM word_group g
 GROUP BY variable
 UNION ALL
SELECT variable, unit, count(*), sum(reports > 1), sum(reports),
       round(avg(distinct_values - 1), 3),
       round(avg(distinct_values - 1)
             / (SELECT count(DISTINCT value) + max(value IS NULL) FROM number n
                 WHERE n.variable = g.variable AND n.unit = g.unit), 3),
       round(avg(sqrt(squares / (known - 1))) FILTER (WHERE known > 1), 3),
       round(avg(spread), 3), round(avg(distinct_values > 1), 3),
       round(avg(modal * 1.0 / known), 3)
  FROM number_group g
 GROUP BY variable, unit;
