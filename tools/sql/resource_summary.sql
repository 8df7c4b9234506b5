-- What each pod used of its resources in a span, and all of them together (pod NULL).
-- Where a resource has limits, its figures are over the samples that have both.
WITH samples AS (
    SELECT
        pod,
        memory_bytes AS memory, memory_limit_bytes AS memory_limit,
        cpu_cores AS cpu, cpu_limit_cores AS cpu_limit,
        disk_bytes AS disk, disk_limit_bytes AS disk_limit,
        pool_in_use AS pool, pool_size AS pool_limit
    FROM resources
    WHERE ts >= $start AND ts < $end
),
figures AS (
    SELECT pod, 'memory' AS resource, memory AS used, memory_limit AS most FROM samples WHERE memory IS NOT NULL
    UNION ALL
    SELECT pod, 'cpu', cpu, cpu_limit FROM samples WHERE cpu IS NOT NULL
    UNION ALL
    SELECT pod, 'disk', disk, disk_limit FROM samples WHERE disk IS NOT NULL
    UNION ALL
    SELECT pod, 'pool', pool, pool_limit FROM samples WHERE pool IS NOT NULL
)
SELECT
    resource,
    pod,
    grouping(pod) = 1 AS together,
    count(*) AS samples,
    count(*) FILTER (WHERE most > 0) AS limited,
    avg(used) AS used,
    avg(used) FILTER (WHERE most > 0) AS used_limited,
    avg(most) FILTER (WHERE most > 0) AS most,
    quantile_disc(used / most, 0.95) FILTER (WHERE most > 0) AS p95,
    max(used / most) FILTER (WHERE most > 0) AS peak
FROM figures
GROUP BY GROUPING SETS ((resource, pod), (resource))
ORDER BY resource, together DESC, pod;
