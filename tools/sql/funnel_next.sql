-- Who reached a later step: after the step before it, in the time allowed from the first step or from that one.
-- Of all chains that lead here the one that began last is kept: what it does not reach in time, none does.
INSERT INTO reached
SELECT
    $step,
    later.person,
    later.track,
    later.position,
    later.is_last,
    later.ts,
    earlier.began,
    CASE WHEN $each_step THEN later.ts + to_seconds($window) ELSE earlier.open_until END
FROM (SELECT * FROM funnel_events WHERE event = $event) AS later
ASOF JOIN (SELECT * FROM reached WHERE step = $step - 1) AS earlier
    ON later.track = earlier.track AND later.position > earlier.position
WHERE later.ts <= earlier.open_until;
