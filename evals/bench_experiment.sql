-- By hand: users of each arm alone, who of them joined after they met it, and their mean seconds with its variance.
WITH met AS (
    SELECT person, arg_min(properties['variant'], row(ts, place)) AS arm, min(ts) AS ts
    FROM events
    WHERE person IS NOT NULL AND event = 'shown' AND properties['variant'] IS NOT NULL AND ts >= $start AND ts < $end
    GROUP BY person
    HAVING count(DISTINCT properties['variant']) = 1
),
people AS (
    SELECT met.arm, met.person, count(e.ts) AS times, avg(e.properties['seconds']::DOUBLE) AS seconds
    FROM met
    LEFT JOIN events AS e
        ON e.person = met.person AND e.event = 'joined' AND e.ts >= met.ts AND e.ts < $end
    GROUP BY met.arm, met.person
)
SELECT arm, count(*), count(*) FILTER (WHERE times > 0), avg(seconds), var_samp(seconds) FROM people GROUP BY arm ORDER BY arm;
