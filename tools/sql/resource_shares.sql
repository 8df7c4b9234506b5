-- Peak use of one resource against its limit in spans of $minutes minutes, in the pod that uses most of it.
SELECT
    (floor(epoch(ts) / (60 * $minutes)) * $minutes)::BIGINT AS minute,
    count(*) AS samples,
    max(
        CASE $resource
            WHEN 'pool' THEN pool_in_use / nullif(pool_size, 0)
            WHEN 'memory' THEN memory_bytes / nullif(memory_limit_bytes, 0)
            WHEN 'cpu' THEN cpu_cores / nullif(cpu_limit_cores, 0)
            WHEN 'disk' THEN disk_bytes / nullif(disk_limit_bytes, 0)
        END
    ) AS share
FROM resources
WHERE ts >= $start AND ts < $end
GROUP BY 1
HAVING share IS NOT NULL
ORDER BY 1;
