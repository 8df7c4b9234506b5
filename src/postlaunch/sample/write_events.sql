-- The product events, as the columns of `given` have them, in their order.
COPY (
    SELECT
        make_timestamp(at_ms * 1000)::TIMESTAMPTZ AS "time",
        CASE WHEN person >= 0 THEN ($first_id + person)::VARCHAR ELSE 'v' || (-1 - person) END AS "user",
        $names[name + 1] AS event,
        'e' || number AS id,
        CASE WHEN person >= 0 THEN CASE WHEN admin THEN 'admin' ELSE 'member' END END AS role,
        CASE WHEN arm > 0 THEN $experiment END AS experiment,
        CASE WHEN arm > 0 THEN $arms[arm] END AS variant,
        CASE WHEN NOT isnan(seconds) THEN seconds END AS seconds,
        CASE WHEN success >= 0 THEN success = 1 END AS success,
        CASE WHEN rating > 0 THEN rating END AS rating
    FROM given
) TO $path (FORMAT parquet, COMPRESSION zstd);
