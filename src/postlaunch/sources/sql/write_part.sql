-- The requests of one piece, as one Parquet file.
COPY (
    SELECT
        parsed.ts,
        CASE
            WHEN paths.route IS NULL THEN '-'
            WHEN upper(parsed.method) IN (
                'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'REPORT',
                'MKCOL', 'COPY', 'MOVE', 'LOCK', 'UNLOCK', 'PROPPATCH', 'SEARCH', 'PURGE'
            ) THEN upper(parsed.method)
            WHEN parsed.method IS NULL THEN '-'
            ELSE 'OTHER'
        END AS method,
        paths.path,
        coalesce(left(paths.route, 120), '(unreadable)') AS route,
        parsed.status::SMALLINT AS status,
        parsed.latency_ms,
        left(cleaned(parsed.user_id), 128) AS user_id,
        left(cleaned(parsed.client), 64) AS client,
        left(cleaned(parsed.pod), 80) AS pod,
        parsed.bytes,
        agents.text AS agent,
        agents.bot
    FROM parsed
    JOIN paths ON paths.target = parsed.target
    LEFT JOIN agents ON agents.agent = parsed.agent
    WHERE parsed.problem IS NULL
) TO $part (FORMAT parquet, COMPRESSION snappy);
