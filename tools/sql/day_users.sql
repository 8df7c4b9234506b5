-- Distinct users of each day; days without one are not listed.
SELECT day, count(DISTINCT person) AS users
FROM events
WHERE day BETWEEN $first AND $last AND person IS NOT NULL
GROUP BY day
ORDER BY day;
