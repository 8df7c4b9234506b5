-- Why a line of `parsed` is not a request; NULL where it is one.
CREATE OR REPLACE TEMP TABLE judged AS
SELECT
    *,
    CASE
        WHEN strlen(line) > $longest_line THEN 'longer than 64 KB'
        WHEN NOT coalesce(whole, false) THEN 'not a whole line of the format'
        WHEN ts IS NULL OR NOT isfinite(ts) OR ts < TIMESTAMP '1995-01-01' THEN 'no readable time'
        WHEN status IS NULL OR status NOT BETWEEN 100 AND 599 THEN 'status outside 100-599'
        WHEN ts > $latest THEN 'in the future'
    END AS problem
FROM parsed;
