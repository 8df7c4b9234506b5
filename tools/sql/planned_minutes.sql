-- Minutes with requests, and those of them that are down, inside and outside of some planned spans.
WITH spans AS (
    SELECT unnest($starts) AS begins, unnest($ends) AS ends
),
per_minute AS (
    SELECT
        date_trunc('minute', ts) AS minute,
        count(*) >= $least AND count(*) FILTER (WHERE status >= 500) >= $share * count(*) AS down
    FROM requests
    WHERE ts >= $start AND ts < $end
    GROUP BY 1
),
told AS (
    SELECT
        down,
        EXISTS (FROM spans WHERE minute < ends AND minute + INTERVAL 1 MINUTE > begins) AS planned
    FROM per_minute
)
SELECT
    count(*) AS minutes,
    count(*) FILTER (WHERE planned) AS planned,
    count(*) FILTER (WHERE planned AND down) AS planned_down,
    count(*) FILTER (WHERE NOT planned) AS others,
    count(*) FILTER (WHERE NOT planned AND down) AS others_down
FROM told;
