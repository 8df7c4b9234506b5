-- Lines of level error or critical by template in a span, the most frequent first.
SELECT
    coalesce(template, message, '') AS template,
    count(*) AS lines,
    epoch(min(ts)) AS first_line,
    count(DISTINCT pod) AS pods,
    min(pod) AS pod,
    any_value(message) AS sample,
    sum(count(*)) OVER () AS all_lines
FROM logs
WHERE ts >= $start AND ts < $end AND level IN ('error', 'critical')
GROUP BY 1
ORDER BY lines DESC, template;
