-- Every pod's figures, busiest first.
SELECT
    pod,
    count(*) AS requests,
    count(*) FILTER (WHERE status >= 500) AS failed,
    count(latency_ms) AS timed,
    avg(latency_ms) AS mean,
    quantile_disc(latency_ms, 0.95) AS p95
FROM requests
WHERE ts >= $start AND ts < $end AND pod IS NOT NULL
GROUP BY pod
ORDER BY requests DESC, pod;
