-- What follows what in sessions, most frequent first.
SELECT event, next, times, departures
FROM (
    SELECT event, next, count(*) AS times, sum(count(*)) OVER (PARTITION BY event) AS departures
    FROM session_steps
    WHERE next IS NOT NULL
    GROUP BY event, next
)
ORDER BY times DESC, event, next
LIMIT $most;
