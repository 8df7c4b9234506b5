-- The rows of `read_rows` as samples of resources, as one Parquet file; rows that are none with the reason.
-- $pointers holds two JSON pointers for time and pod, then for each figure in the order of $factors.
COPY (
    WITH found AS (
        SELECT
            place,
            line,
            CASE WHEN strlen(line) <= $longest_line THEN try(json_extract_string(line, $pointers)) END AS v
        FROM read_rows
        WHERE NOT regexp_full_match(line, '\s*')
    ),
    written AS (
        SELECT
            place + $first_place AS place,
            line,
            v IS NOT NULL AND starts_with(ltrim(line), '{') AS whole,
            moment_of(coalesce(v[1], v[2]), $zone) AS ts,
            nullif(trim(left(cleaned(coalesce(v[3], v[4])), 80)), '') AS pod,
            list_transform(
                range(1, 9),
                lambda n: CASE
                    WHEN NOT is_no_figure(coalesce(v[2 * n + 3], v[2 * n + 4])) THEN coalesce(v[2 * n + 3], v[2 * n + 4])
                END
            ) AS texts
        FROM found
    ),
    measured AS (
        SELECT
            *,
            list_transform(texts, lambda text, n: quantity_of(text, $factors[n])) AS figures
        FROM written
    ),
    judged AS (
        SELECT
            *,
            len(list_filter(texts, lambda text: text IS NOT NULL)) AS given,
            len(list_filter(figures, lambda figure: isfinite(figure) AND figure >= 0)) AS readable
        FROM measured
    )
    SELECT
        place,
        ts,
        pod,
        figures[1] AS memory_bytes,
        figures[2] AS memory_limit_bytes,
        figures[3] AS cpu_cores,
        figures[4] AS cpu_limit_cores,
        figures[5] AS disk_bytes,
        figures[6] AS disk_limit_bytes,
        figures[7] AS pool_in_use,
        figures[8] AS pool_size,
        CASE
            WHEN strlen(line) > $longest_line THEN 'longer than 64 KB'
            WHEN NOT coalesce(whole, false) THEN 'not a whole object'
            WHEN ts IS NULL OR NOT isfinite(ts) OR ts < TIMESTAMP '1995-01-01' THEN 'no readable time'
            WHEN given = 0 THEN 'no figure'
            WHEN readable < given THEN 'a figure that is none'
            WHEN ts > $latest THEN 'in the future'
        END AS problem,
        CASE WHEN problem IS NOT NULL THEN left(cleaned(line), 200) END AS rejected
    FROM judged
) TO $part (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1);
