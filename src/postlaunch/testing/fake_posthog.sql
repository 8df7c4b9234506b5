-- The events of a project, and the functions of HogQL that read them, as DuckDB's.
CREATE TABLE events (
    uuid UUID, event VARCHAR, timestamp TIMESTAMPTZ, distinct_id VARCHAR, person_id UUID, properties VARCHAR
);
CREATE MACRO toString(value) AS value::VARCHAR;
CREATE MACRO toTimeZone(moment, zone) AS strftime(timezone(zone, moment), '%Y-%m-%d %H:%M:%S.%f');
CREATE MACRO toDateTime64(written, digits, zone) AS timezone(zone, written::TIMESTAMP);
CREATE MACRO JSONExtractRaw(object, name) AS
    coalesce(json_extract(object, '/' || replace(replace(name, '~', '~0'), '/', '~1'))::VARCHAR, '');
-- Events that arrive, as a list of JSON objects.
CREATE MACRO arrived(rows) AS TABLE
    SELECT r.uuid::UUID, r.event, r.timestamp::TIMESTAMPTZ, r.distinct_id, r.person_id::UUID, r.properties
    FROM (
        SELECT unnest(from_json(rows::JSON, '[{"uuid": "VARCHAR", "event": "VARCHAR", "timestamp": "VARCHAR",
            "distinct_id": "VARCHAR", "person_id": "VARCHAR", "properties": "VARCHAR"}]')) AS r
    );
-- Between the first and the last event of a span.
CREATE MACRO seconds_held(start, until) AS TABLE
    SELECT coalesce(date_diff('second', min(timestamp), max(timestamp)), 0)
    FROM events WHERE timestamp >= timezone('UTC', start) AND timestamp < timezone('UTC', until);
