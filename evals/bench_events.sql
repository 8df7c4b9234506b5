-- $events product events of $users users from $first on, over 62 days: visits of 8 events, a minute or so apart. Half of
-- the users meet an arm of an experiment with their visits, and how long they take differs by user.
COPY (
    WITH visits AS (
        SELECT
            visit,
            hash(visit, $seed) % $users AS who,
            (hash(visit, $seed + 1) % (62 * 24 * 60)) AS minute
        FROM range($events // 8) AS visited(visit)
    ),
    acts AS (
        SELECT
            visit * 8 + step AS number,
            who,
            $first + to_minutes((minute + step)::BIGINT) + to_milliseconds((hash(visit, step) % 50000)::DOUBLE) AS moment,
            hash(visit, step, $seed) % 100 AS chance
        FROM visits, range(8) AS steps(step)
    )
    SELECT
        moment::TIMESTAMPTZ AS "time",
        'u' || who AS "user",
        CASE
            WHEN chance < 12 THEN 'viewed'
            WHEN chance < 22 THEN 'started'
            WHEN chance < 30 THEN 'filled'
            WHEN chance < 36 THEN 'submitted'
            WHEN chance < 40 THEN 'joined'
            WHEN chance < 60 THEN 'searched'
            WHEN chance < 66 THEN 'shown'
            ELSE 'read_' || chance % 7
        END AS event,
        CASE
            WHEN chance BETWEEN 60 AND 65 AND who % 4 = 0 THEN 'A'
            WHEN chance BETWEEN 60 AND 65 AND who % 4 = 2 THEN 'B'
        END AS variant,
        CASE WHEN chance BETWEEN 36 AND 39 THEN 20 + who % 30 + chance END AS seconds
    FROM acts
    ORDER BY number
) TO $path (FORMAT parquet, COMPRESSION zstd);
