-- Users known at the end of a span, and those of them who joined in it: with the sign-up event, where one is named,
-- else with the first event that visitors do not have. Where the visitors' events are known too, whoever has another
-- event without having signed up is a user who joined before the events begin.
WITH people AS (
    SELECT
        person,
        min(ts) FILTER (WHERE event = $signup_event::VARCHAR) AS signed_up,
        min(ts) FILTER (WHERE NOT list_contains($visitor_events::VARCHAR[], event)) AS acted
    FROM events
    WHERE person IS NOT NULL AND ts < $end
    GROUP BY person
),
users AS (
    SELECT CASE WHEN $signup_event::VARCHAR IS NULL THEN acted ELSE signed_up END AS joined
    FROM people
    WHERE signed_up IS NOT NULL
        OR (acted IS NOT NULL AND ($signup_event::VARCHAR IS NULL OR len($visitor_events::VARCHAR[]) > 0))
)
SELECT
    count(*) AS total,
    count(*) FILTER (WHERE joined >= $start) AS joined,
    count(*) FILTER (WHERE joined IS NULL) AS earlier
FROM users;
