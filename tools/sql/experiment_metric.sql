-- One metric of each arm's users, from each user's first exposure on.
WITH valued AS (
    SELECT
        exposures.arm,
        count(events.person) AS times,
        avg(value) AS mean,
        sum(value) AS total
    FROM exposures
    LEFT JOIN (
        SELECT
            person,
            ts,
            CASE
                WHEN isfinite(try_cast(properties[$property] AS DOUBLE)) THEN try_cast(properties[$property] AS DOUBLE)
            END AS value
        FROM events
        WHERE event = $event AND ts >= $start AND ts < $end
    ) AS events ON events.person = exposures.person AND events.ts >= exposures.ts
    WHERE exposures.arms = 1
    GROUP BY exposures.arm, exposures.person
),
measured AS (
    SELECT
        arm,
        CASE $kind
            WHEN 'conversion' THEN (times > 0)::INTEGER
            WHEN 'mean' THEN mean
            WHEN 'sum' THEN coalesce(total, 0)
            ELSE times
        END::DOUBLE AS value
    FROM valued
)
SELECT
    arm,
    count(value) AS n,
    sum(value) AS total,
    avg(value) AS mean,
    coalesce(var_samp(value), 0) AS variance
FROM measured
GROUP BY arm
ORDER BY arm;
