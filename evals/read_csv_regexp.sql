-- The usual way to read a web server's log with DuckDB: whole lines, one regular expression with groups.
COPY (
    WITH matched AS (
        SELECT regexp_extract(
            line,
            '^(\S+) \S+ (\S+) \[([^\]]+)\] "(\S+) (\S+)[^"]*" (\d{3}) (\d+|-) "[^"]*" "([^"]*)" ?(\S*)$',
            ['client', 'user', 'time', 'method', 'path', 'status', 'bytes', 'agent', 'took']
        ) AS f
        FROM read_csv($log, columns = {'line': 'VARCHAR'}, delim = chr(7), quote = '', escape = '', header = false)
    )
    SELECT
        try_strptime(f.time, '%d/%b/%Y:%H:%M:%S %z') AT TIME ZONE 'UTC' AS ts,
        f.method,
        f.path,
        try_cast(f.status AS SMALLINT) AS status,
        try_cast(f.took AS DOUBLE) * 1000 AS latency_ms,
        f.client,
        try_cast(f.bytes AS BIGINT) AS bytes,
        f.agent
    FROM matched
) TO $parquet (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1);
