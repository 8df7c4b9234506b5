-- Distinct users of some days together, without those who only did what visitors do.
SELECT count(DISTINCT person) AS users
FROM events
WHERE day BETWEEN $first AND $last
    AND person IS NOT NULL
    AND NOT list_contains($visitor_events::VARCHAR[], event);
