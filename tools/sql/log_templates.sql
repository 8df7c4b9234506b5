-- The templates of some levels that occur in a span: lines in it, in the baseline, and in the week before it; the
-- first line of the whole log; and an example. Most lines first.
WITH lines AS (
    SELECT * FROM logs WHERE list_contains($levels, level) AND ts < $end
)
SELECT
    level,
    template,
    count(*) FILTER (WHERE ts >= $start) AS lines,
    count(*) FILTER (WHERE ts >= $before_start AND ts < $before_end) AS lines_before,
    count(*) FILTER (WHERE ts >= $start - INTERVAL 7 DAY AND ts < $start) AS lines_of_week,
    epoch(min(ts)) AS first_seen,
    arg_min(logger, ts) FILTER (WHERE ts >= $start) AS logger,
    arg_min(message, ts) FILTER (WHERE ts >= $start) AS example,
    count(DISTINCT pod) FILTER (WHERE ts >= $start) AS pods
FROM lines
GROUP BY level, template
HAVING count(*) FILTER (WHERE ts >= $start) > 0
ORDER BY lines DESC, level, template;
