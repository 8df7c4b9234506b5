-- Each day of the application's clock: response times, their pace, and the busiest minute.
-- A request's pace is its response time ÷ the mean of its endpoint over the whole window: 1 is usual.
WITH usual AS (
    SELECT method, route, nullif(avg(latency_ms), 0) AS mean
    FROM requests
    WHERE ts >= $start AND ts < $end
    GROUP BY method, route
),
requests_in AS (
    SELECT
        timezone($zone, ts AT TIME ZONE 'UTC')::DATE AS day,
        ts,
        latency_ms,
        latency_ms / usual.mean AS pace
    FROM requests
    JOIN usual USING (method, route)
    WHERE ts >= $start AND ts < $end
),
per_minute AS (
    SELECT day, count(*) AS requests FROM requests_in GROUP BY day, date_trunc('minute', ts)
),
peaks AS (
    SELECT day, max(requests) AS busiest_minute FROM per_minute GROUP BY day
)
SELECT
    day,
    count(*) AS requests,
    count(latency_ms) AS timed,
    avg(latency_ms) AS mean,
    quantile_disc(latency_ms, 0.95) AS p95,
    avg(pace) AS pace,
    any_value(peaks.busiest_minute) AS busiest_minute
FROM requests_in
JOIN peaks USING (day)
GROUP BY day
ORDER BY day;
