-- Why a line is not a request; NULL where it is one.
CREATE OR REPLACE TEMP MACRO line_problem(line, whole, ts, status, longest, latest) AS
    CASE
        WHEN strlen(line) > longest THEN 'longer than 64 KB'
        WHEN NOT coalesce(whole, false) THEN 'not a whole line of the format'
        WHEN ts IS NULL OR NOT isfinite(ts) OR ts < TIMESTAMP '1995-01-01' THEN 'no readable time'
        WHEN status IS NULL OR status NOT BETWEEN 100 AND 599 THEN 'status outside 100-599'
        WHEN ts > latest THEN 'in the future'
    END;

-- Text from outside without control characters, invisible marks and line separators.
CREATE OR REPLACE TEMP MACRO cleaned(written) AS
    CASE
        WHEN regexp_matches(written, '[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]')
        THEN regexp_replace(written, '[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]', '', 'g')
        ELSE written
    END;
