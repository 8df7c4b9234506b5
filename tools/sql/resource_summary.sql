-- What each pod used of its resources in a span, and all of them together (pod NULL).
-- Where a resource has limits, its figures are over the samples that have both. A limit that was set anew within
-- the span counts from then on: what was used of the old one says nothing of the new. One that goes to and fro
-- (more than five steps of over 1 %) is no setting, and is averaged.
WITH samples AS (
    SELECT
        ts,
        pod,
        memory_bytes AS memory, memory_limit_bytes AS memory_limit,
        cpu_cores AS cpu, cpu_limit_cores AS cpu_limit,
        disk_bytes AS disk, disk_limit_bytes AS disk_limit,
        pool_in_use AS pool, pool_size AS pool_limit
    FROM resources
    WHERE ts >= $start AND ts < $end
),
figures AS (
    SELECT ts, pod, 'memory' AS resource, memory AS used, memory_limit AS most FROM samples WHERE memory IS NOT NULL
    UNION ALL
    SELECT ts, pod, 'cpu', cpu, cpu_limit FROM samples WHERE cpu IS NOT NULL
    UNION ALL
    SELECT ts, pod, 'disk', disk, disk_limit FROM samples WHERE disk IS NOT NULL
    UNION ALL
    SELECT ts, pod, 'pool', pool, pool_limit FROM samples WHERE pool IS NOT NULL
),
limits AS (
    SELECT ts, pod, resource, most, lag(most) OVER (PARTITION BY resource, pod ORDER BY ts) AS was
    FROM figures
    WHERE most > 0
),
changes AS (
    SELECT resource, pod, max(ts) AS changed
    FROM limits
    WHERE abs(most - was) > 0.01 * was
    GROUP BY resource, pod
    HAVING count(*) <= 5
),
judged AS (
    SELECT
        figures.*,
        changed,
        most > 0 AND (changed IS NULL OR ts >= changed) AS present
    FROM figures
    LEFT JOIN changes ON changes.resource = figures.resource AND changes.pod IS NOT DISTINCT FROM figures.pod
)
SELECT
    resource,
    pod,
    grouping(pod) = 1 AS together,
    count(*) AS samples,
    count(*) FILTER (WHERE most > 0) AS limited,
    count(*) FILTER (WHERE present) AS since,
    max(changed) AS changed,
    avg(used) AS used,
    avg(used) FILTER (WHERE most > 0) AS used_limited,
    avg(most) FILTER (WHERE present) AS most,
    quantile_disc(used / most, 0.95) FILTER (WHERE present) AS p95,
    max(used / most) FILTER (WHERE most > 0) AS peak
FROM judged
GROUP BY GROUPING SETS ((resource, pod), (resource))
ORDER BY resource, together DESC, pod;
