-- Requests and failures in spans of $minutes minutes; spans without requests are not listed.
SELECT
    (floor(epoch(ts) / (60 * $minutes)) * $minutes)::BIGINT AS minute,
    count(*) AS requests,
    count(*) FILTER (WHERE status >= 500) AS failed,
    count(DISTINCT user_id) AS users
FROM requests
WHERE ts >= $start AND ts < $end
GROUP BY 1
ORDER BY 1;
