-- The rows of `read_rows` with their moments, users and properties, as one Parquet file; rows that are no event
-- with the reason. $pointers holds two JSON pointers for time, user, event and id, then two for each property.
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
            nullif(trim(left(cleaned(coalesce(v[3], v[4])), 256)), '') AS user_id,
            nullif(trim(left(cleaned(coalesce(v[5], v[6])), 120)), '') AS event,
            nullif(left(coalesce(v[7], v[8]), 256), '') AS id,
            list_transform(
                $property_places,
                lambda p: nullif(left(cleaned(coalesce(v[p], v[p + 1])), 256), '')
            ) AS property_values
        FROM found
    )
    SELECT
        place,
        ts,
        CASE WHEN user_id NOT IN ('null', 'NULL', 'None', 'undefined', '-') THEN user_id END AS user_id,
        event,
        id,
        map_from_entries(
            list_filter(list_zip($property_names, property_values), lambda entry: entry[2] IS NOT NULL)
        ) AS properties,
        CASE
            WHEN strlen(line) > $longest_line THEN 'longer than 64 KB'
            WHEN NOT coalesce(whole, false) THEN 'not a whole object'
            WHEN ts IS NULL OR NOT isfinite(ts) OR ts < TIMESTAMP '1995-01-01' THEN 'no readable time'
            WHEN event IS NULL THEN 'no event name'
            WHEN ts > $latest THEN 'in the future'
        END AS problem,
        CASE WHEN problem IS NOT NULL THEN left(cleaned(line), 200) END AS rejected
    FROM named
) TO $part (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1);
