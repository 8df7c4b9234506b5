-- The samples of resources, as the columns of `given` have them, in their order.
COPY (
    SELECT
        make_timestamp(at_ms * 1000)::TIMESTAMPTZ AS "time",
        $pods[pod + 1] AS pod,
        memory_bytes,
        $memory_limit::BIGINT AS memory_limit_bytes,
        cpu_cores,
        $cpu_limit::DOUBLE AS cpu_limit_cores,
        disk_bytes,
        $disk_limit::BIGINT AS disk_limit_bytes,
        pool_in_use::INTEGER AS pool_in_use,
        pool_size::INTEGER AS pool_size
    FROM given
) TO $path (FORMAT parquet, COMPRESSION zstd);
