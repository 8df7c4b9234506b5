-- The application's figures over one window.
WITH requests_in AS (
    SELECT * FROM requests WHERE ts >= $start AND ts < $end
),
per_minute AS (
    SELECT count(*) AS requests FROM requests_in GROUP BY date_trunc('minute', ts)
)
SELECT
    count(*) AS requests,
    count(*) FILTER (WHERE status >= 500) AS failed,
    count(*) FILTER (WHERE status BETWEEN 400 AND 499) AS client_failed,
    count(bot) AS with_agent,
    count(*) FILTER (WHERE bot) AS bots,
    count(user_id) AS with_user,
    count(DISTINCT user_id) AS users,
    count(latency_ms) AS timed,
    avg(latency_ms) AS mean,
    quantile_disc(latency_ms, 0.50) AS p50,
    quantile_disc(latency_ms, 0.95) AS p95,
    quantile_disc(latency_ms, 0.99) AS p99,
    (SELECT count(*) FROM per_minute) AS minutes,
    (SELECT max(requests) FROM per_minute) AS busiest_minute
FROM requests_in;
