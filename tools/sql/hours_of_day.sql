-- The day's hours on the application's clock, over the whole window: requests, and their pace.
-- A request's pace is its response time ÷ the mean of its endpoint over the whole window: 1 is usual.
WITH usual AS (
    SELECT method, route, nullif(avg(latency_ms), 0) AS mean
    FROM requests
    WHERE ts >= $start AND ts < $end
    GROUP BY method, route
),
requests_in AS (
    SELECT
        extract(hour FROM timezone($zone, ts AT TIME ZONE 'UTC'))::INTEGER AS hour,
        latency_ms,
        latency_ms / usual.mean AS pace
    FROM requests
    JOIN usual USING (method, route)
    WHERE ts >= $start AND ts < $end
)
SELECT
    hour,
    count(*) AS requests,
    count(pace) AS timed,
    avg(pace) AS pace
FROM requests_in
GROUP BY hour
ORDER BY hour;
