-- The events a funnel reads, each with its position in the track of its user. At one moment, events are taken in the
-- order of the steps, then of the files. Where steps must follow directly, every event of the user counts.
CREATE OR REPLACE TEMP TABLE funnel_events AS
SELECT
    person,
    person AS track,
    event,
    ts,
    row_number() OVER in_order AS position,
    lead(ts) OVER in_order IS NULL AS is_last,
    NULL::TIMESTAMP AS closes
FROM events
WHERE person IS NOT NULL
    AND ts >= $start
    AND ts < $end
    AND ($every_event OR list_contains($steps, event))
WINDOW in_order AS (
    PARTITION BY person
    ORDER BY ts, coalesce(list_position($steps, event), len($steps) + 1), place
);
