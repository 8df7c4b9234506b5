-- A range of the rows of a Parquet file (the view request_rows) into `parsed`.
CREATE OR REPLACE TEMP TABLE parsed AS
WITH named AS (
    SELECT
        number + 1 AS number,
        concat_ws(' ', time_zoned, time_plain, time_written, method, path, request, status) AS line,
        coalesce(
            time_zoned AT TIME ZONE 'UTC',
            timezone($zone, time_plain) AT TIME ZONE 'UTC',
            moment_of(time_written, $zone)
        ) AS ts,
        coalesce(method::VARCHAR, split_part(request::VARCHAR, ' ', 1)) AS method,
        coalesce(path::VARCHAR, split_part(request::VARCHAR, ' ', 2), '') AS target,
        try_cast(status AS BIGINT) AS status,
        try_cast(latency AS DOUBLE) * $latency_factor AS latency_ms,
        "user"::VARCHAR AS user_id,
        client::VARCHAR AS client,
        pod::VARCHAR AS pod,
        try_cast(bytes AS BIGINT) AS bytes,
        agent::VARCHAR AS agent
    FROM request_rows
    WHERE number BETWEEN $first AND $last
)
SELECT
    number,
    line_problem(line, true, ts, status, $longest_line, $latest) AS problem,
    CASE WHEN problem IS NOT NULL THEN left(line, 400) END AS rejected,
    ts,
    method,
    split_part(target, '?', 1) AS target,
    status,
    CASE WHEN isfinite(latency_ms) AND latency_ms >= 0 THEN latency_ms END AS latency_ms,
    nullif(nullif(user_id, '-'), '') AS user_id,
    nullif(nullif(client, '-'), '') AS client,
    nullif(pod, '') AS pod,
    bytes,
    agent
FROM named;
