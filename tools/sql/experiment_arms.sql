-- Users of each arm alone, and those who met it first of several.
SELECT arm, count(*) FILTER (WHERE arms = 1) AS users, count(*) FILTER (WHERE arms > 1) AS mixed
FROM exposures
GROUP BY arm
ORDER BY arm;
