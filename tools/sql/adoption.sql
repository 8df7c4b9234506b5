-- The audience at the end of a span, and how many of it tried each feature until then.
WITH audience AS (
    SELECT person
    FROM events
    WHERE person IS NOT NULL AND ts < $end
    GROUP BY person
    HAVING (
            bool_or(event = $signup_event::VARCHAR) IS TRUE
            OR (
                bool_or(NOT list_contains($visitor_events::VARCHAR[], event))
                AND ($signup_event::VARCHAR IS NULL OR len($visitor_events::VARCHAR[]) > 0)
            )
        )
        AND (
            $role::VARCHAR IS NULL
            OR arg_max(properties['role'], row(ts, place)) FILTER (WHERE properties['role'] IS NOT NULL) = $role
        )
),
tried AS (
    SELECT event, count(DISTINCT person) AS users
    FROM events
    WHERE ts < $end AND person IN (SELECT person FROM audience)
    GROUP BY event
),
known AS (SELECT DISTINCT event FROM events)
SELECT
    asked.feature,
    known.event IS NOT NULL AS known,
    coalesce(tried.users, 0) AS users,
    (SELECT count(*) FROM audience) AS audience
FROM (SELECT unnest($features) AS feature, generate_subscripts($features, 1) AS place) AS asked
LEFT JOIN known ON known.event = asked.feature
LEFT JOIN tried ON tried.event = asked.feature
ORDER BY asked.place;
