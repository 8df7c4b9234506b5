-- How many rows of the parts are no events, by reason; NULL counts the events.
SELECT problem, count(*), epoch_us(min(ts))
FROM read_parquet($parts)
GROUP BY problem
ORDER BY problem;
