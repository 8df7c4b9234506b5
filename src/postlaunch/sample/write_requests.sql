-- The request log, as the columns of `given` have it, in their order.
COPY (
    SELECT
        make_timestamp(at_ms * 1000)::TIMESTAMPTZ AS "time",
        $methods[endpoint + 1] AS method,
        replace($routes[endpoint + 1], ':id', ($first_id + subject)::VARCHAR)
        || CASE WHEN page > 0 THEN '?page=' || page || '&per_page=50' ELSE '' END AS path,
        status::INTEGER AS status,
        latency_ms,
        CASE WHEN user_place >= 0 THEN ($first_id + user_place)::VARCHAR END AS "user",
        $pods[pod + 1] AS pod,
        size AS bytes,
        CASE
            WHEN client >= $clients THEN '203.0.113.' || (client - $clients + 1)
            ELSE '198.51.' || (100 + client // 254) || '.' || (1 + client % 254)
        END AS client,
        $agents[agent + 1] AS user_agent
    FROM given
) TO $path (FORMAT parquet, COMPRESSION zstd);
