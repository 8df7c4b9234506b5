-- The pods of a span, taken as one: how many are sampled at once, their limits, and the disk they use together.
-- $interval is the time between two samples of a pod, in seconds.
WITH samples AS (
    SELECT *, floor(epoch(ts) / $interval) AS slot FROM resources WHERE ts >= $start AND ts < $end
),
at_once AS (
    SELECT count(DISTINCT pod) AS pods FROM samples GROUP BY slot
),
disks AS (
    SELECT avg(disk_bytes) AS disk, count(disk_bytes) AS samples FROM samples GROUP BY pod
)
SELECT
    count(*) AS samples,
    (SELECT quantile_disc(pods, 0.5) FROM at_once) AS pods,
    count(memory_limit_bytes) AS with_memory_limit,
    quantile_disc(memory_limit_bytes, 0.5) AS memory_limit,
    count(cpu_limit_cores) AS with_cpu_limit,
    quantile_disc(cpu_limit_cores, 0.5) AS cpu_limit,
    count(pool_size) AS with_pool,
    quantile_disc(pool_size, 0.5) AS pool_size,
    (SELECT sum(samples) FROM disks) AS with_disk,
    (SELECT avg(disk) FROM disks) AS disk_a_pod
FROM samples;
