-- Every endpoint's share of the requests and of the time spent on them.
SELECT
    method,
    route,
    count(*) AS requests,
    count(latency_ms) AS timed,
    avg(latency_ms) AS mean,
    quantile_disc(latency_ms, 0.95) AS p95,
    coalesce(sum(latency_ms), 0) AS time_spent,
    sum(count(*)) OVER () AS all_requests,
    sum(count(latency_ms)) OVER () AS all_timed,
    sum(coalesce(sum(latency_ms), 0)) OVER () AS all_time
FROM requests
WHERE ts >= $start AND ts < $end
GROUP BY method, route
ORDER BY time_spent DESC, requests DESC, method, route;
