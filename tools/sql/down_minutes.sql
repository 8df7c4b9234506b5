-- Runs of down minutes: minutes in a row share their distance from their rank.
WITH down AS (
    SELECT
        (epoch(date_trunc('minute', ts)) / 60)::BIGINT AS minute,
        count(*) AS requests,
        count(*) FILTER (WHERE status >= 500) AS failed
    FROM requests
    WHERE ts >= $start AND ts < $end
    GROUP BY 1
    HAVING count(*) >= $least AND count(*) FILTER (WHERE status >= 500) >= $share * count(*)
),
runs AS (
    SELECT *, minute - row_number() OVER (ORDER BY minute) AS run FROM down
)
SELECT
    min(minute) * 60 AS began,
    count(*) AS minutes,
    sum(requests)::BIGINT AS requests,
    sum(failed)::BIGINT AS failed
FROM runs
GROUP BY run
ORDER BY began;
