-- What the staged events hold.
SELECT
    count(*) AS events,
    count(person) AS events_with_user,
    count(DISTINCT person) AS users,
    count(DISTINCT event) AS names,
    epoch_us(min(ts)) AS first_us,
    epoch_us(max(ts)) AS last_us
FROM read_parquet($staged);
