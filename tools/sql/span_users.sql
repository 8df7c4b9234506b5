-- Distinct users of some days together.
SELECT count(DISTINCT person) AS users
FROM events
WHERE day BETWEEN $first AND $last AND person IS NOT NULL;
