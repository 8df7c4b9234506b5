-- The steps of every session: what was done, without the same thing twice running.
CREATE OR REPLACE TEMP TABLE session_steps AS
WITH turns AS (
    SELECT
        person,
        number,
        event,
        ts,
        place,
        event IS DISTINCT FROM lag(event) OVER (PARTITION BY person, number ORDER BY ts, place) AS turns
    FROM session_events
)
SELECT
    person,
    number,
    event,
    row_number() OVER in_order AS step,
    lead(event) OVER in_order AS next
FROM turns
WHERE turns
WINDOW in_order AS (PARTITION BY person, number ORDER BY ts, place);
