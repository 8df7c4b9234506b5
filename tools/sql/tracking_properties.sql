-- For each event and property of it that is needed: how many such events the span has, and how many with a value.
WITH asked AS (SELECT unnest($events::VARCHAR[]) AS event, unnest($properties::VARCHAR[]) AS property)
SELECT
    asked.event,
    asked.property,
    count(events.place) AS events,
    count(events.place) FILTER (WHERE events.properties[asked.property] IS NOT NULL) AS filled
FROM asked
LEFT JOIN events ON events.event = asked.event AND events.ts >= $start AND events.ts < $end
GROUP BY asked.event, asked.property
ORDER BY asked.event, asked.property;
