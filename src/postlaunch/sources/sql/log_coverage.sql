-- What the staged lines of the application's log hold.
SELECT
    count(*) AS rows,
    epoch_us(min(ts)) AS first_us,
    epoch_us(max(ts)) AS last_us,
    count(DISTINCT pod) AS pods,
    list_filter(
        [
            'level',
            CASE WHEN count(logger) > 0 THEN 'logger' END,
            CASE WHEN count(pod) > 0 THEN 'pod' END,
            'message'
        ],
        lambda name: name IS NOT NULL
    ) AS columns
FROM read_parquet($staged);
