-- What a pod uses in each hour of the day on the application's clock, and how many pods are sampled at once.
WITH samples AS (
    SELECT
        *,
        extract(hour FROM timezone($zone, ts AT TIME ZONE 'UTC'))::INTEGER AS hour,
        floor(epoch(ts) / $interval) AS slot
    FROM resources
    WHERE ts >= $start AND ts < $end
),
at_once AS (
    SELECT hour, slot, count(DISTINCT pod) AS pods FROM samples GROUP BY hour, slot
),
pods AS (
    SELECT hour, avg(pods) AS pods, count(*) AS slots FROM at_once GROUP BY hour
)
SELECT
    hour,
    any_value(pods.pods) AS pods,
    any_value(pods.slots) AS slots,
    avg(memory_bytes) AS memory,
    count(memory_bytes) AS memory_samples,
    avg(cpu_cores) AS cpu,
    count(cpu_cores) AS cpu_samples,
    avg(pool_in_use) AS pool,
    count(pool_in_use) AS pool_samples
FROM samples
JOIN pods USING (hour)
GROUP BY hour
ORDER BY hour;
