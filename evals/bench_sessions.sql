-- By hand: sessions that begin in the span, and how many minutes they last.
WITH marked AS (
    SELECT person, ts, place, coalesce(ts - lag(ts) OVER w > INTERVAL 30 MINUTE, true) AS opens
    FROM events
    WHERE person IS NOT NULL AND ts >= $start - INTERVAL 1 DAY AND ts < $end
    WINDOW w AS (PARTITION BY person ORDER BY ts, place)
),
numbered AS (
    SELECT
        person,
        ts,
        sum(opens::INTEGER) OVER (PARTITION BY person ORDER BY ts, place ROWS UNBOUNDED PRECEDING) AS number
    FROM marked
),
sessions AS (SELECT person, number, min(ts) AS began, max(ts) AS ended FROM numbered GROUP BY person, number)
SELECT count(*), avg(epoch(ended - began) / 60), median(epoch(ended - began) / 60) FROM sessions WHERE began >= $start;
