-- Seconds between two samples of a pod: the usual gap, at least one second.
WITH gaps AS (
    SELECT epoch(ts) - epoch(lag(ts) OVER (PARTITION BY pod ORDER BY ts)) AS gap
    FROM resources
    WHERE ts >= $start AND ts < $end
)
SELECT greatest(coalesce(quantile_disc(gap, 0.5), 60), 1) AS seconds FROM gaps WHERE gap > 0;
