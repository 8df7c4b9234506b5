-- The steps of every session that begins in a span: what was done, without the same thing twice running. Events of the
-- day before are read too, so that a session under way at the start is not taken for a new one.
CREATE OR REPLACE TEMP TABLE session_steps AS
WITH marked AS (
    SELECT
        person,
        event,
        ts,
        row_number() OVER in_order AS position,
        ts - lag(ts) OVER in_order > to_seconds($gap) IS NOT FALSE AS opens,
        event IS DISTINCT FROM lag(event) OVER in_order AS turns
    FROM events
    WHERE person IS NOT NULL AND ts >= $start - INTERVAL 1 DAY AND ts < $end
    WINDOW in_order AS (PARTITION BY person ORDER BY ts, place)
),
numbered AS (
    SELECT
        person,
        event,
        position,
        sum((opens AND ts >= $start)::INTEGER) OVER (in_order ROWS UNBOUNDED PRECEDING) AS number,
        CASE WHEN lead(opens) OVER in_order IS FALSE THEN lead(event) OVER in_order END AS next
    FROM marked
    WHERE opens OR turns
    WINDOW in_order AS (PARTITION BY person ORDER BY position)
)
SELECT
    person,
    number,
    event,
    row_number() OVER (PARTITION BY person, number ORDER BY position) AS step,
    next
FROM numbered
WHERE number > 0;
