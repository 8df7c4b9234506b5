-- Lines of each level in a span.
SELECT level, count(*) AS lines
FROM logs
WHERE ts >= $start AND ts < $end
GROUP BY level;
