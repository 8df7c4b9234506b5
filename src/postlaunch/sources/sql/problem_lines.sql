-- The first lines of a piece that could not be read.
SELECT number, problem, regexp_replace(rejected, '[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]', '', 'g')
FROM parsed
WHERE problem IS NOT NULL
ORDER BY number
LIMIT $samples;
