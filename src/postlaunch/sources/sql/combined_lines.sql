-- One piece of a web server's log (combined, with or without more fields at the line's end; common) into `parsed`.
-- A line is split at its double quotes, which is many times faster than one regular expression with groups:
--   client ident user [time] "request" status bytes "referrer" "agent" more...
-- Escapes inside quotes are put aside first: \\ as chr(2), \" as chr(1); paths.sql puts them back.
CREATE OR REPLACE TEMP TABLE parsed AS
WITH numbered AS (
    SELECT unnest(lines) AS line, generate_subscripts(lines, 1) - 1 + $first_line AS number
    FROM (SELECT string_split(content, chr(10)) AS lines FROM piece)
),
split AS (
    SELECT
        number,
        line,
        string_split(
            CASE
                WHEN strlen(line) > $longest_line THEN ''
                WHEN contains(line, '\') THEN replace(replace(line, '\\', chr(2)), '\"', chr(1))
                ELSE line
            END,
            '"'
        ) AS parts
    FROM numbered
    WHERE NOT regexp_full_match(line, '\s*')
),
shaped AS (
    SELECT
        number,
        line,
        len(parts) AS quotes,
        parts[2] AS request,
        CASE WHEN len(parts) >= 7 THEN parts[6] END AS agent,
        string_split(parts[1], ' [') AS head,
        string_split(parts[3], ' ') AS numbers,
        len(parts) IN (3, 7) OR (len(parts) > 7 AND len(parts) % 2 = 1) AS whole,
        len(parts) = 3 OR parts[5] = ' ' AS apart,
        -- what stands after the last known field: the end of the line, or its last quoted field
        CASE
            WHEN len(parts) = 3 THEN array_to_string(string_split(parts[3], ' ')[4:], ' ')
            WHEN len(parts) > 7 AND parts[-1] = '' THEN parts[-2]
            ELSE parts[-1]
        END AS tail
    FROM split
),
fields AS (
    SELECT
        number,
        line,
        head[-1] AS time,
        -- a virtual host may stand in front: "example.org:443 203.0.113.7 - - [..."
        CASE
            WHEN contains(head[1], ':') AND regexp_matches(head[1], '^[^: ]+:\d+ \S+ \S+ ')
            THEN substr(head[1], strpos(head[1], ' ') + 1)
            ELSE head[1]
        END AS who,
        split_part(request, ' ', 1) AS method,
        split_part(substr(request, strpos(request, ' ') + 1), ' HTTP/', 1) AS target,
        contains(request, ' ') AS has_target,
        try_cast(numbers[2] AS INTEGER) AS status,
        try_cast(numbers[3] AS BIGINT) AS bytes,
        shaped.whole AND apart AND len(head) > 1 AND numbers[1] = '' AND (bytes IS NOT NULL OR numbers[3] = '-')
            AND (quotes = 3 OR (len(numbers) = 4 AND numbers[4] = '')) AS whole,
        agent,
        CASE WHEN tail = '' THEN '' ELSE regexp_extract(trim(tail), '(?:^|[ =])([0-9]+(?:\.[0-9]+)?)$', 1) END AS took
    FROM shaped
),
typed AS (
    SELECT
        *,
        try_strptime(time, '%d/%b/%Y:%H:%M:%S %z] ') AT TIME ZONE 'UTC' AS ts
    FROM fields
)
SELECT
    number,
    line_problem(line, whole, ts, status, $longest_line, $latest) AS problem,
    CASE WHEN problem IS NOT NULL THEN left(line, 400) END AS rejected,
    ts,
    method,
    CASE WHEN has_target THEN split_part(target, '?', 1) ELSE '' END AS target,
    status,
    CASE
        WHEN took = '' THEN NULL
        WHEN $time_unit = 'seconds' OR ($time_unit = 'auto' AND contains(took, '.')) THEN try_cast(took AS DOUBLE) * 1000
        WHEN $time_unit = 'milliseconds' THEN try_cast(took AS DOUBLE)
        ELSE try_cast(took AS DOUBLE) / 1000
    END AS latency_ms,
    CASE
        WHEN ends_with(who, ' -') THEN NULL
        ELSE nullif(array_to_string(string_split(who, ' ')[3:], ' '), '')
    END AS user_id,
    nullif(split_part(who, ' ', 1), '-') AS client,
    NULL::VARCHAR AS pod,
    bytes,
    agent
FROM typed;
