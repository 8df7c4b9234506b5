-- For the hours with enough requests to judge by: how many minutes of each hold any, and which minutes of the hour
-- occur at all. 20 requests spread evenly over an hour fall into 17 minutes.
SELECT count(*), quantile_disc(minutes, 0.9), min(first_minute), max(last_minute)
FROM (
    SELECT
        date_trunc('hour', ts),
        count(DISTINCT minute(ts)) AS minutes,
        min(minute(ts)) AS first_minute,
        max(minute(ts)) AS last_minute
    FROM read_parquet($staged)
    GROUP BY 1
    HAVING count(*) >= 20
);
