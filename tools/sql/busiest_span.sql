-- The busiest of the spans of $seconds into which the clock divides a window, the first of them where several are.
SELECT
    floor(epoch(ts) / $seconds) * $seconds AS begins,
    count(*) AS requests,
    count(*) FILTER (WHERE status >= 500) AS failed,
    count(latency_ms) AS timed,
    avg(latency_ms) AS mean
FROM requests
WHERE ts >= $start AND ts < $end
GROUP BY 1
ORDER BY requests DESC, begins
LIMIT 1;
