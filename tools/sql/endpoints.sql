-- Every endpoint's requests, failures and response times.
SELECT
    method,
    route,
    count(*) AS requests,
    count(*) FILTER (WHERE status >= 500) AS failed,
    count(latency_ms) AS timed,
    avg(latency_ms) AS mean,
    sum(count(*)) OVER () AS all_requests
FROM requests
WHERE ts >= $start AND ts < $end
GROUP BY method, route
ORDER BY requests DESC, method, route;
