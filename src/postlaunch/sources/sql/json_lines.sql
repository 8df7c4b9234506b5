-- One piece of a log of JSON objects, one a line, into `parsed`.
-- $pointers holds two JSON pointers for each of our names, in the order of `log_formats.ALIASES`.
CREATE OR REPLACE TEMP TABLE parsed AS
WITH numbered AS (
    SELECT unnest(lines) AS line, generate_subscripts(lines, 1) - 1 + $first_line AS number
    FROM (SELECT string_split(content, chr(10)) AS lines FROM piece)
),
found AS (
    SELECT
        number,
        line,
        CASE WHEN strlen(line) <= $longest_line THEN try(json_extract_string(line, $pointers)) END AS v
    FROM numbered
    WHERE NOT regexp_full_match(line, '\s*')
),
named AS (
    SELECT
        number,
        line,
        v IS NOT NULL AND starts_with(ltrim(line), '{') AS whole,
        coalesce(v[1], v[2]) AS time,
        coalesce(v[3], v[4], split_part(coalesce(v[21], v[22]), ' ', 1)) AS method,
        coalesce(v[5], v[6], split_part(coalesce(v[21], v[22]), ' ', 2), '') AS target,
        try_cast(coalesce(v[7], v[8]) AS BIGINT) AS status,
        try_cast(coalesce(v[9], v[10]) AS DOUBLE) * $latency_factor AS latency_ms,
        coalesce(v[11], v[12]) AS user_id,
        coalesce(v[13], v[14]) AS pod,
        try_cast(coalesce(v[15], v[16]) AS BIGINT) AS bytes,
        coalesce(v[17], v[18]) AS agent,
        coalesce(v[19], v[20]) AS client
    FROM found
),
typed AS (
    SELECT
        *,
        moment_of(time, $zone) AS ts
    FROM named
)
SELECT
    number,
    line_problem(line, whole, ts, status, $longest_line, $latest) AS problem,
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
FROM typed;
