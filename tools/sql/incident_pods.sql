-- Pods with samples in a span, and signs of restarts: memory that falls by more than $fall of itself from one
-- sample to the next, and gaps of more than $gaps times the pod's usual one.
WITH samples AS (
    SELECT
        coalesce(pod, '') AS pod,
        ts,
        memory_bytes,
        lag(memory_bytes) OVER (PARTITION BY pod ORDER BY ts) AS memory_before,
        epoch(ts) - epoch(lag(ts) OVER (PARTITION BY pod ORDER BY ts)) AS gap
    FROM resources
    WHERE ts >= $from AND ts < $end
),
usual AS (
    SELECT pod, median(gap) AS gap FROM samples GROUP BY pod
)
SELECT
    samples.pod,
    count(*) FILTER (WHERE ts >= $start) AS samples,
    count(*) FILTER (
        WHERE ts >= $start
        AND (memory_bytes < memory_before * (1 - $fall) OR samples.gap > $gaps * usual.gap)
    ) AS restarts,
    epoch(max(ts)) AS last_sample,
    any_value(usual.gap) AS usual_gap
FROM samples JOIN usual ON samples.pod IS NOT DISTINCT FROM usual.pod
GROUP BY samples.pod
ORDER BY samples.pod;
