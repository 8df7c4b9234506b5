-- Distinct people between two moments, and how many events they had: those with one event, where it is named, else
-- all users, without those who only did what visitors do.
SELECT count(DISTINCT person) AS users, count(*) AS events
FROM events
WHERE ts >= $start
    AND ts < $end
    AND person IS NOT NULL
    AND CASE
        WHEN $event::VARCHAR IS NULL THEN NOT list_contains($visitor_events::VARCHAR[], event)
        ELSE event = $event
    END;
