-- How long sessions last, in minutes from the first to the last event; people with events of visitors alone are no
-- users, and left out.
WITH users AS (
    SELECT person
    FROM session_events
    GROUP BY person
    HAVING bool_or(NOT list_contains($visitor_events::VARCHAR[], event))
),
sessions AS (
    SELECT person, epoch(any_value(ended - began)) / 60 AS minutes
    FROM session_events
    SEMI JOIN users USING (person)
    GROUP BY person, number
),
people AS (SELECT person, sum(minutes) AS minutes FROM sessions GROUP BY person)
SELECT
    count(*) AS sessions,
    avg(minutes) AS mean,
    median(minutes) AS median,
    (SELECT count(*) FROM people) AS users,
    (SELECT count(*) FROM people WHERE minutes > $engaged) AS engaged,
    (SELECT count(*) FROM people WHERE minutes > $power) AS power
FROM sessions;
