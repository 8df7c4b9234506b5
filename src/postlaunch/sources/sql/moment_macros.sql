-- A time as people and programs write it, as UTC; NULL where it is none.
CREATE OR REPLACE TEMP MACRO moment_of_plain(time, zone) AS
    CASE
        -- seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size
        WHEN regexp_full_match(time, '\d{9,19}(\.\d+)?') THEN
            make_timestamp(try_cast(
                CASE
                    WHEN time::DOUBLE < 1e11 THEN time::DOUBLE * 1e6
                    WHEN time::DOUBLE < 1e14 THEN time::DOUBLE * 1e3
                    WHEN time::DOUBLE < 1e17 THEN time::DOUBLE
                    ELSE time::DOUBLE / 1e3
                END AS BIGINT
            ))
        -- without a zone: the application's
        WHEN regexp_full_match(time, '\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?') THEN
            timezone(zone, try_cast(time AS TIMESTAMP)) AT TIME ZONE 'UTC'
        WHEN regexp_matches(time, '^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}') THEN
            try_cast(regexp_replace(time, ' ([+-]\d)', '\1') AS TIMESTAMPTZ) AT TIME ZONE 'UTC'
        ELSE try_strptime(time, '%d/%b/%Y:%H:%M:%S %z') AT TIME ZONE 'UTC'
    END;

CREATE OR REPLACE TEMP MACRO moment_of(written, zone) AS
    moment_of_plain(replace(trim(written), ',', '.'), zone);
