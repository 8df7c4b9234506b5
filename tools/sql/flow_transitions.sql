-- What follows what in sessions, most frequent first.
SELECT
    event,
    next,
    count(*) AS times,
    any_value(departures) AS departures
FROM (SELECT *, count(next) OVER (PARTITION BY event) AS departures FROM session_steps)
WHERE next IS NOT NULL
GROUP BY event, next
ORDER BY times DESC, event, next
LIMIT $most;
