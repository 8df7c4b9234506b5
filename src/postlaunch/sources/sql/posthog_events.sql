SELECT
    toString(uuid),
    toString(toTimeZone(timestamp, 'UTC')),
    event,
    {columns}
FROM events
WHERE timestamp >= toDateTime64({start}, 6, 'UTC')
    AND timestamp < toDateTime64({end}, 6, 'UTC')
    AND (timestamp > toDateTime64({start}, 6, 'UTC') OR toString(uuid) > {after})
ORDER BY timestamp, toString(uuid)
LIMIT {limit}
