-- Metrics of each arm's users by the events `found`, from each user's first exposure on, and the same in the
-- $before_days days before it: one row an arm for each of $kinds. Whom a mean finds without a value before is taken to be
-- like the others.
WITH valued AS (
    SELECT
        exposures.arm,
        count(found.person) FILTER (WHERE found.ts >= exposures.ts) AS times,
        avg(value) FILTER (WHERE found.ts >= exposures.ts) AS mean,
        sum(value) FILTER (WHERE found.ts >= exposures.ts) AS total,
        count(found.person) FILTER (WHERE found.ts < exposures.ts) AS times_before,
        avg(value) FILTER (WHERE found.ts < exposures.ts) AS mean_before,
        sum(value) FILTER (WHERE found.ts < exposures.ts) AS total_before
    FROM exposures
    LEFT JOIN found
        ON found.person = exposures.person AND found.ts >= exposures.ts - to_days($before_days::INTEGER)
    WHERE exposures.arms = 1
    GROUP BY exposures.arm, exposures.person
),
chosen AS (
    SELECT
        kind,
        arm,
        CASE kind
            WHEN 'conversion' THEN (times > 0)::INTEGER
            WHEN 'mean' THEN mean
            WHEN 'sum' THEN coalesce(total, 0)
            ELSE times
        END::DOUBLE AS value,
        CASE kind
            WHEN 'conversion' THEN (times_before > 0)::INTEGER
            WHEN 'mean' THEN mean_before
            WHEN 'sum' THEN coalesce(total_before, 0)
            ELSE times_before
        END::DOUBLE AS known_before
    FROM valued
    CROSS JOIN (SELECT unnest($kinds::VARCHAR[]) AS kind)
),
measured AS (
    SELECT kind, arm, value, coalesce(known_before, avg(known_before) OVER (PARTITION BY kind), 0) AS before
    FROM chosen
    WHERE value IS NOT NULL
)
SELECT
    kind,
    arm,
    count(*) AS n,
    sum(value) AS total,
    avg(value) AS mean,
    coalesce(var_samp(value), 0) AS variance,
    avg(before) AS before_mean,
    coalesce(var_samp(before), 0) AS before_variance,
    coalesce(covar_samp(value, before), 0) AS before_covariance
FROM measured
GROUP BY kind, arm
ORDER BY kind, arm;
