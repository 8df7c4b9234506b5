-- Each ISO week of the application's clock: requests, users, response times, the busiest minute, days with requests.
WITH requests_in AS (
    SELECT
        date_trunc('week', timezone($zone, ts AT TIME ZONE 'UTC')) AS week,
        timezone($zone, ts AT TIME ZONE 'UTC')::DATE AS day,
        ts,
        latency_ms,
        user_id
    FROM requests
    WHERE ts >= $start AND ts < $end
),
per_minute AS (
    SELECT week, count(*) AS requests FROM requests_in GROUP BY week, date_trunc('minute', ts)
),
peaks AS (
    SELECT week, max(requests) AS busiest_minute FROM per_minute GROUP BY week
)
SELECT
    week,
    count(*) AS requests,
    count(DISTINCT day) AS days,
    count(user_id) AS with_user,
    count(DISTINCT user_id) AS users,
    count(latency_ms) AS timed,
    avg(latency_ms) AS mean,
    quantile_disc(latency_ms, 0.95) AS p95,
    any_value(peaks.busiest_minute) AS busiest_minute
FROM requests_in
JOIN peaks USING (week)
GROUP BY week
ORDER BY week;
