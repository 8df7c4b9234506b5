-- Distinct people with an event in a span.
SELECT count(DISTINCT person) AS people, count(person) AS with_person
FROM events
WHERE ts >= $start AND ts < $end;
