-- How many different steps each event and those in the time after it make.
CREATE OR REPLACE TEMP TABLE reached AS
SELECT
    count(DISTINCT event) OVER (
        PARTITION BY person ORDER BY ts RANGE BETWEEN CURRENT ROW AND to_seconds($window) FOLLOWING
    ) AS step,
    person,
    position,
    is_last,
    ts,
    ts + to_seconds($window) AS open_until
FROM funnel_events;
