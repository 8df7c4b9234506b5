-- Where one incident's failures fell: by endpoint, by status, by pod; the busiest of each.
WITH failed AS (
    SELECT method || ' ' || route AS endpoint, status::VARCHAR AS status, pod
    FROM requests
    WHERE ts >= $start AND ts < $end AND status >= 500
),
counted AS (
    SELECT 'endpoint' AS kind, endpoint AS value, count(*) AS failed FROM failed GROUP BY endpoint
    UNION ALL
    SELECT 'status', status, count(*) FROM failed GROUP BY status
    UNION ALL
    SELECT 'pod', pod, count(*) FROM failed WHERE pod IS NOT NULL GROUP BY pod
)
SELECT kind, value, failed
FROM counted
QUALIFY row_number() OVER (PARTITION BY kind ORDER BY failed DESC, value) <= 5
ORDER BY kind, failed DESC, value;
