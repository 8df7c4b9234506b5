-- Distinct users of each day, without those who only did what visitors do; days without one are not listed.
SELECT day, count(DISTINCT person) AS users
FROM events
WHERE day BETWEEN $first AND $last
    AND person IS NOT NULL
    AND NOT list_contains($visitor_events::VARCHAR[], event)
GROUP BY day
ORDER BY day;
