-- How often each event occurred on each of some days.
SELECT event, day, count(*) AS events
FROM events
WHERE day BETWEEN $first AND $last
GROUP BY event, day
ORDER BY event, day;
