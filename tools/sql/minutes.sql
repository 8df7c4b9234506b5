-- How many minutes of the window hold requests, and how many of them were down or held too few to be judged.
SELECT
    count(*) AS minutes,
    count(*) FILTER (WHERE requests >= $least AND failed >= $share * requests) AS down,
    count(*) FILTER (WHERE requests < $least) AS few,
    sum(requests)::BIGINT AS requests
FROM (
    SELECT count(*) AS requests, count(*) FILTER (WHERE status >= 500) AS failed
    FROM requests
    WHERE ts >= $start AND ts < $end
    GROUP BY date_trunc('minute', ts)
);
