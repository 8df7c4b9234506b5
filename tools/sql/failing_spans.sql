-- Requests and failures in spans of $minutes minutes; only spans with failures are listed.
SELECT
    (floor(epoch(ts) / (60 * $minutes)) * $minutes)::BIGINT AS minute,
    count(*) AS requests,
    count(*) FILTER (WHERE status >= 500) AS failed
FROM requests
WHERE ts >= $start AND ts < $end
GROUP BY 1
HAVING count(*) FILTER (WHERE status >= 500) > 0
ORDER BY 1;
