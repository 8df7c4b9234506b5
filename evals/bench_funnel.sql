-- By hand: users at each of five steps in order, from any entry, within 7 days of the first. Each event carries on the
-- latest entry that could lead to it.
WITH events_of AS (
    SELECT
        person,
        ts,
        event,
        row_number() OVER (
            PARTITION BY person ORDER BY ts, list_position(['viewed', 'started', 'filled', 'submitted', 'joined'], event), place
        ) AS n
    FROM events
    WHERE person IS NOT NULL
        AND ts >= $start
        AND ts < $end
        AND event IN ('viewed', 'started', 'filled', 'submitted', 'joined')
),
first AS (SELECT *, CASE WHEN event = 'viewed' THEN ts END AS s1 FROM events_of),
second AS (
    SELECT *, CASE WHEN event = 'started' AND ts <= last + INTERVAL 7 DAY THEN last END AS s2
    FROM (SELECT *, max(s1) OVER (PARTITION BY person ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS last FROM first)
),
third AS (
    SELECT *, CASE WHEN event = 'filled' AND ts <= last2 + INTERVAL 7 DAY THEN last2 END AS s3
    FROM (SELECT *, max(s2) OVER (PARTITION BY person ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS last2 FROM second)
),
fourth AS (
    SELECT *, CASE WHEN event = 'submitted' AND ts <= last3 + INTERVAL 7 DAY THEN last3 END AS s4
    FROM (SELECT *, max(s3) OVER (PARTITION BY person ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS last3 FROM third)
),
fifth AS (
    SELECT *, CASE WHEN event = 'joined' AND ts <= last4 + INTERVAL 7 DAY THEN last4 END AS s5
    FROM (SELECT *, max(s4) OVER (PARTITION BY person ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS last4 FROM fourth)
),
users AS (
    SELECT person, max(s1) AS s1, max(s2) AS s2, max(s3) AS s3, max(s4) AS s4, max(s5) AS s5
    FROM fifth
    GROUP BY person
)
SELECT
    count(s1),
    count(s2),
    count(s3),
    count(s4),
    count(s5),
    count(*) FILTER (WHERE s2 IS NULL AND s1 + INTERVAL 7 DAY >= $end),
    count(*) FILTER (WHERE s3 IS NULL AND s2 IS NOT NULL AND s1 + INTERVAL 7 DAY >= $end),
    count(*) FILTER (WHERE s4 IS NULL AND s3 IS NOT NULL AND s1 + INTERVAL 7 DAY >= $end),
    count(*) FILTER (WHERE s5 IS NULL AND s4 IS NOT NULL AND s1 + INTERVAL 7 DAY >= $end)
FROM users;
