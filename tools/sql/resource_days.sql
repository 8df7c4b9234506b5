-- The mean share of its limits that each pod used on each whole day, and all of them together (pod NULL).
SELECT
    pod,
    grouping(pod) = 1 AS together,
    day,
    count(*) AS samples,
    avg(memory_bytes / memory_limit_bytes) FILTER (WHERE memory_limit_bytes > 0) AS memory,
    avg(cpu_cores / cpu_limit_cores) FILTER (WHERE cpu_limit_cores > 0) AS cpu,
    avg(disk_bytes / disk_limit_bytes) FILTER (WHERE disk_limit_bytes > 0) AS disk,
    avg(pool_in_use / pool_size) FILTER (WHERE pool_size > 0) AS pool
FROM resources
WHERE day BETWEEN $first AND $last
GROUP BY GROUPING SETS ((pod, day), (day))
ORDER BY together DESC, pod, day;
