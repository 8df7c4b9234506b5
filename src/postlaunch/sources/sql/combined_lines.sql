-- One piece of a web server's log (combined, with or without more fields at the line's end; common) into `parsed`.
-- A line is split at its double quotes, which is many times faster than one regular expression with groups:
--   client ident user [time] "request" status bytes "referrer" "agent" more...
-- Escapes inside quotes are put aside first: \\ as chr(2), \" as chr(1); stage_paths.sql puts them back.
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
                WHEN contains(line, '\') THEN replace(replace(rtrim(line, chr(13)), '\\', chr(2)), '\"', chr(1))
                ELSE rtrim(line, chr(13))
            END,
            '"'
        ) AS parts
    FROM numbered
    WHERE trim(line, chr(13) || chr(9) || ' ') <> ''
),
shaped AS (
    SELECT
        number,
        line,
        CASE len(parts)
            WHEN 3 THEN regexp_full_match(parts[3], ' \d{3} (\d+|-)( .*)?')
            WHEN 5 THEN false
            ELSE len(parts) % 2 = 1 AND regexp_full_match(parts[3], ' \d{3} (\d+|-) ') AND parts[5] = ' '
        END AND contains(parts[1], ' [') AND ends_with(parts[1], '] ') AS whole,
        parts[2] AS request,
        CASE WHEN len(parts) >= 7 THEN parts[6] END AS agent,
        string_split(parts[1], ' [') AS head,
        string_split(parts[3], ' ') AS numbers,
        -- what stands after the last known field: the end of the line, or its last quoted field
        CASE
            WHEN len(parts) = 3 THEN array_to_string(string_split(parts[3], ' ')[4:], ' ')
            WHEN len(parts) > 7 AND trim(parts[-1]) = '' THEN parts[-2]
            ELSE parts[-1]
        END AS tail
    FROM split
),
fields AS (
    SELECT
        number,
        line,
        whole,
        head[-1] AS time,
        -- a virtual host may stand in front: "example.org:443 203.0.113.7 - - [..."
        CASE
            WHEN regexp_full_match(split_part(head[1], ' ', 1), '[^:]+:\d+') AND contains(head[1], ' - ')
            THEN substr(head[1], strpos(head[1], ' ') + 1)
            ELSE head[1]
        END AS who,
        split_part(request, ' ', 1) AS method,
        split_part(substr(request, strpos(request, ' ') + 1), ' HTTP/', 1) AS target,
        contains(request, ' ') AS has_target,
        try_cast(numbers[2] AS INTEGER) AS status,
        try_cast(numbers[3] AS BIGINT) AS bytes,
        agent,
        CASE WHEN tail <> '' THEN regexp_extract(trim(tail), '(?:^|[ =])([0-9]+(?:\.[0-9]+)?)$', 1) ELSE '' END AS took
    FROM shaped
)
SELECT
    number,
    line,
    whole,
    try_strptime(time, '%d/%b/%Y:%H:%M:%S %z] ') AT TIME ZONE 'UTC' AS ts,
    method,
    CASE WHEN has_target THEN split_part(target, '?', 1) ELSE '' END AS target,
    status,
    CASE
        WHEN took = '' THEN NULL
        WHEN $time_unit = 'seconds' OR ($time_unit = 'auto' AND contains(took, '.')) THEN try_cast(took AS DOUBLE) * 1000
        WHEN $time_unit = 'milliseconds' THEN try_cast(took AS DOUBLE)
        ELSE try_cast(took AS DOUBLE) / 1000
    END AS latency_ms,
    nullif(array_to_string(string_split(who, ' ')[3:], ' '), '-') AS user_id,
    nullif(split_part(who, ' ', 1), '-') AS client,
    NULL::VARCHAR AS pod,
    bytes,
    agent
FROM fields;
