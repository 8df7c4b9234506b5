-- The names that are expected, and every other name that occurs in the span: how many events of each are in the span,
-- and when the last one up to its end was.
WITH counted AS (
    SELECT event, count(*) FILTER (WHERE ts >= $start) AS events, max(ts) AS last
    FROM events
    WHERE ts < $end
    GROUP BY event
)
SELECT
    coalesce(asked.event, counted.event) AS event,
    asked.event IS NOT NULL AS expected,
    coalesce(counted.events, 0) AS events,
    counted.last
FROM (SELECT DISTINCT unnest($expected::VARCHAR[]) AS event) AS asked
FULL JOIN counted ON counted.event = asked.event
WHERE asked.event IS NOT NULL OR counted.events > 0
ORDER BY events DESC, event;
