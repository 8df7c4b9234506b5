-- Every event once, with the calendar day of the application's zone and its user's number, as the one staged file.
COPY (
    SELECT
        parts.place,
        parts.ts,
        timezone($zone, parts.ts AT TIME ZONE 'UTC')::DATE AS day,
        people.person,
        parts.event,
        parts.properties
    FROM read_parquet($parts) AS parts
    LEFT JOIN people ON people.user_id = parts.user_id
    WHERE parts.problem IS NULL AND parts.place NOT IN (SELECT place FROM repeats)
) TO $staged (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1);
