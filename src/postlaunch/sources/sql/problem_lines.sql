-- The first lines of a piece that could not be read.
SELECT number, problem, cleaned(rejected)
FROM parsed
WHERE problem IS NOT NULL
ORDER BY number
LIMIT $samples;
