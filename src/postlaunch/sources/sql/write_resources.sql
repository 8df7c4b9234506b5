-- Every sample in the order of time, with the calendar day of the application's zone, as the one staged file.
COPY (
    SELECT
        ts,
        timezone($zone, ts AT TIME ZONE 'UTC')::DATE AS day,
        pod,
        memory_bytes,
        memory_limit_bytes,
        cpu_cores,
        cpu_limit_cores,
        disk_bytes,
        disk_limit_bytes,
        pool_in_use,
        pool_size
    FROM read_parquet($parts)
    WHERE problem IS NULL
    ORDER BY ts, place
) TO $staged (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1);
