-- Each pod's use of one resource in a span, against its limit; rows without the figure or its limit say nothing.
-- $resource is one of "pool", "memory", "cpu", "disk".
WITH chosen AS (
    SELECT
        ts,
        coalesce(pod, '') AS pod,
        CASE $resource
            WHEN 'pool' THEN pool_in_use
            WHEN 'memory' THEN memory_bytes
            WHEN 'cpu' THEN cpu_cores
            WHEN 'disk' THEN disk_bytes
        END AS used,
        CASE $resource
            WHEN 'pool' THEN pool_size
            WHEN 'memory' THEN memory_limit_bytes
            WHEN 'cpu' THEN cpu_limit_cores
            WHEN 'disk' THEN disk_limit_bytes
        END AS limited
    FROM resources
    WHERE ts >= $start AND ts < $end
)
SELECT
    pod,
    count(used) AS samples,
    max(used) AS peak,
    arg_max(limited, ts) FILTER (WHERE limited IS NOT NULL) AS limited,
    count(*) FILTER (WHERE used IS NOT NULL AND limited > 0) AS shared,
    max(used / limited) FILTER (WHERE limited > 0) AS peak_share,
    avg(used / limited) FILTER (WHERE limited > 0) AS mean_share,
    count(*) FILTER (WHERE limited > 0 AND used / limited >= $full) AS full_samples
FROM chosen
GROUP BY pod
HAVING count(used) > 0
ORDER BY peak_share DESC NULLS LAST, pod;
