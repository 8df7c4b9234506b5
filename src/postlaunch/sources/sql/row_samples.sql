-- The first rows that are no events.
SELECT place + 1, problem, rejected
FROM read_parquet($parts)
WHERE problem IS NOT NULL AND problem <> 'in the future'
ORDER BY place
LIMIT $samples;
