-- The names that are expected, and every other name that occurs in the span, used otherwise or not: how many events of each are in the span,
-- when the last one up to its end was, and when the first one of the whole log was.
WITH counted AS (
    SELECT
        event,
        count(*) FILTER (WHERE ts >= $start AND ts < $end) AS events,
        max(ts) FILTER (WHERE ts < $end) AS last,
        min(ts) AS first
    FROM events
    GROUP BY event
)
SELECT
    coalesce(asked.event, counted.event) AS event,
    asked.event IS NOT NULL AS expected,
    list_contains($otherwise::VARCHAR[], counted.event) IS TRUE AS otherwise,
    coalesce(counted.events, 0) AS events,
    counted.last,
    counted.first
FROM (SELECT DISTINCT unnest($expected::VARCHAR[]) AS event) AS asked
FULL JOIN counted ON counted.event = asked.event
WHERE asked.event IS NOT NULL OR counted.events > 0
ORDER BY events DESC, event;
