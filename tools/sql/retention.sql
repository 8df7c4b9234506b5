-- For each number of days N: the cohort, how many of it have N complete days behind them, and how many of these
-- were active on day N, and on day N or later. A cohort is of the days $firsts to $lasts; no day asked about lies before
-- $earliest.
WITH joined AS (
    SELECT person, min(day) AS day
    FROM events
    WHERE person IS NOT NULL
        AND day < $incomplete
        AND ($signup_event::VARCHAR IS NULL OR event = $signup_event)
        AND (
            $signup_event::VARCHAR IS NOT NULL
            OR len($visitor_events::VARCHAR[]) = 0
            OR NOT list_contains($visitor_events::VARCHAR[], event)
        )
    GROUP BY person
),
active AS (
    SELECT DISTINCT person, day
    FROM events
    WHERE person IS NOT NULL
        AND day >= $earliest
        AND day < $incomplete
        AND ($return_event::VARCHAR IS NULL OR event = $return_event)
        AND (
            $return_event::VARCHAR IS NOT NULL
            OR len($visitor_events::VARCHAR[]) = 0
            OR NOT list_contains($visitor_events::VARCHAR[], event)
        )
),
cohorts AS (
    SELECT asked.n, joined.person, joined.day, joined.day + asked.n < $incomplete AS mature
    FROM (SELECT unnest($days) AS n, unnest($firsts) AS first, unnest($lasts) AS last) AS asked
    JOIN joined ON joined.day BETWEEN asked.first AND asked.last
),
returned AS (
    SELECT cohorts.n, cohorts.person, min(active.day - cohorts.day) AS age
    FROM cohorts
    JOIN active ON active.person = cohorts.person AND active.day >= cohorts.day + cohorts.n
    WHERE cohorts.mature
    GROUP BY cohorts.n, cohorts.person
)
SELECT
    cohorts.n,
    count(*) AS cohort,
    count(*) FILTER (WHERE cohorts.mature) AS mature,
    count(*) FILTER (WHERE returned.age = cohorts.n) AS on_day,
    count(*) FILTER (WHERE returned.age >= cohorts.n) AS on_day_or_later
FROM cohorts
LEFT JOIN returned ON returned.n = cohorts.n AND returned.person = cohorts.person
GROUP BY cohorts.n
ORDER BY cohorts.n;
