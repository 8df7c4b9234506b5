-- The events of a metric with their property's value, where it is a finite number, by users who met one arm.
CREATE OR REPLACE TEMP TABLE found AS
SELECT person, ts, CASE WHEN isfinite(number) THEN number END AS value
FROM (
    SELECT person, ts, try_cast(properties[$property] AS DOUBLE) AS number
    FROM events
    WHERE event = $event
        AND ts >= $start - to_days($before_days::INTEGER)
        AND ts < $end
        AND person IN (SELECT person FROM exposures WHERE arms = 1)
);
