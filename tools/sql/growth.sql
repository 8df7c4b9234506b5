-- Users known at the end of a span, and those of them who joined in it.
WITH joined AS (
    SELECT person, min(ts) AS ts
    FROM events
    WHERE person IS NOT NULL AND ts < $end AND ($signup_event::VARCHAR IS NULL OR event = $signup_event)
    GROUP BY person
)
SELECT count(*) AS total, count(*) FILTER (WHERE ts >= $start) AS joined
FROM joined;
