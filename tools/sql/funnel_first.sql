-- Who reached the first step: every entry, or only a user's first; and until when the next step may follow.
CREATE OR REPLACE TEMP TABLE reached AS
SELECT
    1 AS step,
    person,
    track,
    position,
    is_last,
    ts,
    ts AS began,
    coalesce(closes, ts + to_seconds($window)) AS open_until
FROM funnel_events
WHERE event = $event
QUALIFY NOT $first_entry OR row_number() OVER (PARTITION BY person ORDER BY position) = 1;
