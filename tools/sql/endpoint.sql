-- One endpoint's figures.
SELECT
    count(*) AS requests,
    count(*) FILTER (WHERE status >= 500) AS failed,
    count(latency_ms) AS timed,
    avg(latency_ms) AS mean,
    quantile_disc(latency_ms, 0.50) AS p50,
    quantile_disc(latency_ms, 0.95) AS p95,
    quantile_disc(latency_ms, 0.99) AS p99,
    count(user_id) AS with_user,
    count(DISTINCT user_id) AS users
FROM requests
WHERE ts >= $start AND ts < $end AND method || ' ' || route = $endpoint;
