-- The highest share of its limits that each pod used in each hour of the application's clock.
SELECT
    coalesce(pod, '') AS pod,
    date_trunc('hour', timezone($zone, ts AT TIME ZONE 'UTC')) AS local,
    count(*) AS samples,
    max(memory_bytes / memory_limit_bytes) FILTER (WHERE memory_limit_bytes > 0) AS memory,
    max(cpu_cores / cpu_limit_cores) FILTER (WHERE cpu_limit_cores > 0) AS cpu,
    max(disk_bytes / disk_limit_bytes) FILTER (WHERE disk_limit_bytes > 0) AS disk,
    max(pool_in_use / pool_size) FILTER (WHERE pool_size > 0) AS pool
FROM resources
WHERE ts >= $start AND ts < $end
GROUP BY 1, 2
ORDER BY 1, 2;
