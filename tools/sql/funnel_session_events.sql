-- The same, each session a track of its own that closes $gap seconds after its last event.
CREATE OR REPLACE TEMP TABLE funnel_events AS
SELECT
    person,
    row(person, number) AS track,
    event,
    ts,
    row_number() OVER in_order AS position,
    lead(ts) OVER in_order IS NULL AS is_last,
    ended + to_seconds($gap) AS closes
FROM session_events
WHERE list_contains($steps, event)
WINDOW in_order AS (
    PARTITION BY person, number
    ORDER BY ts, list_position($steps, event), place
);
