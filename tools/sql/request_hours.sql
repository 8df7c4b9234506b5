-- Requests, failures and the 95th percentile of each hour of the application's clock. An hour that the clock repeats
-- in autumn is two rows.
SELECT
    date_trunc('hour', timezone($zone, ts AT TIME ZONE 'UTC')) AS local,
    (epoch(timezone($zone, ts AT TIME ZONE 'UTC')) - epoch(ts))::BIGINT AS offset_seconds,
    count(*) AS requests,
    count(*) FILTER (WHERE status >= 500) AS failed,
    count(latency_ms) AS timed,
    quantile_disc(latency_ms, 0.95) AS p95
FROM requests
WHERE ts >= $start AND ts < $end
GROUP BY 1, 2
ORDER BY local, offset_seconds DESC;
