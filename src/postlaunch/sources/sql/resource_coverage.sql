-- What the staged samples of resources hold.
SELECT
    count(*) AS rows,
    epoch_us(min(ts)) AS first_us,
    epoch_us(max(ts)) AS last_us,
    count(DISTINCT pod) AS pods,
    list_filter(
        [
            CASE WHEN count(pod) > 0 THEN 'pod' END,
            CASE WHEN count(memory_bytes) > 0 THEN 'memory_bytes' END,
            CASE WHEN count(memory_limit_bytes) > 0 THEN 'memory_limit_bytes' END,
            CASE WHEN count(cpu_cores) > 0 THEN 'cpu_cores' END,
            CASE WHEN count(cpu_limit_cores) > 0 THEN 'cpu_limit_cores' END,
            CASE WHEN count(disk_bytes) > 0 THEN 'disk_bytes' END,
            CASE WHEN count(disk_limit_bytes) > 0 THEN 'disk_limit_bytes' END,
            CASE WHEN count(pool_in_use) > 0 THEN 'pool_in_use' END,
            CASE WHEN count(pool_size) > 0 THEN 'pool_size' END
        ],
        lambda name: name IS NOT NULL
    ) AS columns
FROM read_parquet($staged);
