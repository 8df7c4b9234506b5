-- What the staged requests cover.
SELECT
    count(*),
    epoch_us(min(ts)),
    epoch_us(max(ts)),
    count(latency_ms) > 0,
    count(user_id) > 0,
    count(pod) > 0,
    count(agent) > 0,
    count(DISTINCT date_trunc('minute', ts))
FROM read_parquet($staged);
