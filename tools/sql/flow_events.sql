-- What is done in sessions: the share of sessions with it, and how far into them it comes first, on average.
WITH seen AS (
    SELECT person, number, event, min(step) AS step FROM session_steps GROUP BY person, number, event
)
SELECT
    event,
    count(*) AS sessions,
    avg(step) AS step,
    (SELECT count(*) FROM session_steps WHERE step = 1) AS all_sessions
FROM seen
GROUP BY event
ORDER BY sessions DESC, event
LIMIT $most;
