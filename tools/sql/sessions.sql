-- Sessions that begin in a span: a user's events with at most $gap seconds between one and the next. Events of the
-- day before are read too, so that a session under way at the start is not taken for a new one.
CREATE OR REPLACE TEMP TABLE session_events AS
WITH marked AS (
    SELECT
        person,
        place,
        ts,
        event,
        ts - lag(ts) OVER in_order > to_seconds($gap) IS NOT FALSE AS opens
    FROM events
    WHERE person IS NOT NULL AND ts >= $start - INTERVAL 1 DAY AND ts < $end
    WINDOW in_order AS (PARTITION BY person ORDER BY ts, place)
),
numbered AS (
    SELECT
        *,
        sum(opens::INTEGER) OVER (PARTITION BY person ORDER BY ts, place ROWS UNBOUNDED PRECEDING) AS number
    FROM marked
)
SELECT
    person,
    number,
    place,
    ts,
    event,
    min(ts) OVER (PARTITION BY person, number) AS began,
    max(ts) OVER (PARTITION BY person, number) AS ended
FROM numbered
QUALIFY began >= $start;
