-- When each user first met an arm of the experiment, and how many arms the user met.
CREATE OR REPLACE TEMP TABLE exposures AS
SELECT
    person,
    arg_min(properties['variant'], row(ts, place)) AS arm,
    count(DISTINCT properties['variant']) AS arms,
    min(ts) AS ts
FROM events
WHERE person IS NOT NULL
    AND ts >= $start
    AND ts < $end
    AND properties['variant'] IS NOT NULL
    AND ($exposure_event = '' OR event = $exposure_event)
    AND ($experiment = '' OR properties['experiment'] = $experiment)
GROUP BY person;
