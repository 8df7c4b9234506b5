-- Requests by hour or day of the application's clock. An hour that the clock repeats in autumn is two rows.
SELECT
    date_trunc($unit, timezone($zone, ts AT TIME ZONE 'UTC')) AS local,
    CASE
        WHEN $unit = 'hour' THEN epoch(timezone($zone, ts AT TIME ZONE 'UTC')) - epoch(ts)
        ELSE 0
    END::BIGINT AS offset_seconds,
    count(*) AS requests,
    count(*) FILTER (WHERE status >= 500) AS failed,
    count(latency_ms) AS timed,
    avg(latency_ms) AS mean
FROM requests
WHERE ts >= $start AND ts < $end
GROUP BY 1, 2
ORDER BY local, offset_seconds DESC;
