-- Samples and pods in a span, and each pod's sharp falls of memory from one sample to the next.
WITH samples AS (
    SELECT
        pod,
        memory_bytes,
        lag(memory_bytes) OVER (PARTITION BY pod ORDER BY ts) AS before
    FROM resources
    WHERE ts >= $start AND ts < $end
)
SELECT
    pod,
    grouping(pod) = 1 AS together,
    count(*) AS samples,
    count(DISTINCT pod) AS pods,
    count(memory_bytes) AS with_memory,
    count(*) FILTER (WHERE memory_bytes < before * (1 - $fall)) AS falls
FROM samples
GROUP BY GROUPING SETS ((pod), ())
ORDER BY together DESC, pod;
