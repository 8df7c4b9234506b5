-- A number for every user: queries join and sort numbers, and the staged events name nobody.
CREATE OR REPLACE TEMP TABLE people AS
SELECT user_id, row_number() OVER (ORDER BY user_id) AS person
FROM (SELECT DISTINCT user_id FROM read_parquet($parts) WHERE problem IS NULL AND user_id IS NOT NULL);
