-- By hand: what follows what in the sessions of the span, and how they begin, each the ten most frequent.
WITH marked AS (
    SELECT person, ts, place, event, coalesce(ts - lag(ts) OVER w > INTERVAL 30 MINUTE, true) AS opens
    FROM events
    WHERE person IS NOT NULL AND ts >= $start - INTERVAL 1 DAY AND ts < $end
    WINDOW w AS (PARTITION BY person ORDER BY ts, place)
),
numbered AS (
    SELECT
        *, sum(opens::INTEGER) OVER (PARTITION BY person ORDER BY ts, place ROWS UNBOUNDED PRECEDING) AS number
    FROM marked
),
turned AS (
    SELECT
        *,
        min(ts) OVER (PARTITION BY person, number) AS began,
        event IS DISTINCT FROM lag(event) OVER (PARTITION BY person, number ORDER BY ts, place) AS turns
    FROM numbered
),
steps AS MATERIALIZED (
    SELECT
        person,
        number,
        event,
        row_number() OVER (PARTITION BY person, number ORDER BY ts, place) AS step,
        lead(event) OVER (PARTITION BY person, number ORDER BY ts, place) AS following
    FROM turned
    WHERE turns AND began >= $start
),
transitions AS (
    SELECT 'transition' AS kind, event || ' → ' || following AS way, count(*) AS times
    FROM steps
    WHERE following IS NOT NULL
    GROUP BY event, following
    ORDER BY times DESC, way
    LIMIT 10
),
paths AS (
    SELECT 'path' AS kind, way, count(*) AS times
    FROM (
        SELECT string_agg(event, ' → ' ORDER BY step) AS way FROM steps WHERE step <= 5 GROUP BY person, number
    )
    GROUP BY way
    ORDER BY times DESC, way
    LIMIT 10
),
shares AS (
    SELECT 'event' AS kind, event AS way, count(*) AS times
    FROM (SELECT DISTINCT person, number, event FROM steps)
    GROUP BY event
    ORDER BY times DESC, way
    LIMIT 10
)
FROM transitions UNION ALL FROM paths UNION ALL FROM shares ORDER BY kind, times DESC, way;
