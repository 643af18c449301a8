-- report agreement: how much the positions on one proposition differ, on average over propositions.
WITH again AS MATERIALIZED (
    SELECT proposition_id, source_id
      FROM claim
     WHERE status <> 'withdrawn'
     GROUP BY proposition_id, source_id
    HAVING count(*) > 1
), said AS (
    SELECT c.proposition_id, c.source_id, c.stance,
           lead(c.source_id) OVER (
               PARTITION BY c.proposition_id
               ORDER BY c.source_id, coalesce(c.stated_on, d.published_on) NULLS FIRST, c.id
           ) AS following
      FROM claim c
      JOIN again USING (proposition_id, source_id)
      LEFT JOIN document d ON d.id = c.document_id
     WHERE c.status <> 'withdrawn'
), tally AS (
    SELECT proposition_id, stance, sum(reports) AS reports
      FROM (SELECT proposition_id, stance, count(*) AS reports
              FROM claim
             WHERE status <> 'withdrawn'
             GROUP BY proposition_id, stance
             UNION ALL
            SELECT proposition_id, stance, -count(*)
              FROM said WHERE following = source_id GROUP BY proposition_id, stance) AS both_ways
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
    SELECT c.id, c.proposition_id, c.source_id, c.stance, c.low, c.high, p.unit,
           lead(c.source_id) OVER (
               PARTITION BY c.proposition_id
               ORDER BY c.source_id, coalesce(c.stated_on, d.published_on) NULLS FIRST, c.id
           ) AS following
      FROM claim c
      JOIN proposition p ON p.id = c.proposition_id AND p.kind = 'count'
      LEFT JOIN document d ON d.id = c.document_id
     WHERE c.status <> 'withdrawn'
), figure AS (
    SELECT proposition_id, unit, low, high
      FROM counted
     WHERE following IS DISTINCT FROM source_id
       AND stance IN ('asserts', 'concedes')
       AND (low IS NOT NULL OR high IS NOT NULL)
), number AS (
    SELECT 'low' AS variable, unit, proposition_id, low AS value, count(*) AS reports
      FROM figure GROUP BY unit, proposition_id, low
    UNION ALL
    SELECT 'high', unit, proposition_id, high, count(*)
      FROM figure GROUP BY unit, proposition_id, high
), centre AS (
    SELECT variable, proposition_id, sum(value * reports)::float8 / sum(reports)::float8 AS mean
      FROM number WHERE value IS NOT NULL GROUP BY variable, proposition_id
), number_group AS (
    SELECT n.variable, n.unit, count(*) AS distinct_values, sum(n.reports) AS reports,
           sum(n.reports) FILTER (WHERE value IS NOT NULL) AS known,
           max(n.reports) FILTER (WHERE value IS NOT NULL) AS modal,
           sum(n.reports * (value - mean) * (value - mean)) AS squares,
           max(value) - min(value) AS spread
      FROM number n LEFT JOIN centre c USING (variable, proposition_id)
     GROUP BY n.variable, n.unit, n.proposition_id
), many AS (
    SELECT variable, count(DISTINCT value) AS distinct_words FROM word GROUP BY variable
), many_numbers AS (
    SELECT variable, unit,
           count(DISTINCT value) + max(CASE WHEN value IS NULL THEN 1 ELSE 0 END) AS distinct_numbers
      FROM number GROUP BY variable, unit
)
SELECT g.variable, NULL AS unit, count(*) AS propositions, count(*) FILTER (WHERE reports > 1) AS compared,
       sum(reports) AS reports, round(avg(distinct_values - 1), 3) AS divergence,
       round(avg(distinct_values - 1) / max(distinct_words), 3) AS normalised,
       NULL::numeric AS mean_sd, NULL::numeric AS mean_range,
       round(avg((distinct_values > 1)::int), 3) AS disagreeing,
       round(avg(modal / reports), 3) AS modal_confidence
  FROM word_group g JOIN many USING (variable)
 GROUP BY g.variable
 UNION ALL
SELECT g.variable, g.unit, count(*), count(*) FILTER (WHERE reports > 1), sum(reports),
       round(avg(distinct_values - 1), 3),
       round(avg(distinct_values - 1) / max(distinct_numbers), 3),
       round((avg(sqrt(squares / (known - 1)::float8)) FILTER (WHERE known > 1))::numeric, 3),
       round(avg(spread), 3), round(avg((distinct_values > 1)::int), 3),
       round(avg(modal / known), 3)
  FROM number_group g JOIN many_numbers USING (variable, unit)
 GROUP BY g.variable, g.unit;
