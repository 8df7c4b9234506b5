-- How sessions begin: their first $depth steps, most frequent first.
SELECT path, count(*) AS sessions, sum(count(*)) OVER () AS all_sessions, count(*) OVER () AS paths
FROM (
    SELECT string_agg(event, ' → ' ORDER BY step) AS path
    FROM session_steps
    WHERE step <= $depth
    GROUP BY person, number
)
GROUP BY path
ORDER BY sessions DESC, path
LIMIT $most;
