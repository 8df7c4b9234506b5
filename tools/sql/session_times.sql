-- How long the sessions that begin in a span last, in minutes from the first to the last event; people with events of
-- visitors alone are no users, and left out. Only the events at which a session opens or closes are kept: the two give
-- its times, and what was counted up to them gives whether anything was done in between that visitors do not do. Events
-- of the day before are read too, so that a session under way at the start is not taken for a new one.
WITH marked AS (
    SELECT
        person,
        ts,
        NOT list_contains($visitor_events::VARCHAR[], event) AS acts,
        sum((NOT list_contains($visitor_events::VARCHAR[], event))::INTEGER) OVER in_order AS acted,
        row_number() OVER in_order AS number,
        ts - lag(ts) OVER in_order > to_seconds($gap) IS NOT FALSE AS opens,
        lead(ts) OVER in_order - ts > to_seconds($gap) IS NOT FALSE AS closes
    FROM events
    WHERE person IS NOT NULL AND ts >= $start - INTERVAL 1 DAY AND ts < $end
    WINDOW in_order AS (PARTITION BY person ORDER BY ts ROWS UNBOUNDED PRECEDING)
),
bounds AS (
    SELECT
        *,
        CASE WHEN closes THEN ts ELSE lead(ts) OVER in_order END AS ended,
        CASE WHEN closes THEN acted ELSE lead(acted) OVER in_order END - acted + acts::INTEGER AS done
    FROM marked
    WHERE opens OR closes
    WINDOW in_order AS (PARTITION BY person ORDER BY number)
),
sessions AS (
    SELECT person, epoch(ended - ts) / 60 AS minutes, done FROM bounds WHERE opens AND ts >= $start
),
people AS (SELECT person, sum(minutes) AS minutes FROM sessions GROUP BY person HAVING sum(done) > 0)
SELECT
    count(*) AS sessions,
    avg(minutes) AS mean,
    median(minutes) AS median,
    (SELECT count(*) FROM people) AS users,
    (SELECT count(*) FROM people WHERE minutes > $engaged) AS engaged,
    (SELECT count(*) FROM people WHERE minutes > $power) AS power
FROM sessions
SEMI JOIN people USING (person);
