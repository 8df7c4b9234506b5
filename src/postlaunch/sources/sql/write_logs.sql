-- Every line in the order of time, with the calendar day of the application's zone, as the one staged file.
COPY (
    SELECT
        ts,
        timezone($zone, ts AT TIME ZONE 'UTC')::DATE AS day,
        level,
        logger,
        pod,
        message,
        template
    FROM read_parquet($parts)
    WHERE problem IS NULL
    ORDER BY ts, place
) TO $staged (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1);
