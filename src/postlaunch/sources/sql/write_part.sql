-- The requests of one piece, as one Parquet file.
COPY (
    SELECT
        judged.ts,
        CASE
            WHEN paths.route IS NULL THEN '-'
            WHEN upper(judged.method) IN (
                'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'REPORT',
                'MKCOL', 'COPY', 'MOVE', 'LOCK', 'UNLOCK', 'PROPPATCH', 'SEARCH', 'PURGE'
            ) THEN upper(judged.method)
            WHEN judged.method IS NULL THEN '-'
            ELSE 'OTHER'
        END AS method,
        paths.path,
        coalesce(left(paths.route, 120), '(unreadable)') AS route,
        judged.status::SMALLINT AS status,
        judged.latency_ms,
        left(regexp_replace(judged.user_id, '\p{Cc}', '', 'g'), 128) AS user_id,
        left(judged.client, 64) AS client,
        left(regexp_replace(judged.pod, '[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]', '', 'g'), 80) AS pod,
        judged.bytes,
        agents.text AS agent,
        agents.bot
    FROM judged
    JOIN paths ON paths.target = judged.target
    LEFT JOIN agents ON agents.agent = judged.agent
    WHERE judged.problem IS NULL
) TO $part (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1);
