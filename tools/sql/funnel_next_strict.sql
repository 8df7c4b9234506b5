-- Who reached a later step directly: with no other event of the user since the step before it.
INSERT INTO reached
SELECT $step, later.person, later.track, later.position, later.is_last, later.ts, earlier.began, earlier.open_until
FROM (SELECT * FROM funnel_events WHERE event = $event) AS later
JOIN (SELECT * FROM reached WHERE step = $step - 1) AS earlier
    ON later.track = earlier.track AND later.position = earlier.position + 1
WHERE later.ts <= earlier.open_until;
