-- The rows of `read_rows` as lines of an application's log, as one Parquet file; rows that are none with the
-- reason. $pointers holds two JSON pointers for each of time, level, logger, pod and message.
COPY (
    WITH found AS (
        SELECT
            place,
            line,
            CASE WHEN strlen(line) <= $longest_line THEN try(json_extract_string(line, $pointers)) END AS v
        FROM read_rows
        WHERE NOT regexp_full_match(line, '\s*')
    ),
    named AS (
        SELECT
            place + $first_place AS place,
            line,
            v IS NOT NULL AND starts_with(ltrim(line), '{') AS whole,
            moment_of(coalesce(v[1], v[2]), $zone) AS ts,
            level_of(coalesce(v[3], v[4])) AS level,
            nullif(trim(left(cleaned(coalesce(v[5], v[6])), 120)), '') AS logger,
            nullif(trim(left(cleaned(coalesce(v[7], v[8])), 80)), '') AS pod,
            coalesce(v[9], v[10]) AS written,
            nullif(trim(left(cleaned(regexp_replace(written, '[\r\n\t]+', ' ', 'g')), 2000)), '') AS message,
            trim(left(cleaned(regexp_extract(ltrim(written), '^[^\r\n]*')), 1000)) AS first_line
        FROM found
    )
    SELECT
        place,
        ts,
        level,
        logger,
        pod,
        message,
        template_of(first_line) AS template,
        CASE
            WHEN strlen(line) > $longest_line THEN 'longer than 64 KB'
            WHEN NOT coalesce(whole, false) THEN 'not a whole object'
            WHEN ts IS NULL OR NOT isfinite(ts) OR ts < TIMESTAMP '1995-01-01' THEN 'no readable time'
            WHEN level IS NULL THEN 'no known level'
            WHEN message IS NULL THEN 'no message'
            WHEN ts > $latest THEN 'in the future'
        END AS problem,
        CASE WHEN problem IS NOT NULL THEN left(cleaned(line), 200) END AS rejected
    FROM named
) TO $part (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1);
