-- The events of a metric, with no value of their own, by users who met one arm.
CREATE OR REPLACE TEMP TABLE found AS
SELECT person, ts, NULL::DOUBLE AS value
FROM events
WHERE event = $event
    AND ts >= $start - to_days($before_days::INTEGER)
    AND ts < $end
    AND person IN (SELECT person FROM exposures WHERE arms = 1);
