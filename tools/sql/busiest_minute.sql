-- The busiest minute of a span.
SELECT coalesce(max(requests), 0) AS busiest, coalesce(sum(requests), 0)::BIGINT AS requests
FROM (
    SELECT count(*) AS requests
    FROM requests
    WHERE ts >= $start AND ts < $end
    GROUP BY date_trunc('minute', ts)
);
