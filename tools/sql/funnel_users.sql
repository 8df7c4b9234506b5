-- How many users came to a stop at each step, and how many of them may still go on: the time allowed was not over
-- at the end, and (where steps must follow directly) nothing else was done since.
WITH users AS (
    SELECT
        person,
        max(step) AS step,
        bool_or(open_until >= $end AND (is_last OR NOT $directly)) AS is_open
    FROM reached
    GROUP BY person
)
SELECT step, count(*) AS users, count(*) FILTER (WHERE is_open) AS still_open
FROM users
GROUP BY step
ORDER BY step;
