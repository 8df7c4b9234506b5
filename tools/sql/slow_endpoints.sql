-- Endpoints with enough timed requests, slowest mean first.
SELECT
    method,
    route,
    count(*) AS requests,
    count(latency_ms) AS timed,
    avg(latency_ms) AS mean,
    quantile_disc(latency_ms, 0.95) AS p95
FROM requests
WHERE ts >= $start AND ts < $end
GROUP BY method, route
HAVING count(latency_ms) >= $min_requests
ORDER BY mean DESC, method, route;
